"""Figures: SVG drawn from what `minimodel` computes, never by hand.

`draw(name, language, prefix)` gives one drawing. Each is readable without colour (a pattern or a number
beside every hue), takes its colours from the stylesheet, and carries a title and a description computed
from its data.
"""

from __future__ import annotations

from collections.abc import Callable

from handbook.locale import Words, words
from handbook.site.errors import SiteError
from handbook.site.figures.attention_blocks import attention_blocks
from handbook.site.figures.block import stream
from handbook.site.figures.card import card
from handbook.site.figures.columns import last_column
from handbook.site.figures.dial import rope_dial
from handbook.site.figures.fills import empty_row
from handbook.site.figures.filters import sampling_filters
from handbook.site.figures.floor import loss_curves
from handbook.site.figures.heads import reshape_leaks, split
from handbook.site.figures.kept import cache_growth, cache_steps
from handbook.site.figures.labels import label_shift
from handbook.site.figures.mask import causal_mask
from handbook.site.figures.online import online_softmax
from handbook.site.figures.order import memory_order
from handbook.site.figures.padded import padded_batch
from handbook.site.figures.pulls import tap_and_pull
from handbook.site.figures.roles import query_key_value
from handbook.site.figures.roofline import roofline
from handbook.site.figures.rules import four_customs, three_pages
from handbook.site.figures.saturation import saturation
from handbook.site.figures.staircase import staircase
from handbook.site.figures.steps import softmax_steps
from handbook.site.figures.svg import Drawing, render
from handbook.site.figures.unmasked import unmasked_prompt
from handbook.site.figures.ways import three_wrong_ways
from handbook.site.figures.weights import weights
from handbook.site.figures.windows import receptive_field, window_masks

FIGURES: dict[str, Callable[[Words], Drawing]] = {
    "attention-blocks": attention_blocks,
    "cache-growth": cache_growth,
    "cache-steps": cache_steps,
    "card": card,
    "causal-mask": causal_mask,
    "four-customs": four_customs,
    "empty-row": empty_row,
    "heads-split": split,
    "label-shift": label_shift,
    "last-column": last_column,
    "loss-curves": loss_curves,
    "memory-order": memory_order,
    "online-softmax": online_softmax,
    "padded-batch": padded_batch,
    "prefill-decode": staircase,
    "query-key-value": query_key_value,
    "receptive-field": receptive_field,
    "reshape-leaks": reshape_leaks,
    "roofline": roofline,
    "rope-dial": rope_dial,
    "sampling-filters": sampling_filters,
    "saturation": saturation,
    "softmax-steps": softmax_steps,
    "stream": stream,
    "tap-and-pull": tap_and_pull,
    "three-pages": three_pages,
    "three-wrong-ways": three_wrong_ways,
    "unmasked-prompt": unmasked_prompt,
    "weights": weights,
    "window-masks": window_masks,
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
    return render(FIGURES[name](words(language, "figures")), prefix)
