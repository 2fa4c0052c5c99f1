"""How far layers under a window reach together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import HEADS, WIDE, WIDTH
from handbook.site.figures.shown import Explorer, Shown, index, spelled
from handbook.site.figures.svg import INK, NUMBER, QUIET, Drawing, cell, spell_all, text
from minimodel.attention import MultiHeadAttention
from minimodel.influence import influence
from minimodel.predicates import all_of, causal, materialise, window

# Section 13: how many layers are stacked over how many tokens.
LAYERS, TOKENS = 4, 12
_BOX, _PITCH, _MARGIN = 20, 34, 76


def drawing(words: Words) -> Drawing:
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


def shown() -> Shown:
    last, width = 11, 3
    reached = [np.arange(last - layers * (width - 1), last + 1) for layers in range(1, 5)]
    says = " ".join(f"{n} {len(inputs)} {spelled(inputs)}" for n, inputs in enumerate(reached, start=1))
    writes = f"{index(last + 1)} {spelled(map(len, reached))} 1 2 3 4"
    return Shown(f"{last} {width} {says}", writes, filled=sum(map(len, reached)))


def explorer() -> Explorer:
    """The windows explorer starts from the same window."""
    return Explorer("windows", {"T": TOKENS, "W": WIDTH, "layers": LAYERS})
