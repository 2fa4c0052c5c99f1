"""A longer text under rotary positions: by how much three recipes slow down each pair of features."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Explorer, Shown, spelled
from handbook.site.figures.svg import Drawing, bars, line, small, text
from minimodel.rope import rotary_speeds
from minimodel.stretch import by_parts, ntk_base

# The heads, the texts of training and the factor of section 25.
_D_HEAD, _BASE, _TRAINED, _FACTOR = 16, 10_000.0, 2048, 4
_PAIRS = _D_HEAD // 2
_BAR, _PITCH, _UNIT, _ROOM = 30, 40, 19, 86


def drawing(words: Words) -> Drawing:
    """A bar a pair for each recipe; the dashed line is a pair that keeps its speed."""
    body: list[str] = []
    sentences = [words.stretch_describe.format(factor=_FACTOR, trained=_TRAINED)]
    for n, (title, slower) in enumerate(zip(_titles(words), slowdowns(), strict=True)):
        low = 46 + _UNIT * _FACTOR + n * (_UNIT * _FACTOR + _ROOM)
        body.append(text(4, low - _UNIT * _FACTOR - 34, title, size=13, anchor="start", weight="bold"))
        said = [spelled([by], ".2f") for by in slower]
        body += bars(low, [_UNIT * float(by) for by in slower], said, wide=_BAR, pitch=_PITCH)
        body.append(line(2, low - _UNIT, 2 + _PITCH * _PAIRS, low - _UNIT, dashed=True))
        sentences.append(f"{title}: {', '.join(said)}.")
    bottom = 46 + 3 * _UNIT * _FACTOR + 2 * _ROOM + 30
    body += small(4, bottom, words.stretch_pairs, words.stretch_before)
    width = 12 + _PITCH * _PAIRS - (_PITCH - _BAR)
    return Drawing(width, bottom + 26, words.stretch_title, " ".join(sentences), tuple(body))


def _titles(words: Words) -> tuple[str, str, str]:
    return words.stretch_interpolation, words.stretch_ntk, words.stretch_parts


def slowdowns() -> list[np.ndarray]:
    """By how much each pair is slowed down: by interpolation, by a larger base, and by parts."""
    speeds = rotary_speeds(_D_HEAD, _BASE)
    larger_base = speeds / rotary_speeds(_D_HEAD, ntk_base(_BASE, _FACTOR, _D_HEAD))
    return [np.full(_PAIRS, float(_FACTOR)), larger_base, by_parts(speeds, _FACTOR, _TRAINED)]


def shown() -> Shown:
    speeds = 10_000.0 ** (-np.arange(8) / 8)
    kept = np.clip((2048 * speeds / (2 * np.pi) - 1) / 31, 0, 1)
    rows = [np.full(8, 4.0), 4.0 ** (np.arange(8) / 7), 1 / (kept + (1 - kept) / 4)]
    says = " ".join(spelled(np.round(row, 2), ".2f") for row in rows)
    writes = " ".join(f"{spelled([by], '.2f')} {pair}" for row in rows for pair, by in enumerate(np.round(row, 2)))
    return Shown(f"4 2048 {says}", writes, filled=24, values=tuple(by for row in rows for by in row))


def explorer() -> Explorer:
    """The reader begins with these pairs and texts."""
    return Explorer("positions", {"base": _BASE, "width": _D_HEAD, "trained": _TRAINED, "factor": _FACTOR})
