"""Figures: SVG drawn from what `minimodel` computes, never by hand.

`draw(name, language, prefix)` gives one drawing. Each is readable without colour (a pattern or a number
beside every hue), takes its colours from the stylesheet, and carries a title and a description computed
from its data.
"""

from __future__ import annotations

from collections.abc import Callable

from handbook.site.errors import SiteError
from handbook.site.figures.block import stream
from handbook.site.figures.card import card
from handbook.site.figures.columns import last_column
from handbook.site.figures.heads import reshape_leaks, split
from handbook.site.figures.labels import label_shift
from handbook.site.figures.mask import causal_mask
from handbook.site.figures.order import memory_order
from handbook.site.figures.roles import query_key_value
from handbook.site.figures.saturation import saturation
from handbook.site.figures.steps import softmax_steps
from handbook.site.figures.svg import Drawing, render
from handbook.site.figures.ways import three_wrong_ways
from handbook.site.figures.weights import weights
from handbook.site.figures.words import FigureWords, figure_words

FIGURES: dict[str, Callable[[FigureWords], Drawing]] = {
    "card": card,
    "causal-mask": causal_mask,
    "heads-split": split,
    "label-shift": label_shift,
    "last-column": last_column,
    "memory-order": memory_order,
    "query-key-value": query_key_value,
    "reshape-leaks": reshape_leaks,
    "saturation": saturation,
    "softmax-steps": softmax_steps,
    "stream": stream,
    "three-wrong-ways": three_wrong_ways,
    "weights": weights,
}


def draw(name: str, language: str, prefix: str) -> str:
    """The SVG of a figure.

    Args:
        name: one of `FIGURES`.
        language: of the labels, title and description.
        prefix: begins every id inside the drawing; unique on the page.

    Raises:
        SiteError: there is no such figure; the message names those there are.
    """
    if name not in FIGURES:
        raise SiteError(f"no figure is named {name}; there are {', '.join(sorted(FIGURES))}")
    return render(FIGURES[name](figure_words(language)), prefix)
