"""What a cache costs: its bytes, step by step."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import LONG, SMALL_MODEL
from handbook.site.figures.shown import Shown, index, spelled
from handbook.site.figures.svg import QUIET, Drawing, bars, text
from minimodel.cache import Cache, KVCache, RingCache

_BAR, _PITCH, _TALL, _SLOTS = 26, 38, 100, 4


def drawing(words: Words) -> Drawing:
    """A bar a step: the bytes of a full cache, and below it those of a ring."""
    full, ring = bytes_by_step()
    body: list[str] = []
    sentences = [words.growth_describe]
    for n, (title, sizes) in enumerate(((words.growth_full, full), (words.growth_ring.format(slots=_SLOTS), ring))):
        low = 44 + _TALL + n * (_TALL + 84)
        body.append(text(4, low - _TALL - 34, title, size=13, anchor="start", weight="bold"))
        heights = [_TALL * size / max(full) for size in sizes]
        body += bars(low, heights, map(str, sizes), wide=_BAR, pitch=_PITCH)
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


def shown() -> Shown:
    one = 2 * SMALL_MODEL["d_model"] * np.dtype(np.float64).itemsize  # its key and value, in one layer
    full = [one * step for step in range(1, LONG + 1)]
    says = f"{spelled(full)} 4 {spelled([4 * one] * LONG)}"
    return Shown(says, f"{says} {index(LONG, LONG)}", filled=2 * LONG)
