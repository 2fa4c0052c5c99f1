"""Splitting features into heads: with the transpose, and what comes of leaving it out."""

from __future__ import annotations

from functools import partial

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import D_MODEL, HEADS, LONG, NUMBERED, WIDE
from handbook.site.figures.moved import cell, counted, legend
from handbook.site.figures.svg import QUIET, Drawing, box, number, spell_all, text
from minimodel.attention import MultiHeadAttention, merge_heads, scaled_dot_product_attention, split_heads
from minimodel.influence import influence
from minimodel.masks import causal_allowed

_WIDE, _HIGH, _LEFT, _GAP = 38, 24, 62, 14
_CELL, _SIDE, _TOP = 26, 66, 62


def split(words: Words) -> Drawing:
    """The same numbers three times: whole, split into heads, and cut without the transpose."""
    T, d_model = NUMBERED.shape
    d_head = d_model // HEADS
    panels = [
        (words.split_whole, NUMBERED[None]),
        (words.split_right, split_heads(NUMBERED, HEADS)),
        (words.split_wrong, NUMBERED.reshape(HEADS, T, d_head)),
    ]
    body: list[str] = []
    sentences = [words.split_describe]
    y = 0.0
    for title, grids in panels:
        body.append(text(4, y + 12, title, size=13, anchor="start", weight="bold"))
        x, top = float(_LEFT), y + (48 if len(grids) > 1 else 28)
        for h, grid in enumerate(grids):
            if len(grids) > 1:
                label = words.head.format(h=h)
                body.append(text(x + _WIDE * grid.shape[1] / 2, y + 36, label, cls=QUIET, size=12.5))
            for i, row in enumerate(grid):
                for c, value in enumerate(row):
                    body += _numbered(x + _WIDE * c, top + _HIGH * i, int(value))
            x += _WIDE * grid.shape[1] + _GAP
            rows = "; ".join(", ".join(str(v) for v in row) for row in grid)
            sentences.append(words.split_rows.format(title=title, head=words.head.format(h=h), rows=rows))
        for i in range(T):
            label = (words.token if len(grids) == 1 else words.row).format(i=i)
            body.append(text(_LEFT - 10, top + _HIGH * (i + 0.5), label, cls=QUIET, size=12.5, anchor="end"))
        y = top + _HIGH * T + 26
    width = _LEFT + _WIDE * d_model + _GAP + 4
    return Drawing(width, y - 22, words.split_title, " ".join(sentences), tuple(body))


def _numbered(x: float, y: float, value: int) -> list[str]:
    """A cell with its number; hatched if the feature belongs to a head other than the first."""
    frame = box(x, y, _WIDE, _HIGH, closed=value % 10 >= D_MODEL // HEADS)
    return [frame, number(x + _WIDE / 2, y + _HIGH / 2, value, size=13)]


def without_transpose(x: np.ndarray, *, merge: bool) -> np.ndarray:
    """Attention whose heads are cut by a reshape alone; `merge` says whether they are merged rightly."""
    model = MultiHeadAttention(WIDE, HEADS)
    q, k, v = (
        (x @ W).reshape(HEADS, len(x), WIDE // HEADS)  # [H, T, d_head]
        for W in (model.W_q, model.W_k, model.W_v)
    )
    heads, _ = scaled_dot_product_attention(q, k, v, causal_allowed(len(x)))
    merged = merge_heads(heads) if merge else heads.reshape(x.shape)  # [T, d_model]
    output: np.ndarray = merged @ model.W_o
    return output


def reshape_leaks(words: Words) -> Drawing:
    """Two influence matrices: the split wrong and the merge right, then both wrong in the same way."""
    T = LONG
    x = np.random.default_rng(0).normal(size=(T, WIDE))
    allowed = causal_allowed(T)
    body: list[str] = []
    sentences: list[str] = []
    y = 0.0
    for title, merge in ((words.leaks_split, True), (words.leaks_both, False)):
        moved = influence(partial(without_transpose, merge=merge), x)
        body.append(text(4, y + 10, title, size=13, anchor="start", weight="bold"))
        body.append(text(4, y + 29, counted(words, moved, allowed), cls=QUIET, size=12.5, anchor="start"))
        body.append(text(_SIDE - 8, y + 50, words.inputs, cls=QUIET, size=12, anchor="end"))
        for i in range(T):
            middle = _CELL * (i + 0.5)
            label = words.output.format(i=i)
            body.append(text(_SIDE + middle, y + 50, str(i), cls=QUIET, size=12))
            body.append(text(_SIDE - 8, y + _TOP + middle, label, cls=QUIET, size=12, anchor="end"))
            for j in range(T):
                at = (_SIDE + _CELL * j, y + _TOP + _CELL * i)
                body.append(cell(*at, _CELL, allowed=bool(allowed[i, j]), moved=bool(moved[i, j])))
            inputs = spell_all(np.flatnonzero(moved[i]))
            sentences.append(words.leaks_row.format(title=title, i=i, inputs=inputs))
        y += _TOP + _CELL * T + 34
    body += legend(words, 4, y - 6, _CELL, across=136, down=34, letters=12.5)
    return Drawing(_SIDE + _CELL * T + 12, y + 64, words.leaks_title, " ".join(sentences), tuple(body))
