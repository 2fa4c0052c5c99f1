"""A layer that somebody has brought to you. Nobody says that it has one illness only."""

import numpy as np


def split_heads(x, n_heads):
    """`[L, d_model]` to `[H, L, d_head]`."""
    return x.reshape(len(x), n_heads, -1).swapaxes(0, 1)


def softmax(scores):
    """Weights that sum to one over the keys, the last axis."""
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def read(q, k, v):
    """Queries `[H, L, d_head]`, those of the last L tokens; keys and values `[H, S, d_head]`, those of all tokens."""
    L, S = q.shape[1], k.shape[1]
    allowed = np.tril(np.ones((L, S), dtype=bool))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # [H, L, S]
    weights = softmax(scores) * allowed  # [H, L, S]
    heads = weights @ v  # [H, L, d_head]
    return heads.swapaxes(0, 1).reshape(L, -1)  # [L, d_model]


def layer(x, W_q, W_k, W_v, W_o, n_heads, cut=None):
    """Causal attention, `[T, d_model]` to `[T, d_model]`; with a cut, the text is read in two parts."""
    q, k, v = (split_heads(x @ W, n_heads) for W in (W_q, W_k, W_v))  # [H, T, d_head]
    if cut is None:
        return read(q, k, v) @ W_o
    first = read(q[:, :cut], k[:, :cut], v[:, :cut])
    rest = read(q[:, cut:], k, v)
    return np.concatenate([first, rest]) @ W_o


if __name__ == "__main__":
    from probe import diagnose

    W = np.random.default_rng(0).normal(0, 0.25, size=(4, 16, 16))
    print(diagnose(lambda x, cut=None: layer(x, *W, n_heads=2, cut=cut), 16))
