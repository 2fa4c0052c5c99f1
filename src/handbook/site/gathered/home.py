"""What the first page is made of: `/// opening` with a `/// shown` in it, and `/// parts`."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from handbook.site.markdown.blocks import SiteBlock


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
