"""What leaving out the mask does to each position, after one layer and after two."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import HEADS, LONG, WIDE
from handbook.site.figures.shown import Shown, index, spelled
from handbook.site.figures.svg import INK, NUMBER, QUIET, Drawing, cell, text
from minimodel.attention import MultiHeadAttention
from minimodel.masks import causal_allowed

_CELL, _LEFT, _TOP, _DOWN = 38, 4, 46, 104


def drawing(words: Words) -> Drawing:
    """One row of squares a layer: the larger the square, the further that position has moved."""
    moved = moved_by_layer()
    body = [text(_LEFT, 12, words.unmasked_position, cls=QUIET, size=12, anchor="start")]
    body += [text(_LEFT + _CELL * (j + 0.5), 30, str(j), cls=f"{QUIET} {NUMBER}", size=12) for j in range(LONG)]
    sentences = [words.unmasked_describe]
    for n, row in enumerate(moved):
        y = _TOP + _DOWN * n
        label = words.unmasked_layers.format(count=n + 1)
        body.append(text(_LEFT, y + 8, label, size=13, anchor="start", weight="bold"))
        for j, value in enumerate(row):
            x = _LEFT + _CELL * j
            body.append(cell(x, y + 20, _CELL, 0.8 * float(value / moved.max())))
            body.append(text(x + _CELL / 2, y + 20 + _CELL + 12, _short(value), cls=f"{INK} {NUMBER}", size=11))
        sentences.append(f"{label}: {', '.join(_short(value) for value in row)}.")
    width = 2 * _LEFT + _CELL * LONG
    return Drawing(width, _TOP + _DOWN * len(moved) - 8, words.unmasked_title, " ".join(sentences), tuple(body))


def moved_by_layer() -> np.ndarray:
    """How far each position moves, mean over its features: `[2, T]`, one row a layer."""
    x = np.random.default_rng(0).normal(size=(LONG, WIDE))
    masked, everywhere, rows = x, x, []
    for seed in range(2):
        layer = MultiHeadAttention(WIDE, HEADS, seed=seed)
        masked, everywhere = layer.forward(masked, causal_allowed(LONG)), layer.forward(everywhere)
        rows.append(np.abs(masked - everywhere).mean(axis=-1))
    return np.array(rows)


def _short(value: float) -> str:
    return f"{value:.3f}" if value else "0"


def shown() -> Shown:
    x = np.random.default_rng(0).normal(size=(LONG, WIDE))
    models = [MultiHeadAttention(WIDE, HEADS, seed=seed) for seed in range(2)]
    one = [model.forward(x, mask) for model in models[:1] for mask in (causal_allowed(LONG), None)]
    two = [models[1].forward(y, mask) for y, mask in zip(one, (causal_allowed(LONG), None), strict=True)]
    moved = [np.abs(masked - everywhere).mean(axis=-1) for masked, everywhere in (one, two)]
    says = " ".join(f"{n} {spelled(row, '.3f')}" for n, row in enumerate(moved, start=1))
    values = tuple(value for row in moved for value in row if value)
    return Shown(says, f"{says} {index(LONG)}", filled=len(values), values=values)
