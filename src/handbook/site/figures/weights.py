"""Four rows of masked scores, and the weights that the softmax makes of them."""

from __future__ import annotations

from minimodel.masks import causal_mask
from minimodel.softmax import softmax

from handbook.site.figures.data import SCORES, T
from handbook.site.figures.svg import (
    FRAME,
    PAPER,
    QUIET,
    Drawing,
    arrow,
    hatched,
    number,
    rect,
    spell_all,
    square,
    text,
)
from handbook.site.figures.words import FigureWords

_WIDE, _LOW, _TALL, _LEFT, _TOP = 62, 32, 66, 84, 50


def weights(words: FigureWords) -> Drawing:
    """Scores above, weights below; a weight is a number and an area."""
    masked = SCORES + causal_mask(T)
    shares = softmax(masked)
    centre = _LEFT + _WIDE * T / 2
    body = [text(centre, 12, words.scores, size=13, weight="bold")]
    body += [text(_LEFT + _WIDE * (j + 0.5), 34, words.key.format(j=j), cls=QUIET, size=12) for j in range(T)]
    below = _TOP + _LOW * T
    second = below + 74
    body += [
        arrow(centre, below + 10, below + 46),
        text(centre + 12, below + 28, words.softmax_rows, cls=QUIET, size=12, anchor="start"),
        text(centre, second - 14, words.weights, size=13, weight="bold"),
    ]
    sentences = [words.weights_describe]
    for i in range(T):
        low, tall = _TOP + _LOW * i, second + _TALL * i
        for y, height in ((low, _LOW), (tall, _TALL)):
            label = words.query.format(i=i)
            body.append(text(_LEFT - 10, y + height / 2, label, cls=QUIET, size=12, anchor="end"))
        for j in range(T):
            x = _LEFT + _WIDE * j
            body += _score(x, low, masked[i, j]) + _weight(x, tall, shares[i, j], blocked=bool(masked[i, j] == -float("inf")))
        sentences.append(
            words.row_weights.format(i=i, scores=spell_all(masked[i]), weights=spell_all(shares[i]))
        )
    return Drawing(
        _LEFT + _WIDE * T + 2, second + _TALL * T + 2, words.weights_title, " ".join(sentences), tuple(body)
    )


def _score(x: float, y: float, value: float) -> list[str]:
    cell = hatched(x, y, _WIDE, _LOW) if value == -float("inf") else rect(x, y, _WIDE, _LOW, f"{PAPER} {FRAME}")
    return [cell, number(x + _WIDE / 2, y + _LOW / 2, value, size=13)]


def _weight(x: float, y: float, value: float, *, blocked: bool) -> list[str]:
    cell = hatched(x, y, _WIDE, _TALL) if blocked else rect(x, y, _WIDE, _TALL, f"{PAPER} {FRAME}")
    return [
        cell,
        square(x + _WIDE / 2, y + _TALL / 2 - 9, value, 38),
        number(x + _WIDE / 2, y + _TALL - 10, value, size=12.5),
    ]
