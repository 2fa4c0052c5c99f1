"""Explorers: figures that a reader sets in motion.

`/// explorer | mask` puts a custom element on the page. Without its script, and on paper, it holds one of the
tested drawings. What it shows with the script is computed in the browser, by functions that a test compares with
`minimodel`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import numpy as np
from markdown.util import AtomicString

from handbook.locale import table
from handbook.site.errors import SiteError
from handbook.site.figures import draw
from handbook.site.figures.data import D_MODEL, HEADS, LONG, SCORES, SMALL_MODEL, SMALL_TEXT, WIDTH, WORKED_ROW, T
from handbook.site.figures.receptive_field import LAYERS, TOKENS
from handbook.site.markdown.blocks import SiteBlock
from handbook.site.markdown.stash import keep

FOLDER = "assets/javascripts/explorers"
SHARED = ("start", "arithmetic", "panel")
"""The scripts that every explorer needs. The first fetches the others, and the explorer's own, when it is asked to."""

_END = re.compile(r"</[a-z]+-explorer>")


@dataclass(frozen=True)
class Kind:
    """The drawing that stands for an explorer, and where it starts: the numbers of the page around it."""

    still: str
    start: dict[str, Any]


def _scores() -> list[list[float]]:
    """Scores of the worked example, and more of them for longer texts."""
    scores = np.random.default_rng(0).integers(0, 5, (LONG, LONG)).astype(float)
    scores[:T, :T] = SCORES
    rows: list[list[float]] = scores.tolist()
    return rows


def _embeddings() -> list[list[float]]:
    """Tokens of two features, as section 02 draws them."""
    rows: list[list[float]] = np.random.default_rng(0).normal(size=(LONG, 2)).tolist()
    return rows


_D_HEAD = SMALL_MODEL["d_model"] // SMALL_MODEL["n_heads"]
EXPLORERS: dict[str, Kind] = {
    "mask": Kind("weights", {"scores": _scores(), "T": T, "row": WORKED_ROW}),
    "influence": Kind("reshape-leaks", {"x": _embeddings(), "T": 6}),
    "heads": Kind("heads-split", {"T": T, "width": D_MODEL, "heads": HEADS}),
    "windows": Kind("receptive-field", {"T": TOKENS, "W": WIDTH, "layers": LAYERS}),
    "cache": Kind(
        "cache-steps",
        {
            "total": LONG,
            "prompt": len(SMALL_TEXT) - 1,
            "layers": SMALL_MODEL["n_layers"],
            "heads": SMALL_MODEL["n_heads"],
            "width": _D_HEAD,
            "itemsize": np.dtype(np.float64).itemsize,
        },
    ),
}
"""Every explorer by its name."""


class Explorer(SiteBlock):
    """`/// explorer | mask`; the content is its caption."""

    NAME = "explorer"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        """The element with its words and its start, around the drawing that serves without a script."""
        if self.argument not in EXPLORERS:
            raise SiteError(f"no explorer is named {self.argument}; there are {', '.join(sorted(EXPLORERS))}")
        kind, language = EXPLORERS[self.argument], self.config["language"]
        prefix = f"explorer-{self.argument}"
        if prefix in self.tracker:
            raise SiteError(f"the explorer {self.argument} stands on this page twice; one is enough")
        self.tracker[prefix] = 1
        element = SubElement(parent, "figure", {"class": "lt-explorer"})
        said = {**table(language, "explorers.all"), **table(language, f"explorers.{self.argument}")}
        attributes = {"data-words": json.dumps(said, ensure_ascii=False), "data-start": json.dumps(kind.start)}
        holder = SubElement(element, f"{self.argument}-explorer", attributes)
        still = SubElement(holder, "div", {"class": "lt-explorer__still"})
        still.text = AtomicString(keep(self.md, draw(kind.still, language, prefix)))
        SubElement(element, "figcaption")
        return element

    def on_add(self, block: Element) -> Element:
        """The content is the caption."""
        return block[1]


def script(html: str, address: Callable[[str], str]) -> str:
    """The script that a page with an explorer needs, and nothing for any other page.

    Nothing else is loaded before the first press of an explorer's button, and nothing moves without one.

    Args:
        html: the content of a page.
        address: from a path on the site to what the page calls it.
    """
    return f'<script src="{address(f"{FOLDER}/{SHARED[0]}.js")}"></script>' if _END.search(html) else ""
