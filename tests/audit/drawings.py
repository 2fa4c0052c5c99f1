"""What can be altered in a figure: each number that it shows or says, and each shape that stands for a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from handbook.site.figures.svg import Drawing
from tests.audit.alterations import Kind

_NUMBER = re.compile(r"(?<![\w#])\d+(?:,\d{3})*(?:\.\d+)?")
_SHOWN = re.compile(r"(?<=>)[^<>]+(?=</text>)")
_SHAPE = re.compile(
    r'<(?:rect|path) class="lt-(?:fill|leak)\b[^>]*/>'  # a value, or what must not be there
    r'|<rect [^>]*fill="url\(#@hatch\)"/>'  # what may not be read
)
_SIZE = re.compile(r'(?<=width=")[\d.]+|(?<=height=")[\d.]+')
_VALUE = re.compile(r'<rect class="lt-fill\b[^>]*/>')

_ALIKE = 2
"""Sides of so few sizes say nothing: that of a cell's mark, and that of the legend's."""


@dataclass(frozen=True)
class Spot:
    """A place of a drawing: the n-th of its kind in one of its parts. Both languages have the same."""

    kind: Kind
    part: int
    """0 for the title, 1 for the description, then the elements of the body in order."""
    nth: int


def spots(drawing: Drawing) -> Iterator[Spot]:
    """Every place of a drawing that can be altered, and where that would be seen."""
    sizes = _SIZE.findall("".join(_VALUE.findall("".join(drawing.body))))
    vary = [len(set(sizes[side::2])) > _ALIKE for side in (0, 1)]  # the widths, the heights
    for part, text in enumerate(_parts(drawing)):
        for kind in (Kind.FIGURE, Kind.SHAPE, Kind.SIZE):
            spans = _spans(kind, part, text)
            for nth in range(len(spans)):
                if kind is not Kind.SIZE or (vary[nth % 2] and text[slice(*spans[nth ^ 1])] != "0"):
                    yield Spot(kind, part, nth)


def altered(drawing: Drawing, spot: Spot) -> Drawing:
    """The drawing with one alteration in it."""
    parts = list(_parts(drawing))
    text = parts[spot.part]
    start, end = _spans(spot.kind, spot.part, text)[spot.nth]
    parts[spot.part] = text[:start] + _instead(spot.kind, text[start:end]) + text[end:]
    title, description, *body = parts
    return replace(drawing, title=title, description=description, body=tuple(body))


def in_words(drawing: Drawing, spot: Spot) -> str:
    """What the alteration changes."""
    text = _parts(drawing)[spot.part]
    start, end = _spans(spot.kind, spot.part, text)[spot.nth]
    was = text[start:end]
    if spot.kind is Kind.SHAPE:
        return f"the shape {was} may go missing"
    within = re.sub(r"<[^>]*>", "", text) if spot.part < 2 or spot.kind is Kind.FIGURE else text
    return f"{was!r} may become {_instead(spot.kind, was)!r} in “{within}”"


def _parts(drawing: Drawing) -> tuple[str, ...]:
    return drawing.title, drawing.description, *drawing.body


def _spans(kind: Kind, part: int, text: str) -> list[tuple[int, int]]:
    in_body = part > 1
    if kind is Kind.FIGURE:
        shown = [match.span() for match in _SHOWN.finditer(text)] if in_body else [(0, len(text))]
        return [match.span() for start, end in shown for match in _NUMBER.finditer(text, start, end)]
    if not in_body:
        return []
    if kind is Kind.SHAPE:
        return [match.span() for match in _SHAPE.finditer(text)]
    values = [match.span() for match in _VALUE.finditer(text)]
    return [match.span() for start, end in values for match in _SIZE.finditer(text, start, end)]


def _instead(kind: Kind, was: str) -> str:
    """A number's last digit one higher, a shape gone, a side one unit longer."""
    if kind is Kind.SHAPE:
        return ""
    if kind is Kind.SIZE:
        return f"{float(was) + 1:g}"
    return f"{was[:-1]}{(int(was[-1]) + 1) % 10}"
