"""Models made of `minimodel`, each with the influence matrix that it should have.

The matrices are written out here without `minimodel`: a bug in a mask must not reach what it is compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

T = 8
WINDOW = 3
PREFIX = 3
DOCUMENTS = (0, 0, 0, 1, 1, 1, 1, 1)
PARENTS = (-1, 0, 0, 1, 2, 2, 3, 5)
REAL = 6
"""Tokens of the padded text; the rest of its T positions are pads."""

Change = Callable[[np.ndarray, int], np.ndarray]


class Subject(NamedTuple):
    """A model, an input, and which inputs should move which outputs."""

    f: Callable[[np.ndarray], np.ndarray]
    x: np.ndarray
    expected: np.ndarray
    change: Change | None = None


def subjects() -> Iterator[Callable[[], Subject]]:
    """Every model, each made when it is called for: making one may fail where a bug is planted."""
    yield from (_boolean, _additive, _half, _loud, _two_layers, _one_text, _chunks)
    yield from (_window, _prefix, _documents, _tree, _padding, _left_padding)
    yield from (_cached, _ring)


def _triangle() -> np.ndarray:
    return np.tril(np.ones((T, T), dtype=bool))


def _x() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((T, 16))


def _heads(mask: np.ndarray, expected: np.ndarray) -> Subject:
    from minimodel.attention import MultiHeadAttention

    model = MultiHeadAttention(d_model=16, n_heads=2)
    return Subject(lambda x: model.forward(x, mask), _x(), expected)


def _boolean() -> Subject:
    from minimodel.masks import causal_allowed

    return _heads(causal_allowed(T), _triangle())


def _additive() -> Subject:
    from minimodel.masks import causal_mask

    return _heads(causal_mask(T), _triangle())


def _half() -> Subject:
    from minimodel.attention import MultiHeadAttention
    from minimodel.masks import causal_mask

    model = MultiHeadAttention(d_model=16, n_heads=2, dtype=np.float16)
    mask = causal_mask(T, np.float16)
    return Subject(lambda x: model.forward(x, mask), _x().astype(np.float16), _triangle())


def _loud() -> Subject:
    """A text without a token, in a batch: it may read nothing, and must not read everything."""
    from minimodel.attention import scaled_dot_product_attention

    allowed = np.stack([np.zeros((T, T), dtype=bool), _triangle()])  # [B, T, T]

    def f(x: np.ndarray) -> np.ndarray:
        texts = np.stack([x, x])  # [B, T, d]
        with np.errstate(invalid="ignore"):
            output, _ = scaled_dot_product_attention(texts, texts, texts, allowed)
        return np.concatenate([np.nan_to_num(output[0]), output[1]], axis=-1)  # [T, 2 d]

    return Subject(f, _x(), _triangle())


def _two_layers() -> Subject:
    from minimodel.gpt import draw_weights, logits
    from minimodel.influence import another_token

    weights = draw_weights(V=11, n_positions=T, d_model=12, n_heads=3, n_layers=2)
    tokens = np.random.default_rng(0).integers(11, size=T)
    batch = np.stack([tokens, tokens])

    def f(tokens: np.ndarray) -> np.ndarray:
        first: np.ndarray = logits(np.concatenate([tokens[None], batch[1:]]), weights)[0]
        return first

    return Subject(f, tokens, _triangle(), another_token(11))


def _one_text() -> Subject:
    from minimodel.gpt import draw_weights, logits
    from minimodel.influence import another_token

    weights = draw_weights(V=11, n_positions=T, d_model=12, n_heads=3, n_layers=2)
    tokens = np.random.default_rng(1).integers(11, size=T)
    return Subject(lambda t: logits(t, weights), tokens, _triangle(), another_token(11))


def _chunks() -> Subject:
    from minimodel.attention import scaled_dot_product_attention
    from minimodel.masks import causal_allowed

    def f(x: np.ndarray) -> np.ndarray:
        half = T // 2
        first, _ = scaled_dot_product_attention(x[:half], x[:half], x[:half], causal_allowed(half))
        second, _ = scaled_dot_product_attention(x[half:], x, x, causal_allowed(T - half, offset=half))
        return np.concatenate([first, second])

    return Subject(f, _x(), _triangle())


def _positions() -> tuple[np.ndarray, np.ndarray]:
    return np.arange(T)[:, None], np.arange(T)


def _window() -> Subject:
    from minimodel.predicates import all_of, causal, materialise, window

    i, j = _positions()
    return _heads(materialise(all_of(causal, window(WINDOW)), T), _triangle() & (i - j < WINDOW))


def _prefix() -> Subject:
    from minimodel.predicates import any_of, causal, first, materialise

    _, j = _positions()
    return _heads(materialise(any_of(causal, first(PREFIX)), T), _triangle() | (j < PREFIX))


def _documents() -> Subject:
    from minimodel.predicates import all_of, causal, documents, materialise

    ids = np.array(DOCUMENTS)
    expected = _triangle() & (ids[:, None] == ids)
    return _heads(materialise(all_of(causal, documents(ids)), T), expected)


def _tree() -> Subject:
    from minimodel.predicates import materialise, tree

    expected = np.eye(T, dtype=bool)
    for child, parent in enumerate(PARENTS):
        if parent >= 0:
            expected[child] |= expected[parent]
    return _heads(materialise(tree(list(PARENTS)), T), expected)


def _padding() -> Subject:
    """The first of two texts is padded on the right; its pads are read by nobody but themselves, as queries."""
    from minimodel.attention import MultiHeadAttention
    from minimodel.predicates import all_of, causal, materialise, padding

    real = np.ones((2, T), dtype=bool)
    real[0, REAL:] = False
    mask = materialise(all_of(causal, padding(real)), T, B=2)
    model, other = MultiHeadAttention(d_model=16, n_heads=2), np.ones((T, 16))
    expected = (_triangle() & real[0]) | np.eye(T, dtype=bool)
    return Subject(lambda x: model.forward(np.stack([x, other]), mask)[0], _x(), expected)


def _left_padding() -> Subject:
    """The first of two texts is padded on the left. Its pads read nothing; they are left out of the output."""
    from minimodel.attention import MultiHeadAttention
    from minimodel.predicates import all_of, causal, materialise, padding

    pads = T - REAL
    real = np.ones((2, T), dtype=bool)
    real[0, :pads] = False
    mask = materialise(all_of(causal, padding(real)), T, B=2)
    model, other = MultiHeadAttention(d_model=16, n_heads=2), np.ones((T, 16))

    def f(x: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            output = model.forward(np.stack([x, other]), mask)[0]
        return np.concatenate([x[:pads], output[pads:]])

    expected = (_triangle() & real[0]) | np.eye(T, dtype=bool)
    return Subject(f, _x(), expected)


def _cached() -> Subject:
    """A decoder with rotary positions and grouped heads, which reads a part, then a few tokens, then one by one."""
    from minimodel.cache import KVCache
    from minimodel.decoder import draw_decoder

    model = draw_decoder(V=11, d_model=16, n_heads=4, n_kv_heads=2, n_layers=2)
    return _decoding(model, KVCache, _triangle())


def _ring() -> Subject:
    """The same with a window, a ring, and one layer, so that what is reached is what is read."""
    from minimodel.cache import RingCache
    from minimodel.decoder import draw_decoder
    from minimodel.predicates import all_of, causal, window

    i, j = _positions()
    rule = all_of(causal, window(WINDOW))
    model = draw_decoder(V=11, d_model=16, n_heads=4, n_kv_heads=2, n_layers=1, rule=rule)
    return _decoding(model, lambda: RingCache(WINDOW), _triangle() & (i - j < WINDOW))


def _decoding(model: Any, new_cache: Callable[[], Any], expected: np.ndarray) -> Subject:
    from minimodel.decoder import decoder_logits
    from minimodel.influence import another_token

    def f(tokens: np.ndarray) -> np.ndarray:
        caches = [new_cache() for _ in model.blocks]
        parts = np.split(tokens, [4, 6, 7])
        return np.concatenate([decoder_logits(part, model, caches) for part in parts])

    tokens = np.random.default_rng(2).integers(11, size=T)
    return Subject(f, tokens, expected, another_token(11))
