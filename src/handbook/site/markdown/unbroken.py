"""What is read in one go stays on one line: a short piece of code, -inf, and a formula with its comma.

A browser breaks a line on either side of a formula, even before a comma, and after each hyphen of a piece of code.
The style sheet forbids both, in a piece of code unless it is marked as long, in a formula where it is wrapped here.
So is -inf where it stands in a cell or in a sentence, and not in code.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor

LONGEST = 24
"""How many signs of code may ask for a line of their own: two thirds of a phone's."""

_OPENS = re.compile(r"[(\[«“\"¿¡]+\Z")
_CLOSES = re.compile(r"[,.;:!?…)\]»”\"]+")
_MINUS_INFINITY = re.compile(r"(?<![\w-])-inf\b[,.;:!?)\]»”\"]*")
_AS_IT_IS = {"code", "pre", "script", "style", "svg", "h1", "h2", "h3", "h4", "h5", "h6"}
"""Code is held together by the style sheet, and the text of a heading is also the contents' and the search's."""


class UnbrokenProcessor(Treeprocessor):
    """Marks code that is too long for one line, and holds each formula and its punctuation together."""

    def run(self, root: Element) -> None:
        """One pass over the page. Where code stands alone in `pre` the style sheet looks at neither."""
        for code in root.iter("code"):
            if len("".join(code.itertext())) > LONGEST:
                code.set("class", f"{code.get('class', '')} lt-long".strip())
        for parent in list(root.iter()):
            for position, child in enumerate(parent):
                if _is_formula(child):
                    _hold_together(parent, position, child)
        _hold_infinities(root)


def _is_formula(element: Element) -> bool:
    """Whether an element is a formula in the line, or a pin or emphasis that holds one and nothing else."""
    if element.get("class") == "lt-math":
        return True
    alone = len(element) == 1 and not element.text and not element[0].tail
    return alone and element.tag in ("a", "em", "strong", "span") and _is_formula(element[0])


def _hold_together(parent: Element, position: int, formula: Element) -> None:
    """Wrap a formula, what opens before it and what closes after it, where there is any of that."""
    before = (parent[position - 1].tail if position else parent.text) or ""
    opens, closes = _OPENS.search(before), _CLOSES.match(formula.tail or "")
    if opens is None and closes is None:
        return
    whole = Element("span", {"class": "lt-whole"})
    whole.text = opens[0] if opens else None
    rest = before.removesuffix(opens[0]) if opens else before
    if position:
        parent[position - 1].tail = rest
    else:
        parent.text = rest
    whole.tail = (formula.tail or "")[closes.end() :] if closes else formula.tail
    formula.tail = closes[0] if closes else None
    parent[position] = whole
    whole.append(formula)


def _hold_infinities(element: Element) -> None:
    """Wrap each -inf of an element's own text and of what it holds."""
    if element.tag in _AS_IT_IS or element.get("class") == "lt-whole":
        return
    for child in list(element):
        _hold_infinities(child)
        child.tail, parts = _infinities(child.tail)
        position = list(element).index(child) + 1
        element[position:position] = parts
    element.text, parts = _infinities(element.text)
    element[0:0] = parts


def _infinities(text: str | None) -> tuple[str | None, list[Element]]:
    """A text up to its first -inf, and each of them in a wrap that the text behind it follows."""
    found = list(_MINUS_INFINITY.finditer(text or ""))
    if not text or not found:
        return text, []
    parts = []
    for one, after in zip(found, [*found[1:], None], strict=True):
        whole = Element("span", {"class": "lt-whole"})
        whole.text = one[0]
        whole.tail = text[one.end() : after.start() if after else None]
        parts.append(whole)
    return text[: found[0].start()], parts
