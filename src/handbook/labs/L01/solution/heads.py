"""Attention in several heads at once, from arrays alone."""

import numpy as np


def split_heads(x, n_heads):
    """`[T, d_model]` to `[H, T, d_head]`: each head gets a part of every token's features."""
    T = len(x)
    return x.reshape(T, n_heads, -1).swapaxes(0, 1)  # [T, H, d_head], then [H, T, d_head]


def merge_heads(heads):
    """`[H, T, d_head]` to `[T, d_model]`: the inverse of split_heads."""
    T = heads.shape[1]
    return heads.swapaxes(0, 1).reshape(T, -1)


def multi_head_attention(x, W_q, W_k, W_v, W_o, n_heads, mask=None):
    """`[T, d_model]` to `[T, d_model]`; the mask is added to the scores of every head."""
    q, k, v = (split_heads(x @ W, n_heads) for W in (W_q, W_k, W_v))  # [H, T, d_head]
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # [H, T, T]
    if mask is not None:
        scores = scores + mask
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exps / exps.sum(axis=-1, keepdims=True)  # [H, T, T] each row sums to one
    return merge_heads(weights @ v) @ W_o


if __name__ == "__main__":
    print(split_heads(np.arange(8).reshape(2, 4), 2))
