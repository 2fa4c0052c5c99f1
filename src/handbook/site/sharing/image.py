"""A page's social image: its title, and a figure of its own, as a drawing of the size that networks show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from math import log
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from handbook.site.exports.book.colours import drawn, written_out
from handbook.site.exports.book.markup import tree
from handbook.site.sharing.page import Shared, Whole

WIDTH, HEIGHT = 1200, 630
TEXT, CODE = "Literata", "JetBrains Mono"
"""The typefaces, as their files name them."""
MARGIN = 72
_PANEL = 640
"""Where the figure's half begins."""
_BOX = (_PANEL + 40, 40, WIDTH - _PANEL - 80, HEIGHT - 80)
"""Where a figure goes: x, y, width and height."""
_LONG = 1.7
"""How many times as high as wide a figure is that would be too small as a whole: its upper part is shown."""
_CUT = (_PANEL + 80, 40, WIDTH - _PANEL - 160, HEIGHT - 40)
_FADE = 110
_SIZES = (76, 66, 56, 46)
"""Sizes of a title; the first in which it fits is taken."""
_BROAD = _PANEL - MARGIN - 40
"""What a line of a title may take."""
_SIGNS = {
    0.4: " '!(),-.:;[]ijlí’",
    0.5: '"*/I_fst',
    0.6: "+=acerz0123456789áé",
    0.8: "ACDGJKOQRTUVXYÁÉÍÓÚ",
    1.0: "%&@HMNWmw",
}
"""How broad bold signs are at most, in their size; all others are narrower than 0.7."""
_LINES = 4
_TITLED = re.compile(r"(?P<number>L?\d\d) (?P<name>.*)")
_DRAWING = re.compile(r'<svg class="lt-svg"[^>]*')
_SIDES = re.compile(r'viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"')
_SAID = re.compile(r'<title[^>]*>([^<]*)</title>|aria-label="([^"]*)"')
_MARK = Path(__file__).parents[1] / "theme/assets/images/mark.svg"


class Parts(NamedTuple):
    """What an image is made of."""

    site: str
    number: str
    title: str
    foot: str
    """What stands under the title."""
    figure: str
    """An SVG; may be empty."""


def figure(drawings: Iterable[str]) -> str:
    """Choose a page's figure: of its drawings that which fills a square best; empty where it has none."""
    figures = [one for one in drawings if _DRAWING.match(one)]
    return min(figures, key=lambda one: abs(log(_slimness(one))), default="")


def parts(page: Shared, whole: Whole) -> Parts:
    """What the image of a page is made of."""
    titled = _TITLED.fullmatch(page.title)
    if page.home:
        return Parts(whole.name, "", whole.name, page.description, page.figure)
    if titled:
        return Parts(whole.name, titled["number"], titled["name"], page.group, page.figure)
    return Parts(whole.name, "", page.title, page.group, page.figure)


def alternative(page: Shared) -> str:
    """What an image shows, for those who do not see it: its title, and what its figure says of itself."""
    said = _SAID.search(page.figure)
    return ". ".join([page.title, *(unescape(one) for one in (said.groups() if said else ()) if one)])


def image(made_of: Parts) -> str:
    """Draw an image as SVG; the site's mark stands where there is no figure."""
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {HEIGHT}"})
    svg.attrib.update(width=str(WIDTH), height=str(HEIGHT), color=written_out("var(--lt-ink)"))
    _ground(svg, 0, "var(--lt-paper)")
    _ground(svg, _PANEL, "var(--lt-raised)")
    mark = _MARK.read_text("utf-8")
    _put(svg, mark, (MARGIN, 60, 44, 44))
    _text(svg, 92, made_of.site, 28, "var(--lt-quiet)", left=MARGIN + 62)
    size, lines = _set(made_of.title)
    step = size * 1.16
    top = HEIGHT / 2 - step * (len(lines) - 1) / 2 + size * 0.3
    if made_of.number:
        _text(svg, top - size * 1.2, made_of.number, 34, "var(--lt-link)", family=CODE)
    for number, line in enumerate(lines):
        _text(svg, top + step * number, line, size, "var(--lt-ink)", bold=True)
    for number, line in enumerate(reversed(wrap(made_of.foot, 40))):
        _text(svg, HEIGHT - 66 - 34 * number, line, 26, "var(--lt-quiet)")
    if made_of.figure and _slimness(made_of.figure) > _LONG:
        _put(svg, made_of.figure, _CUT, "xMidYMin slice")
        _fade(svg)
    else:
        _put(svg, made_of.figure or mark, _BOX)
    return tostring(svg, encoding="unicode")


def _slimness(drawing: str) -> float:
    """How many times as high as wide a drawing is."""
    sides = _SIDES.search(drawing)
    return float(sides["height"]) / float(sides["width"]) if sides else 1.0


def _set(title: str) -> tuple[int, list[str]]:
    """The largest size in which a title fits, and its lines."""
    for size in _SIZES:
        lines = _lines(title, size)
        if len(lines) < _LINES and max(_breadth(line) * size for line in lines) <= _BROAD:
            break
    return size, lines


def _lines(title: str, size: int) -> list[str]:
    """A title in lines that are as long as they may be."""
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _breadth(longer) * size > _BROAD:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _breadth(text: str) -> float:
    return sum(next((broad for broad, signs in _SIGNS.items() if sign in signs), 0.7) for sign in text)


def _ground(svg: Element, left: int, colour: str) -> None:
    where = {"x": str(left), "width": str(WIDTH - left), "height": str(HEIGHT)}
    SubElement(svg, "rect", {**where, "fill": written_out(colour)})


def _fade(svg: Element) -> None:
    """What says that the figure goes on below."""
    colour = written_out("var(--lt-raised)")
    fade = SubElement(SubElement(svg, "defs"), "linearGradient", {"id": "fade", "x2": "0", "y2": "1"})
    for offset, opacity in (("0", "0"), ("1", "1")):
        SubElement(fade, "stop", {"offset": offset, "stop-color": colour, "stop-opacity": opacity})
    where = {"x": str(_PANEL), "y": str(HEIGHT - _FADE), "width": str(WIDTH - _PANEL), "height": str(_FADE)}
    SubElement(svg, "rect", {**where, "fill": "url(#fade)"})


def _put(svg: Element, drawing: str, box: tuple[int, int, int, int], ratio: str = "xMidYMid meet") -> None:
    """A drawing inside another, as large as its box lets it be."""
    part = tree(drawing, "the drawing")
    drawn(part)
    part.attrib.update(zip(("x", "y", "width", "height"), map(str, box), strict=True))
    part.set("preserveAspectRatio", ratio)
    part.attrib.pop("xmlns", None)
    svg.append(part)


def _text(
    svg: Element,
    y: float,
    content: str,
    size: int,
    colour: str,
    *,
    left: int = MARGIN,
    family: str = TEXT,
    bold: bool = False,
) -> None:
    look = {"fill": written_out(colour), "font-family": family, "font-size": str(size)}
    weight = {"font-weight": "700"} if bold else {}
    SubElement(svg, "text", {"x": str(left), "y": f"{y:.1f}", **look, **weight}).text = content
