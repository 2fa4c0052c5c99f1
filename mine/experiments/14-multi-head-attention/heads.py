"""Attention in several heads at once, from arrays alone."""

import numpy as np


def split_heads(x, n_heads):
    """`[T, d_model]` to `[H, T, d_head]`: each head gets a part of every token's features."""
    raise NotImplementedError


def merge_heads(heads):
    """`[H, T, d_head]` to `[T, d_model]`: the inverse of split_heads."""
    raise NotImplementedError


def multi_head_attention(x, W_q, W_k, W_v, W_o, n_heads, mask=None):
    """`[T, d_model]` to `[T, d_model]`.

    The weights are `[d_model, d_model]` and multiply from the right: q = x @ W_q. The mask `[T, T]` is
    added to the scores of every head before the softmax; None masks nothing.
    """
    raise NotImplementedError


if __name__ == "__main__":
    print(split_heads(np.arange(8).reshape(2, 4), 2))
