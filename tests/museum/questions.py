"""The questions of `causality`, put to models made of `minimodel`.

What `causality` compares with is that of a healthy `minimodel`: it is imported here, before anything is planted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from causality import Answer, CannotAskError, Verdict, ask
from handbook.bugs.plant import planted
from handbook.bugs.row import Kind

D, WINDOW, HEADS, V = 16, 4, 2, 11
KERNEL_LENGTH = 3
LENGTHS = (13, 67)
"""Asked beside the first length for influence: an odd one, and one beyond the tiles of `_blockwise`."""

Make = Callable[[], tuple[Any, dict[str, Any]]]
"""Makes a model, and what `ask` is to be told of it; making one may fail where a bug is planted."""


class Asking(NamedTuple):
    """A question, the column it belongs to, and the model it is put to."""

    kind: Kind
    question: str
    make: Make


def askings() -> Iterator[Asking]:
    """Every question, of each model that it can be put to."""
    for make in (_decoder, _gpt, _chunked, _windowed, _blockwise, _convolution, _experts):
        yield Asking(Kind.INFLUENCE, "influence", make)
    yield Asking(Kind.INFLUENCE, "memory", _cross)
    for make in (_decoder, _gpt, _chunked, _blockwise, _alibi, _convolution, _recurrence, _experts):
        yield Asking(Kind.PREFIXES, "prefixes", make)
    for make in (_decoder, _chunked, _windowed, _alibi, _convolution, _recurrence):
        yield Asking(Kind.CACHE, "cache", make)
    yield Asking(Kind.CACHE, "rollback", _decoder)
    yield Asking(Kind.CACHE, "slots", _decoder)
    for question in ("batch", "padding"):
        yield Asking(Kind.PADDING, question, _padded)
        yield Asking(Kind.PADDING, question, _recurrence_of_a_batch)
    yield Asking(Kind.PACKING, "packing", _packed)
    yield Asking(Kind.POSITIONS, "positions", _rotary)
    yield Asking(Kind.POSITIONS, "positions", _alibi)
    yield Asking(Kind.LABELS, "labels", _loss)


class Healthy(NamedTuple):
    """What is said of a model with nothing planted, and the modules of `minimodel` that the question goes through."""

    said: list[bool | None]
    through: frozenset[str]


def ask_healthy() -> list[Healthy]:
    """Put every question with nothing planted. Each imports `minimodel` anew, so that what is there is what it uses."""
    found = []
    for asking in askings():
        with planted(()):
            said = _said(asking)
            names = [name.removeprefix("minimodel.") for name in sys.modules if name.split(".")[0] == "minimodel"]
            found.append(Healthy(said, frozenset(names)))
    return found


def answers(patched: Collection[str] = (), healthy: Sequence[Healthy] = ()) -> dict[Kind, bool | None]:
    """Whether an answer is wrong, by column; None where none is, and a question could not be put.

    Of what ``healthy`` holds, a question is put again only where it goes through a module that is patched: no other
    answer can be another one.
    """
    put: dict[Kind, list[bool | None]] = {}
    for asking, known in zip_longest(askings(), healthy):
        reached = known is None or not known.through.isdisjoint(patched)
        put.setdefault(asking.kind, []).extend(_said(asking) if reached else known.said)
    return {kind: True if True in said else None if None in said else False for kind, said in put.items()}


def _said(asking: Asking) -> list[bool | None]:
    """Whether each answer is wrong; None where there is none."""
    return [None if one is None else one.verdict is Verdict.WRONG for one in answered(asking)]


def answered(asking: Asking) -> list[Answer | None]:
    """What the model answers; None where it raises, or gives what nothing can be compared with, such as NaN."""
    try:
        model, told = asking.make()
        report = ask(model, only=[asking.question], lengths=LENGTHS, seeds=1, **told)
    except (CannotAskError, ValueError, TypeError, IndexError):
        return [None]
    found = [one for one in report.answers if one.question.startswith(asking.question)]
    return [None if one.verdict is Verdict.OPEN else one for one in found]


# The models -------------------------------------------------------------------


def _decoder() -> tuple[Any, dict[str, Any]]:
    """Rotary positions, grouped heads, two layers; with a cache, one that is rolled back, and one of slots."""
    from minimodel.cache import KVCache, RingCache
    from minimodel.decoder import decoder_logits, draw_decoder

    model = draw_decoder(V=V, d_model=D, n_heads=4, n_kv_heads=2, n_layers=2)

    def step(tokens: np.ndarray, cache: Any) -> tuple[np.ndarray, Any]:
        caches = [KVCache(), KVCache()] if cache is None else cache
        return decoder_logits(tokens, model, caches), caches

    def trim(caches: Any, n: int) -> Any:
        for cache in caches:
            cache.truncate(cache.length - n)
        return caches

    def slots(n: int) -> Any:
        return [RingCache(n), RingCache(n)]

    told = {"vocabulary": V, "step": step, "trim": trim, "slots": slots}
    return lambda tokens: decoder_logits(tokens, model), told


def _windowed() -> tuple[Any, dict[str, Any]]:
    from minimodel.cache import RingCache
    from minimodel.decoder import decoder_logits, draw_decoder
    from minimodel.predicates import all_of, causal, window

    rule = all_of(causal, window(WINDOW))
    model = draw_decoder(V=V, d_model=D, n_heads=4, n_kv_heads=2, n_layers=1, rule=rule)

    def step(tokens: np.ndarray, cache: Any) -> tuple[np.ndarray, Any]:
        caches = [RingCache(WINDOW)] if cache is None else cache
        return decoder_logits(tokens, model, caches), caches

    told = {"vocabulary": V, "step": step, "expected_mask": f"window:{WINDOW}"}
    return lambda tokens: decoder_logits(tokens, model), told


def _gpt() -> tuple[Any, dict[str, Any]]:
    """Two layers, and one text at a time."""
    from minimodel.gpt import draw_weights, logits

    weights = draw_weights(V=V, n_positions=140, d_model=12, n_heads=3, n_layers=2)
    return lambda tokens: logits(tokens, weights), {"vocabulary": V, "layout": "td"}


def _chunked() -> tuple[Any, dict[str, Any]]:
    """Attention whose triangle is told how many tokens are in the cache."""
    from minimodel.attention import scaled_dot_product_attention
    from minimodel.masks import causal_allowed

    def step(x: np.ndarray, cache: Any) -> tuple[np.ndarray, Any]:
        past = x[:0] if cache is None else cache
        keys = np.concatenate([past, x])
        rows, _ = scaled_dot_product_attention(x, keys, keys, causal_allowed(len(x), len(keys), offset=len(past)))
        return rows, keys

    return lambda x: step(x, None)[0], {"width": D, "step": step}


def _rotary() -> tuple[Any, dict[str, Any]]:
    from minimodel.decoder import draw_decoder, read

    model = draw_decoder(V=V, d_model=D, n_heads=4, n_kv_heads=2, n_layers=1)

    def moved(x: np.ndarray, start: int = 0) -> np.ndarray:
        return read(x, model.blocks[0], model, start + np.arange(len(x)))

    return moved, {"width": D}


def _blockwise() -> tuple[Any, dict[str, Any]]:
    """More queries than keys in a tile, so that several tiles of a row lie on the diagonal."""
    from minimodel.blockwise import blockwise_attention

    return lambda x: blockwise_attention(x, x, x, block_q=32, block_k=16)[0], {"width": D}


def _alibi() -> tuple[Any, dict[str, Any]]:
    from minimodel.alibi import alibi
    from minimodel.attention import merge_heads, scaled_dot_product_attention, split_heads
    from minimodel.cache import KVCache
    from minimodel.gpt import draw_block
    from minimodel.masks import additive
    from minimodel.predicates import ask as ask_rule
    from minimodel.predicates import causal

    weights = draw_block(np.random.default_rng(0), D, D, 0.25)

    def step(x: np.ndarray, cache: Any, first: int = 0) -> tuple[np.ndarray, Any]:
        cache = KVCache() if cache is None else cache
        q, k, v = (split_heads(x @ W, HEADS) for W in (weights.W_q, weights.W_k, weights.W_v))
        queries = cache.length + np.arange(len(x))
        k, v, keys = cache.append(k, v)
        bias = alibi(first + queries, first + keys, HEADS) + additive(ask_rule(causal, queries, keys))  # [H, L, S]
        heads, _ = scaled_dot_product_attention(q, k, v, bias)
        return x + merge_heads(heads) @ weights.W_o, cache

    def forward(x: np.ndarray, start: int = 0) -> np.ndarray:
        return step(x, None, start)[0]

    return forward, {"width": D, "step": lambda x, cache: step(x, cache)}


def _convolution() -> tuple[Any, dict[str, Any]]:
    from minimodel.convolution import causal_convolution

    kernel = np.random.default_rng(0).standard_normal((KERNEL_LENGTH, D))

    def step(x: np.ndarray, cache: Any) -> tuple[np.ndarray, Any]:
        before = np.zeros((KERNEL_LENGTH - 1, D)) if cache is None else cache
        return causal_convolution(x, kernel, before), np.concatenate([before, x])[-(KERNEL_LENGTH - 1) :]

    told = {"width": D, "step": step, "expected_mask": f"window:{KERNEL_LENGTH}"}
    return lambda x: causal_convolution(x, kernel), told


def _recurrence() -> tuple[Any, dict[str, Any]]:
    from minimodel.recurrence import recurrence

    decay = np.linspace(0.3, 0.9, D)
    return lambda x: recurrence(x, decay)[0], {"width": D, "step": lambda x, cache: recurrence(x, decay, cache)}


def _recurrence_of_a_batch() -> tuple[Any, dict[str, Any]]:
    from minimodel.recurrence import recurrence

    decay = np.linspace(0.3, 0.9, D)

    def masked(x: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
        return recurrence(x, decay, real=attention_mask.astype(bool))[0]

    return masked, {"width": D}


def _experts() -> tuple[Any, dict[str, Any]]:
    """A state, so that each output sees its past; then three experts, of which each token chooses one."""
    from minimodel.experts import choose_experts
    from minimodel.recurrence import recurrence

    rng = np.random.default_rng(0)
    router, experts = rng.standard_normal((D, 3)), rng.standard_normal((3, D, D)) / D

    def forward(x: np.ndarray) -> np.ndarray:
        h, _ = recurrence(x, np.full(D, 0.8))
        gates = choose_experts(h @ router, k=1)  # [T, E]
        mixed: np.ndarray = h + sum(gates[:, e, None] * np.tanh(h @ W) for e, W in enumerate(experts))
        return mixed

    return forward, {"width": D}


def _cross() -> tuple[Any, dict[str, Any]]:
    from minimodel.cross_attention import cross_attend
    from minimodel.gpt import attend, draw_block
    from minimodel.masks import causal_allowed

    own, other = (draw_block(np.random.default_rng(seed), D, D, 0.25) for seed in (0, 1))

    def decode(text: np.ndarray, memory: np.ndarray) -> np.ndarray:
        h = text + attend(text, own, HEADS, causal_allowed(len(text)))
        return h + cross_attend(h, memory, other, HEADS)

    return decode, {"width": D}


def _padded() -> tuple[Any, dict[str, Any]]:
    """Two layers: what a pad's row holds is read in the second."""
    from minimodel.attention import MultiHeadAttention
    from minimodel.predicates import causal_padded, materialise

    layers = [MultiHeadAttention(D, HEADS, seed=seed) for seed in (0, 1)]

    def masked(x: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
        B, T, _ = x.shape
        mask = materialise(causal_padded(attention_mask.astype(bool)), T, B=B)
        for layer in layers:
            x = x + layer.forward(x, mask)
        return x

    return masked, {"width": D}


def _packed() -> tuple[Any, dict[str, Any]]:
    from minimodel.attention import MultiHeadAttention
    from minimodel.predicates import all_of, causal, materialise
    from minimodel.predicates import documents as same_document

    layer = MultiHeadAttention(D, HEADS)

    def packed(x: np.ndarray, documents: np.ndarray) -> np.ndarray:
        return layer.forward(x, materialise(all_of(causal, same_document(documents)), len(x)))

    return packed, {"width": D}


def _loss() -> tuple[Any, dict[str, Any]]:
    """The loss shifts the labels, so the data must not."""
    from minimodel.next_token import cross_entropy, shift_labels

    def loss(logits: np.ndarray, labels: np.ndarray) -> float:
        _, targets = shift_labels(labels)
        return cross_entropy(logits[: len(targets)], targets)

    return lambda x: x, {"width": D, "loss": loss, "prepare": lambda text: (text, text)}
