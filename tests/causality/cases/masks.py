"""Who sees whom, and should not: leaks and blind spots that the influence matrix shows."""

from __future__ import annotations

import numpy as np

from .parts import QKV, WORDS, D, attend, triangle, weights

ROUTER, EXPERT, KERNEL = weights(D, seed=5) * 4, weights(D, D, seed=6), weights(3, D, seed=7)
DOCUMENTS = np.repeat([0, 1], 4)
IMAGES = np.array([0, 1, 1, 0, 0, 2, 2, 0])
SAME_DOCUMENT = triangle(8) & (DOCUMENTS[:, None] == DOCUMENTS)
SAME_IMAGE = triangle(8) | ((IMAGES[:, None] == IMAGES) & (IMAGES > 0))


def convolution_across_documents(x, documents):
    """https://github.com/PrimeIntellect-ai/prime-rl/issues/3000: the convolution knows no documents."""
    mixed = sum(KERNEL[back] * np.concatenate([np.zeros((back, D)), x[: len(x) - back]]) for back in range(3))
    return mixed + attend(*(mixed @ w for w in QKV), triangle(len(x)) & (documents[:, None] == documents))


def packed(x):
    return convolution_across_documents(x, DOCUMENTS)


def experts_choose(x):
    """https://github.com/piotrpiekos/MoSA/issues/3: the expert takes the best half of the whole text."""
    chosen = np.argsort(-(x @ ROUTER), kind="stable")[: len(x) // 2]
    y = np.cumsum(x, 0)
    y[chosen] += np.tanh(x[chosen] @ EXPERT)
    return y


def experts_choose_tokens(ids):
    return experts_choose(WORDS[ids])


def mirrored(x):
    """https://github.com/lucidrains/audiolm-pytorch/issues/166: the past before token 0 is a mirror of the future."""
    signal = np.pad(x, ((2, 0), (0, 0)), mode="reflect")
    return sum(KERNEL[back] * signal[2 - back : len(signal) - back] for back in range(3))


def any_image(x):
    """https://github.com/huggingface/transformers/issues/38053: an image sees each image, and not itself alone."""
    return x + attend(*(x @ w for w in QKV), triangle(8) | ((IMAGES[:, None] > 0) & (IMAGES > 0)))


def same_image(x):
    return x + attend(*(x @ w for w in QKV), SAME_IMAGE)


def groups_along_time(x):
    """https://github.com/PrimeIntellect-ai/prime-rl/pull/2681: keys repeated along time, before the triangle."""
    q, k, v = x @ QKV
    return x + attend(q, np.repeat(k, 2, 0)[: len(x)], np.repeat(v, 2, 0)[: len(x)], triangle(len(x)))


def no_mask(x):
    """https://github.com/facebookresearch/xformers/issues/103: with no mask given, the causal flag is skipped."""
    return x + attend(*(x @ w for w in QKV), np.ones((len(x), len(x)), bool))


def one_row_of_distances(x):
    """https://github.com/mosaicml/llm-foundry/issues/186, no bug: the two forms differ by a constant in each row."""
    return x + attend(*(x @ w for w in QKV), triangle(len(x)), 0.5 * (np.arange(len(x)) - len(x) + 1.0))


def zeros_and_ones(x):
    """https://github.com/wfondrie/depthcharge/pull/38: the boolean mask became a float, and is added."""
    return x + attend(*(x @ w for w in QKV), True, triangle(len(x)).astype(float))


def summary_of_the_block(x):
    """https://github.com/karpathy/nanochat/issues/844: each block of four is averaged and given to all of it."""
    blocks = np.arange(len(x)) // 4
    mean = np.stack([x[blocks == block].mean(0) for block in blocks])
    return x + attend(*((x + mean) @ w for w in QKV), triangle(len(x)))


def circular(x):
    """https://github.com/karpathy/nanochat/issues/844: a filter in the spectrum wraps around the end of the text."""
    response = np.fft.rfft(weights(len(x), seed=9), axis=0)[:, None]
    return np.fft.irfft(np.fft.rfft(x, axis=0) * response, n=len(x), axis=0)


def normed_over_time(x):
    """https://github.com/espnet/espnet/issues/5900: causal=True, and the norm of the whole text."""
    y = np.cumsum(x, 0)
    return (y - y.mean()) / y.std()


def bottom_right(x, cache=None):
    """https://github.com/flashinfer-ai/flashinfer/pull/348, no bug: with fewer queries than keys the corner moves."""
    q, k, v = x @ QKV
    if cache is not None:
        k, v = np.concatenate([cache[0], k]), np.concatenate([cache[1], v])
    return x + attend(q, k, v, triangle(len(q), len(k))), (k, v)


def cross(text, memory):
    """https://github.com/huggingface/transformers/issues/48172: cross-attention takes a decoder's default, causal."""
    own = text + attend(*(text @ w for w in QKV), triangle(len(text)))
    return own + attend(
        own @ QKV[0], memory @ QKV[1], memory @ QKV[2], np.arange(len(text))[:, None] >= np.arange(len(memory))
    )


def padded_on_both_sides(x):
    """https://github.com/xi029/Qwen3-VL-MoeLORA/issues/4: a convolution of five, as long as the text on both sides."""
    signal = np.pad(x, ((2, 2), (0, 0)))
    return np.cumsum(x, 0) + sum(weights(5, D, seed=11)[tap] * signal[tap : len(x) + tap] for tap in range(5))


def rolled(x):
    """A shift by a roll: the last token comes before the first."""
    return np.cumsum(x, 0) + np.roll(x, 1, 0)


def linear(x):
    """https://github.com/idiap/fast-transformers/issues/111, no bug: the normaliser sums the keys so far, not all."""
    q, k, v = x @ QKV
    states = np.cumsum(np.exp(k)[:, :, None] * v[:, None], 0)
    return np.einsum("td,tde->te", np.exp(q), states) / (np.exp(q) * np.cumsum(np.exp(k), 0)).sum(1, keepdims=True)


def top_three(x):
    """No bug: a choice among what may be seen."""
    q, k, v = x @ QKV
    scores = np.where(triangle(len(x)), q @ k.T, -np.inf)
    third = np.sort(scores, -1)[:, [-min(3, len(x))]]
    return x + attend(q, k, v, triangle(len(x)) & (scores >= third))


def points(ids):
    """No bug: each token names the one that it reads, and reads no other."""
    return WORDS[ids] + WORDS[ids[ids * 7 % np.arange(1, len(ids) + 1)]]


def scored_with_one_maximum(x):
    """No bug: one maximum for the whole matrix of scores, so that later tokens move earlier rows by rounding."""
    q, k, v = x @ QKV
    scores = q @ k.T / np.sqrt(D)
    e = np.where(triangle(len(x)), np.exp(scores - scores.max()), 0)
    return x + e / e.sum(-1, keepdims=True) @ v


def faint(x):
    """A leak of a billionth, which no tolerance of a comparison would notice."""
    return np.cumsum(x, 0) + 1e-9 * x[::-1]


def tiles(x):
    """Blocks of 128 keys, and a mask that counts within the block: right up to 128 tokens."""
    allowed = triangle(len(x)) | ((np.arange(len(x))[:, None] % 128 >= np.arange(len(x)) % 128) & (len(x) > 128))
    return x + attend(*(x @ w for w in QKV), allowed)
