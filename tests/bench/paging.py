"""What a cache in pages costs in NumPy, against rows in one piece: the time of decoding, and memory for many texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minimodel.cache import Cache, KVCache, cached_logits
from minimodel.gpt import draw_weights
from minimodel.paging import PagedCache, PagePool
from tests.bench.attending import TOKENS
from tests.bench.measure import Row, in_turn

PAGE, TEXTS = 16, 64
D_MODEL, HEADS, LAYERS = 64, 4, 2


def paging() -> Iterator[Row]:
    """Decode one text token by token from pages and from a row; then reserve memory for many, of random length."""
    weights = draw_weights(V=64, n_positions=512, d_model=D_MODEL, n_heads=HEADS, n_layers=LAYERS)
    tokens = np.random.default_rng(0).integers(64, size=TOKENS)

    def decode(caches: Sequence[Cache]) -> None:
        for t in range(TOKENS):
            cached_logits(tokens[t : t + 1], weights, caches)

    def pools(texts: int) -> list[PagePool]:
        n_pages = texts * -(-TOKENS // PAGE)
        return [PagePool(n_pages, PAGE, n_kv_heads=HEADS, d_head=D_MODEL // HEADS) for _ in range(LAYERS)]

    row, pages = in_turn(
        lambda: decode([KVCache() for _ in range(LAYERS)]),
        lambda: decode([PagedCache(pool) for pool in pools(1)]),
        rounds=3,
    )
    yield Row(
        f"decoding {TOKENS} tokens from pages of {PAGE}",
        f"from a row in one piece ({row:.2f} s)",
        f"{pages / row:.2f} ({pages:.2f} s)",
        "–",
    )
    lengths = np.random.default_rng(0).integers(1, TOKENS + 1, size=TEXTS)
    held = 0
    for pool in pools(TEXTS):
        texts = [PagedCache(pool) for _ in range(TEXTS)]
        for text, length in zip(texts, lengths, strict=True):
            some = np.zeros((HEADS, int(length), D_MODEL // HEADS))
            text.append(some, some)
        held += sum(text.nbytes for text in texts)
    reserved = 2 * LAYERS * TEXTS * TOKENS * D_MODEL * 8  # keys and values of the greatest length, in float64
    yield Row(
        f"memory of {TEXTS} texts of random length in pages of {PAGE}",
        f"rows of {TOKENS} tokens each ({reserved / 1e6:.1f} MB)",
        f"{held / reserved:.3f} ({held / 1e6:.1f} MB)",
        "–",
    )
