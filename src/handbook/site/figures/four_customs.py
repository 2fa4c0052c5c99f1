"""One mask under other customs: what was meant, and what is read."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import T
from handbook.site.figures.readings import Panel, panels_drawn
from handbook.site.figures.shown import Shown, against, rows
from handbook.site.figures.svg import Drawing
from minimodel.masks import causal_allowed

_NEW, _SEEN = 2, 3


def drawing(words: Words) -> Drawing:
    """One triangle where true means read or blocked, and two rows of it hung from either corner."""
    return panels_drawn(words, customs(words), words.customs_title, words.customs_describe)


def customs(words: Words) -> list[Panel]:
    """What was meant, and what each custom reads."""
    square, late = causal_allowed(T), causal_allowed(_NEW, offset=_SEEN)
    return [
        (words.customs_read, square, square),
        (words.customs_blocked, square, ~square),
        (words.customs_lower_right, late, late),
        (words.customs_upper_left, late, causal_allowed(_NEW, _SEEN + _NEW)),
    ]


def shown() -> Shown:
    square, late, upper = causal_allowed(T), causal_allowed(2, offset=3), np.tril(np.ones((2, 5), dtype=bool))
    panels = [(square, square), (square, ~square), (late, late), (late, upper)]
    return against(panels, " ".join(rows(*pair, start=pair[0].shape[1] - len(pair[0])) for pair in panels))
