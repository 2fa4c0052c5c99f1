"""What attention costs, counted before anything is run."""


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
