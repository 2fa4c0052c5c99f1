"""The online softmax: a row in two blocks, their summaries, and the summary of both."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import BLOCK, SCORES, VALUES, WORKED_ROW, T
from handbook.site.figures.shown import Shown, spelled
from handbook.site.figures.svg import FRAME, PAPER, QUIET, STRONG, Drawing, box, number, rect, spell, spell_all, text
from minimodel.blockwise import Summary, merge, summarise
from minimodel.masks import causal_mask
from minimodel.softmax import softmax

_WIDE, _HIGH, _PITCH, _LEFT, _TOP, _GAP = 50, 30, 56, 4, 44, 10
_COLUMNS = [_LEFT, _LEFT + BLOCK * _WIDE + _GAP, _LEFT + 2 * (BLOCK * _WIDE + _GAP)]
_LAST = 88


def drawing(words: Words) -> Drawing:
    """Scores above; below, maximum, sum and values of each block, brought to one maximum and added."""
    parts, whole = summaries()
    names = [words.online_block.format(n=n) for n in range(len(parts))] + [words.online_together]
    shrunk = [float(np.exp(part.maximum - whole.maximum).item()) for part in parts]
    result = (whole.output / whole.total).item()
    rows = [
        (words.online_maximum, [part.maximum.item() for part in (*parts, whole)]),
        (words.online_total, [part.total.item() for part in (*parts, whole)]),
        (words.online_values, [part.output.item() for part in (*parts, whole)]),
        (words.online_factor, shrunk),
    ]
    body = [
        text(x + (BLOCK * _WIDE if n < 2 else _LAST) / 2, 10, name, size=13, weight="bold")
        for n, (x, name) in enumerate(zip(_COLUMNS, names, strict=True))
    ]
    body += _scores(words)
    sentences = [words.online_describe.format(scores=spell_all(_masked()), values=spell_all(VALUES))]
    for step, (label, values) in enumerate(rows, start=1):
        y = _TOP + step * _PITCH
        body.append(text(_LEFT, y - 11, label, cls=QUIET, size=12, anchor="start"))
        for n, (x, value) in enumerate(zip(_COLUMNS, values, strict=False)):
            body += _cell(x, y, BLOCK * _WIDE if n < 2 else _LAST, value, strong=n == 2)
        said = zip(names, values, strict=False)
        sentences.append(f"{label}: {', '.join(f'{name} {spell(value)}' for name, value in said)}.")
    y = _TOP + 4 * _PITCH
    body.append(text(_COLUMNS[2], y - 11, words.online_output, cls=QUIET, size=12, anchor="start"))
    body += _cell(_COLUMNS[2], y, _LAST, result, strong=True)
    sentences.append(f"{words.online_output}: {spell(result)}.")
    width = _COLUMNS[2] + _LAST + _LEFT
    return Drawing(width, y + _HIGH + 4, words.online_title, " ".join(sentences), tuple(body))


def summaries() -> tuple[list[Summary], Summary]:
    """The summary of each block of the worked row, and that of both."""
    row = _masked()[None]
    cut = [slice(start, start + BLOCK) for start in range(0, T, BLOCK)]
    first, second = (summarise(row[:, keys], VALUES[keys, None]) for keys in cut)
    return [first, second], merge(first, second)


def _masked() -> np.ndarray:
    masked: np.ndarray = SCORES[WORKED_ROW] + causal_mask(T)[WORKED_ROW]
    return masked


def _scores(words: Words) -> list[str]:
    drawn = [text(_LEFT, _TOP - 11, words.scores, cls=QUIET, size=12, anchor="start")]
    for j, value in enumerate(_masked()):
        x = _COLUMNS[j // BLOCK] + _WIDE * (j % BLOCK)
        frame = box(x, _TOP, _WIDE, _HIGH, closed=bool(np.isinf(value)))
        drawn += [frame, number(x + _WIDE / 2, _TOP + _HIGH / 2, float(value))]
    return drawn


def _cell(x: float, y: float, width: float, value: float, *, strong: bool) -> list[str]:
    outline = STRONG if strong else FRAME
    return [rect(x, y, width, _HIGH, f"{PAPER} {outline}", radius=3), number(x + width / 2, y + _HIGH / 2, value)]


def shown() -> Shown:
    row = _masked()
    blocks = [slice(0, 2), slice(2, 4), slice(0, 4)]
    highest = [row[keys].max() for keys in blocks]
    powers = [np.exp(row[keys] - top) for keys, top in zip(blocks, highest, strict=True)]
    totals = [power.sum() for power in powers]
    values = [power @ VALUES[keys] for power, keys in zip(powers, blocks, strict=True)]
    three = " ".join(f"0 {spelled([a])} 1 {spelled([b])} {spelled([both])}" for a, b, both in (highest, totals, values))
    factors = np.exp(np.array(highest[:2]) - highest[2])
    says = f"{spelled(row)} {spelled(VALUES)} {three} 0 {spelled(factors[:1])} 1 {spelled(factors[1:])}"
    result = spelled([softmax(row) @ VALUES])
    summed = " ".join(map(spelled, (highest, totals, values, factors)))
    return Shown(f"{says} {result}", f"0 1 {spelled(row)} {summed} {result}", hatched=1)
