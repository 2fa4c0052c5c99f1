"""What a mask says, and what is read: three pages under a plain triangle, and one mask under other customs."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import T
from handbook.site.figures.moved import cell, counted, legend, measured
from handbook.site.figures.svg import QUIET, Drawing, small, spell_all, text
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, any_of, causal, documents, first, materialise, tree

_CELL, _LEFT, _TOP, _ACROSS = 17, 18, 62, 156
_DOCUMENTS, _PREFIX, _PARENTS = (0, 0, 0, 1, 1), 3, [-1, 0, 0, 1]
_NEW, _SEEN = 2, 3

Panel = tuple[str, np.ndarray, np.ndarray]
"""A title, what may be read `[L, S]`, and what is read `[L, S]`."""


def three_pages(words: Words) -> Drawing:
    """Packed letters, an open prefix and a fork, as a model under a plain triangle reads them."""
    return _panels(words, three_rules(words), words.rules_title, words.rules_describe)


def four_customs(words: Words) -> Drawing:
    """One triangle where true means read or blocked, and two rows of it hung from either corner."""
    return _panels(words, customs(words), words.customs_title, words.customs_describe)


def three_rules(words: Words) -> list[Panel]:
    """The rule of each page, and what was measured of a model under a plain triangle."""
    rules = [
        (words.rules_packed, all_of(causal, documents(np.array(_DOCUMENTS))), len(_DOCUMENTS)),
        (words.rules_prefix, any_of(causal, first(_PREFIX)), len(_DOCUMENTS)),
        (words.rules_tree, tree(_PARENTS), len(_PARENTS)),
    ]
    return [(title, materialise(rule, n), measured(causal_allowed(n))) for title, rule, n in rules]


def customs(words: Words) -> list[Panel]:
    """What was meant, and what each custom reads."""
    square, late = causal_allowed(T), causal_allowed(_NEW, offset=_SEEN)
    return [
        (words.customs_read, square, square),
        (words.customs_blocked, square, ~square),
        (words.customs_lower_right, late, late),
        (words.customs_upper_left, late, causal_allowed(_NEW, _SEEN + _NEW)),
    ]


def _panels(words: Words, panels: list[Panel], title: str, describe: str) -> Drawing:
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
