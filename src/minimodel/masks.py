"""Causal masks: which keys each query may read.

A mask is first a set of booleans, True where a query may read a key. Added to scores, it becomes zeros and
minus infinities. Both have the shape of the scores, `[L, S]`: one row a query, one column a key.
"""

import numpy as np


# --8<-- [start:causal_allowed]
def causal_allowed(L: int, S: int | None = None, *, offset: int = 0) -> np.ndarray:
    """Say which keys each query may read: its own position and everything before it.

    Row i stands at the absolute position `offset + i`, because `offset` tokens came before the first query.
    It may read the keys up to that position.

    Args:
        L: number of queries.
        S: number of keys; `offset + L` when left out.
        offset: number of tokens before the first query.

    Returns:
        A boolean array `[L, S]`, True where the key may be read.

    Raises:
        ValueError: a size or the offset is negative.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    from minimodel.masks import causal_allowed

    print(causal_allowed(2, offset=1).astype(int))
    ```

    ```text
    [[1 1 0]
     [1 1 1]]
    ```
    """
    S = offset + L if S is None else S
    if min(L, S, offset) < 0:
        raise ValueError(f"L = {L}, S = {S}, offset = {offset}: all three count tokens; none can be negative")
    query = offset + np.arange(L)[:, None]  # [L, 1] absolute positions
    key = np.arange(S)[None, :]  # [1, S]
    allowed: np.ndarray = key <= query  # [L, S]
    return allowed
    # --8<-- [end:causal_allowed]


# --8<-- [start:additive]
def additive(allowed: np.ndarray, dtype: np.typing.DTypeLike = np.float64) -> np.ndarray:
    """Turn a boolean mask into one that is added to the scores.

    Adding zero keeps a score; adding minus infinity leaves minus infinity, whose exponential is exactly zero.

    Args:
        allowed: boolean array of any shape, True where a key may be read.
        dtype: a float type, that of the scores.

    Returns:
        An array of the same shape: zero where allowed, `-inf` where not.

    Raises:
        TypeError: `allowed` is not boolean, or `dtype` cannot hold minus infinity.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    import numpy as np
    from minimodel.masks import additive

    print(additive(np.array([True, True, False])))
    ```

    ```text
    [  0.   0. -inf]
    ```
    """
    if allowed.dtype != np.bool_:
        raise TypeError(f"allowed has dtype {allowed.dtype}, not bool; is this mask additive already?")
    if not np.issubdtype(dtype, np.floating):
        raise TypeError(f"{np.dtype(dtype)} cannot hold -inf; an additive mask takes the scores' float dtype")
    keep, block = np.array([0, -np.inf], dtype)
    mask: np.ndarray = np.where(allowed, keep, block)
    return mask
    # --8<-- [end:additive]


# --8<-- [start:causal_mask]
def causal_mask(T: int, dtype: np.typing.DTypeLike = np.float64, *, offset: int = 0) -> np.ndarray:
    """Make the causal mask of `T` queries, ready to be added to their scores.

    Args:
        T: number of queries.
        dtype: a float type, that of the scores.
        offset: number of tokens before the first query, such as those in a cache.

    Returns:
        An array `[T, offset + T]`: zero up to the query's own position, `-inf` after it.

    Raises:
        ValueError: `T` or `offset` is negative.
        TypeError: `dtype` is not a float type.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    from minimodel.masks import causal_mask

    print(causal_mask(3))
    ```

    ```text
    [[  0. -inf -inf]
     [  0.   0. -inf]
     [  0.   0.   0.]]
    ```
    """
    return additive(causal_allowed(T, offset=offset), dtype)
    # --8<-- [end:causal_mask]
