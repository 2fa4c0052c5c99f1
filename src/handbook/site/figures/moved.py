"""Influence matrices: one cell or all, what was promised of each and what was measured, in words and in a legend."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import HEADS, WIDE
from handbook.site.figures.svg import FRAME, LEAK, QUIET, box, mask_cell, rect, text
from minimodel.attention import MultiHeadAttention
from minimodel.influence import influence


def measured(mask: np.ndarray) -> np.ndarray:
    """The influence matrix `[T, T]` of one layer under a mask."""
    model = MultiHeadAttention(WIDE, HEADS)
    x = np.random.default_rng(0).normal(size=(len(mask), WIDE))
    return influence(lambda x: model.forward(x, mask), x)


def counted(words: Words, seen: np.ndarray, allowed: np.ndarray) -> str:
    """How many cells leak, and how many go unread."""
    return words.leaks_count.format(leaks=(seen & ~allowed).sum(), missing=(allowed & ~seen).sum())


def matrix(x: float, y: float, size: float, seen: np.ndarray, allowed: np.ndarray) -> list[str]:
    """A square matrix of cells with the numbers of its rows and columns beside it."""
    drawn: list[str] = []
    for i in range(len(allowed)):
        middle = size * (i + 0.5)
        drawn.append(text(x + middle, y - 9, str(i), cls=QUIET, size=10.5))
        drawn.append(text(x - 9, y + middle, str(i), cls=QUIET, size=10.5))
        for j in range(len(allowed)):
            at = (x + size * j, y + size * i)
            drawn.append(cell(*at, size, allowed=bool(allowed[i, j]), moved=bool(seen[i, j])))
    return drawn


def cell(x: float, y: float, size: float, *, allowed: bool, moved: bool) -> str:
    """A square if read, a cross on colour if leaked, empty if unread, hatched if blocked."""
    if allowed == moved:
        return mask_cell(x, y, size, allowed=allowed)
    if allowed:
        return box(x, y, size, size)
    cross = text(x + size / 2, y + size / 2, "×", size=6 + 0.54 * size, weight="bold")
    return rect(x, y, size, size, f"{LEAK} {FRAME}") + cross


def legend(
    words: Words, x: float, y: float, size: float, *, across: float, down: float = 22, letters: float = 12
) -> list[str]:
    """Every kind of cell and the word for it, two by two."""
    kinds = [
        (True, True, words.reads),
        (False, True, words.leak),
        (True, False, words.unread),
        (False, False, words.blocked),
    ]
    drawn: list[str] = []
    for n, (allowed, moved, label) in enumerate(kinds):
        x0, y0 = x + across * (n % 2), y + down * (n // 2)
        drawn.append(cell(x0, y0, size, allowed=allowed, moved=moved))
        drawn.append(text(x0 + size + 8, y0 + size / 2, label, size=letters, anchor="start"))
    return drawn
