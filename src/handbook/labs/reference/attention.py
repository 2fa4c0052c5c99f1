"""Attention in several heads, as it should be and with each bug that an answer may hold, to tell them apart.

Every function takes `x` `[T, d_model]`, the four weights, and the number of heads. The arithmetic is written
out here, without `minimodel`: what an answer is compared with must not have come from where the answer did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np

Weights = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
WINDOW, OPEN = 3, 4


class Parts(NamedTuple):
    """What a bug may replace: how heads are cut and joined, the scale, the allowed cells, and the weighing."""

    split: Callable[[np.ndarray, int], np.ndarray]
    merge: Callable[[np.ndarray], np.ndarray]
    scale: Callable[[int, int], float]
    allowed: Callable[[int], np.ndarray]
    weigh: Callable[[np.ndarray, np.ndarray], np.ndarray]
    projected: bool = True


def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Weights that sum to one along ``axis``."""
    exps = np.exp(scores - scores.max(axis=axis, keepdims=True))
    weights: np.ndarray = exps / exps.sum(axis=axis, keepdims=True)
    return weights


def triangle(T: int) -> np.ndarray:
    """What a causal row may read."""
    return np.tril(np.ones((T, T), dtype=bool))


def window(T: int) -> np.ndarray:
    """Only the last few tokens."""
    return triangle(T) & ~np.tril(np.ones((T, T), dtype=bool), -WINDOW)


def open_start(T: int) -> np.ndarray:
    """The first tokens see each other."""
    allowed = triangle(T)
    allowed[:OPEN, :OPEN] = True
    return allowed


def _split(x: np.ndarray, H: int) -> np.ndarray:
    return x.reshape(len(x), H, -1).swapaxes(0, 1)


def _merge(heads: np.ndarray) -> np.ndarray:
    return heads.swapaxes(0, 1).reshape(heads.shape[1], -1)


def _first(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    return softmax(np.where(allowed, scores, -np.inf))


def _renormalised(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    return _divided(softmax(scores) * allowed)


RIGHT = Parts(_split, _merge, lambda d_model, H: float(np.sqrt(d_model // H)), triangle, _first)

WRONG: Mapping[str, Parts] = {
    "mask-after-softmax": RIGHT._replace(weigh=lambda s, ok: softmax(s) * ok),
    "multiply-by-zero": RIGHT._replace(weigh=lambda s, ok: softmax(s * ok)),
    "zero-one-mask": RIGHT._replace(weigh=lambda s, ok: softmax(s + ok)),
    "softmax-over-queries": RIGHT._replace(weigh=lambda s, ok: softmax(np.where(ok, s, -np.inf), axis=-2)),
    "view-without-transpose": RIGHT._replace(split=lambda x, H: x.reshape(H, len(x), -1)),
    "merged-without-transpose": RIGHT._replace(merge=lambda heads: heads.reshape(heads.shape[1], -1)),
    "scaled-by-model-width": RIGHT._replace(scale=lambda d_model, H: float(np.sqrt(d_model))),
    "not-scaled": RIGHT._replace(scale=lambda d_model, H: 1.0),
    "scaled-without-root": RIGHT._replace(scale=lambda d_model, H: float(d_model // H)),
    "not-projected": RIGHT._replace(projected=False),
    "diagonal-ahead": RIGHT._replace(allowed=lambda T: np.tril(np.ones((T, T), dtype=bool), 1)),
    "diagonal-closed": RIGHT._replace(allowed=lambda T: np.tril(np.ones((T, T), dtype=bool), -1)),
    "polarity-swapped": RIGHT._replace(allowed=lambda T: ~triangle(T)),
    "read-from-the-end": RIGHT._replace(allowed=lambda T: triangle(T).T),
    "not-masked": RIGHT._replace(allowed=lambda T: np.ones((T, T), dtype=bool)),
    "identity": RIGHT._replace(allowed=lambda T: np.eye(T, dtype=bool)),
    "window": RIGHT._replace(allowed=window),
    "open-start": RIGHT._replace(allowed=open_start),
}
"""The bugs by name, each one change away from what is right."""

RENORMALISED = RIGHT._replace(weigh=_renormalised)
"""Masked after the softmax and divided by what is left: right, until the blocked scores lead by too much."""


OVERFLOWING = RIGHT._replace(weigh=lambda s, ok: _divided(np.exp(np.where(ok, s, -np.inf))))
"""Without the row's maximum: right, until an exponential is larger than any number."""


def _divided(exps: np.ndarray) -> np.ndarray:
    weights: np.ndarray = exps / exps.sum(axis=-1, keepdims=True)
    return weights


def too_loud(scores: np.ndarray, allowed: np.ndarray) -> dict[str, np.ndarray]:
    """The weights of scores that are too large for each way of weighing that is right for small ones, by bug."""
    with np.errstate(all="ignore"):
        ways = {"renormalised": RENORMALISED, "not-shifted": OVERFLOWING}
        return {name: parts.weigh(scores, allowed) for name, parts in ways.items()}


def only(names: Iterable[str]) -> str | None:
    """The one name; None where there is none, or where several would fit."""
    found = set(names)
    return found.pop() if len(found) == 1 else None


Explained = Mapping[str, int]
"""The bugs that explain an answer, and how much of it each explains."""


def the_one(explained: Iterable[Explained]) -> str | None:
    """The name that explains every wrong answer, and most of them; None where there is none, or more than one."""
    answers = list(explained)
    shared = set.intersection(*map(set, answers)) if answers else set()
    total = {name: sum(one[name] for one in answers) for name in shared}
    return only(name for name in total if total[name] == max(total.values()))


def attend(parts: Parts, x: np.ndarray, weights: Weights, H: int) -> tuple[np.ndarray, np.ndarray]:
    """The output `[T, d_model]` and the attention weights `[H, T, T]`."""
    W_q, W_k, W_v, W_o = weights
    q, k, v = (parts.split(x @ W, H) for W in (W_q, W_k, W_v))  # [H, T, d_head]
    scores = q @ k.swapaxes(-1, -2) / parts.scale(x.shape[-1], H)  # [H, T, T]
    with np.errstate(all="ignore"):
        paid = parts.weigh(scores, parts.allowed(len(x)))  # [H, T, T]
        output = parts.merge(paid @ v)  # [T, d_model]
    return (output @ W_o if parts.projected else output), paid


def likely(output: np.ndarray, x: np.ndarray, weights: Weights, H: int) -> str | None:
    """The bug that makes a model give exactly ``output``, if it is one that is known."""
    for name, parts in WRONG.items():
        known, _ = attend(parts, x, weights, H)
        if known.shape == output.shape and np.allclose(known, output, rtol=1e-6, atol=1e-9, equal_nan=True):
            return name
    return None
