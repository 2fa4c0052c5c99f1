"""What attention costs, counted before anything is run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


# --8<-- [start:kv_bytes]
def kv_bytes(*, n_layers: int, n_kv_heads: int, d_head: int, itemsize: int, tokens: int = 1, batch: int = 1) -> int:
    """Count the bytes of a cache of keys and values: by default, those of one token.

    Args:
        n_layers: number of layers that keep a cache.
        n_kv_heads: H_kv, heads of keys and values; it may be smaller than the number of query heads.
        d_head: width of a head, the same for keys and values.
        itemsize: bytes of one number, such as 2 for float16 and bfloat16.
        tokens: tokens that are kept of each text; for a ring, its slots.
        batch: B, number of texts.

    Returns:
        Bytes, all layers together.

    Raises:
        ValueError: a number is negative.

    Source: Shazeer, 2019, section 2.4, for what is kept.

    ```python
    from minimodel.calculator import kv_bytes

    print(kv_bytes(n_layers=2, n_kv_heads=3, d_head=4, itemsize=8, tokens=5))
    ```

    ```text
    1920
    ```
    """
    numbers = (n_layers, n_kv_heads, d_head, itemsize, tokens, batch)
    if min(numbers) < 0:
        raise ValueError(f"one of {numbers} is negative; each of them counts something")
    keys_and_values = 2
    return keys_and_values * n_layers * n_kv_heads * d_head * itemsize * tokens * batch
    # --8<-- [end:kv_bytes]


# --8<-- [start:score_pairs]
def score_pairs(L: int, *, offset: int = 0) -> int:
    """Count the pairs of a query and a key that one pass may score under the causal mask, for one head.

    Args:
        L: tokens of this pass, each with a query.
        offset: tokens before them, whose keys are read from the cache.

    Returns:
        The true cells of `causal_allowed(L, offset=offset)`: every new token reads all before it, and itself.

    Raises:
        ValueError: a number is negative.

    Source: Vaswani et al., 2017, section 3.2.3, for the mask that is counted.

    ```python
    from minimodel.calculator import score_pairs

    print(score_pairs(4), score_pairs(1, offset=3))
    ```

    ```text
    10 4
    ```
    """
    if min(L, offset) < 0:
        raise ValueError(f"L = {L}, offset = {offset}: both count tokens; neither can be negative")
    return L * offset + L * (L + 1) // 2  # a rectangle over the cache, and a triangle
    # --8<-- [end:score_pairs]


# --8<-- [start:weight_count]
def weight_count(
    *, V: int, d_model: int, d_ff: int, n_layers: int, n_heads: int, n_kv_heads: int, gated: bool, tied: bool
) -> int:
    """Count the weights of a decoder without biases and with rotary positions.

    Args:
        V: size of the vocabulary.
        d_model: width of the embeddings.
        d_ff: width inside the MLP.
        n_layers: number of blocks.
        n_heads: H, a divisor of d_model.
        n_kv_heads: H_kv, heads of keys and values.
        gated: whether the MLP has a third matrix, which gates what the first one gives.
        tied: whether the head is the embedding, and counts only once.

    Returns:
        All numbers that are learned, with a gain a feature for each norm.

    Source: Touvron et al., 2023, section 2.2, for the gate.

    ```python
    from minimodel.calculator import weight_count

    print(weight_count(V=11, d_model=12, d_ff=48, n_layers=2, n_heads=3, n_kv_heads=1, gated=False, tied=True))
    ```

    ```text
    3264
    ```
    """
    attention = 2 * d_model**2 + 2 * d_model * (d_model * n_kv_heads // n_heads)  # W_q and W_o, W_k and W_v
    mlp = (3 if gated else 2) * d_model * d_ff
    norms = (2 * n_layers + 1) * d_model
    return (1 if tied else 2) * V * d_model + n_layers * (attention + mlp) + norms
    # --8<-- [end:weight_count]


# --8<-- [start:pass_seconds]
def pass_seconds(
    *, weights: float, tokens: int, itemsize: int, flops: float, bandwidth: float, cache_bytes: float = 0
) -> tuple[float, float]:
    """Estimate how long a device reads, and how long it computes, in one pass over some tokens.

    Every weight is read once, however many tokens share the pass, and multiplied and added once a token. What
    is written, the scores and everything small are left out. Where the two overlap, the longer one is waited for.

    Args:
        weights: numbers that the pass reads and multiplies.
        tokens: new tokens of the pass, all texts together.
        itemsize: bytes of one number.
        flops: operations a second, at most.
        bandwidth: bytes read a second, at most.
        cache_bytes: bytes of keys and values that are read as well.

    Returns:
        Seconds of reading, seconds of arithmetic.

    Raises:
        ValueError: the device does nothing in a second.

    Source: Pope et al., 2022, section 2; Williams et al., 2009, for the two limits.

    ```python
    from minimodel.calculator import pass_seconds

    print(pass_seconds(weights=6e9, tokens=1, itemsize=2, flops=600e12, bandwidth=3e12))
    ```

    ```text
    (0.004, 2e-05)
    ```
    """
    if min(flops, bandwidth) <= 0:
        raise ValueError(f"flops = {flops}, bandwidth = {bandwidth}: both are rates and larger than zero")
    reading = (weights * itemsize + cache_bytes) / bandwidth
    computing = 2 * weights * tokens / flops  # one multiplication and one addition
    return reading, computing
    # --8<-- [end:pass_seconds]


# --8<-- [start:CachedLayers]
@dataclass(frozen=True)
class CachedLayers:
    """The layers of one kind in a model that mixes several, and what each of them keeps and reads of a token.

    Args:
        n: number of layers.
        kept: numbers that one layer keeps of a token: 2 * H_kv * d_head, or the width of a latent.
        work: multiply-adds of one layer for a query and a key, all heads: 2 * H * d_head, one d_head for the score
            and one for the average of the values; absorbed, H times the widths that a head scores and averages.
        sharing: how many of the layers keep nothing of their own, and read what another of them has kept.
        window: tokens that a query reads, at most, its own among them; infinity where it reads all.

    Source: Brandon et al., 2024, for sharing.
    """

    n: int
    kept: int
    work: int = 0
    sharing: int = 0
    window: float = math.inf

    def held(self, tokens: int) -> float:
        """Count the numbers that are kept of a text; a layer that shares adds none."""
        return (self.n - self.sharing) * self.kept * min(tokens, self.window)

    def read(self, tokens: int) -> float:
        """Count the numbers that one query reads; a layer that shares reads them once more."""
        return self.n * self.kept * min(tokens, self.window)

    def operations(self, tokens: int) -> float:
        """Count the operations of one query: a multiplication and an addition each."""
        return 2 * self.n * self.work * min(tokens, self.window)
        # --8<-- [end:CachedLayers]


# --8<-- [start:mixed_bytes]
def mixed_bytes(layers: Sequence[CachedLayers], *, itemsize: float, tokens: int = 1, batch: int = 1) -> float:
    """Count the bytes of a cache whose layers are of several kinds.

    A layer that is recurrent keeps a state of fixed size instead, and is no part of the count.

    Args:
        layers: those that keep or share keys and values, by kind.
        itemsize: bytes of one number, as `quantised_itemsize` counts them where scales are kept as well.
        tokens: tokens of each text.
        batch: B, number of texts.

    Returns:
        Bytes, all layers together.

    Source: DeepSeek-AI, 2024, table 1, for a latent.

    ```python
    from minimodel.calculator import CachedLayers, mixed_bytes

    layers = [CachedLayers(n=2, kept=2 * 3 * 4), CachedLayers(n=4, kept=2 * 3 * 4, sharing=2, window=5)]
    print(mixed_bytes(layers, itemsize=2, tokens=8))
    ```

    ```text
    1248
    ```
    """
    return sum(kind.held(tokens) for kind in layers) * itemsize * batch
    # --8<-- [end:mixed_bytes]


# --8<-- [start:quantised_itemsize]
def quantised_itemsize(bits: int, group: float = math.inf) -> float:
    """Count the bytes of a number that is kept in few bits, with its part of a scale of two bytes.

    Args:
        bits: of one number.
        group: how many numbers share a scale; infinity where nothing needs one.

    Returns:
        Bytes, not rounded.

    Source: Liu et al., 2024, for groups.

    ```python
    from minimodel.calculator import quantised_itemsize

    print(quantised_itemsize(16), quantised_itemsize(4, group=32))
    ```

    ```text
    2.0 0.5625
    ```
    """
    return bits / 8 + 2 / group
    # --8<-- [end:quantised_itemsize]


# --8<-- [start:Decoding]
@dataclass(frozen=True)
class Decoding:
    """One more token for each text of a batch, in seconds: what is read, and what is computed.

    Args:
        reading_weights: each weight that is needed, once a pass.
        reading_caches: the caches of all texts.
        computing_weights: products with weights.
        computing_attention: queries with keys, and weights of attention with values.
    """

    reading_weights: float
    reading_caches: float
    computing_weights: float
    computing_attention: float

    @property
    def reading(self) -> float:
        """Seconds of reading."""
        return self.reading_weights + self.reading_caches

    @property
    def computing(self) -> float:
        """Seconds of arithmetic."""
        return self.computing_weights + self.computing_attention

    @property
    def seconds(self) -> float:
        """The longer of the two, where they overlap."""
        return max(self.reading, self.computing)

    @property
    def attention_share(self) -> float:
        """Attention's own share of that: of the reading while decoding is memory-bound, else of the arithmetic."""
        if self.reading >= self.computing:
            return self.reading_caches / self.reading
        return self.computing_attention / self.computing
        # --8<-- [end:Decoding]


