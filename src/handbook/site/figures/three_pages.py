"""Three pages under a plain triangle: what the mask of each says, and what is read."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.moved import measured
from handbook.site.figures.readings import Panel, panels_drawn
from handbook.site.figures.shown import Shown, against, rows
from handbook.site.figures.svg import Drawing
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, any_of, causal, documents, first, materialise, tree

_DOCUMENTS, _PREFIX, _PARENTS = (0, 0, 0, 1, 1), 3, [-1, 0, 0, 1]


def drawing(words: Words) -> Drawing:
    """Packed letters, an open prefix and a fork, as a model under a plain triangle reads them."""
    return panels_drawn(words, three_rules(words), words.rules_title, words.rules_describe)


def three_rules(words: Words) -> list[Panel]:
    """The rule of each page, and what was measured of a model under a plain triangle."""
    rules = [
        (words.rules_packed, all_of(causal, documents(np.array(_DOCUMENTS))), len(_DOCUMENTS)),
        (words.rules_prefix, any_of(causal, first(_PREFIX)), len(_DOCUMENTS)),
        (words.rules_tree, tree(_PARENTS), len(_PARENTS)),
    ]
    return [(title, materialise(rule, n), measured(causal_allowed(n))) for title, rule, n in rules]


def shown() -> Shown:
    rules = [all_of(causal, documents(np.array([0, 0, 0, 1, 1]))), any_of(causal, first(3)), tree([-1, 0, 0, 1])]
    panels = [(materialise(rule, n), causal_allowed(n)) for rule, n in zip(rules, (5, 5, 4), strict=True)]
    return against(panels, " ".join(rows(*pair) for pair in panels))
