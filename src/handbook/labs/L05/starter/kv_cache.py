"""Decoding with a cache: the keys and values of a token are made once, kept, and read by every later token."""

import numpy as np

from minimodel.attention import merge_heads, split_heads
from minimodel.rope import rotate
from minimodel.softmax import softmax


def append(kept, new):
    """`[H, S, d]` and `[H, L, d]` to `[H, S + L, d]`: the new tokens after the kept ones.

    The result is a new array, so each step copies all that is kept; the lab's page says what a buffer would change.
    """
    raise NotImplementedError


def may_read(queries, keys, window=None):
    """Absolute positions `[L]` and `[S]` to booleans `[L, S]`: True where the key may be read.

    A query reads itself and all before it; with a window of W, itself and the W - 1 before it.
    """
    raise NotImplementedError


def attend(q, k, v, allowed):
    """`[H, L, d]` over `[H_kv, S, d]` to `[H, L, d]`.

    H / H_kv query heads in a row share one key head: with 4 and 2, the heads 0 and 1 read key head 0.
    """
    raise NotImplementedError


def decode(x, W_q, W_k, W_v, W_o, n_heads, chunks, window=None):
    """`[T, d_model]` to `[T, d_model]`, a few tokens at a time: `chunks` says how many at each step.

    The weights multiply from the right; W_k and W_v are narrower where heads are grouped. Queries and keys
    are turned with `rotate`, by the positions at which they stand in the text. With a window, no more is kept
    from one step to the next than later queries may read.
    """
    raise NotImplementedError


def buffer(n_kv_heads, longest, d_head, dtype=np.float64):
    """`[2, H_kv, longest, d_head]`: room for the keys and values of the longest text, set aside once and empty."""
    raise NotImplementedError


def cache_bytes(n_kv_heads, longest, d_head, dtype=np.float64):
    """The bytes that such a buffer takes, worked out from the four arguments: nothing is set aside for it."""
    raise NotImplementedError


def decode_in_buffer(x, W_q, W_k, W_v, W_o, n_heads, steps, longest):
    """The same as `decode` without a window, in a buffer of `longest` slots, with steps back.

    A step of 3 reads the next three tokens of `x`. A step of -2 takes the last two that were read out of the cache:
    whatever is read next stands in their places. The output has a row for each token of `x`, as it was read.
    Raises ValueError for a step that needs more slots than there are.
    """
    raise NotImplementedError


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x, W_q, W_o = rng.normal(size=(6, 8)), rng.normal(size=(8, 8)), rng.normal(size=(8, 8))
    W_k, W_v = rng.normal(size=(2, 8, 4))  # two heads of queries, one of keys and values
    whole, stepwise = (decode(x, W_q, W_k, W_v, W_o, 2, chunks) for chunks in ([6], [3, 1, 2]))
    print("the same in any chunks:", np.allclose(whole, stepwise))
