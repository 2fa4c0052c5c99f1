"""The causal mask, and two models: one masked before the softmax, one after it."""

import numpy as np

from minimodel.attention import MultiHeadAttention, causal_mask, split_heads

T, D_MODEL, N_HEADS = 8, 16, 2


def model(std=0.25):
    """The same weights every time; `std` is their scale."""
    return MultiHeadAttention(d_model=D_MODEL, n_heads=N_HEADS, seed=0, std=std)


def parts(x, std=0.25):
    """The scores `[H, T, T]` and the values `[H, T, d_head]` of each head, before any mask."""
    layer = model(std)
    q, k, v = (split_heads(x @ W, N_HEADS) for W in (layer.W_q, layer.W_k, layer.W_v))
    return q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), v


def build_mask(T, dtype=np.float64):
    """An additive mask `[T, T]`: 0 where row i may read column j, -inf where it may not.

    Compare it with `causal_mask(T, dtype)` when you are done.
    """
    raise NotImplementedError


def correct(x, std=0.25):
    """`[T, d_model] -> [T, d_model]`: attention, masked before the softmax. T is the length of x."""
    raise NotImplementedError


def broken(x, std=0.25):
    """The same model, masked after the softmax, and not renormalised."""
    raise NotImplementedError


if __name__ == "__main__":
    print(np.array_equal(build_mask(T), causal_mask(T)))
