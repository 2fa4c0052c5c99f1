"""What a cache saves and what it costs: keys and values made again or kept, and bytes by step."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import LONG, SMALL_MODEL, SMALL_TEXT
from handbook.site.figures.svg import FILL, FRAME, INK, NUMBER, QUIET, Drawing, cell, rect, text
from minimodel.cache import Cache, KVCache, RingCache, cached_logits
from minimodel.gpt import draw_weights

_CELL, _LEFT, _TOP, _ACROSS = 24, 26, 62, 162
_BAR, _PITCH, _TALL, _SLOTS = 26, 38, 100, 4


def cache_steps(words: Words) -> Drawing:
    """Two triangles, a row a step: full squares are computed in that step, rings are kept from before."""
    body: list[str] = []
    sentences = [words.kept_describe]
    T = len(SMALL_TEXT)
    for n, (title, made) in enumerate(((words.kept_without, False), (words.kept_with, True))):
        x0 = _LEFT + _ACROSS * n
        steps = computed_by_step(cached=made)
        body.append(text(x0, 10, title, size=13, anchor="start", weight="bold"))
        total = words.kept_total.format(count=sum(len(new) for new, _ in steps))
        body.append(text(x0, 28, total, cls=QUIET, size=12, anchor="start"))
        body += [text(x0 + _CELL * (j + 0.5), _TOP - 12, str(j), cls=f"{QUIET} {NUMBER}", size=11) for j in range(T)]
        for i, (new, kept) in enumerate(steps):
            y = _TOP + _CELL * i
            body.append(text(x0 - 10, y + _CELL / 2, str(i), cls=f"{QUIET} {NUMBER}", size=11))
            body += [_computed(x0 + _CELL * j, y) for j in new] + [_kept(x0 + _CELL * j, y) for j in kept]
            names = [", ".join(map(str, part)) or words.kept_none for part in (new, kept)]
            sentences.append(words.kept_row.format(title=title, i=i, new=names[0], kept=names[1]))
    y = _TOP + _CELL * T + 14
    for n, (draw, label) in enumerate(((_computed, words.kept_new), (_kept, words.kept_old))):
        x = _LEFT + _ACROSS * n
        body += [draw(x, y), text(x + _CELL + 8, y + _CELL / 2, label, size=12, anchor="start")]
    width = _LEFT + _ACROSS + _CELL * T + 6
    return Drawing(width, y + _CELL + 4, words.kept_title, " ".join(sentences), tuple(body))


def computed_by_step(*, cached: bool) -> list[tuple[list[int], list[int]]]:
    """For each step the tokens whose keys and values are computed in it, and those that were kept."""
    weights = draw_weights(**SMALL_MODEL)
    caches = [KVCache() for _ in weights.blocks]
    steps = []
    for end in range(1, len(SMALL_TEXT) + 1):
        if not cached:
            caches = [KVCache() for _ in weights.blocks]  # nothing is kept from the step before
        kept = caches[0].length
        cached_logits(np.array(SMALL_TEXT[kept:end]), weights, caches)
        steps.append((list(range(kept, end)), list(range(kept))))
    return steps


def cache_growth(words: Words) -> Drawing:
    """A bar a step: the bytes of a full cache, and below it those of a ring."""
    full, ring = bytes_by_step()
    body: list[str] = []
    sentences = [words.growth_describe]
    for n, (title, sizes) in enumerate(
        ((words.growth_full, full), (words.growth_ring.format(slots=_SLOTS), ring)),
    ):
        low = 44 + _TALL + n * (_TALL + 84)
        body.append(text(4, low - _TALL - 34, title, size=13, anchor="start", weight="bold"))
        for step, size in enumerate(sizes):
            x, high = 6 + _PITCH * step, _TALL * size / max(full)
            body += [
                rect(x, low - high, _BAR, high, f"{FILL} {FRAME}"),
                text(x + _BAR / 2, low - high - 10, str(size), cls=f"{INK} {NUMBER}", size=11),
                text(x + _BAR / 2, low + 12, str(step), cls=f"{QUIET} {NUMBER}", size=11),
            ]
        body.append(text(4, low + 30, words.growth_step, cls=QUIET, size=12, anchor="start"))
        sentences.append(f"{title}: {', '.join(map(str, sizes))}.")
    width = 12 + _PITCH * LONG - (_PITCH - _BAR)
    return Drawing(width, 44 + 2 * _TALL + 84 + 44, words.growth_title, " ".join(sentences), tuple(body))


def bytes_by_step() -> tuple[list[int], list[int]]:
    """Bytes after each step in one layer of the small model: of a full cache, and of a ring."""
    return _grow(KVCache()), _grow(RingCache(_SLOTS))


def _grow(cache: Cache) -> list[int]:
    new = np.zeros((SMALL_MODEL["n_heads"], 1, SMALL_MODEL["d_model"] // SMALL_MODEL["n_heads"]))
    sizes = []
    for _ in range(LONG):
        cache.append(new, new)
        sizes.append(cache.nbytes)
    return sizes


def _computed(x: float, y: float) -> str:
    return cell(x, y, _CELL, 0.4)


def _kept(x: float, y: float) -> str:
    ring = rect(x + _CELL / 2 - 5, y + _CELL / 2 - 5, 10, 10, FRAME, radius=5)
    return cell(x, y, _CELL) + ring
