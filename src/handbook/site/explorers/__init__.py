"""Explorers: figures that a reader sets in motion.

`/// explorer | mask` puts a custom element on the page. Without its script, and on paper, it holds a figure: the one
whose file names the explorer and says from which numbers it starts. What it shows with the script is computed in the
browser, by functions that a test compares with `minimodel`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from handbook.locale import table
from handbook.site.errors import SiteError
from handbook.site.figures import EXPLORERS, draw
from handbook.site.markdown.blocks import SiteBlock
from handbook.site.markdown.stash import keep

FOLDER = "assets/javascripts/explorers"
SHARED = ("start", "arithmetic", "panel")
"""The scripts that every explorer needs. The first fetches the others, and the explorer's own, when it is asked to."""

_END = re.compile(r"</[a-z]+-explorer>")


class Explorer(SiteBlock):
    """`/// explorer | mask`; the content is its caption."""

    NAME = "explorer"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        """The element with its words and its start, around the drawing that serves without a script."""
        if self.argument not in EXPLORERS:
            known = ", ".join(sorted(EXPLORERS))
            raise SiteError(f"no explorer is named {self.argument}; there are {known}", self.argument)
        (still, explorer), language = EXPLORERS[self.argument], self.config["language"]
        prefix = f"explorer-{self.argument}"
        if prefix in self.tracker:
            raise SiteError(f"the explorer {self.argument} stands on this page twice; one is enough")
        self.tracker[prefix] = 1
        element = SubElement(parent, "figure", {"class": "lt-explorer"})
        said = {**table(language, "explorers.all"), **table(language, f"explorers.{self.argument}")}
        attributes = {"data-words": json.dumps(said, ensure_ascii=False), "data-start": json.dumps(explorer.start)}
        holder = SubElement(element, f"{self.argument}-explorer", attributes)
        drawn = SubElement(holder, "div", {"class": "lt-explorer__still"})
        drawn.text = AtomicString(keep(self.md, draw(still, language, prefix)))
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