# --8<-- [start:decoding]
def decoding(
    layers: Sequence[CachedLayers],
    *,
    weights: float,
    active: float,
    weight_itemsize: int,
    itemsize: float,
    tokens: int,
    batch: int,
    flops: float,
    bandwidth: float,
) -> Decoding:
    """Estimate one more token for each text of a batch, with `pass_seconds` and with attention's own part.

    A model with experts uses some of its weights for a token. A batch reads what its tokens use: at most that many
    times as much as one of them, and at most everything.

    Args:
        layers: those that keep or share keys and values, by kind.
        weights: numbers of the whole model.
        active: of them, those that one token is multiplied with; all, where there are no experts.
        weight_itemsize: bytes of a weight.
        itemsize: bytes of a cached number.
        tokens: tokens of each text.
        batch: B, number of texts.
        flops: operations a second, at most.
        bandwidth: bytes read a second, at most.

    Returns:
        Seconds, by what they are spent on: bounds, with what is written and everything small left out.

    Source: Pope et al., 2022, section 2.

    ```python
    from minimodel.calculator import CachedLayers, decoding

    layers = [CachedLayers(n=32, kept=2 * 8 * 128, work=2 * 32 * 128)]
    model = {"weights": 8e9, "active": 8e9, "weight_itemsize": 2, "itemsize": 2}
    one = decoding(layers, **model, tokens=131_072, batch=1, flops=1e15, bandwidth=3e12)
    print(round(1000 * one.seconds, 2), round(one.attention_share, 2))
    ```

    ```text
    11.06 0.52
    ```
    """
    rates = {"flops": flops, "bandwidth": bandwidth}
    needed = min(weights, active * batch)
    reading, _ = pass_seconds(weights=needed, tokens=batch, itemsize=weight_itemsize, **rates)
    _, computing = pass_seconds(weights=active, tokens=batch, itemsize=weight_itemsize, **rates)
    cached = batch * itemsize * sum(kind.read(tokens) for kind in layers)
    operations = batch * sum(kind.operations(tokens) for kind in layers)
    return Decoding(reading, cached / bandwidth, computing, operations / flops)
    # --8<-- [end:decoding]


