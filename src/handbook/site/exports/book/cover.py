"""The first page of the book: the site's mark over the title."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from xml.etree.ElementTree import Element, SubElement, tostring

from handbook.site.exports.book.colours import written_out
from handbook.site.exports.book.markup import tree

_MARK = Path(__file__).parents[2] / "theme/assets/images/mark.svg"
WIDTH, HEIGHT = 1600, 2260  # as a page of the PDF
_SIDE = 880


def cover(title: str, summary: str) -> str:
    """The cover as an SVG.

    Args:
        title: of the book.
        summary: what it is, in a sentence.
    """
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img"})
    SubElement(svg, "title").text = title
    SubElement(svg, "rect", {"width": str(WIDTH), "height": str(HEIGHT), "fill": written_out("var(--lt-paper)")})
    mark = tree(_MARK.read_text("utf-8"), _MARK.name)
    left = (WIDTH - _SIDE) / 2
    mark.attrib.update(x=f"{left:g}", y="300", width=str(_SIDE), height=str(_SIDE))
    svg.append(mark)
    _line(svg, 1500, 150, "var(--lt-ink)", title, bold=True)
    for number, line in enumerate(wrap(summary, 44)):
        _line(svg, 1640 + 78 * number, 56, "var(--lt-quiet)", line)
    return tostring(svg, encoding="unicode")


def _line(svg: Element, y: int, size: int, colour: str, text: str, *, bold: bool = False) -> None:
    where = {"x": str(WIDTH // 2), "y": str(y), "font-size": str(size), "text-anchor": "middle"}
    look = {"fill": written_out(colour), "font-family": written_out("var(--lt-text)")}
    weight = {"font-weight": "bold"} if bold else {}
    SubElement(svg, "text", {**where, **look, **weight}).text = text
