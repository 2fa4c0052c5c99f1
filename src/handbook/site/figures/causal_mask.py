"""The causal mask as a table: rows are queries, columns are keys."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import T
from handbook.site.figures.shown import Shown, index, masks, rows
from handbook.site.figures.svg import QUIET, Drawing, hatched, mask_cell, square, text
from minimodel.masks import causal_allowed

_CELL, _LEFT, _TOP = 58, 82, 30


def drawing(words: Words) -> Drawing:
    """A full square where the row may read the column; hatching where it may not."""
    allowed = causal_allowed(T)
    body = [text(_LEFT + _CELL * (j + 0.5), 14, words.key.format(j=j), cls=QUIET, size=13) for j in range(T)]
    for i in range(T):
        y = _TOP + _CELL * i
        label = words.query.format(i=i)
        body.append(text(_LEFT - 10, y + _CELL / 2, label, cls=QUIET, size=13, anchor="end"))
        for j in range(T):
            body.append(mask_cell(_LEFT + _CELL * j, y, _CELL, allowed=bool(allowed[i, j])))
    bottom = _TOP + _CELL * T
    body += _legend(words, bottom + 24)
    sentences = [words.mask_describe, *(_row(words, i, allowed[i]) for i in range(T))]
    title = words.mask_title.format(count=T)
    return Drawing(_LEFT + _CELL * T + 2, bottom + 42, title, " ".join(sentences), tuple(body))


def _legend(words: Words, y: float) -> list[str]:
    return [
        square(_LEFT + 9, y, 1, 14),
        text(_LEFT + 24, y, words.may_read, size=13, anchor="start"),
        hatched(_LEFT + 2 * _CELL + 12, y - 7, 14, 14),
        text(_LEFT + 2 * _CELL + 34, y, words.blocked, size=13, anchor="start"),
    ]


def _row(words: Words, i: int, row: np.ndarray) -> str:
    return words.mask_row.format(i=i, open=named_keys(words, row), closed=named_keys(words, ~row))


def named_keys(words: Words, row: np.ndarray) -> str:
    """The keys where the row is true, in words."""
    return ", ".join(words.key.format(j=j) for j in np.flatnonzero(row)) or words.nothing


def shown() -> Shown:
    allowed = causal_allowed(T)
    return masks([allowed], rows(allowed, ~allowed), index(T, T), titled=f"{T}")
