"""Three leaks, each asked for by tapping an input and by pulling at an output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from handbook.locale import Words, words
from handbook.site.figures.data import HEADS, LONG, WIDE
from handbook.site.figures.moved import legend, matrix
from handbook.site.figures.shown import Shown, against, index, spelled
from handbook.site.figures.svg import Drawing, small, text
from minimodel.attention import MultiHeadAttention
from minimodel.influence import influence
from minimodel.masks import causal_allowed, causal_mask
from minimodel.sensitivity import sensitivity

_CELL, _LEFT, _TOP, _ACROSS, _DOWN = 15, 18, 66, 150, 214
_ROOM, _HARD = 4, 4.0


def drawing(words: Words) -> Drawing:
    """Two matrices a leak: what the taps found on the left, what the pulls found on the right."""
    allowed = causal_allowed(LONG)
    body: list[str] = []
    sentences = [words.columns_describe]
    for n, (title, asked) in enumerate(asked_twice(words)):
        y = _DOWN * n
        body.append(text(_LEFT, y + 10, title, size=13, anchor="start", weight="bold"))
        for m, (way, seen) in enumerate(zip((words.tapped, words.pulled), asked, strict=True)):
            x = _LEFT + _ACROSS * m
            found = words.leaks_found.format(leaks=(seen & ~allowed).sum())
            body += small(x, y + 27, f"{way}:", found)
            body += matrix(x, y + _TOP, _CELL, seen, allowed)
            sentences.append(f"{title}, {way}: {found}.")
    y = 3 * _DOWN
    body += legend(words, _LEFT, y, _CELL, across=_ACROSS)
    width = _LEFT + _ACROSS + _CELL * LONG + 8
    return Drawing(width, y + 44, words.pulls_title, " ".join(sentences), tuple(body))


@cache
def asked_twice(words: Words) -> list[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    """The name of each leak, and the two matrices `[T, T]`: moved by a tap, felt by a pull."""
    model = MultiHeadAttention(WIDE, HEADS)
    x = np.random.default_rng(0).normal(size=(LONG, WIDE))
    router = np.random.default_rng(4).normal(size=WIDE)

    def attend(x: np.ndarray) -> np.ndarray:
        return model.forward(x, causal_mask(LONG))

    def cut(x: np.ndarray) -> np.ndarray:
        leaking: np.ndarray = attend(x) + 0.5 * x.real[-1]
        return leaking

    def whisper(x: np.ndarray) -> np.ndarray:
        leaking: np.ndarray = attend(x) + 1e-20 * x.mean(axis=0)
        return leaking

    def expert_choice(x: np.ndarray) -> np.ndarray:
        outputs = attend(x)
        chosen = np.argsort(x @ router)[-_ROOM:]
        outputs[chosen] += np.tanh(x[chosen])
        return outputs

    def asked(f: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        return influence(f, x, delta=_HARD), sensitivity(f, x) != 0

    return [(words.cut, asked(cut)), (words.whispered, asked(whisper)), (words.routed, asked(expert_choice))]


def shown() -> Shown:
    past = causal_allowed(LONG)
    seen = [matrix for _, asked in asked_twice(words("en", "figures")) for matrix in asked]
    counts = spelled((matrix & ~past).sum() for matrix in seen)
    shown = against([(past, matrix) for matrix in seen], counts)
    return replace(shown, writes=f"{counts} {index(*12 * [LONG])}")
