"""The softmax of one masked row, step by step."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import SCORES, WORKED_ROW, T
from handbook.site.figures.shown import Shown, spelled
from handbook.site.figures.svg import FILL, QUIET, Drawing, box, number, rect, spell, spell_all, text
from minimodel.masks import causal_mask
from minimodel.softmax import softmax

_WIDE, _HIGH, _PITCH, _LEFT, _TOP = 74, 34, 62, 4, 26


def drawing(words: Words) -> Drawing:
    """Scores, blocked, shifted, exponentiated, divided: five rows of four cells."""
    scores = SCORES[WORKED_ROW]
    masked = scores + causal_mask(T)[WORKED_ROW]
    shifted = masked - masked.max()
    exponentials = np.exp(shifted)
    total = float(exponentials.sum())
    rows = [
        (words.scores, scores, ""),
        (words.masked, masked, ""),
        (words.shifted, shifted, ""),
        (words.exponentiated, exponentials, words.sum.format(value=spell(total))),
        (words.divided, exponentials / total, ""),
    ]
    blocked = np.isinf(masked)
    body: list[str] = []
    sentences: list[str] = []
    for step, (label, values, note) in enumerate(rows):
        y = _TOP + step * _PITCH
        body.append(text(_LEFT, y - 12, label, cls=QUIET, size=12.5, anchor="start"))
        if note:
            body.append(text(_LEFT + _WIDE * T, y - 12, note, size=12.5, anchor="end", weight="bold"))
        for j, value in enumerate(values):
            body += _cell(_LEFT + _WIDE * j, y, float(value), closed=bool(blocked[j]) and step > 0)
        sentences.append(f"{label}: {spell_all(values)}.")
    bottom = _TOP + (len(rows) - 1) * _PITCH + _HIGH
    for j, share in enumerate(exponentials / total):
        body.append(rect(_LEFT + _WIDE * j, bottom + 5, _WIDE * float(share), 7, FILL))
    return Drawing(_LEFT * 2 + _WIDE * T, bottom + 16, words.steps_title, " ".join(sentences), tuple(body))


def _cell(x: float, y: float, value: float, *, closed: bool) -> list[str]:
    return [box(x, y, _WIDE, _HIGH, closed=closed), number(x + _WIDE / 2, y + _HIGH / 2, value)]


def shown() -> Shown:
    shifted = _worked() - _worked().max()
    steps = [SCORES[WORKED_ROW], _worked(), shifted, np.exp(shifted), softmax(_worked())]
    says = " ".join(map(spelled, steps))
    return Shown(says, f"{says} {spelled([np.exp(shifted).sum()])}", filled=T, hatched=4, values=(*steps[-1],))


def _worked() -> np.ndarray:
    masked: np.ndarray = SCORES[WORKED_ROW] + causal_mask(T)[WORKED_ROW]
    return masked
