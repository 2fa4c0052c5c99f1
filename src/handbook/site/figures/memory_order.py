"""One strip of memory, and three arrays that read it: as made, reshaped, transposed."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Shown, index, spelled
from handbook.site.figures.svg import FRAME, INK, NUMBER, PAPER, QUIET, Drawing, hatched, rect, text

ARRAY = np.arange(6).reshape(2, 3)
_CELL, _LEFT, _STRIP, _TOP, _APART = 30, 4, 24, 100, 16


def drawing(words: Words) -> Drawing:
    """The strip above; the numbers that were the second row of the array are hatched wherever they go."""
    second_row = ARRAY[1].tolist()
    arrays = [("a", ARRAY), ("a.reshape", ARRAY.reshape(3, 2)), ("a.T", ARRAY.T)]
    memory = ARRAY.ravel()
    body = [text(_LEFT, 12, words.in_memory, size=12.5, anchor="start", weight="bold")]
    for place, value in enumerate(memory):
        body += _cell(_LEFT + _CELL * place, _STRIP, int(value), value in second_row)
    sentences = [words.order_describe.format(memory=", ".join(map(str, memory)))]
    left = float(_LEFT)
    for code, array in arrays:
        shape = str(list(array.shape))
        body += [
            text(left, _TOP - 26, code, cls=f"{INK} {NUMBER}", size=12, anchor="start"),
            text(left, _TOP - 10, shape, cls=f"{QUIET} {NUMBER}", size=12, anchor="start"),
        ]
        for (i, j), value in np.ndenumerate(array):
            body += _cell(left + _CELL * j, _TOP + _CELL * i, int(value), value in second_row)
        rows = "; ".join(", ".join(map(str, row)) for row in array)
        sentences.append(words.order_row.format(code=code, shape=shape, rows=rows))
        left += _CELL * max(array.shape[1], 3) + _APART
    return Drawing(left - _APART + 4, _TOP + 3 * _CELL + 4, words.order_title, " ".join(sentences), tuple(body))


def _cell(x: float, y: float, value: int, marked: bool) -> list[str]:
    middle_x, middle_y = x + _CELL / 2, y + _CELL / 2
    hatch = [hatched(x, y, _CELL, _CELL), rect(middle_x - 9, middle_y - 9, 18, 18, PAPER)] if marked else []
    return [
        rect(x, y, _CELL, _CELL, f"{PAPER} {FRAME}"),
        *hatch,
        text(middle_x, middle_y, str(value), cls=f"{INK} {NUMBER}", size=14),
    ]


def shown() -> Shown:
    array = np.arange(6).reshape(2, 3)
    read = [array, array.reshape(3, 2), array.T]
    says = " ".join(f"{spelled(one.shape)} {spelled(one.ravel())}" for one in read)
    says = f"{index(6)} {says}"
    return Shown(says, says, hatched=4 * 3)
