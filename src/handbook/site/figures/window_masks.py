"""Windows: which keys show through the slot, with and without a sink."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import LONG, WIDTH
from handbook.site.figures.moved import matrix
from handbook.site.figures.shown import Shown, index, masks, rows
from handbook.site.figures.svg import Drawing, mask_cell, spell_all, text
from minimodel.predicates import all_of, any_of, causal, first, materialise, window

_CELL, _LEFT, _TOP, _ACROSS, _DOWN = 15, 18, 48, 150, 190


def drawing(words: Words) -> Drawing:
    """Four masks, two by two: all the past, both readings of one width, and a window with a sink."""
    body: list[str] = []
    sentences = [words.windows_describe]
    for n, (title, mask) in enumerate(masks_in_use(words)):
        x, y = _LEFT + _ACROSS * (n % 2), _DOWN * (n // 2)
        body.append(text(x - 8, y + 10, title, size=12.5, anchor="start", weight="bold"))
        body += matrix(x, y + _TOP, _CELL, mask, mask)
        sentences += [
            words.windows_row.format(title=title, i=i, keys=spell_all(np.flatnonzero(row)))
            for i, row in enumerate(mask)
        ]
    y = 2 * _DOWN
    for n, (allowed, label) in enumerate(((True, words.may_read), (False, words.blocked))):
        x = _LEFT + _ACROSS * n
        body.append(mask_cell(x, y, _CELL, allowed=allowed))
        body.append(text(x + _CELL + 8, y + _CELL / 2, label, size=12, anchor="start"))
    width = _LEFT + _ACROSS + _CELL * LONG + 8
    return Drawing(width, y + 24, words.windows_title, " ".join(sentences), tuple(body))


def masks_in_use(words: Words) -> list[tuple[str, np.ndarray]]:
    """The name of each mask, and the mask `[T, T]`."""
    slot = window(WIDTH)
    rules = [
        (words.columns_causal, causal),
        (words.windows_keys.format(count=WIDTH), all_of(causal, slot)),
        (words.windows_before.format(count=WIDTH), all_of(causal, window(WIDTH + 1))),
        (words.windows_sink.format(count=WIDTH), all_of(causal, any_of(slot, first(1)))),
    ]
    return [(name, materialise(rule, LONG)) for name, rule in rules]


def shown() -> Shown:
    slots = [causal, all_of(causal, window(3)), all_of(causal, window(4))]
    whole = [materialise(rule, LONG) for rule in (*slots, all_of(causal, any_of(window(3), first(1))))]
    says = " ".join(rows(mask, title=title) for mask, title in zip(whole, ("", 3, 3, 3), strict=True))
    return masks(whole, says, f"3 3 3 {index(*8 * [LONG])}")
