"""Right without a cache, and wrong with one."""

from __future__ import annotations

import numpy as np

from .parts import QKV, D, attend, grown, rotate, triangle, weights

WINDOW, SLOPE = 4, 0.5
DECAY, STATE_OUT, KERNEL = np.linspace(0.5, 0.95, D), weights(D, D, seed=8), weights(3, D, seed=7)


def alibi(x):
    gap = np.arange(len(x))[:, None] - np.arange(len(x))
    return x + attend(*(x @ w for w in QKV), gap >= 0, -SLOPE * gap)


def alibi_step(x, cache):
    """https://github.com/keras-team/keras-hub/issues/2861: the bias spans the new tokens, the scores span the cache."""
    q, k, v = x @ QKV
    k, v = grown(cache, k, v)
    return x + attend(q, k, v, triangle(len(q), len(k)), -SLOPE * (np.arange(len(q))[:, None] - np.arange(len(q)))), (
        k,
        v,
    )


def _decoded(step, x):
    cache, rows = None, []
    for t in range(len(x)):
        y, cache = step(x[t : t + 1], cache)
        rows.append(y)
    return np.concatenate(rows)


def alibi_decode(x):
    return _decoded(alibi_step, x)


def rotary_decode(x):
    return _decoded(without_offset, x)


def windowed(x):
    gap = np.arange(len(x))[:, None] - np.arange(len(x))
    return x + attend(*(x @ w for w in QKV), (gap >= 0) & (gap < WINDOW))


def rolls_early(x):
    """https://github.com/huggingface/transformers/issues/37574: the ring turns a step too soon."""
    keys, values, rows = np.zeros((WINDOW, D)), np.zeros((WINDOW, D)), []
    for t, (q, k, v) in enumerate(zip(*(x @ w for w in QKV), strict=True)):
        slot = t
        if t + 1 >= WINDOW:
            keys, values, slot = np.roll(keys, -1, 0), np.roll(values, -1, 0), WINDOW - 1
        keys[slot], values[slot] = k, v
        rows.append(x[t] + attend(q[None], keys, values, np.arange(WINDOW) <= t)[0])
    return np.array(rows)


def in_chunks(x):
    """https://github.com/pytorch/executorch/issues/21857: what the cache keeps is open to every row of a chunk."""
    rows, keys, values = [], np.zeros((0, D)), np.zeros((0, D))
    for start in range(0, len(x), 3):
        q, k, v = x[start : start + 3] @ QKV
        old, (keys, values) = len(keys), grown((keys, values), k, v)
        gap = np.arange(len(q))[:, None] + old - np.arange(len(keys))
        rows.append(
            x[start : start + 3] + attend(q, keys, values, (gap >= 0) & (gap < WINDOW) | (np.arange(len(keys)) < old))
        )
        keys, values = keys[-(WINDOW - 1) :], values[-(WINDOW - 1) :]
    return np.concatenate(rows)


def decaying(x):
    return State().feed(x)


class State:
    """https://github.com/ml-explore/mlx-lm/issues/1109: a state has no tokens to take back, and nobody says so."""

    def __init__(self):
        self.state = np.zeros(D)

    def feed(self, x):
        rows = []
        for row in x:
            self.state = DECAY * self.state + row
            rows.append(self.state @ STATE_OUT)
        return np.array(rows)

    def trim(self, n):
        return n


def rotary_step(x, cache, turned_by=None):
    q, k, v = x @ QKV
    old = 0 if cache is None else len(cache[0])
    turned = (np.arange(len(x)) + old) if turned_by is None else turned_by
    k, v = grown(cache, rotate(k, turned), v)
    return x + attend(rotate(q, turned), k, v, triangle(len(q), len(k))), (k, v)


def rotary(x):
    return rotary_step(x, None)[0]


_angles: dict[int, np.ndarray] = {}


def angles_by_length(x, cache):
    """https://github.com/lucidrains/rotary-embedding-torch/issues/11: remembered by length, whatever the offset was."""
    old = 0 if cache is None else len(cache[0])
    return rotary_step(x, cache, _angles.setdefault(len(x), np.arange(len(x)) + old))


def without_offset(x, cache):
    """https://github.com/time-series-foundation-models/lag-llama/issues/81: each chunk is turned from zero."""
    return rotary_step(x, cache, np.arange(len(x)))


def glued(x):
    """https://github.com/MemTensor/MemOS/issues/2315: two caches, each turned from zero, put behind each other."""
    a, b = rotary_step(x[:4], None)[1], rotary_step(x[4:-1], None)[1]
    return rotary_step(x[-1:], grown(a, *b))[0][0]


