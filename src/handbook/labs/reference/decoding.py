"""A layer that decodes with a cache, as it should be and with each bug that an answer may hold.

It has rotary positions and grouped heads. As in `models`, the arithmetic is written out without `minimodel`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from handbook.labs.reference.attention import Weights, softmax

Array = np.ndarray


class Parts(NamedTuple):
    """What a bug may replace: heads, positions, the grouping, who may read whom, what is kept, and when it is cut."""

    split: Callable[[Array, int], Array]
    query_at: Callable[[int, int], Array]
    key_at: Callable[[int, int], Array]
    turns_values: bool
    share: Callable[[Array, int], Array]
    allowed: Callable[[Array, Array, int | None], Array]
    remembers: bool
    trims_first: bool
    angles_by_length: bool = False
    along_time: bool = False
    empty_slots: bool = False


def split(x: Array, H: int) -> Array:
    """`[L, H * d_head]` to `[H, L, d_head]`."""
    return x.reshape(len(x), H, -1).swapaxes(0, 1)


def turn(x: Array, positions: Array) -> Array:
    """Each pair of neighbouring features as a complex number, turned by its position."""
    d = x.shape[-1]
    angles = positions[:, None] * 10000.0 ** (-np.arange(0, d, 2) / d)  # [L, d / 2]
    turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angles)  # [H, L, d / 2]
    pairs = np.stack([turned.real, turned.imag], axis=-1)
    return pairs.reshape(x.shape)


def share(k: Array, times: int) -> Array:
    """Each key head next to its copies."""
    return np.repeat(k, times, axis=0)


def tile(k: Array, times: int) -> Array:
    """The heads in the other order, which has the same shape."""
    return np.tile(k, (times, 1, 1))


def readable(queries: Array, keys: Array, window: int | None) -> Array:
    """What a query may read, by positions in the text."""
    distance = queries[:, None] - keys  # [L, S]
    allowed: Array = (distance >= 0) & (True if window is None else distance < window)
    return allowed


def _at(shift: int) -> Callable[[Array, Array, int | None], Array]:
    return lambda queries, keys, window: readable(queries + shift, keys, None if window is None else window + shift)


def _wider(queries: Array, keys: Array, window: int | None) -> Array:
    return readable(queries, keys, None if window is None else window + 1)


def _narrower(queries: Array, keys: Array, window: int | None) -> Array:
    return readable(queries, keys, None if window is None else window - 1)


def _from_the_corner(queries: Array, keys: Array, window: int | None) -> Array:
    return readable(np.arange(len(queries)), np.arange(len(keys)), window)


def _in_the_text(start: int, L: int) -> Array:
    return start + np.arange(L)


def _in_the_chunk(start: int, L: int) -> Array:
    return np.arange(L)


def _nowhere(start: int, L: int) -> Array:
    return np.zeros(L)


RIGHT = Parts(split, _in_the_text, _in_the_text, False, share, readable, True, False)

READ_WRONGLY: Mapping[str, Callable[[Array, Array, int | None], Array]] = {
    "top-left": _from_the_corner,
    "diagonal-ahead": _at(1),
    "diagonal-closed": _at(-1),
    "window-off-by-one": _wider,
    "window-too-narrow": _narrower,
    "not-windowed": lambda queries, keys, window: readable(queries, keys, None),
    "not-masked": lambda queries, keys, window: np.ones((len(queries), len(keys)), dtype=bool),
    "polarity-swapped": lambda queries, keys, window: ~readable(queries, keys, window),
}
"""The bugs that a mask of positions may hold, by name."""

_RESET = RIGHT._replace(query_at=_in_the_chunk, key_at=_in_the_chunk)
WRONG: Sequence[tuple[str, Parts]] = (
    ("positions-reset", _RESET),
    ("positions-reset", _RESET._replace(key_at=_in_the_text)),
    ("positions-reset", _RESET._replace(query_at=_in_the_text)),
    ("not-turned", RIGHT._replace(query_at=_nowhere, key_at=_nowhere)),
    ("values-turned", RIGHT._replace(turns_values=True)),
    ("groups-tiled", RIGHT._replace(share=tile)),
    ("view-without-transpose", RIGHT._replace(split=lambda x, H: x.reshape(H, len(x), -1))),
    ("nothing-remembered", RIGHT._replace(remembers=False)),
    ("trimmed-before-attending", RIGHT._replace(trims_first=True)),
    ("angles-without-offset", RIGHT._replace(angles_by_length=True)),
    ("half-the-past", RIGHT._replace(along_time=True)),
    ("empty-slots", RIGHT._replace(empty_slots=True)),
    *((name, RIGHT._replace(allowed=allowed)) for name, allowed in READ_WRONGLY.items()),
    ("positions-reset", _RESET._replace(allowed=_from_the_corner)),
)
"""The bugs of the whole by name, each one or two changes away from what is right."""


def decoded(
    parts: Parts, x: Array, weights: Weights, H: int, chunks: Sequence[int], window: int | None = None
) -> Array:
    """The output `[T, d_model]` of a text that comes in chunks. One chunk is the layer without a cache."""
    W_q, W_k, W_v, W_o = weights
    H_kv = H * W_k.shape[-1] // x.shape[-1]
    slots = window if parts.empty_slots and window is not None else 0  # set aside, and read before they are written
    k_kept = v_kept = np.zeros((H_kv, slots, x.shape[-1] // H))  # [H_kv, S, d_head]
    outputs, start, firsts = [], 0, dict[int, int]()
    for L in chunks:
        turned_from = firsts.setdefault(L, start) if parts.angles_by_length else start
        part, key_at = x[start : start + L], parts.key_at(turned_from, L)
        q = turn(parts.split(part @ W_q, H), parts.query_at(turned_from, L))
        k = turn(parts.split(part @ W_k, H_kv), key_at)
        v = parts.split(part @ W_v, H_kv)
        v = turn(v, key_at) if parts.turns_values else v
        k_kept = np.concatenate([k_kept, k], axis=1) if parts.remembers else k
        v_kept = np.concatenate([v_kept, v], axis=1) if parts.remembers else v
        queries, keys = start + np.arange(L), np.arange(-slots, start + L)[-k_kept.shape[1] :]
        k_read, v_read = k_kept, v_kept
        if parts.along_time:
            k_read, v_read = (np.repeat(kept, H // H_kv, axis=1) for kept in (k_kept, v_kept))
            keys = np.arange(k_read.shape[1])  # as a causal flag counts them
        allowed = parts.allowed(queries, keys, window)  # [L, S]
        last = slice(-window if window is not None and parts.trims_first else None, None)
        outputs.append(_read(parts, q, k_read[:, last], v_read[:, last], allowed[:, last]) @ W_o)
        start += L
    return np.concatenate(outputs)


def buffered(
    x: Array,
    weights: Weights,
    H: int,
    steps: Sequence[int],
    longest: int,
    *,
    reads_empty: bool = False,
    takes_back: bool = True,
) -> Array:
    """The output of a text that is read in a buffer of ``longest`` slots; a negative step takes tokens back.

    With a bug, empty slots are read, or what was taken back stays.
    """
    W_q, W_k, W_v, W_o = weights
    H_kv = H * W_k.shape[-1] // x.shape[-1]
    k, v = np.zeros((2, H_kv, longest, x.shape[-1] // H))
    outputs, start, filled, slots = [], 0, 0, np.arange(longest)
    for step in steps:
        if step < 0:
            filled += step if takes_back else 0
            continue
        part, at = x[start : start + step], filled + np.arange(step)
        k[:, at], v[:, at] = turn(split(part @ W_k, H_kv), at), split(part @ W_v, H_kv)
        start, filled = start + step, filled + step
        allowed = (slots <= at[:, None]) | (reads_empty & (slots >= filled))  # [L, longest]
        outputs.append(_read(RIGHT, turn(split(part @ W_q, H), at), k, v, allowed) @ W_o)
    return np.concatenate(outputs)


def _read(parts: Parts, q: Array, k: Array, v: Array, allowed: Array) -> Array:
    times = len(q) // len(k)
    scores = q @ parts.share(k, times).swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # [H, L, S]
    with np.errstate(all="ignore"):
        heads = softmax(np.where(allowed, scores, -np.inf)) @ parts.share(v, times)  # [H, L, d_head]
    merged: Array = heads.swapaxes(0, 1).reshape(q.shape[1], -1)  # [L, d_model]
    return merged


def likely(
    output: Array, x: Array, weights: Weights, H: int, chunks: Sequence[int], window: int | None = None
) -> str | None:
    """The bug that makes a cache give exactly ``output``, if it is one that is known."""
    T = len(x)
    if output.shape == (sum(np.cumsum(chunks)), x.shape[-1]) != x.shape:
        return "queries-cached"  # every step asked all queries so far
    for name, parts in WRONG:
        known = decoded(parts, x, weights, H, chunks, window)
        if output.shape == known.shape == (T, x.shape[-1]) and np.allclose(output, known, equal_nan=True):
            return name
    return None
