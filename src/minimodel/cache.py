"""Caches of keys and values, and a model that decodes with them.

A token's keys and values depend on it and on what comes before it, never on what comes after. So they need to
be made only once. `KVCache` keeps all of them, `RingCache` those of the last tokens; both are used in the same way.
"""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

import numpy as np

from minimodel.attention import merge_heads, scaled_dot_product_attention, split_heads
from minimodel.gpt import BlockWeights, GPTWeights, embed, layer_norm, pre_norm_block
from minimodel.predicates import Predicate, all_of, ask, causal, window
from minimodel.shapes import check_shapes


# --8<-- [start:KVCache]
class KVCache:
    """The keys and values of all tokens so far, for one layer.

    ```python
    import numpy as np
    from minimodel.cache import KVCache

    cache = KVCache()
    cache.append(np.ones((3, 5, 4)), np.ones((3, 5, 4)))  # five tokens, in three heads
    keys, values, positions = cache.append(np.ones((3, 1, 4)), np.ones((3, 1, 4)))  # one more
    print(keys.shape, positions, cache.nbytes)
    ```

    ```text
    (3, 6, 4) [0 1 2 3 4 5] 1152
    ```
    """

    def __init__(self) -> None:
        """Begin with no tokens. The first ones set the axes in front, the widths and the dtypes."""
        self.rule = causal  # which keys a query may read, by position: all up to its own
        self._keys: np.ndarray | None = None  # [..., H_kv, length, d_head]
        self._values: np.ndarray | None = None  # [..., H_kv, length, d_v]

    @property
    def length(self) -> int:
        """Number of tokens seen so far: the position of the next one."""
        return 0 if self._keys is None else self._keys.shape[-2]

    @property
    def nbytes(self) -> int:
        """Bytes that the keys and values take."""
        return 0 if self._keys is None or self._values is None else self._keys.nbytes + self._values.nbytes

    def append(self, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Add the keys and values of the next tokens, and return those that their queries may read.

        Args:
            k: keys `[..., H_kv, L, d_head]` of L new tokens.
            v: values `[..., H_kv, L, d_v]`.

        Returns:
            Keys `[..., H_kv, S, d_head]`, values `[..., H_kv, S, d_v]` and their absolute positions `[S]`.
            The arrays are the cache itself: read them, and do not write to them.

        Raises:
            ValueError: the shapes do not fit each other, or what is kept.
            TypeError: the dtype is not that of what is kept.
        """
        check_new(self._keys, self._values, k, v)
        self._keys = k.copy() if self._keys is None else np.concatenate([self._keys, k], axis=-2)
        self._values = v.copy() if self._values is None else np.concatenate([self._values, v], axis=-2)
        return self._keys, self._values, np.arange(self.length)

    def truncate(self, length: int) -> None:
        """Forget every token from position `length` on, as if it had never come.

        Args:
            length: number of tokens to keep.

        Raises:
            ValueError: the cache has not seen that many tokens.
        """
        check_rollback(length, self.length)
        if self._keys is not None and self._values is not None:
            self._keys = self._keys[..., :length, :].copy()  # a view would hold the memory of all
            self._values = self._values[..., :length, :].copy()
        # --8<-- [end:KVCache]

    # --8<-- [start:keep]
    def keep(self, kept: Sequence[int]) -> None:
        """Keep the tokens in these places alone, close up, and forget the others.

        Args:
            kept: places, rising. After a tree of guesses: the text, and the accepted path.

        Raises:
            ValueError: the places do not rise, or the cache has not seen that many tokens.
        """
        if any(not 0 <= place < self.length for place in kept) or (np.diff(kept) <= 0).any():
            raise ValueError(f"cannot keep {list(kept)}: places rise, and the cache has seen {self.length} tokens")
        if self._keys is None or self._values is None:
            return
        places = list(kept)  # indexing with a list copies, so the memory of the others is free
        self._keys, self._values = self._keys[..., places, :], self._values[..., places, :]
        # --8<-- [end:keep]


# --8<-- [start:RingCache]
class RingCache:
    """The keys and values of the last W tokens, for one layer whose window is W.

    Token t lies in slot t mod W, where it overwrites the token that left the window.

    Args:
        capacity: W, the number of slots; a query reads W keys, its own among them.

    Raises:
        ValueError: W is smaller than one.

    Source: Jiang et al., 2023, section 2.

    ```python
    import numpy as np
    from minimodel.cache import RingCache

    cache = RingCache(capacity=4)
    cache.append(np.ones((3, 5, 4)), np.ones((3, 5, 4)))  # five tokens, in three heads
    keys, values, positions = cache.append(np.ones((3, 1, 4)), np.ones((3, 1, 4)))  # one more
    print(keys.shape, positions, cache.nbytes)
    ```

    ```text
    (3, 5, 4) [1 2 3 4 5] 768
    ```
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity = {capacity}: a window counts the query's own key, so it is at least 1")
        self.capacity = capacity
        self.rule = all_of(causal, window(capacity))  # which keys a query may read, by position: the last W
        self.length = 0  # number of tokens seen so far: the position of the next one
        self._first = 0  # the oldest token that is still there
        self._keys: np.ndarray | None = None  # [..., H_kv, W, d_head]
        self._values: np.ndarray | None = None  # [..., H_kv, W, d_v]

    @property
    def nbytes(self) -> int:
        """Bytes of all W slots, from the first token on."""
        return 0 if self._keys is None or self._values is None else self._keys.nbytes + self._values.nbytes

    def append(self, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Add the keys and values of the next tokens, and return what was kept, followed by the new ones.

        All new tokens are in the result, however many they are: what is too old for the *next* queries may be
        in the window of these. So mask first, and leave the trimming to the ring.

        Args:
            k: keys `[..., H_kv, L, d_head]` of L new tokens.
            v: values `[..., H_kv, L, d_v]`.

        Returns:
            Keys `[..., H_kv, S, d_head]`, values `[..., H_kv, S, d_v]` and their absolute positions `[S]`.

        Raises:
            ValueError: the shapes do not fit each other, or what is kept.
            TypeError: the dtype is not that of what is kept.
        """
        check_new(self._keys, self._values, k, v)
        if self._keys is None or self._values is None:
            self._keys, self._values = (np.zeros((*x.shape[:-2], self.capacity, x.shape[-1]), x.dtype) for x in (k, v))
        end = self.length + k.shape[-2]
        kept = np.arange(self._first, self.length) % self.capacity  # their slots, oldest first
        keys = np.concatenate([self._keys[..., kept, :], k], axis=-2)  # [..., H_kv, S, d_head]
        values = np.concatenate([self._values[..., kept, :], v], axis=-2)  # [..., H_kv, S, d_v]
        positions = np.arange(self._first, end)  # [S]

        last = positions[-self.capacity :] % self.capacity  # the slots of the last W; what lies there was read above
        self._keys[..., last, :] = keys[..., -self.capacity :, :]
        self._values[..., last, :] = values[..., -self.capacity :, :]
        self._first, self.length = max(self._first, end - self.capacity), end
        return keys, values, positions

    def truncate(self, length: int) -> None:
        """Forget every token from position `length` on, if what came before is still there.

        The query at position `length` reads the W - 1 tokens before it, and each token that is forgotten may have
        overwritten one. So a ring that overwrites can go back one step, or to nothing.

        Args:
            length: number of tokens to keep.

        Raises:
            ValueError: the cache has not seen that many tokens, or has overwritten some that would be read.
        """
        check_rollback(length, self.length)
        wanted = max(0, length - self.capacity + 1)
        if wanted < min(self._first, length):
            raise ValueError(
                f"cannot go back to {length} tokens: the next query reads from token {wanted}, but the ring has "
                f"overwritten all before {self._first}; take a full cache, or a ring with slots to spare"
            )
        self._first, self.length = min(self._first, length), length
        # --8<-- [end:RingCache]


class Cache(Protocol):
    """What decoding asks of a cache: all of them are used in the same way."""

    @property
    def rule(self) -> Predicate:
        """Which keys a query may read, by position."""

    @property
    def length(self) -> int:
        """Number of tokens seen so far."""

    @property
    def nbytes(self) -> int:
        """Bytes that are taken."""

    def append(self, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Add new keys and values, and return those that their queries may read, with their positions."""

    def truncate(self, length: int) -> None:
        """Forget every token from position `length` on."""


def check_new(keys: np.ndarray | None, values: np.ndarray | None, k: np.ndarray, v: np.ndarray) -> None:
    """Refuse new keys and values that fit neither each other nor what is kept."""
    check_shapes(k=("... H_kv L d_head", k.shape), v=("... H_kv L d_v", v.shape))
    for name, kept, new in (("keys", keys, k), ("values", values, v)):
        if kept is None:
            continue
        if (*kept.shape[:-2], kept.shape[-1]) != (*new.shape[:-2], new.shape[-1]):
            raise ValueError(
                f"the cache holds {name} {kept.shape} and the new ones have {new.shape}; only the axis of tokens, "
                "the last but one, may differ: was the cache made for another batch or another layer?"
            )
        if kept.dtype != new.dtype:
            raise TypeError(f"the cache holds {name} in {kept.dtype} and the new ones are {new.dtype}; cast them first")


def check_rollback(length: int, seen: int) -> None:
    """Refuse to go back to a length that was never reached."""
    if not 0 <= length <= seen:
        raise ValueError(f"cannot truncate to {length} tokens: the cache has seen {seen}")


# --8<-- [start:attend_cached]
def attend_cached(
    x: np.ndarray, weights: BlockWeights, n_heads: int, cache: Cache, rule: Predicate | None = None
) -> np.ndarray:
    """Multi-head attention of new tokens over all that the cache keeps, and over themselves.

    Args:
        x: `[..., L, d_model]` the new tokens alone.
        weights: of the block.
        n_heads: H, a divisor of d_model.
        cache: of this layer; the new tokens are added to it.
        rule: which keys a query may read, by their places in the cache; the cache's own when left out.

    Returns:
        An array of the shape of `x`.

    Raises:
        ValueError: the shapes do not fit each other, or the cache.

    Source: Vaswani et al., 2017, section 3.2.2; Shazeer, 2019, section 2.4.

    ```python
    import numpy as np
    from minimodel.gpt import draw_weights
    from minimodel.cache import KVCache, attend_cached

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=1).blocks[0]
    cache = KVCache()
    print(attend_cached(np.ones((4, 12)), weights, 3, cache).shape, cache.length)
    ```

    ```text
    (4, 12) 4
    ```
    """
    q, k, v = (split_heads(x @ W, n_heads) for W in (weights.W_q, weights.W_k, weights.W_v))
    queries = cache.length + np.arange(x.shape[-2])  # [L] where the new tokens stand
    k, v, keys = cache.append(k, v)  # [..., H, S, d_head], and where they stand [S]
    allowed = ask(cache.rule if rule is None else rule, queries, keys)  # [L, S]
    heads, _ = scaled_dot_product_attention(q, k, v, allowed)
    output: np.ndarray = merge_heads(heads) @ weights.W_o  # [..., L, d_model]
    return output
    # --8<-- [end:attend_cached]


# --8<-- [start:cached_logits]
def cached_logits(tokens: np.ndarray, weights: GPTWeights, caches: Sequence[Cache]) -> np.ndarray:
    """From new tokens to their logits; what came before them is read from the caches.

    Args:
        tokens: integers `[..., L]` below V, the new ones alone.
        weights: of the model.
        caches: one a block, in order; the new tokens are added to each. Empty ones begin a text.

    Returns:
        Logits `[..., L, V]`; row i predicts the token after new token i.

    Raises:
        ValueError: there is not one cache a block, or they have seen different numbers of tokens, or the text
            is longer than the model has positions.
        IndexError: a token is not in the vocabulary.

    ```python
    import numpy as np
    from minimodel.gpt import draw_weights, logits
    from minimodel.cache import KVCache, cached_logits

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=2)
    tokens, caches = np.array([3, 1, 4, 1, 5]), [KVCache(), KVCache()]
    first, second = cached_logits(tokens[:3], weights, caches), cached_logits(tokens[3:], weights, caches)
    print(np.allclose(np.vstack([first, second]), logits(tokens, weights), rtol=0, atol=1e-12))
    ```

    ```text
    True
    ```
    """
    x = embed(tokens, weights, offset=tokens_seen(caches, len(weights.blocks)))  # [..., L, d_model]
    for one, cache in zip(weights.blocks, caches, strict=True):
        x = pre_norm_block(x, one, partial(attend_cached, weights=one, n_heads=weights.n_heads, cache=cache))
    scores: np.ndarray = layer_norm(x, weights.gain) @ weights.tokens.T  # [..., L, V]
    return scores
    # --8<-- [end:cached_logits]


def tokens_seen(caches: Sequence[Cache], n_layers: int) -> int:
    """Check that each layer has a cache of its own, and return how many tokens all of them have seen."""
    different = len({id(cache) for cache in caches})
    if len(caches) != n_layers or different < n_layers:
        raise ValueError(
            f"{n_layers} layers and {different} different caches; each layer needs its own: "
            "did you write [KVCache()] * n, which is one cache n times?"
        )
    lengths = [cache.length for cache in caches]
    if len(set(lengths)) > 1:
        raise ValueError(f"the caches have seen {lengths} tokens; were all of them truncated, or only one?")
    return max(lengths, default=0)
