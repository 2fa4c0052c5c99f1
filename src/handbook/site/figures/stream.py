"""A small model from tokens to logits: the stream, and what is added to it, each with its shape."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import SMALL_MODEL, SMALL_TEXT
from handbook.site.figures.shown import Shown
from handbook.site.figures.svg import FRAME, NUMBER, PAPER, QUIET, Drawing, arrow, line, rect, text
from minimodel.attention import split_heads
from minimodel.gpt import draw_weights, embed, layer_norm, logits

_STREAM, _LEFT, _WIDE, _HIGH, _GAP, _PLUS = 36, 74, 238, 32, 14, 18


def drawing(words: Words) -> Drawing:
    """A line runs down on the left; norm, attention and MLP stand beside it and write back to it."""
    weights = draw_weights(**SMALL_MODEL)
    tokens = np.array(SMALL_TEXT)
    start = embed(tokens, weights)
    one = weights.blocks[0]
    normed = layer_norm(start, one.gain_1).shape
    heads = split_heads(start @ one.W_q, weights.n_heads).shape
    inside = (start @ one.W_in).shape
    bets = logits(tokens, weights).shape
    parts = [("attend", words.inside_heads, heads), ("mlp", words.inside_mlp, inside)]
    body = [*_box(2, 2, words.tokens, tokens.shape, wide=150), arrow(_STREAM, 2 + _HIGH, 62)]
    body += _box(2, 62, "embed", start.shape, wide=150)
    y = 62.0 + _HIGH + 26
    body += [
        line(2, y, _LEFT + _WIDE, y, dashed=True),
        text(_LEFT + _WIDE, y - 11, words.block.format(count=len(weights.blocks)), cls=QUIET, size=12.5, anchor="end"),
    ]
    top = 62.0 + _HIGH
    sentences = [words.stream_describe, _say(words.tokens, tokens.shape), _say("embed", start.shape)]
    for name, note, shape in parts:
        y += 24
        low = y + _HIGH + _GAP
        body += [line(_STREAM, y + _HIGH / 2, _LEFT, y + _HIGH / 2), *_box(_LEFT, y, "layer_norm", normed)]
        body += [arrow(_LEFT + _WIDE / 2, y + _HIGH, low), *_box(_LEFT, low, f"{name} ({note})", shape)]
        middle = low + _HIGH / 2
        body += [
            line(_STREAM, top, _STREAM, middle - _PLUS / 2),
            line(_STREAM + _PLUS / 2, middle, _LEFT, middle),
            rect(_STREAM - _PLUS / 2, middle - _PLUS / 2, _PLUS, _PLUS, f"{PAPER} {FRAME}", radius=9),
            text(_STREAM, middle, "+", size=15, weight="bold"),
        ]
        sentences += [_say("layer_norm", normed), _say(f"{name} ({note})", shape), words.added]
        top, y = middle + _PLUS / 2, low + _HIGH
    y += 20
    body += [line(2, y, _LEFT + _WIDE, y, dashed=True), arrow(_STREAM, top, y + 20)]
    y += 20
    for name, shape in (("layer_norm", normed), (words.tied, bets)):
        body += _box(2, y, name, shape, wide=_LEFT + _WIDE - 2)
        sentences.append(_say(name, shape))
        if shape is normed:
            body.append(arrow(_STREAM, y + _HIGH, y + _HIGH + _GAP))
        y += _HIGH + _GAP
    return Drawing(_LEFT + _WIDE + 4, y - _GAP + 4, words.stream_title, " ".join(sentences), tuple(body))


def _box(x: float, y: float, name: str, shape: tuple[int, ...], *, wide: float = _WIDE) -> list[str]:
    return [
        rect(x, y, wide, _HIGH, f"{PAPER} {FRAME}", radius=4),
        text(x + 10, y + _HIGH / 2, name, size=13, anchor="start"),
        text(x + wide - 10, y + _HIGH / 2, str(list(shape)), cls=f"{QUIET} {NUMBER}", size=12.5, anchor="end"),
    ]


def _say(name: str, shape: tuple[int, ...]) -> str:
    return f"{name}: {list(shape)}."


def shown() -> Shown:
    n, V, d, heads = len(SMALL_TEXT), SMALL_MODEL["V"], SMALL_MODEL["d_model"], SMALL_MODEL["n_heads"]
    row = f"{n} {d}"
    says = f"{n} {row} {row} {heads} {n} {d // heads} {row} {n} {4 * d} {row} {n} {V}"
    return Shown(says, f"{says} {SMALL_MODEL['n_layers']}")
