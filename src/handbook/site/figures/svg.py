"""The strokes that every figure is made of. Colours come from the stylesheet, by class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from math import isinf, isnan

# Classes that the stylesheet colours, for light and for dark.
INK = "lt-ink"  # text
QUIET = "lt-quiet"  # secondary text
FRAME = "lt-frame"  # outlines
STRONG = f"{FRAME} lt-strong"  # outlines that stand out
PAPER = "lt-paper"  # the inside of an open cell
FILL = "lt-fill"  # what is measured: weights
LEAK = "lt-leak"  # what must not be there
NUMBER = "lt-number"  # digits, in the code font


@dataclass(frozen=True)
class Drawing:
    """A figure before it gets its frame: size in its own units, content, and what it says in words."""

    width: float
    height: float
    title: str
    description: str
    body: tuple[str, ...]


def render(drawing: Drawing, prefix: str) -> str:
    """The complete `<svg>`; `@` in an id or reference of the body stands for the prefix."""
    body = "".join(drawing.body).replace("#@", f"#{prefix}-")
    return (
        f'<svg class="lt-svg" xmlns="http://www.w3.org/2000/svg" role="img" data-search-exclude=""'
        f' width="{_n(drawing.width)}" height="{_n(drawing.height)}"'
        f' viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}"'
        f' aria-labelledby="{prefix}-title {prefix}-description">'
        f'<title id="{prefix}-title">{escape(drawing.title)}</title>'
        f'<desc id="{prefix}-description">{escape(drawing.description)}</desc>'
        f'<defs><pattern id="{prefix}-hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(45)"><path class="lt-hatch" d="M0 0V6"/></pattern></defs>'
        f"{body}</svg>"
    )


def text(
    x: float, y: float, content: str, *, cls: str = INK, size: float = 14, anchor: str = "middle", weight: str = ""
) -> str:
    """Text whose vertical middle lies at `y`."""
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text class="{cls}" x="{_n(x)}" y="{_n(y + size * 0.35)}" font-size="{_n(size)}"'
        f' text-anchor="{anchor}"{bold}>{escape(content)}</text>'
    )


def number(x: float, y: float, value: float, *, size: float = 14, cls: str = INK) -> str:
    """A value in the code font."""
    return text(x, y, spell(value), cls=f"{cls} {NUMBER}", size=size)


def rect(x: float, y: float, width: float, height: float, cls: str, *, radius: float = 0) -> str:
    """A rectangle."""
    rounded = f' rx="{_n(radius)}"' if radius else ""
    return f'<rect class="{cls}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"{rounded}/>'


def hatched(x: float, y: float, width: float, height: float) -> str:
    """A rectangle under diagonal lines: what may not be read."""
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="url(#@hatch)"/>' + rect(
        x, y, width, height, FRAME
    )


def square(x: float, y: float, share: float, side: float, cls: str = FILL) -> str:
    """A square centred on (x, y) whose area is `share` of a square of `side`."""
    edge = side * share**0.5
    return rect(x - edge / 2, y - edge / 2, edge, edge, cls)


def box(x: float, y: float, width: float, height: float, *, closed: bool = False) -> str:
    """What a number or a square stands in: paper, or diagonal lines where it is closed."""
    return hatched(x, y, width, height) if closed else rect(x, y, width, height, f"{PAPER} {FRAME}")


def cell(x: float, y: float, side: float, share: float = 0) -> str:
    """A cell of paper, and where `share` is not zero a square of that part of its area."""
    return box(x, y, side, side) + (square(x + side / 2, y + side / 2, share, side) if share else "")


def mask_cell(x: float, y: float, size: float, *, allowed: bool) -> str:
    """A square where the row may read the column; hatched where it may not."""
    return cell(x, y, size, 0.3) if allowed else hatched(x, y, size, size)


def line(x1: float, y1: float, x2: float, y2: float, cls: str = FRAME, *, dashed: bool = False) -> str:
    """A straight line."""
    dash = ' stroke-dasharray="3 4"' if dashed else ""
    return f'<path class="{cls}" d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"{dash}/>'


def bars(low: float, heights: Iterable[float], values: Iterable[str], *, wide: float, pitch: float) -> list[str]:
    """A bar for each height, side by side from the left: its value above it, its number below."""
    drawn: list[str] = []
    for n, (high, value) in enumerate(zip(heights, values, strict=True)):
        x = 6 + pitch * n
        drawn += [
            rect(x, low - high, wide, high, f"{FILL} {FRAME}"),
            text(x + wide / 2, low - high - 10, value, cls=f"{INK} {NUMBER}", size=11),
            text(x + wide / 2, low + 12, str(n), cls=f"{QUIET} {NUMBER}", size=11),
        ]
    return drawn


def arrow(x: float, y1: float, y2: float, cls: str = FRAME) -> str:
    """An arrow straight down, its tip at `y2`."""
    tip = f"M{_n(x - 4)} {_n(y2 - 5)}L{_n(x)} {_n(y2)}L{_n(x + 4)} {_n(y2 - 5)}"
    return f'<path class="{cls}" d="M{_n(x)} {_n(y1)}V{_n(y2)}{tip}"/>'


def small(x: float, y: float, *lines: str) -> list[str]:
    """Lines of small text, one below the other, the first at `y`."""
    return [text(x, y + 13 * k, one, cls=QUIET, size=11, anchor="start") for k, one in enumerate(lines)]


def spell(value: float) -> str:
    """A value as the pages write it: four decimals, integers bare, `-inf`, `nan`."""
    if isnan(value):
        return "nan"
    if isinf(value):
        return "-inf" if value < 0 else "inf"
    return f"{round(value)}" if abs(value - round(value)) < 1e-12 else f"{value:.4f}"


def spell_all(values: object) -> str:
    """Several values, for a description."""
    return ", ".join(spell(float(value)) for value in values)  # type: ignore[attr-defined]


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
