"""Four rows of masked scores, and the weights that the softmax makes of them."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import LONG, SCORES, WORKED_ROW, T
from handbook.site.figures.shown import Explorer, Shown, index, spelled
from handbook.site.figures.svg import QUIET, Drawing, arrow, box, number, spell_all, square, text
from minimodel.masks import causal_mask
from minimodel.softmax import softmax

_WIDE, _LOW, _TALL, _LEFT, _TOP = 62, 32, 66, 84, 50


def drawing(words: Words) -> Drawing:
    """Scores above, weights below; a weight is a number and an area."""
    masked = SCORES + causal_mask(T)
    shares = softmax(masked)
    centre = _LEFT + _WIDE * T / 2
    body = [text(centre, 12, words.scores, size=13, weight="bold")]
    body += [text(_LEFT + _WIDE * (j + 0.5), 34, words.key.format(j=j), cls=QUIET, size=12) for j in range(T)]
    below = _TOP + _LOW * T
    second = below + 90
    body += [
        text(centre, below + 18, words.softmax_rows, cls=QUIET, size=12),
        arrow(centre, below + 32, below + 58),
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
            middle, closed = x + _WIDE / 2, bool(np.isneginf(masked[i, j]))
            body += [
                box(x, low, _WIDE, _LOW, closed=closed),
                number(middle, low + _LOW / 2, masked[i, j], size=13),
                box(x, tall, _WIDE, _TALL, closed=closed),
                square(middle, tall + _TALL / 2 - 9, shares[i, j], 38),
                number(middle, tall + _TALL - 10, shares[i, j], size=12.5),
            ]
        said = words.row_weights.format(i=i, scores=spell_all(masked[i]), weights=spell_all(shares[i]))
        sentences.append(said)
    size = (_LEFT + _WIDE * T + 2, second + _TALL * T + 2)
    return Drawing(*size, words.weights_title, " ".join(sentences), tuple(body))


def shown() -> Shown:
    masked = SCORES + causal_mask(T)
    says = " ".join(f"{i} {spelled(masked[i])} {spelled(softmax(masked[i]))}" for i in range(T))
    hatched = 2 * int(np.isinf(masked).sum())
    return Shown(says, f"{says} {index(T, T)}", filled=T * T, hatched=hatched, values=(*softmax(masked).ravel(),))


def explorer() -> Explorer:
    """The mask explorer starts from the worked example, and has more scores for longer texts."""
    scores = np.random.default_rng(0).integers(0, 5, (LONG, LONG)).astype(float)
    scores[:T, :T] = SCORES
    return Explorer("mask", {"scores": scores.tolist(), "T": T, "row": WORKED_ROW})
