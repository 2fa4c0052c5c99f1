"""Four models that a test of the last token cannot tell apart: what was measured of each."""

from __future__ import annotations

import numpy as np

from handbook.site.figures.data import HEADS, LONG, WIDE
from handbook.site.figures.moved import cell, legend
from handbook.site.figures.svg import FRAME, QUIET, Drawing, rect, text
from handbook.site.figures.words import FigureWords
from minimodel.attention import MultiHeadAttention
from minimodel.influence import influence
from minimodel.masks import causal_allowed

_CELL, _LEFT, _TOP, _ACROSS, _DOWN = 15, 18, 66, 150, 214
_OPEN, _WINDOW = 4, 3
_STRONG = f"{FRAME} lt-strong"


def last_column(words: FigureWords) -> Drawing:
    """The matrices of four models, two by two, each with its last column framed."""
    allowed = causal_allowed(LONG)
    body: list[str] = []
    sentences = [words.columns_describe]
    for n, (title, seen) in enumerate(measured_models(words)):
        x, y = _LEFT + _ACROSS * (n % 2), _DOWN * (n // 2)
        count = words.leaks_count.format(leaks=(seen & ~allowed).sum(), missing=(allowed & ~seen).sum())
        body.append(text(x, y + 10, title, size=13, anchor="start", weight="bold"))
        body += [
            text(x, y + 27 + 13 * k, line.strip(), cls=QUIET, size=11, anchor="start")
            for k, line in enumerate(count.split(","))
        ]
        body += _matrix(x, y + _TOP, seen, allowed)
        sentences += [
            words.leaks_row.format(title=title, i=i, inputs=", ".join(str(j) for j in np.flatnonzero(row)))
            for i, row in enumerate(seen)
        ]
    y = 2 * _DOWN
    for n, (may, does, label) in enumerate(legend(words)):
        x0, y0 = _LEFT + _ACROSS * (n % 2), y + 22 * (n // 2)
        body += cell(x0, y0, _CELL, allowed=may, moved=does)
        body.append(text(x0 + _CELL + 8, y0 + _CELL / 2, label, size=12, anchor="start"))
    body.append(rect(_LEFT, y + 44, _CELL, _CELL, _STRONG))
    body.append(text(_LEFT + _CELL + 8, y + 44 + _CELL / 2, words.columns_tested, size=12, anchor="start"))
    width = _LEFT + _ACROSS + _CELL * LONG + 8
    return Drawing(width, y + 64, words.columns_title, " ".join(sentences), tuple(body))


def measured_models(words: FigureWords) -> list[tuple[str, np.ndarray]]:
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
    model = MultiHeadAttention(WIDE, HEADS)
    x = np.random.default_rng(0).normal(size=(LONG, WIDE))

    def measured(mask: np.ndarray) -> np.ndarray:
        return influence(lambda x: model.forward(x, mask), x)

    return [(name, measured(mask)) for name, mask in masks]


def _matrix(x: float, y: float, seen: np.ndarray, allowed: np.ndarray) -> list[str]:
    drawn: list[str] = []
    for i in range(LONG):
        middle = _CELL * (i + 0.5)
        drawn.append(text(x + middle, y - 9, str(i), cls=QUIET, size=10.5))
        drawn.append(text(x - 9, y + middle, str(i), cls=QUIET, size=10.5))
        for j in range(LONG):
            at = (x + _CELL * j, y + _CELL * i)
            drawn += cell(*at, _CELL, allowed=bool(allowed[i, j]), moved=bool(seen[i, j]))
    column = rect(x + _CELL * (LONG - 1), y - 17, _CELL, 17 + _CELL * LONG + 4, _STRONG, radius=2)
    return [*drawn, column]
