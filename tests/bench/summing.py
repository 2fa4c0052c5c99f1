"""What linear attention costs as the text grows, against attention with a softmax: a whole text, and one more token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from minimodel.attention import scaled_dot_product_attention
from minimodel.blockwise import blockwise_attention
from minimodel.linear_attention import (
    chunkwise_linear_attention,
    elu_plus_one,
    linear_attention,
    recurrent_linear_attention,
)
from minimodel.masks import causal_allowed
from tests.bench.attending import D_HEAD, LENGTHS, peak
from tests.bench.measure import Row, in_turn

CHUNK = 64
WAYS = ("chunks", "recurrence", "linear square", "softmax square", "softmax blocks")


def ways(T: int) -> dict[str, Callable[[], object]]:
    """One causal head of single precision: linear attention in three forms, and softmax attention in two."""
    q, k, v = np.random.default_rng(0).standard_normal((3, T, D_HEAD), dtype=np.float32)
    positive_q, positive_k = elu_plus_one(q), elu_plus_one(k)
    calls = (
        partial(chunkwise_linear_attention, positive_q, positive_k, v, CHUNK),
        partial(recurrent_linear_attention, positive_q, positive_k, v),
        partial(linear_attention, positive_q, positive_k, v),
        lambda: scaled_dot_product_attention(q, k, v, causal_allowed(T)),
        partial(blockwise_attention, q, k, v),
    )
    return dict(zip(WAYS, calls, strict=True))


def summing() -> Iterator[Row]:
    """Time and memory of a whole text at three lengths, and how the time grows."""
    times: dict[int, list[float]] = {}
    for T in LENGTHS:
        times[T] = in_turn(*ways(T).values(), rounds=3)
        memory = [peak(way, T, "summing") for way in WAYS]
        yield Row(
            f"linear attention in chunks of {CHUNK}, T = {T:,}: time",
            "; ".join(f"{way} ({1000 * one:.1f} ms)" for way, one in list(zip(WAYS, times[T], strict=True))[1:]),
            f"{times[T][0] / times[T][3]:.3f} of the softmax square ({1000 * times[T][0]:.1f} ms)",
            "–",
        )
        yield Row(
            f"linear attention in chunks of {CHUNK}, T = {T:,}: peak memory",
            "; ".join(f"{way} ({one:.1f} MB)" for way, one in list(zip(WAYS, memory, strict=True))[1:]),
            f"{memory[0]:.1f} MB",
            "–",
        )
    grown = [after / before for before, after in zip(times[LENGTHS[-2]], times[LENGTHS[-1]], strict=True)]
    yield Row(
        "its time, four times the tokens",
        "; ".join(f"{way} ({one:.1f} times)" for way, one in list(zip(WAYS, grown, strict=True))[1:]),
        f"{grown[0]:.1f} times",
        "–",
    )


def going_on() -> Iterator[Row]:
    """One more token after a text: a step of the recurrence, against a query that reads the whole cache."""
    for T in LENGTHS:
        q, k, v = np.random.default_rng(0).standard_normal((3, T, D_HEAD), dtype=np.float32)
        _, state = chunkwise_linear_attention(elu_plus_one(q), elu_plus_one(k), v, CHUNK)
        one_q, one_k, one_v = elu_plus_one(q[-1:]), elu_plus_one(k[-1:]), v[-1:]
        step, read = in_turn(
            partial(recurrent_linear_attention, one_q, one_k, one_v, state=state),
            partial(scaled_dot_product_attention, q[-1:], k, v),
        )
        yield Row(
            f"one more token after T = {T:,}, from a state of {state.nbytes / 1e6:.3f} MB",
            f"softmax over a cache of {(k.nbytes + v.nbytes) / 1e6:.3f} MB ({1e6 * read:.0f} µs)",
            f"{step / read:.2f} ({1e6 * step:.0f} µs)",
            "–",
        )