# --8<-- [start:turning_batch]
def turning_batch(
    layers: Sequence[CachedLayers],
    *,
    weights: float,
    active: float,
    weight_itemsize: int,
    itemsize: float,
    tokens: int,
    flops: float,
    bandwidth: float,
) -> float:
    """Count the texts at which decoding leaves the memory-bound side: with more, arithmetic takes longer than reading.

    A further text adds its arithmetic and the reading of its cache, and once all weights are read it adds none of
    those. If its cache alone takes longer to read than its token to compute, no batch is large enough.

    Args:
        layers: as in `decoding`, and so are the others.
        weights: numbers of the whole model.
        active: of them, those that one token is multiplied with.
        weight_itemsize: bytes of a weight.
        itemsize: bytes of a cached number.
        tokens: tokens of each text.
        flops: operations a second, at most.
        bandwidth: bytes read a second, at most.

    Returns:
        A number of texts, at least one and not rounded; infinity where there is none.

    Source: Pope et al., 2022, section 2; Williams et al., 2009, for the two limits.

    ```python
    from minimodel.calculator import CachedLayers, turning_batch

    layers = [CachedLayers(n=32, kept=2 * 8 * 128, work=2 * 32 * 128)]
    model = {"weights": 8e9, "active": 8e9, "weight_itemsize": 2, "itemsize": 2, "flops": 1e15, "bandwidth": 3e12}
    print([round(turning_batch(layers, **model, tokens=tokens), 1) for tokens in (0, 128, 1024)])
    ```

    ```text
    [333.3, 509.2, inf]
    ```
    """
    one = decoding(
        layers,
        weights=weights,
        active=active,
        weight_itemsize=weight_itemsize,
        itemsize=itemsize,
        tokens=tokens,
        batch=1,
        flops=flops,
        bandwidth=bandwidth,
    )
    if one.computing >= one.reading:
        return 1.0
    left = one.computing - one.reading_caches  # what a further text computes beyond the reading of its cache
    return weights * weight_itemsize / bandwidth / left if left > 0 else math.inf
    # --8<-- [end:turning_batch]
