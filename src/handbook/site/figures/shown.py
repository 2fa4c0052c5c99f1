"""What the file of a figure says beside its drawing: what a test must find in it, and what sets it in motion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Mask = np.ndarray


@dataclass(frozen=True)
class Shown:
    """The numbers of the description in order, those that are written in the drawing, and the title's.

    Also how many shapes are filled, hatched and marked as leaks, and the values that the first filled ones stand for.
    """

    says: str
    writes: str
    titled: str = ""
    filled: int = 0
    hatched: int = 0
    leaks: int = 0
    values: tuple[float, ...] = ()


class Explorer(NamedTuple):
    """What sets a figure in motion: the explorer's name, and the numbers that it starts from."""

    name: str
    start: dict[str, Any]


def spelled(values: Iterable[float], form: str = ".4f") -> str:
    """Integers bare, other values with four decimals."""
    return " ".join(
        f"{value:.0f}" if np.isfinite(value) and value == round(value) else f"{value:{form}}" for value in values
    )


def rows(*matrices: Mask, start: int = 0, title: object = "") -> str:
    """Each row's title and number, and for each matrix the columns where that row is true."""
    numbered = range(start, start + len(matrices[0]))
    return " ".join(
        f"{title} {i} " + " ".join(spelled(np.flatnonzero(matrix[i - start])) for matrix in matrices) for i in numbered
    )


def index(*lengths: int) -> str:
    """The numbers of rows or columns, for each length from zero on."""
    return " ".join(spelled(range(length)) for length in lengths)


def against(pairs: list[tuple[Mask, Mask]], says: str, writes: str = "") -> Shown:
    """What may be read beside what is: each kind of cell, and one of each more in the legend.

    Written are how many cells leak and how many go unread, and the numbers of rows, the last ones, and columns.
    """
    counts = [((seen & ~allowed).sum(), (allowed & ~seen).sum()) for allowed, seen in pairs]
    sides = [(index(S), spelled(range(S - L, S))) for (L, S) in (allowed.shape for allowed, _ in pairs)]
    return Shown(
        says,
        f"{writes} {' '.join(map(spelled, counts))} {' '.join(map(' '.join, sides))}",
        filled=sum(int((allowed & seen).sum()) for allowed, seen in pairs) + 1,
        hatched=sum(int((~allowed & ~seen).sum()) for allowed, seen in pairs) + 1,
        leaks=sum(int((seen & ~allowed).sum()) for allowed, seen in pairs) + 1,
    )


def masks(panels: Iterable[Mask], says: str, writes: str, titled: str = "") -> Shown:
    """Open cells and closed ones, and one of each more in the legend."""
    whole = list(panels)
    return Shown(
        says,
        writes,
        titled,
        filled=sum(int(mask.sum()) for mask in whole) + 1,
        hatched=sum(int((~mask).sum()) for mask in whole) + 1,
    )
