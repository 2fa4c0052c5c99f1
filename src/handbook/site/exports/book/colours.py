"""The site's own colours and drawing styles, written out: a book has no variables to look them up in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from handbook.site.assets.minify import whole
from handbook.site.errors import SiteError

_STYLESHEET = Path(__file__).parents[2] / "theme/assets/stylesheets/handbook.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_DECLARATION = re.compile(r"\s*([\w-]+)\s*:\s*([^;]+?)\s*(?:;|$)")
_STAND_INS = re.compile(r'"LT Text unpacking[^"]*", ')  # for a moment that no book has; typefaces.py leaves them out
_VARIABLE = re.compile(r"var\((--[\w-]+)\)")
_CLASSES = re.compile(r"(?:\.lt-[\w-]+)+")
_STROKES = frozenset({"fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family"})


@cache
def _rules() -> list[tuple[str, dict[str, str]]]:
    """Every selector of the stylesheet with what it declares, in order."""
    css = _COMMENT.sub("", whole(_STYLESHEET)[0])
    return [
        (selector.strip(), dict(_DECLARATION.findall(body)))
        for selectors, body in _RULE.findall(css)
        for selector in selectors.split(",")
    ]


@cache
def _variables() -> dict[str, str]:
    """The site's variables by light, which come first in the stylesheet."""
    found: dict[str, str] = {}
    for _, declared in _rules():
        for name, value in declared.items():
            if name.startswith("--"):
                found.setdefault(name, _STAND_INS.sub("", value))
    return found


def written_out(css: str) -> str:
    """A stylesheet, or a value of one, with the site's variables replaced by what they stand for.

    Raises:
        SiteError: the site has no such variable.
    """

    def value(use: re.Match[str]) -> str:
        if use[1] not in _variables():
            raise SiteError(f"the book uses {use[1]}, which handbook.css does not define; name one that it does")
        return _variables()[use[1]]

    while _VARIABLE.search(css):
        css = _VARIABLE.sub(value, css)
    return css


@cache
def _drawing_rules() -> list[tuple[frozenset[str], dict[str, str]]]:
    """What the classes of a drawing mean, in order: the classes that an element must have, and its strokes."""
    rules = []
    for selector, declared in _rules():
        strokes = {name: written_out(value) for name, value in declared.items() if name in _STROKES}
        if strokes and _CLASSES.fullmatch(selector):
            rules.append((frozenset(selector[1:].split(".")), strokes))
    return rules


@cache
def look() -> str:
    """All that the two functions around this one put into a drawing: who remembers drawings remembers it too."""
    rules = [(sorted(needed), sorted(strokes.items())) for needed, strokes in _drawing_rules()]
    return repr((rules, sorted(_variables().items())))


def drawn(svg: Element) -> None:
    """Give every element of a drawing the strokes that its classes stand for, and take the classes away."""
    for element in svg.iter():
        classes = frozenset(element.attrib.pop("class", "").split())
        for needed, strokes in _drawing_rules():
            if needed <= classes:
                element.attrib.update(strokes)
