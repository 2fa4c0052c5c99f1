"""What the first page is made of: `/// opening` with a `/// shown` in it, `/// evening`, and `/// parts`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from handbook.locale import table
from handbook.site.errors import SiteError
from handbook.site.markdown.blocks import SiteBlock

_LINK = re.compile(r"\A\s*\[[^\]]*\]\((?P<page>[\w./-]+\.md)\)")


class Opening(SiteBlock):
    """What the handbook is, and the ways in, beside what it can do."""

    NAME = "opening"

    def on_create(self, parent: Element) -> Element:
        """One box, in two halves once it is complete."""
        return SubElement(parent, "div", {"class": "lt-opening"})

    def on_end(self, block: Element) -> None:
        """Gather everything but what is shown in the first half."""
        words = Element("div", {"class": "lt-opening__words"})
        words.extend(child for child in block if child.get("class") != Shown.CLASS)
        for child in words:
            block.remove(child)
        block.insert(0, words)


class Shown(SiteBlock):
    """The half of the opening in which something runs."""

    NAME = "shown"
    CLASS = "lt-opening__shown"

    def on_create(self, parent: Element) -> Element:
        """A box for whatever stands in it."""
        return SubElement(parent, "div", {"class": self.CLASS})


class Evening(SiteBlock):
    """The lessons to read before an interview: a list of links, each with its minutes, and how many those are in all.

    How long a lesson takes is known when all pages are rendered: `page.finish` puts the numbers in.
    """

    NAME = "evening"

    def on_create(self, parent: Element) -> Element:
        """One box, which knows what the script says of the reader's progress."""
        said = json.dumps(table(self.config["language"], "evening"), ensure_ascii=False)
        return SubElement(parent, "div", {"class": "lt-evening", "data-words": said})

    def on_end(self, block: Element) -> None:
        """Behind each link the minutes of its lesson, and below the list those of all."""
        said = table(self.config["language"], "evening")
        lessons: list[str] = []
        for item in block.iter("li"):
            holder = item[0] if len(item) and item[0].tag == "p" else item
            lessons.append(_lesson(holder.text or ""))
            holder.text = f"{(holder.text or '').rstrip()} "
            _minutes(SubElement(holder, "span", {"class": "lt-evening__minutes"}), self.words.minutes, lessons[-1:])
        _minutes(SubElement(block, "p", {"class": "lt-evening__all"}), said["all"], lessons)


def _lesson(text: str) -> str:
    """The page that the first link of an item leads to; the block's text is still Markdown."""
    link = _LINK.search(text)
    if link is None:
        raise SiteError(f'evening: "{text}" leads to no lesson; begin it with [a title](handbook/its-file.md)')
    return link["page"]


def _minutes(element: Element, said: str, lessons: Iterable[str]) -> None:
    """A sentence with a place for the minutes of some lessons."""
    element.text, _, rest = said.partition("{minutes}")
    SubElement(element, "span", {"class": "lt-minutes", "data-of": " ".join(lessons)}).tail = rest


class Parts(SiteBlock):
    """The handbook's parts, in columns: a paragraph about each, followed by the list of its sections."""

    NAME = "parts"

    def on_create(self, parent: Element) -> Element:
        """One box; each part becomes one of its own in it."""
        return SubElement(parent, "div", {"class": "lt-parts"})

    def on_end(self, block: Element) -> None:
        """A paragraph begins a part."""
        content = list(block)
        block.clear()
        block.set("class", "lt-parts")
        for child in content:
            part = SubElement(block, "div") if child.tag == "p" or not len(block) else block[-1]
            part.append(child)