def query_at_zero(x, cache):
    """https://github.com/meta-pytorch/gpt-fast/issues/233: the mask is made for queries that begin at zero."""
    q, k, v = x @ QKV
    k, v = grown(cache, k, v)
    return x + attend(q, k, v, np.arange(len(q))[:, None] >= np.arange(len(k))), (k, v)


def plain(x):
    return query_at_zero(x, None)[0]


def masked_without_a_cache(x, cache):
    """https://github.com/Mikyx-1/TinyLLM/issues/17: no mask beside a cache, not for a prompt either."""
    q, k, v = x @ QKV
    k, v = grown(cache, k, v)
    return x + attend(q, k, v, np.ones((len(q), len(k)), bool)), (k, v)


def sinks(x):
    gap, first = np.arange(len(x))[:, None] - np.arange(len(x)), np.arange(len(x)) < 1
    return x + attend(*(x @ w for w in QKV), (gap >= 0) & ((gap < WINDOW) | first))


def evicts_the_newest(x, cache):
    """https://github.com/JaydenLyh/Reward-Forcing/issues/5: what is full throws the newest tokens away."""
    keys, values = cache or (np.zeros((0, D)), np.zeros((0, D)))
    rows = []
    for row, q, k, v in zip(x, *(x @ w for w in QKV), strict=True):
        keys, values = grown((keys, values), k[None], v[None])
        if len(keys) > WINDOW + 1:
            keys, values = np.delete(keys, -2, 0), np.delete(values, -2, 0)
        rows.append(row + attend(q[None], keys, values, np.ones(len(keys), bool))[0])
    return np.array(rows), (keys, values)


class Slots:
    """A cache of n slots that are there before anything is written into them."""

    def __init__(self, n, length=0):
        self.k, self.v, self.length = np.zeros((n, D)), np.zeros((n, D)), length


def all_slots(x, cache):
    """https://github.com/huggingface/transformers/pull/30414: slots that nobody has written are read as zeros."""
    q, k, v = x @ QKV
    cache = Slots(40) if cache is None else cache
    at = slice(cache.length, cache.length + len(x))
    cache.k[at], cache.v[at] = k, v
    later = (np.arange(len(x))[:, None] + cache.length < np.arange(len(cache.k))) & (np.arange(len(cache.k)) < at.stop)
    cache.length += len(x)
    return x + attend(q, cache.k, cache.v, ~later), cache


def to_the_end_of_the_tile(x, cache):
    """https://github.com/tenstorrent/tt-metal/issues/41215: the mask ends with the tile, and not with the text."""
    q, k, v = x @ QKV
    cache = Slots(64) if cache is None else cache
    at = slice(cache.length, cache.length + len(x))
    cache.k[at], cache.v[at] = k, v
    stop = min(-(-at.stop // 32) * 32, len(cache.k))
    later = (np.arange(len(x))[:, None] + cache.length < np.arange(stop)) & (np.arange(stop) < at.stop)
    cache.length += len(x)
    return x + attend(q, cache.k[:stop], cache.v[:stop], ~later), cache


def convolved(x):
    padded = np.concatenate([np.zeros((2, D)), x])
    return sum(KERNEL[back] * padded[2 - back : len(padded) - back] for back in range(3))


def state_not_copied(x, cache):
    """https://github.com/ggml-org/llama.cpp/pull/11445: a single token leaves the state as it was."""
    before = np.zeros((2, D)) if cache is None else cache
    padded = np.concatenate([before, x])
    rows = sum(KERNEL[back] * padded[2 - back : len(padded) - back] for back in range(3))
    return rows, before if len(x) == 1 else padded[-2:]


def state_backwards(x, cache):
    """https://github.com/vllm-project/vllm-ascend/pull/8544: the oldest token of the state gets the newest's weight."""
    padded = np.concatenate([np.zeros((2, D)) if cache is None else cache[::-1], x])
    rows = sum(KERNEL[back] * padded[2 - back : len(padded) - back] for back in range(3))
    return rows, np.concatenate([np.zeros((2, D)) if cache is None else cache, x])[-2:]


def dynamic_base(x):
    """https://github.com/huggingface/transformers/issues/25104: beyond 32 tokens the base grows with the text."""
    q, k, v = x @ QKV
    base = 100.0 * max(len(x) / 32, 1) ** 2
    return x + attend(rotate(q, np.arange(len(x)), base), rotate(k, np.arange(len(x)), base), v, triangle(len(x)))
