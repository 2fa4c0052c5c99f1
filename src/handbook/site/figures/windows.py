"""Windows: which keys show through the slot, with and without a sink, and how far layers reach together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import HEADS, LONG, WIDE
from handbook.site.figures.mask import mask_cell
from handbook.site.figures.moved import matrix
from handbook.site.figures.svg import INK, NUMBER, QUIET, Drawing, cell, spell_all, text
from minimodel.attention import MultiHeadAttention
from minimodel.influence import influence
from minimodel.predicates import all_of, any_of, causal, first, materialise, window

# Section 13: the width of the window, and how many layers are stacked over how many tokens.
WIDTH, LAYERS, TOKENS = 3, 4, 12
_CELL, _LEFT, _TOP, _ACROSS, _DOWN = 15, 18, 48, 150, 190
_BOX, _PITCH, _MARGIN = 20, 34, 76


def window_masks(words: Words) -> Drawing:
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


def receptive_field(words: Words) -> Drawing:
    """One line for each number of layers; full squares are the inputs that move the last output."""
    body = [text(_MARGIN + _BOX * (j + 0.5), 12, str(j), cls=QUIET, size=11) for j in range(TOKENS)]
    sentences = [words.reach_describe.format(last=TOKENS - 1, width=WIDTH)]
    for depth, moved in enumerate(measured_reach(), start=1):
        y = 28 + _PITCH * (depth - 1)
        label = (words.reach_layers if depth > 1 else words.reach_layer).format(count=depth)
        body.append(text(_MARGIN - 10, y + _BOX / 2, label, size=12.5, anchor="end"))
        for j in range(TOKENS):
            body.append(cell(_MARGIN + _BOX * j, y, _BOX, 0.49 if moved[j] else 0))
        right = _MARGIN + _BOX * TOKENS + 16
        body.append(text(right, y + _BOX / 2, str(moved.sum()), cls=f"{INK} {NUMBER}", size=13, weight="bold"))
        inputs = spell_all(np.flatnonzero(moved))
        sentences.append(words.reach_row.format(layers=label, count=moved.sum(), inputs=inputs))
    bottom = 28 + _PITCH * LAYERS
    body.append(text(_MARGIN + _BOX * TOKENS / 2, bottom + 2, words.reach_inputs, cls=QUIET, size=12))
    return Drawing(_MARGIN + _BOX * TOKENS + 30, bottom + 14, words.reach_title, " ".join(sentences), tuple(body))


def measured_reach() -> list[np.ndarray]:
    """For one layer, two, and so on: which inputs move the last output, as booleans `[T]`."""
    mask = materialise(all_of(causal, window(WIDTH)), TOKENS)
    layers = [MultiHeadAttention(WIDE, HEADS, seed=seed) for seed in range(LAYERS)]
    x = np.random.default_rng(0).normal(size=(TOKENS, WIDE))

    def through(depth: int) -> Callable[[np.ndarray], np.ndarray]:
        def stack(x: np.ndarray) -> np.ndarray:
            for layer in layers[:depth]:
                x = x + layer.forward(x, mask)  # [T, d_model]
            return x

        return stack

    return [influence(through(depth), x)[-1] for depth in range(1, LAYERS + 1)]
