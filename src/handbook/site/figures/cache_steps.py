"""What a cache saves: keys and values made again at each step, or kept."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import LONG, SMALL_MODEL, SMALL_TEXT
from handbook.site.figures.shown import Explorer, Shown, index, rows, spelled
from handbook.site.figures.svg import FRAME, NUMBER, QUIET, Drawing, cell, rect, text
from minimodel.cache import KVCache, cached_logits
from minimodel.gpt import draw_weights
from minimodel.masks import causal_allowed

_CELL, _LEFT, _TOP, _ACROSS = 24, 26, 62, 162


def drawing(words: Words) -> Drawing:
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


def _computed(x: float, y: float) -> str:
    return cell(x, y, _CELL, 0.4)


def _kept(x: float, y: float) -> str:
    ring = rect(x + _CELL / 2 - 5, y + _CELL / 2 - 5, 10, 10, FRAME, radius=5)
    return cell(x, y, _CELL) + ring


def shown() -> Shown:
    past = causal_allowed(len(SMALL_TEXT))
    own = np.eye(len(SMALL_TEXT), dtype=bool)
    made = [int(past.sum()), int(own.sum())]
    writes = f"{spelled(made)} {index(*4 * [len(SMALL_TEXT)])}"
    return Shown(f"{rows(past)} {rows(own, past & ~own)}", writes, filled=sum(made) + 1)


def explorer() -> Explorer:
    """The cache explorer starts from the same model and text, and goes on."""
    heads = SMALL_MODEL["n_heads"]
    sizes = {"layers": SMALL_MODEL["n_layers"], "heads": heads, "width": SMALL_MODEL["d_model"] // heads}
    start = {"total": LONG, "prompt": len(SMALL_TEXT) - 1, **sizes, "itemsize": np.dtype(np.float64).itemsize}
    return Explorer("cache", start)
