"""Decoding with a cache: the keys and values of a token are made once, kept, and read by every later token."""

import numpy as np

from minimodel.attention import merge_heads, split_heads
from minimodel.rope import rotate
from minimodel.softmax import softmax


def append(kept, new):
    """`[H, S, d]` and `[H, L, d]` to `[H, S + L, d]`: the new tokens after the kept ones."""
    return np.concatenate([kept, new], axis=-2)


def may_read(queries, keys, window=None):
    """Absolute positions `[L]` and `[S]` to booleans `[L, S]`: True where the key may be read."""
    distance = queries[:, None] - keys[None, :]  # [L, S]
    return (distance >= 0) if window is None else (distance >= 0) & (distance < window)


def attend(q, k, v, allowed):
    """`[H, L, d]` over `[H_kv, S, d]` to `[H, L, d]`; neighbouring query heads share a key head."""
    shared = len(q) // len(k)
    k, v = np.repeat(k, shared, axis=0), np.repeat(v, shared, axis=0)  # [H, S, d]
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # [H, L, S]
    return softmax(np.where(allowed, scores, -np.inf)) @ v


def decode(x, W_q, W_k, W_v, W_o, n_heads, chunks, window=None):
    """`[T, d_model]` to `[T, d_model]`, a few tokens at a time: `chunks` says how many at each step."""
    d_head = x.shape[-1] // n_heads
    n_kv_heads = W_k.shape[-1] // d_head
    keys = values = np.zeros((n_kv_heads, 0, d_head))  # [H_kv, S, d_head] nothing is kept yet
    outputs, start = [], 0
    for L in chunks:
        part, positions = x[start : start + L], start + np.arange(L)  # absolute, [L]
        q = rotate(split_heads(part @ W_q, n_heads), positions)  # [H, L, d_head]
        keys = append(keys, rotate(split_heads(part @ W_k, n_kv_heads), positions))
        values = append(values, split_heads(part @ W_v, n_kv_heads))
        start += L
        at = np.arange(start - keys.shape[-2], start)  # [S] where the keys stand: the last one is the newest
        outputs.append(merge_heads(attend(q, keys, values, may_read(positions, at, window))) @ W_o)
        if window is not None:  # only now: the queries of this chunk needed the older ones
            first = max(0, keys.shape[-2] - window + 1)  # the next query reads itself and window - 1 more
            keys, values = keys[:, first:], values[:, first:]
    return np.concatenate(outputs)  # [T, d_model]


def buffer(n_kv_heads, longest, d_head, dtype=np.float64):
    """`[2, H_kv, longest, d_head]`: room for the keys and values of the longest text, set aside once and empty."""
    return np.zeros((2, n_kv_heads, longest, d_head), dtype)


def cache_bytes(n_kv_heads, longest, d_head, dtype=np.float64):
    """The bytes that such a buffer takes: keys and values, for each head, slot and feature a number."""
    return 2 * n_kv_heads * longest * d_head * np.dtype(dtype).itemsize


def decode_in_buffer(x, W_q, W_k, W_v, W_o, n_heads, steps, longest):
    """`[T, d_model]` to `[T, d_model]` in a buffer; a step of 3 reads three tokens, one of -2 takes two back."""
    d_head = x.shape[-1] // n_heads
    n_kv_heads = W_k.shape[-1] // d_head
    keys, values = buffer(n_kv_heads, longest, d_head)  # [H_kv, longest, d_head] each
    outputs, start, filled = [], 0, 0  # how much of x was read, and how many slots are filled
    for step in steps:
        if step < 0:
            filled += step  # the slots are not emptied: they count as empty, and are written over
            continue
        if filled + step > longest:
            raise ValueError(f"{filled + step} tokens do not fit into {longest} slots")
        part, at = x[start : start + step], filled + np.arange(step)  # a slot's number is the token's position
        q = rotate(split_heads(part @ W_q, n_heads), at)  # [H, L, d_head]
        keys[:, at] = rotate(split_heads(part @ W_k, n_kv_heads), at)
        values[:, at] = split_heads(part @ W_v, n_kv_heads)
        start, filled = start + step, filled + step
        allowed = may_read(at, np.arange(longest))  # [L, longest] empty slots stand after every query
        outputs.append(merge_heads(attend(q, keys, values, allowed)) @ W_o)
    return np.concatenate(outputs)  # [T, d_model]


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x, W_q, W_o = rng.normal(size=(6, 8)), rng.normal(size=(8, 8)), rng.normal(size=(8, 8))
    W_k, W_v = rng.normal(size=(2, 8, 4))  # two heads of queries, one of keys and values
    whole, stepwise = (decode(x, W_q, W_k, W_v, W_o, 2, chunks) for chunks in ([6], [3, 1, 2]))
    print("the same in any chunks:", np.allclose(whole, stepwise))
