"""Pictures for notebooks, drawn with nothing but NumPy: Jupyter shows the one that a cell ends with.

A picture is an SVG in one grey that can be told from white and from black. The site sets it in the page's own colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

GREY = "#767676"
_CELL, _EDGE, _LETTER = 22, 44, 12
_WIDE, _HIGH, _LINE = 320, 180, 18
_DASHES = ("", "6 4", "2 3")


@dataclass(frozen=True)
class Picture:
    """An SVG that Jupyter shows, and the checks of this handbook compare."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


def grid(values: Any, *, crossed: Any = None, rows: str = "query", columns: str = "key") -> Picture:
    """Draw a matrix: each entry as a square whose area is its share of the largest.

    Args:
        values: `[L, S]`, booleans or numbers that are not negative.
        crossed: booleans `[L, S]`, True where a cell is crossed out; none when left out.
        rows: what a row is.
        columns: what a column is.

    Raises:
        ValueError: the shapes do not fit, or a value is negative or not finite.
    """
    shares = np.asarray(values, dtype=float)
    if shares.ndim != 2 or not np.isfinite(shares).all() or (shares < 0).any():
        raise ValueError(f"values of shape {shares.shape}: a grid has two axes, and finite entries of zero or more")
    marks = np.zeros(shares.shape, bool) if crossed is None else np.asarray(crossed, dtype=bool)
    if marks.shape != shares.shape:
        raise ValueError(f"crossed has shape {marks.shape}, and values {shares.shape}")
    shares = shares / max(shares.max(initial=0.0), np.finfo(float).tiny)
    body = [_text(_EDGE + _CELL * (j + 0.5), 30, str(j)) for j in range(shares.shape[1])]
    body += [_text(34, _EDGE + _CELL * (i + 0.5), str(i)) for i in range(shares.shape[0])]
    body += [_text(_EDGE, 10, f"{columns} →", anchor="start"), _text(4, 30, f"{rows} ↓", anchor="start")]
    squares, crosses = [], []
    right, bottom = (_EDGE + _CELL * count for count in reversed(shares.shape))
    lines = [f"M{_EDGE} {y}H{right}" for y in range(_EDGE, bottom + 1, _CELL)]
    lines += [f"M{x} {_EDGE}V{bottom}" for x in range(_EDGE, right + 1, _CELL)]
    for (i, j), share in np.ndenumerate(shares):
        x, y = _EDGE + _CELL * j, _EDGE + _CELL * i
        side = (_CELL - 6) * share**0.5
        squares += [_square(x + (_CELL - side) / 2, y + (_CELL - side) / 2, side)] if side else []
        crosses += [f"M{x} {y}l{_CELL} {_CELL}m-{_CELL} 0l{_CELL} -{_CELL}"] if marks[i, j] else []
    body += [_path("".join(lines)), _path("".join(squares), fill=GREY), _path("".join(crosses))]
    return _picture(right + 2, bottom + 2, body)


def curves(x: Any, *, of: str, logarithmic: bool = False, **series: Any) -> Picture:
    """Draw numbers over `x` as curves, all on one scale.

    Args:
        x: `[N]`, in rising order.
        of: what `x` counts.
        logarithmic: whether equal steps on both axes are equal factors; otherwise the scale begins at zero.
        series: the numbers `[N]` of each curve, by its name; at most three.

    Raises:
        ValueError: there are more curves than can be told apart, one has another length than `x`, or a number has
            no logarithm.
    """
    along = np.asarray(x, dtype=float)
    heights = {name.replace("_", " "): np.asarray(one, dtype=float) for name, one in series.items()}
    if not 1 <= len(heights) <= len(_DASHES) or any(one.shape != along.shape for one in heights.values()):
        raise ValueError(f"one to {len(_DASHES)} curves of {len(along)} numbers each can be drawn")
    everything = np.concatenate(list(heights.values()))
    if logarithmic and min(along.min(), everything.min()) <= 0:
        raise ValueError("a number that is not positive has no logarithm")
    bottom, top = float(everything.min()) if logarithmic else 0.0, float(everything.max()) or 1.0
    upper = 16 + _LINE * len(heights)  # below the names: wherever a curve goes, it crosses none
    left, right, lower = 64, 64 + _WIDE, upper + _HIGH
    low, high = (f"{bottom:,.3g}", f"{top:,.3g}") if logarithmic else ("0", f"{top:,.0f}")
    body = [_path(f"M{left} {upper}V{lower}H{right}")]
    body += [_text(left - 6, upper + 4, high, anchor="end"), _text(left - 6, lower, low, anchor="end")]
    body += [_text(left, lower + 16, f"{along[0]:g}"), _text(right, lower + 16, f"{along[-1]:g}")]
    body.append(_text((left + right) / 2, lower + 16, of))
    across = left + _shares(along, float(along[0]), float(along[-1]), logarithmic) * _WIDE
    for number, ((name, one), dashes) in enumerate(zip(heights.items(), _DASHES, strict=False)):
        up = lower - _shares(one, bottom, top, logarithmic) * _HIGH
        points = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(across, up, strict=True))
        y = 12 + _LINE * number
        body += [_path(f"M{points}", dashes), _path(f"M{left} {y}H{left + 30}", dashes)]
        body.append(_text(left + 38, y, name, anchor="start"))
    return _picture(right + 24, lower + 30, body)


def _shares(numbers: np.ndarray, first: float, last: float, logarithmic: bool) -> np.ndarray:
    """Where each number lies on the way from `first` to `last`, as a share of it."""
    if logarithmic:
        numbers, first, last = np.log(numbers), float(np.log(first)), float(np.log(last))
    shares: np.ndarray = (numbers - first) / ((last - first) or 1.0)
    return shares


def _picture(width: float, height: float, body: list[str]) -> Picture:
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    drawn = "\n".join(filter(None, body))
    text = f'font-family="sans-serif" font-size="{_LETTER}" text-anchor="middle" fill="{GREY}"'
    return Picture(f'<svg xmlns="http://www.w3.org/2000/svg" {size} {text}>\n{drawn}\n</svg>')


def _square(x: float, y: float, side: float) -> str:
    return f"M{x:.4g} {y:.4g}h{side:.4g}v{side:.4g}h-{side:.4g}z"


def _path(drawn: str, dashes: str = "", *, fill: str = "none") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="{drawn}" fill="{fill}" stroke="{GREY}"{dashed}/>' if drawn else ""


def _text(x: float, y: float, words: str, *, anchor: str = "") -> str:
    anchored = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:g}" y="{y + _LETTER * 0.35:g}"{anchored}>{escape(words)}</text>'
