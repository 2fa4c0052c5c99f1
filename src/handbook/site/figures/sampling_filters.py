"""What temperature, top-k and top-p make of one row of logits."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import SCORES, WORKED_ROW, T
from handbook.site.figures.shown import Shown, index, spelled
from handbook.site.figures.svg import QUIET, Drawing, box, number, spell_all, square, text
from minimodel.sampling import top_k, top_p, with_temperature
from minimodel.softmax import softmax

_CELL, _PITCH, _LEFT, _TOP = 62, 118, 4, 56


def drawing(words: Words) -> Drawing:
    """A row a setting: the area of each square is the token's probability; hatching where it is ruled out."""
    logits = SCORES[WORKED_ROW]
    body = [text(_LEFT + _CELL * (j + 0.5), 10, words.token.format(i=j), cls=QUIET, size=12.5) for j in range(T)]
    sentences = [words.filters_describe.format(logits=spell_all(logits))]
    rows = settings(words)
    for step, (label, filtered) in enumerate(rows):
        y = _TOP + step * _PITCH
        shares = softmax(filtered)
        body.append(text(_LEFT, y - 14, label, size=13, anchor="start", weight="bold"))
        for j, share in enumerate(shares):
            body += _cell(_LEFT + _CELL * j, y, float(share), out=bool(np.isneginf(filtered[j])))
        sentences.append(f"{label}: {spell_all(shares)}.")
    width = 2 * _LEFT + _CELL * T
    bottom = _TOP + (len(rows) - 1) * _PITCH + _CELL + 22
    return Drawing(width, bottom, words.filters_title, " ".join(sentences), tuple(body))


def settings(words: Words) -> list[tuple[str, np.ndarray]]:
    """The name of each setting, and the logits it leaves."""
    logits = SCORES[WORKED_ROW]
    warm = [(words.filters_temperature.format(value=value), with_temperature(logits, value)) for value in (0.5, 1, 2)]
    return [
        *warm,
        (words.filters_top_k.format(value=2), top_k(logits, 2)),
        (words.filters_top_p.format(value=0.6), top_p(logits, 0.6)),
    ]


def _cell(x: float, y: float, share: float, *, out: bool) -> list[str]:
    under = number(x + _CELL / 2, y + _CELL + 12, share, size=12.5)
    frame = box(x, y, _CELL, _CELL, closed=out)
    if out:
        return [frame, under]
    return [frame, square(x + _CELL / 2, y + _CELL / 2, share, _CELL - 6), under]


def shown() -> Shown:
    row = SCORES[WORKED_ROW]
    ways = [(heat, softmax(row / heat)) for heat in (0.5, 1, 2)]
    ways += [(2, softmax(top_k(row, 2))), (0.6, softmax(top_p(row, 0.6)))]
    ruled_out = sum(int((shares == 0).sum()) for _, shares in ways)
    says = " ".join(f"{setting} {spelled(shares)}" for setting, shares in ways)
    values = tuple(share for _, shares in ways for share in shares if share)
    return Shown(f"{spelled(row)} {says}", f"{says} {index(T)}", filled=len(values), hatched=ruled_out, values=values)
