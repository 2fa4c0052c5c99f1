"""What reaches what, when heads are cut without the transpose."""

from __future__ import annotations

from functools import partial

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import HEADS, LONG, WIDE
from handbook.site.figures.moved import cell, counted, legend
from handbook.site.figures.shown import Explorer, Shown, against, rows
from handbook.site.figures.svg import QUIET, Drawing, spell_all, text
from minimodel.attention import MultiHeadAttention, merge_heads, scaled_dot_product_attention
from minimodel.influence import influence
from minimodel.masks import causal_allowed

_CELL, _SIDE, _TOP = 26, 66, 62


def drawing(words: Words) -> Drawing:
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


def shown() -> Shown:
    x = np.random.default_rng(0).normal(size=(LONG, WIDE))
    seen = [influence(partial(without_transpose, merge=merge), x) for merge in (True, False)]
    return against([(causal_allowed(LONG), matrix) for matrix in seen], " ".join(map(rows, seen)))


def explorer() -> Explorer:
    """The influence explorer starts from tokens of two features, as section 02 draws them."""
    return Explorer("influence", {"x": np.random.default_rng(0).normal(size=(LONG, 2)).tolist(), "T": 6})
