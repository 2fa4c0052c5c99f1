"""One row under the right mask and under two wrong ones."""

from __future__ import annotations

import numpy as np
from minimodel.masks import causal_mask
from minimodel.softmax import softmax

from handbook.site.figures.data import TEMPTING_ROW, T
from handbook.site.figures.svg import (
    FILL,
    FRAME,
    LEAK,
    PAPER,
    QUIET,
    Drawing,
    hatched,
    number,
    rect,
    spell,
    spell_all,
    text,
)
from handbook.site.figures.words import FigureWords

_ROW = 2
_BAR, _HIGH, _PITCH, _LEFT, _TOP, _GROUP = 180, 15, 22, 64, 66, 128


def three_wrong_ways(words: FigureWords) -> Drawing:
    """Bars for each key: masked before the softmax, zeroed after it, multiplied by zero before it."""
    scores = TEMPTING_ROW
    mask = causal_mask(T)[_ROW]
    allowed = mask == 0
    ways = [
        (words.mask_before, softmax(scores + mask)),
        (words.zero_after, softmax(scores) * allowed),
        (words.multiply, softmax(scores * allowed)),
    ]
    body = [text(4, 12, words.score_row.format(scores=spell_all(scores)), cls=QUIET, size=13, anchor="start")]
    sentences = [words.ways_describe.format(scores=spell_all(scores), key=int(np.flatnonzero(~allowed)[0]))]
    for group, (label, shares) in enumerate(ways):
        top = _TOP + _GROUP * group
        total = spell(float(shares.sum()))
        body.append(text(4, top - 18, label, size=13.5, anchor="start", weight="bold"))
        body.append(text(_LEFT + _BAR + 70, top - 18, words.sum.format(value=total), cls=QUIET, size=13, anchor="end"))
        for j, share in enumerate(shares):
            body += _bar(words, top + _PITCH * j, j, float(share), allowed=bool(allowed[j]))
        sentences.append(words.way_weights.format(way=label, values=spell_all(shares), sum=total))
    return Drawing(
        _LEFT + _BAR + 74, _TOP + _GROUP * len(ways) - 28, words.ways_title, " ".join(sentences), tuple(body)
    )


def _bar(words: FigureWords, y: float, j: int, share: float, *, allowed: bool) -> list[str]:
    full = rect(_LEFT, y, _BAR, _HIGH, f"{PAPER} {FRAME}") if allowed else hatched(_LEFT, y, _BAR, _HIGH)
    return [
        text(_LEFT - 8, y + _HIGH / 2, words.key.format(j=j), cls=QUIET, size=12.5, anchor="end"),
        full,
        rect(_LEFT, y, _BAR * share, _HIGH, FILL if allowed else LEAK),
        number(_LEFT + _BAR + 38, y + _HIGH / 2, share, size=12.5),
    ]
