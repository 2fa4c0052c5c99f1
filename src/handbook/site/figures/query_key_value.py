"""One query asks, the keys above the edge of the card are compared, and their values are copied."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import EMBEDDINGS, SCORES, TOKENS, W_K, W_Q, W_V, WORKED_ROW, T
from handbook.site.figures.shown import Shown, spelled
from handbook.site.figures.svg import (
    FILL,
    FRAME,
    INK,
    NUMBER,
    PAPER,
    QUIET,
    Drawing,
    arrow,
    hatched,
    number,
    rect,
    spell,
    spell_all,
    square,
    text,
)
from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_allowed, causal_mask
from minimodel.softmax import softmax

_KEY, _KEYS_END, _SCORE, _WEIGHT, _VALUE, _RIGHT = 24, 106, 148, 204, 240, 308
_BOX, _LINE, _TOP, _SIDE, _OUTPUT = 26, 50, 112, 26, 110


def drawing(words: Words) -> Drawing:
    """The worked row: its query above, one line of the page for each key, its output below."""
    q, k, v = EMBEDDINGS @ W_Q, EMBEDDINGS @ W_K, EMBEDDINGS @ W_V
    allowed = causal_allowed(T)
    output, weights = scaled_dot_product_attention(q, k, v, allowed)
    scores = q[WORKED_ROW] @ k.T / np.sqrt(k.shape[-1])
    shares, open_ = weights[WORKED_ROW], allowed[WORKED_ROW]
    edge = _TOP + _LINE * int(open_.sum())
    foot = edge + _LINE * int((~open_).sum())
    body = [
        text(_KEY, 12, words.question.format(i=WORKED_ROW), size=12.5, anchor="start", weight="bold"),
        *_vector(_KEY, 22, _KEYS_END - _KEY, q[WORKED_ROW]),
        text(_KEY, _TOP - 28, words.keys, size=12.5, anchor="start", weight="bold"),
        text(_KEY, _TOP - 12, words.titles, cls=QUIET, size=12, anchor="start"),
        text(_SCORE, _TOP - 12, words.score, cls=QUIET, size=12),
        text(_WEIGHT, _TOP - 12, words.weight, cls=QUIET, size=12),
        text(_RIGHT, _TOP - 28, words.values, size=12.5, anchor="end", weight="bold"),
        text(_RIGHT, _TOP - 12, words.contents, cls=QUIET, size=12, anchor="end"),
        arrow((_KEY + _KEYS_END) / 2, 22 + _BOX + 3, _TOP - 40),
    ]
    sentences = [words.roles_describe.format(i=WORKED_ROW, query=spell_all(q[WORKED_ROW]))]
    for j in np.flatnonzero(open_):
        y = _TOP + _LINE * (j + 0.5)
        body += [
            text(10, y, str(TOKENS[j]), cls=f"{INK} {NUMBER}", size=16),
            *_vector(_KEY, y - _BOX / 2, _KEYS_END - _KEY, k[j]),
            number(_SCORE, y, float(scores[j]), size=14),
            square(_WEIGHT, y - 9, float(shares[j]), _SIDE),
            number(_WEIGHT, y + 15, float(shares[j]), size=12),
            *_vector(_VALUE, y - _BOX / 2, _RIGHT - _VALUE, v[j]),
        ]
        sentences.append(
            words.roles_line.format(
                j=j,
                key=spell_all(k[j]),
                score=spell(float(scores[j])),
                weight=spell(float(shares[j])),
                value=spell_all(v[j]),
            )
        )
    body += [
        rect(2, edge, _RIGHT, foot - edge - 12, "lt-card", radius=2),
        hatched(2, edge, _RIGHT, foot - edge - 12),
        rect(2, edge - 1.5, _RIGHT, 3, FILL),
        arrow((_VALUE + _RIGHT) / 2, foot - 8, foot + 12),
        text(_RIGHT - _OUTPUT - 8, foot + 16 + _BOX / 2, words.copied, size=12.5, anchor="end", weight="bold"),
        *_vector(_RIGHT - _OUTPUT, foot + 16, _OUTPUT, output[WORKED_ROW]),
    ]
    sentences.append(words.roles_output.format(output=spell_all(output[WORKED_ROW])))
    title = words.roles_title.format(i=WORKED_ROW)
    return Drawing(_RIGHT + 4, foot + 16 + _BOX + 4, title, " ".join(sentences), tuple(body))


def _vector(x: float, y: float, width: float, values: np.ndarray) -> list[str]:
    said = "  ".join(spell(float(value)) for value in values)
    return [
        rect(x, y, width, _BOX, f"{PAPER} {FRAME}", radius=4),
        text(x + width / 2, y + _BOX / 2, said, cls=f"{INK} {NUMBER}", size=12),
    ]


def shown() -> Shown:
    q, k, v = (EMBEDDINGS @ W for W in (W_Q, W_K, W_V))
    shares = softmax(q @ k.T / np.sqrt(k.shape[1]) + causal_mask(T))[WORKED_ROW]
    read = " ".join(f"{j} {spelled([*k[j], SCORES[WORKED_ROW, j], shares[j], *v[j]])}" for j in range(WORKED_ROW + 1))
    says = f"{WORKED_ROW} {spelled(q[WORKED_ROW])} {read} {spelled(shares @ v)}"
    columns = range(WORKED_ROW + 1)
    written = [*k[columns].ravel(), *SCORES[WORKED_ROW, columns], *shares[columns], *v[columns].ravel(), *shares @ v]
    writes = f"{WORKED_ROW} {spelled(q[WORKED_ROW])} {spelled(written)}"
    return Shown(says, writes, titled=f"{WORKED_ROW}", filled=WORKED_ROW + 2, hatched=1, values=(*shares[columns],))
