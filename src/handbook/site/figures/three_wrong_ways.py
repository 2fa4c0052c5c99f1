"""One row under the right mask, and three wrong ways."""

from __future__ import annotations

from math import isnan

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import NEGATIVE_ROW, SCORES, WORKED_ROW, T
from handbook.site.figures.shown import Shown, index, spelled
from handbook.site.figures.svg import FILL, LEAK, QUIET, Drawing, box, number, rect, spell, spell_all, text
from minimodel.masks import causal_mask
from minimodel.softmax import softmax

_BAR, _HIGH, _PITCH, _LEFT, _TOP, _GROUP = 180, 15, 22, 64, 46, 152
_HALF_OVERFLOWS_AT = 18.0


def drawing(words: Words) -> Drawing:
    """Bars for each key: masked before the softmax, zeroed after it, scaled up again, multiplied by zero."""
    mask = causal_mask(T)[WORKED_ROW]
    allowed = mask == 0
    body: list[str] = []
    sentences = [words.ways_describe.format(key=int(np.flatnonzero(~allowed)[0]))]
    ways = _ways(words, mask, allowed)
    for group, (label, row, shares) in enumerate(ways):
        top = _TOP + _GROUP * group
        scores, total = words.score_row.format(scores=spell_all(row)), spell(float(shares.sum()))
        right = _LEFT + _BAR + 70
        body += [
            text(4, top - 34, label, size=13.5, anchor="start", weight="bold"),
            text(4, top - 14, scores, cls=QUIET, size=12.5, anchor="start"),
            text(right, top - 14, words.sum.format(value=total), cls=QUIET, size=12.5, anchor="end"),
        ]
        for j, share in enumerate(shares):
            body += bar(words, top + _PITCH * j, j, float(share), allowed=bool(allowed[j]))
        sentences.append(words.way_weights.format(way=label, scores=scores, values=spell_all(shares), sum=total))
    height = _TOP + _GROUP * (len(ways) - 1) + _PITCH * T
    return Drawing(_LEFT + _BAR + 74, height, words.ways_title, " ".join(sentences), tuple(body))


def _ways(words: Words, mask: np.ndarray, allowed: np.ndarray) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """The name of each way, the scores of the row and its weights."""
    row = SCORES[WORKED_ROW]
    tall = np.where(allowed, row, row[allowed].max() + _HALF_OVERFLOWS_AT).astype(np.float16)
    kept = softmax(tall) * allowed
    with np.errstate(invalid="ignore"):
        scaled = kept / kept.sum()
    return [
        (words.mask_before, row, softmax(row + mask)),
        (words.zero_after, row, softmax(row) * allowed),
        (words.scaled_up, tall, scaled),
        (words.multiply, NEGATIVE_ROW, softmax(NEGATIVE_ROW * allowed)),
    ]


def bar(words: Words, y: float, j: int, share: float, *, allowed: bool) -> list[str]:
    """The weight of key `j` as a bar, with its number: hatched behind if blocked, empty if NaN."""
    length = 0.0 if isnan(share) else _BAR * share
    return [
        text(_LEFT - 8, y + _HIGH / 2, words.key.format(j=j), cls=QUIET, size=12.5, anchor="end"),
        box(_LEFT, y, _BAR, _HIGH, closed=not allowed),
        rect(_LEFT, y, length, _HIGH, FILL if allowed else LEAK),
        number(_LEFT + _BAR + 38, y + _HIGH / 2, share, size=12.5),
    ]


def shown() -> Shown:
    row, allowed = SCORES[WORKED_ROW], np.isfinite(_worked())
    tall = np.array([2, 1, 4, 22])
    nowhere = np.full(T, np.nan)
    ways = [
        (row, softmax(_worked())),
        (row, softmax(row) * allowed),
        (tall, nowhere),
        (NEGATIVE_ROW, softmax(NEGATIVE_ROW * allowed)),
    ]
    told = [f"{spelled(scores)} {spelled(shares)} {spelled([shares.sum().round(12)])}" for scores, shares in ways]
    told[2] = f"16 {told[2]}"  # the way's name says float16
    says = " ".join(told)
    bars = tuple(np.nan_to_num([shares[:-1] for _, shares in ways]).ravel())  # the last of each is a leak
    return Shown(f"3 {says}", f"{says} {index(*4 * [T])}", filled=len(bars), hatched=4, leaks=4, values=bars)


def _worked() -> np.ndarray:
    masked: np.ndarray = SCORES[WORKED_ROW] + causal_mask(T)[WORKED_ROW]
    return masked
