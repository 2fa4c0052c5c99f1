"""A number bound to an expression becomes a link to the block that computed it.

Authors give a number `data-is`, a claim `data-holds`, or the first cell of a table row `data-row`. On the
page each is a link whose expression shows on hover, focus and tap; without script, on hover and focus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from handbook.locale import Words
from handbook.pages.syntax import LINKED, Tie
from handbook.site.markdown.listings import Listing, number_listing, read_names
from handbook.site.markdown.stash import in_order

_ATTRIBUTES = tuple(tie.value for tie in LINKED)
_NO_LINK_INSIDE = frozenset({"a", "label", "button"})


@dataclass(frozen=True)
class _Pin:
    element: Element
    parent: Element
    attribute: str
    above: tuple[Listing, ...]


class PinProcessor(Treeprocessor):
    """Numbers the Python blocks of the page, then links each pin to one of them."""

    def __init__(self, md: Markdown, words: Words) -> None:
        super().__init__(md)
        self.md: Markdown = md
        self.words = words

    def run(self, root: Element) -> None:
        """One pass down the page, since a pin refers to what stands above it."""
        listings: list[Listing] = []
        pins: list[_Pin] = []
        for element, ancestors in in_order(root):
            listing = number_listing(self.md, element, ancestors, len(listings) + 1)
            if listing is not None:
                listings.append(listing)
            element.attrib.pop(Tie.SAYS, None)
            attribute = next((name for name in _ATTRIBUTES if name in element.attrib), None)
            if attribute and listings and not any(above.tag in _NO_LINK_INSIDE for above in ancestors):
                pins.append(_Pin(element, ancestors[-1], attribute, tuple(listings)))
        for pin in pins:
            self._link(pin)

    def _link(self, pin: _Pin) -> None:
        expression = pin.element.attrib[pin.attribute]
        source = computed_by(expression, pin.above)
        link = Element(
            "a",
            {
                "class": "lt-pin",
                "href": f"#{source.id}",
                pin.attribute: expression,
                "data-from": self.words.block.format(number=source.number),
            },
        )
        del pin.element.attrib[pin.attribute]
        if pin.attribute == Tie.ROW:
            _move_inside(pin.element, link)
        else:
            _wrap(pin.element, pin.parent, link)


def computed_by(expression: str, above: Sequence[Listing]) -> Listing:
    """The nearest block above that binds a name of the expression, else the nearest block above."""
    names = read_names(expression)
    return next((listing for listing in reversed(above) if listing.names & names), above[-1])


def _wrap(element: Element, parent: Element, link: Element) -> None:
    position = list(parent).index(element)
    link.tail, element.tail = element.tail, None
    parent.remove(element)
    link.append(element)
    parent.insert(position, link)


def _move_inside(cell: Element, link: Element) -> None:
    if any(child.tag == "a" for child in cell.iter()):
        return
    link.text, cell.text = (cell.text or "").rstrip(), None
    for child in list(cell):
        cell.remove(child)
        link.append(child)
    cell.append(link)
