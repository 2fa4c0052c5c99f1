"""Prefill and decoding as staircases: which pairs of a query and a key each pass scores."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Shown, spelled
from handbook.site.figures.svg import NUMBER, QUIET, Drawing, cell, text
from minimodel.masks import causal_allowed

PROMPT, NEW = 4, 3
_CELL, _GAP, _LEFT, _TOP, _DOWN = 10, 18, 6, 30, 148
_SCORED = 0.45


def passes(*, cached: bool) -> list[np.ndarray]:
    """For each pass the triangle of its text `[T, T]`, true where a pair is scored in that pass."""
    scored = []
    for T in range(PROMPT, PROMPT + NEW + 1):
        pairs = causal_allowed(T)
        if cached and T > PROMPT:
            pairs[: T - 1] = False  # scored in an earlier pass; their keys and values are kept
        scored.append(pairs)
    return scored


def drawing(words: Words) -> Drawing:
    """Two rows of triangles, one triangle a pass; filled cells are scored, empty ones were before."""
    body: list[str] = []
    sentences = [words.stairs_describe.format(prompt=PROMPT, new=NEW)]
    width = 0.0
    for row, (title, cached) in enumerate(((words.stairs_without, False), (words.stairs_with, True))):
        scored = passes(cached=cached)
        counts = [int(pairs.sum()) for pairs in scored]
        total = words.stairs_total.format(count=sum(counts))
        y = float(_DOWN * row)
        body.append(text(_LEFT, y + 12, f"{title}: {total}", size=13, anchor="start", weight="bold"))
        x, floor = float(_LEFT), y + _TOP + _CELL * (PROMPT + NEW)
        for pairs, count in zip(scored, counts, strict=True):
            T = len(pairs)
            body += _triangle(x, floor - _CELL * T, pairs)
            body.append(text(x + _CELL * T / 2, floor + 14, str(count), cls=f"{QUIET} {NUMBER}", size=12.5))
            x += _CELL * T + _GAP
        width = x
        sentences.append(words.stairs_row.format(title=title, counts=", ".join(map(str, counts)), total=total))
    y = 2 * _DOWN - 14
    for n, (share, label) in enumerate(((_SCORED, words.stairs_scored), (0, words.stairs_before))):
        x = _LEFT + 140 * n
        body.append(cell(x, y, _CELL, share))
        body.append(text(x + _CELL + 8, y + _CELL / 2, label, size=12, anchor="start"))
    return Drawing(width, y + 20, words.stairs_title, " ".join(sentences), tuple(body))


def _triangle(x: float, y: float, pairs: np.ndarray) -> list[str]:
    return [
        cell(x + _CELL * j, y + _CELL * i, _CELL, _SCORED if pairs[i, j] else 0)
        for i, j in zip(*np.tril_indices(len(pairs)), strict=True)
    ]


def shown() -> Shown:
    lengths = range(4, 8)
    uncached = [n * (n + 1) // 2 for n in lengths]
    cached = [uncached[0], *lengths[1:]]
    says = " ".join(f"{spelled(counts)} {sum(counts)}" for counts in (uncached, cached))
    return Shown(f"4 3 {says}", says, filled=sum(uncached) + sum(cached) + 1)
