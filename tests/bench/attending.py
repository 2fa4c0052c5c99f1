"""What attention costs: in blocks against the full square and torch's own, and decoding with and without a cache."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention as torch_attention

from minimodel.attention import scaled_dot_product_attention
from minimodel.blockwise import blockwise_attention
from minimodel.cache import KVCache, cached_logits
from minimodel.gpt import draw_weights, logits
from minimodel.masks import causal_allowed
from tests.bench.measure import BRIEF, ROOT, Row, in_turn

LENGTHS = (64, 256) if BRIEF else (512, 2_048, 8_192)
TOKENS = 32 if BRIEF else 512
D_HEAD = 64
GOAL = {8_192: "≤ 3 × SDPA"}


def ways(T: int) -> dict[str, Callable[[], object]]:
    """One causal head of single precision, in three ways."""
    q, k, v = np.random.default_rng(0).standard_normal((3, T, D_HEAD), dtype=np.float32)
    tensors = [torch.from_numpy(one)[None, None] for one in (q, k, v)]  # [1, 1, T, d_head]
    return {
        "blocks": partial(blockwise_attention, q, k, v),
        "square": lambda: scaled_dot_product_attention(q, k, v, causal_allowed(T)),
        "torch": partial(torch_attention, *tensors, is_causal=True),
    }


def high_water() -> float:
    """The most megabytes this process has held, by Linux's own count; that of `getrusage` knows its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    return int(status[status.index("VmHWM:") + 1]) * 1024 / 1e6


def forget_high_water() -> None:
    """Have Linux count from what is held now: drawing the inputs may have held more for a moment."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak(way: str, T: int, room: str = "attending") -> float:
    """The megabytes that one of a room's ways needs on top of its inputs, in a process of its own."""
    program = (
        f"from tests.bench.attending import forget_high_water, high_water\nfrom tests.bench.{room} import ways\n"
        f"ways(16)['{way}'](); run = ways({T})['{way}']\n"
        "forget_high_water(); before = high_water(); run(); print(high_water() - before)"
    )
    given_back = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}  # what is freed is held no more, and counts anew
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, cwd=ROOT, env=given_back, capture_output=True, text=True, check=True)
    return float(said.stdout)


def attending() -> Iterator[Row]:
    """Time and memory at three lengths, and how both grow."""
    times: dict[int, list[float]] = {}
    for T in LENGTHS:
        times[T] = in_turn(*ways(T).values(), rounds=3)
        blocks, square, ours = times[T][0], times[T][1], [peak(way, T) for way in ("blocks", "square", "torch")]
        yield Row(
            f"attention in blocks, T = {T:,}: time",
            f"the full square ({square * 1000:.0f} ms); torch's SDPA ({times[T][2] * 1000:.1f} ms)",
            f"{blocks / square:.2f}; {blocks / times[T][2]:.1f} ({blocks * 1000:.0f} ms)",
            GOAL.get(T, "–"),
        )
        yield Row(
            f"attention in blocks, T = {T:,}: peak memory",
            f"the full square ({ours[1]:.1f} MB); torch's SDPA ({ours[2]:.1f} MB)",
            f"{ours[0]:.1f} MB",
            "–",
        )
    grown = [after / before for before, after in zip(times[LENGTHS[-2]], times[LENGTHS[-1]], strict=True)]
    yield Row(
        "its time, four times the tokens",
        f"the full square ({grown[1]:.1f} times); torch's SDPA ({grown[2]:.1f} times)",
        f"{grown[0]:.1f} times",
        "–",
    )


def decoding() -> Iterator[Row]:
    """Writing tokens one by one with a small GPT: everything read again at each, or kept in a cache."""

    def plain(n: int) -> None:
        for T in range(1, n + 1):
            logits(tokens[:T], weights)

    def cached(n: int) -> None:
        caches = [KVCache() for _ in weights.blocks]
        for T in range(n):
            cached_logits(tokens[T : T + 1], weights, caches)

    weights = draw_weights(V=64, n_positions=512, d_model=64, n_heads=4, n_layers=2)
    tokens = np.random.default_rng(0).integers(64, size=512)
    short = in_turn(partial(plain, TOKENS // 2), partial(cached, TOKENS // 2), rounds=1)
    long = in_turn(partial(plain, TOKENS), partial(cached, TOKENS), rounds=1)
    yield Row(
        f"decoding {TOKENS} tokens with a cache",
        f"without one ({long[0]:.2f} s)",
        f"{long[1] / long[0]:.3f} ({long[1]:.2f} s)",
        "–",
    )
    yield Row(
        "its time, twice the tokens",
        f"without one ({long[0] / short[0]:.1f} times)",
        f"{long[1] / short[1]:.1f} times",
        "–",
    )
