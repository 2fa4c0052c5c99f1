"""Three texts and their block tables: where each page lies in the pool, and which of them two texts share."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Explorer, Shown
from handbook.site.figures.svg import QUIET, Drawing, box, number, small, text
from minimodel.paging import PagedCache, PagePool

# Section 22: pieces in the order in which they come, a text and its new keys; then b is forked, and c grows.
N_PAGES, PAGE_SIZE = 6, 2
PIECES = (("a", (2, 1)), ("b", (5, 0)), ("a", (4, 3)), ("b", (7,)))
FORKED = ("b", "c", (6,))

_WIDE, _HIGH, _GAP, _LEFT = 32, 28, 9, 76


def drawing(words: Words) -> Drawing:
    """The tables on top, a line a text; below them the pool, a column a page."""
    texts, pool = filled_pool()
    pitch = _WIDE + _GAP
    body = [text(4, 12, words.pages_tables, size=13, anchor="start", weight="bold")]
    sentences = [words.pages_describe.format(n=PAGE_SIZE)]
    y = 28.0
    for name, cache in texts.items():
        body.append(text(_LEFT - 12, y + _HIGH / 2, words.pages_text.format(name=name), cls=QUIET, anchor="end"))
        for n, page in enumerate(cache.table):
            body += [box(_LEFT + _WIDE * n, y, _WIDE, _HIGH), number(_LEFT + _WIDE * (n + 0.5), y + _HIGH / 2, page)]
        sentences.append(words.pages_line.format(name=name, pages=", ".join(map(str, cache.table))))
        y += _HIGH + 6
    y += 22
    body.append(text(4, y, words.pages_pool, size=13, anchor="start", weight="bold"))
    top = y + 38
    for row, label in (
        (top - 16, words.pages_page),
        (top + _HIGH * PAGE_SIZE / 2, words.pages_rows),
        (top + _HIGH * PAGE_SIZE + 16, words.pages_holders),
    ):
        body.append(text(_LEFT - 12, row, label, cls=QUIET, size=12.5, anchor="end"))
    for page, holders in enumerate(pool.holders):
        x = _LEFT + pitch * page
        body.append(number(x + _WIDE / 2, top - 16, page, size=13))
        keys = written(texts, pool, page)
        for row in range(PAGE_SIZE):
            body.append(box(x, top + _HIGH * row, _WIDE, _HIGH, closed=row >= len(keys)))
            if row < len(keys):
                body.append(number(x + _WIDE / 2, top + _HIGH * (row + 0.5), keys[row]))
        low = top + _HIGH * PAGE_SIZE + 16
        body.append(number(x + _WIDE / 2, low, holders, size=13))
        filled = ", ".join(f"{key:.0f}" for key in keys) or words.pages_nothing
        sentences.append(words.pages_content.format(page=page, keys=filled, holders=holders))
    y = top + _HIGH * PAGE_SIZE + 40
    body += [box(_LEFT, y, 16, 16, closed=True), *small(_LEFT + 25, y + 8, words.pages_empty)]
    width = _LEFT + pitch * N_PAGES - _GAP + 6
    return Drawing(width, y + 22, words.pages_title, " ".join(sentences), tuple(body))


def filled_pool() -> tuple[dict[str, PagedCache], PagePool]:
    """The three texts of the section by name, and the pool that holds their pages."""
    pool = PagePool(N_PAGES, PAGE_SIZE, n_kv_heads=1, d_head=1)
    texts = {name: PagedCache(pool) for name, _ in PIECES}
    for name, keys in PIECES:
        _grow(texts[name], keys)
    parent, child, keys = FORKED
    texts[child] = texts[parent].fork()
    _grow(texts[child], keys)
    return texts, pool


def _grow(cache: PagedCache, keys: tuple[int, ...]) -> None:
    new = np.array(keys, dtype=float)[None, :, None]  # [1, L, 1]
    cache.append(new, new)


def written(texts: dict[str, PagedCache], pool: PagePool, page: int) -> list[float]:
    """The keys in a page that belong to a text."""
    ends = [cache.length - PAGE_SIZE * cache.table.index(page) for cache in texts.values() if page in cache.table]
    return [float(key) for key in pool.keys[page, 0, : max(ends, default=0), 0]]


def shown() -> Shown:
    # By hand: each text takes the next free page when its last one is full; c writes, so it copies the half page of b.
    tables = "0 2 1 3 1 4"
    pages = [("2 1", 1), ("5 0", 2), ("4 3", 1), ("7", 1), ("7 6", 1), ("", 0)]
    says = " ".join(f"{n} {keys} {holders}" if keys else f"{n} {holders}" for n, (keys, holders) in enumerate(pages))
    return Shown(f"{PAGE_SIZE} {tables} {says}", f"{tables} {says}", hatched=1 + PAGE_SIZE + 1)


def explorer() -> Explorer:
    """The reader goes on from these texts: what has been done to them so far, texts counted from zero."""
    known: list[str] = []
    actions: list[tuple[str | int, ...]] = []
    for name, keys in PIECES:
        actions.append(("grow", known.index(name), len(keys)) if name in known else ("come", len(keys)))
        known += [name] if name not in known else []
    parent, _, keys = FORKED
    actions += [("fork", known.index(parent)), ("grow", len(known), len(keys))]
    return Explorer("pages", {"pages": N_PAGES, "size": PAGE_SIZE, "actions": [list(one) for one in actions]})
