r"""LaTeX to MathML while the page is built: no script, no fonts, nothing to fetch.

`pymdownx.arithmatex` finds the formulas; this turns each into `<math>`. latex2mathml forgives almost
everything (`\frac{1}`, `x_{i`, `\softmax` all pass), so its result is checked, and what it
let through is refused.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree.ElementTree import Element, SubElement, tostring

from latex2mathml.converter import convert_to_element
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from handbook.site.errors import SiteError
from handbook.site.markdown.stash import keep

_ARITY = {
    "mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "mroot": 2, "msubsup": 3, "munderover": 3,
}  # fmt: skip
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_FENCES = {"(", ")", "[", "]", ",", "."}


class MathProcessor(Treeprocessor):
    """Replaces what arithmatex marked as a formula by MathML."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.md: Markdown = md

    def run(self, root: Element) -> None:
        """Convert each formula of the page."""
        for element in root.iter():
            if element.get("class") != "arithmatex":
                continue
            inline = element.tag == "span"
            latex = element.text or ""
            latex = latex[2:-2] if inline else html.unescape(latex)[2:-2]
            element.set("class", "lt-math" if inline else "lt-math lt-math--block")
            element.text = keep(self.md, mathml(latex.strip(), "inline" if inline else "block"))


@lru_cache(maxsize=4096)
def mathml(latex: str, display: str = "inline") -> str:
    """The MathML of a formula.

    Raises:
        SiteError: the formula is not LaTeX that comes out as it was meant.
    """
    problem = _unbalanced(latex)
    if problem is None:
        try:
            element = convert_to_element(latex, display=display)
        except Exception as error:  # latex2mathml's own errors share no base class
            problem = _name(error)
        else:
            problem = _misread(element)
    if problem is not None:
        raise SiteError(f"invalid formula ${latex}$: {problem}", latex)
    _space_functions(element)
    del element.attrib["xmlns"]
    if display == "inline":
        del element.attrib["display"]
    _decode(element)
    return tostring(element, encoding="unicode", short_empty_elements=False)


def _unbalanced(latex: str) -> str | None:
    """What is wrong with the braces, if anything is."""
    depth = 0
    for token in _BRACES.findall(latex):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            return "a } closes nothing"
    return "a { is never closed" if depth else None


def _misread(element: Element) -> str | None:
    """The first sign in the MathML that latex2mathml did not understand its input."""
    for node in element.iter():
        text = node.text or ""
        if len(text) > 1 and text.startswith("\\"):
            return f"unknown command {text}"
        if node.tag == "mi" and text == "&":
            return "a & outside a table"
        wanted = _ARITY.get(node.tag)
        if wanted is not None and len(node) != wanted:
            return "a command lacks an argument"
    return None


def _name(error: Exception) -> str:
    """`MissingEndError` as `missing end`."""
    words = re.findall(r"[A-Z][a-z]*", type(error).__name__.removesuffix("Error"))
    return str(error) or " ".join(words).lower() or "not understood"


def _space_functions(element: Element) -> None:
    """Set named functions as LaTeX does: tight before a bracket, a thin space before anything else."""
    for parent in list(element.iter()):
        for position, node in reversed(list(enumerate(parent))):
            if not _is_function(node):
                continue
            core = node if len(node) == 0 else node[0]
            if core.tag == "mo":
                core.attrib.update(lspace="0.167em", rspace="0")
            follower = parent[position + 1] if position + 1 < len(parent) else None
            if follower is not None and html.unescape(follower.text or "") not in _FENCES:
                space = SubElement(parent, "mspace", {"width": "0.167em"})
                parent.remove(space)
                parent.insert(position + 1, space)


def _is_function(node: Element) -> bool:
    core = node[0] if node.tag in _ARITY and len(node) else node
    text = core.text or ""
    return core.tag in ("mi", "mo") and len(text) > 1 and text.isascii() and text.isalpha()


def _decode(element: Element) -> None:
    """latex2mathml writes character references as text; make them the characters. Infinity is no operator."""
    for node in element.iter():
        if node.text:
            node.text = html.unescape(node.text)
        if node.tag == "mo" and node.text == "∞":
            node.tag = "mi"
