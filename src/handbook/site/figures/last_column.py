"""Four models that a test of the last token cannot tell apart: what was measured of each."""

from __future__ import annotations

from functools import cache

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import LONG
from handbook.site.figures.moved import counted, legend, matrix, measured
from handbook.site.figures.shown import Shown, against, rows
from handbook.site.figures.svg import STRONG, Drawing, rect, small, spell_all, text
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, causal, materialise, window

_CELL, _LEFT, _TOP, _ACROSS, _DOWN = 15, 18, 66, 150, 214
_OPEN, _WINDOW = 4, 3


def drawing(words: Words) -> Drawing:
    """The matrices of four models, two by two, each with its last column framed."""
    allowed = causal_allowed(LONG)
    body: list[str] = []
    sentences = [words.columns_describe]
    for n, (title, seen) in enumerate(measured_models(words)):
        x, y = _LEFT + _ACROSS * (n % 2), _DOWN * (n // 2)
        body.append(text(x, y + 10, title, size=13, anchor="start", weight="bold"))
        body += small(x, y + 27, *counted(words, seen, allowed).split(", "))
        body += matrix(x, y + _TOP, _CELL, seen, allowed)
        body.append(rect(x + _CELL * (LONG - 1), y + _TOP - 17, _CELL, 17 + _CELL * LONG + 4, STRONG, radius=2))
        sentences += [
            words.leaks_row.format(title=title, i=i, inputs=spell_all(np.flatnonzero(row)))
            for i, row in enumerate(seen)
        ]
    y = 2 * _DOWN
    body += legend(words, _LEFT, y, _CELL, across=_ACROSS)
    body.append(rect(_LEFT, y + 44, _CELL, _CELL, STRONG))
    body.append(text(_LEFT + _CELL + 8, y + 44 + _CELL / 2, words.columns_tested, size=12, anchor="start"))
    width = _LEFT + _ACROSS + _CELL * LONG + 8
    return Drawing(width, y + 64, words.columns_title, " ".join(sentences), tuple(body))


@cache
def measured_models(words: Words) -> list[tuple[str, np.ndarray]]:
    """The name of each model, and its influence matrix `[T, T]`."""
    causal = causal_allowed(LONG)
    position = np.arange(LONG)
    early = position < _OPEN
    masks = [
        (words.columns_causal, causal),
        (words.columns_itself, np.eye(LONG, dtype=bool)),
        (words.columns_window.format(width=_WINDOW), causal & (position[:, None] - position < _WINDOW)),
        (words.columns_open, causal | (early[:, None] & early)),
    ]
    return [(name, measured(mask)) for name, mask in masks]


def shown() -> Shown:
    past, early = causal_allowed(LONG), np.arange(LONG) < 4
    seen = [past, np.eye(LONG, dtype=bool), materialise(all_of(causal, window(3)), LONG), past | np.outer(early, early)]
    says = " ".join(rows(matrix, title=title) for matrix, title in zip(seen, ("", "", 3, ""), strict=True))
    return against([(past, matrix) for matrix in seen], says, "3")
