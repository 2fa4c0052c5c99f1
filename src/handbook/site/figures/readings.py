"""Panels of what a mask says and what is read, for the figures that compare the two."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.moved import cell, counted, legend
from handbook.site.figures.svg import QUIET, Drawing, small, spell_all, text

_CELL, _LEFT, _TOP, _ACROSS = 17, 18, 62, 156

Panel = tuple[str, np.ndarray, np.ndarray]
"""A title, what may be read `[L, S]`, and what is read `[L, S]`."""


def panels_drawn(words: Words, panels: list[Panel], title: str, describe: str) -> Drawing:
    """Two panels side by side, as many lines of them as there are, and one legend."""
    body: list[str] = []
    sentences = [describe]
    y = 0.0
    for start in range(0, len(panels), 2):
        in_line = panels[start : start + 2]
        for n, panel in enumerate(in_line):
            body += _panel(words, _LEFT + _ACROSS * n, y, panel)
            sentences += _said(words, panel)
        y += _TOP + _CELL * max(len(allowed) for _, allowed, _ in in_line) + 20
    body += legend(words, _LEFT, y, _CELL, across=_ACROSS)
    return Drawing(_LEFT + 2 * _ACROSS, y + 44, title, " ".join(sentences), tuple(body))


def _panel(words: Words, x: float, y: float, panel: Panel) -> list[str]:
    name, allowed, seen = panel
    drawn = [text(x, y + 10, name, size=12, anchor="start", weight="bold")]
    drawn += small(x, y + 26, *counted(words, seen, allowed).split(", "))
    top = y + _TOP
    L, S = allowed.shape
    drawn += [text(x + _CELL * (j + 0.5), top - 8, str(j), cls=QUIET, size=10.5) for j in range(S)]
    for i in range(L):
        drawn.append(text(x - 9, top + _CELL * (i + 0.5), str(i + S - L), cls=QUIET, size=10.5))
        for j in range(S):
            at = (x + _CELL * j, top + _CELL * i)
            drawn.append(cell(*at, _CELL, allowed=bool(allowed[i, j]), moved=bool(seen[i, j])))
    return drawn


def _said(words: Words, panel: Panel) -> list[str]:
    name, allowed, seen = panel
    L, S = allowed.shape

    def listed(row: np.ndarray) -> str:
        return spell_all(np.flatnonzero(row)) or words.nothing

    return [
        words.rules_row.format(title=name, i=i + S - L, open=listed(allowed[i]), read=listed(seen[i])) for i in range(L)
    ]
