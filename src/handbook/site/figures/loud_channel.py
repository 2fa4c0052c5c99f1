"""A quiet channel beside a loud one: what of it is left, by who shares a scale."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import LOUD_BITS, LOUD_KEYS
from handbook.site.figures.shown import Shown, index, spelled
from handbook.site.figures.svg import (
    FILL,
    FRAME,
    INK,
    NUMBER,
    PAPER,
    QUIET,
    STRONG,
    Drawing,
    line,
    rect,
    small,
    text,
)
from minimodel.quantised import dequantise, quantise

_UNIT, _BAR, _PITCH, _LEFT, _SIDE = 70, 48, 81, 12, 0.65
_PANEL = 2 * _UNIT * _SIDE + 78


def drawing(words: Words) -> Drawing:
    """For each way to share a scale, a panel with the levels, and for each token what came and what is read."""
    came = LOUD_KEYS[:, 0]
    width = 2 * _LEFT + _PITCH * (len(came) - 1) + _BAR
    body: list[str] = []
    sentences = [words.loud_describe.format(tokens=len(came), values=", ".join(_said(came)))]
    for n, (title, axis) in enumerate(_sharing(words)):
        codes, scale = quantise(LOUD_KEYS, axis, LOUD_BITS)
        read = dequantise(codes, scale)[:, 0]
        middle = n * _PANEL + 40 + _UNIT * _SIDE
        body.append(text(4, n * _PANEL + 12, title, size=13, anchor="start", weight="bold"))
        for i, (one, value) in enumerate(zip(came, read, strict=True)):
            x, below = _LEFT + _PITCH * i, middle + _UNIT * _SIDE + 12
            step = float(np.broadcast_to(scale, LOUD_KEYS.shape)[i, 0])
            levels = step * np.arange(-np.floor(_SIDE / step), np.floor(_SIDE / step) + 1)
            body += [line(x - 6, middle - _UNIT * y, x + _BAR + 6, middle - _UNIT * y, dashed=True) for y in levels]
            body.append(_bar(x, middle, one, _BAR, f"{PAPER} {STRONG}"))
            if value:
                body.append(_bar(x + 8, middle, value, _BAR - 16, f"{FILL} {FRAME}"))
            body.append(text(x + _BAR / 2, below, _said([value])[0], cls=f"{INK} {NUMBER}", size=12))
            body.append(text(x + _BAR / 2, below + 15, str(i), cls=f"{QUIET} {NUMBER}", size=11))
        sentences.append(words.loud_read.format(title=title, values=", ".join(_said(read))))
    low = 3 * _PANEL + 12
    body += small(4, low, words.loud_outlined, words.loud_dashed)
    return Drawing(width, low + 26, words.loud_title, " ".join(sentences), tuple(body))


def _sharing(words: Words) -> tuple[tuple[str, int | None], ...]:
    return (words.loud_channel, -2), (words.loud_token, -1), (words.loud_all, None)


def _said(values: np.ndarray | list[float]) -> list[str]:
    return [spelled([value], ".2f") for value in values]


def _bar(x: float, middle: float, value: float, wide: float, cls: str) -> str:
    """A bar from zero, upward or downward."""
    high = _UNIT * abs(value)
    return rect(x, middle - high if value > 0 else middle, wide, high, cls)


def shown() -> Shown:
    # Seven levels on each side: the channel's own largest number is 0.6, and every other one is far too large.
    quiet = np.array([0.6, -0.2, 0.25, -0.45])
    panels = [np.rint(quiet * 7 / 0.6) * 0.6 / 7, np.zeros(4), np.zeros(4)]
    says = " ".join(spelled(values, ".2f") for values in (quiet, *panels))
    writes = " ".join(f"{spelled([value], '.2f')} {i}" for values in panels for i, value in enumerate(values))
    return Shown(f"{index(5).split()[-1]} {says}", writes, filled=4, values=tuple(abs(panels[0])))
