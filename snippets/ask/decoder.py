import numpy as np

from minimodel.masks import causal_allowed, causal_mask
from minimodel.rope import rotate
from minimodel.softmax import softmax

d, V = 16, 24
rng = np.random.default_rng(0)
words, places, out = rng.standard_normal((V, d)), rng.standard_normal((300, d)), rng.standard_normal((d, V))
W_q, W_k, W_v = rng.standard_normal((3, d, d)) / 4


def attend(x, positions, offset, cache=None):  # [L, d] -> [L, d], and keys and values [S, d]
    q, k, v = rotate(x @ W_q, positions), rotate(x @ W_k, positions), x @ W_v
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    return x + softmax(q @ k.T / np.sqrt(d) + causal_mask(len(x), offset=offset)) @ v, (k, v)


def forward(ids):  # token numbers [T] -> logits [T, V]
    rows, _ = attend(words[ids], np.arange(len(ids)), 0)
    return rows @ out


def step(ids, cache):  # new token numbers [L] and a cache, or None -> logits [L, V] and the next cache
    old = 0 if cache is None else len(cache[0])
    rows, cache = attend(words[ids], np.arange(len(ids)), old, cache)
    return rows @ out, cache


def batch(ids, attention_mask):  # [B, T], and one where a word stands -> [B, T, V]
    B, T = ids.shape
    positions = np.tile(np.arange(T), (B, 1))
    x = words[ids] + places[positions]  # [B, T, d]
    allowed = causal_allowed(T) & (attention_mask[:, None] == 1) | np.eye(T, dtype=bool)  # [B, T, T]
    scores = x @ W_q @ (x @ W_k).swapaxes(1, 2) / np.sqrt(d)
    return (x + softmax(np.where(allowed, scores, -np.inf)) @ (x @ W_v)) @ out


def too_good(ids):  # [T] -> [T, V]
    T = len(ids)
    x = words[ids]
    scores = x @ W_q @ (x @ W_k).T / np.sqrt(d) + causal_mask(T, offset=1)[:, :T]
    return (x + softmax(scores) @ (x @ W_v)) @ out
