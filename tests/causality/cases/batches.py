"""Right alone, and wrong in a batch, with pads, moved, or in the loss."""

from __future__ import annotations

import numpy as np

from .parts import OUT, QKV, WORDS, D, V, attend, rotate, triangle, weights

PLACES = weights(64, D, seed=4) * 4
LAYERS = weights(2, 3, D, D, seed=10)
DECAY = np.linspace(0.5, 0.95, D)


def counted_by_column(ids, attention_mask=None):
    """https://github.com/ndif-team/nnsight/issues/672: pads on the left move the words to later places."""
    ids = np.asarray(ids)
    real = np.ones(ids.shape, bool) if attention_mask is None else np.asarray(attention_mask, bool)
    x = WORDS[ids] + PLACES[: ids.shape[1]]
    allowed = triangle(ids.shape[1]) & real[:, None] | np.eye(ids.shape[1], dtype=bool)
    return (x + attend(*(x @ w for w in QKV), allowed)) @ OUT


def one_query_needs_no_mask(ids, attention_mask, cache=None):
    """https://github.com/ml-explore/mlx-lm/issues/1906: for a single query the mask of pads is left out."""
    x = WORDS[np.asarray(ids)]
    q, k, v = (x @ w for w in QKV)
    if cache is not None:
        k, v = np.concatenate([cache[0], k], 1), np.concatenate([cache[1], v], 1)
    L, S = q.shape[1], k.shape[1]
    own = np.arange(L)[:, None] + S - L == np.arange(S)
    allowed = triangle(L, S) & np.asarray(attention_mask, bool)[:, None] | own if L > 1 else np.ones((1, 1, S), bool)
    return (x + attend(q, k, v, allowed)) @ OUT, (k, v)


def mask_of_the_first(x, lengths):
    """https://github.com/axonn-ai/yalis/pull/53: the mask is made once, for text 0, and laid over all."""
    T = x.shape[1]
    allowed = triangle(T) & (np.arange(T) >= T - lengths[0]) | np.eye(T, dtype=bool)
    return x + attend(*(x @ w for w in QKV), allowed)


def empty_rows(ids, attention_mask=None):
    """https://github.com/huggingface/transformers/issues/38690: a pad may read nothing, and its NaN is read later."""
    ids = np.asarray(ids)
    real = np.ones(ids.shape, bool) if attention_mask is None else np.asarray(attention_mask, bool)
    x = WORDS[ids]
    for layer in LAYERS:
        x = x + attend(*(x @ w for w in layer), triangle(ids.shape[1]) & real[:, None])
    return x @ OUT


def pads_in_state(ids, attention_mask=None, state=None):
    """https://github.com/state-spaces/mamba/issues/66: the state runs through the pads; the mask is not looked at."""
    x = WORDS[np.asarray(ids)]
    h, rows = np.zeros((len(x), D)) if state is None else state, []
    for t in range(x.shape[1]):
        h = DECAY * h + x[:, t]
        rows.append(h @ OUT)
    return np.stack(rows, 1), h


def pads_in_state_alone(ids, attention_mask=None):
    return pads_in_state(ids)[0]


def normed_over_the_batch(x):
    """A scale of each feature at each place, from all texts of the batch."""
    return np.cumsum(x, 1) / np.sqrt((np.cumsum(x, 1) ** 2).mean(0) + 1)


def half_precision_places(x, start=0):
    """https://github.com/EleutherAI/gpt-neox/issues/1016: positions pass through a type that counts to 256."""
    places = np.arange(start, start + len(x))
    step = 2.0 ** np.maximum(np.ceil(np.log2(np.maximum(places, 1) + 1)) - 8, 0)  # eight bits, as bfloat16 has them
    places = np.round(places / step) * step
    q, k, v = x @ QKV
    return x + attend(rotate(q, places), rotate(k, places), v, triangle(len(x)))


def shifting_loss(logits, labels):
    """https://github.com/InternLM/InternLM/issues/318: this loss shifts, as the data set before it has done."""
    logits, labels = logits[:-1], labels[1:]
    kept = labels >= 0
    nll = np.log(np.exp(logits - logits.max(-1, keepdims=True)).sum(-1)) + logits.max(-1) - np.take_along_axis(
        logits, np.maximum(labels, 0)[:, None], 1)[:, 0]  # fmt: skip
    return nll[kept].mean()


def shifting_data(text):
    return text, np.append(text[1:], -100)


def plain_data(text):
    return text, text


def counts(ids):
    return np.cumsum(np.eye(V)[ids], 0)
