"""A row with nothing to read, under four ways of hiding its keys."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import SCORES, T
from handbook.site.figures.shown import Shown, index, spelled
from handbook.site.figures.svg import QUIET, Drawing, spell_all, text
from handbook.site.figures.three_wrong_ways import bar
from minimodel.softmax import softmax

_PITCH, _TOP, _GROUP, _WIDTH = 22, 46, 152, 318
_ROW = SCORES[0].astype(np.float32)
_LOWEST = np.finfo(np.float32).min


def drawing(words: Words) -> Drawing:
    """Bars for each key; all of them are blocked."""
    body: list[str] = []
    sentences = [words.fills_describe]
    for group, (label, hidden, shares) in enumerate(hidden_rows(words)):
        top = _TOP + _GROUP * group
        scores = ", ".join(f"{score:.4g}" for score in hidden)
        body += [
            text(4, top - 34, label, size=13.5, anchor="start", weight="bold"),
            text(4, top - 14, scores, cls=QUIET, size=11, anchor="start"),
        ]
        for j, share in enumerate(shares):
            body += bar(words, top + _PITCH * j, j, float(share), allowed=False)
        sentences.append(words.fills_row.format(way=label, values=spell_all(shares)))
    height = _TOP + _GROUP * 3 + _PITCH * T
    return Drawing(_WIDTH, height, words.fills_title, " ".join(sentences), tuple(body))


def hidden_rows(words: Words) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """The name of each way, the scores after it, and the weights of the row."""
    everywhere = np.ones(T, dtype=np.float32)
    with np.errstate(over="ignore"):
        stacked = _LOWEST * everywhere + np.where(np.arange(T) == 1, _LOWEST, np.float32(0))
    rows = [
        (words.fill_in_place.format(fill="-inf"), -np.inf * everywhere),
        (words.fill_in_place.format(fill="-1e9"), np.float32(-1e9) * everywhere),
        (words.fill_added.format(fill="-1e4"), _ROW + np.float32(-1e4)),
        (words.fill_stacked, _ROW + stacked),
    ]
    with np.errstate(invalid="ignore"):
        return [(label, hidden, softmax(hidden)) for label, hidden in rows]


def shown() -> Shown:
    ways = [
        ("", np.full(T, np.nan)),
        ("-1e9", np.full(T, 1 / T)),
        ("-1e4", softmax(SCORES[0])),
        ("", np.array([1, 0, 1, 1]) / 3),
    ]
    says = " ".join(f"{fill} {spelled(shares)}" for fill, shares in ways)
    lowest = [np.finfo(np.float32).min] * 3  # what was lowest already is -inf
    hidden = " ".join(f"{score:.4g}" for score in (*[-1e9] * T, *(SCORES[0] - 1e4), *lowest))
    return Shown(says, f"{says} {hidden} {index(*4 * [T])}", hatched=4 * T, leaks=4 * T)
