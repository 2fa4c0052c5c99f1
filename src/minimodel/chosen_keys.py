"""Sparse attention whose keys are chosen by content: a choice is a mask, and has to be as causal as one."""

import numpy as np

from minimodel.masks import causal_allowed
from minimodel.sampling import rank


# --8<-- [start:choose_keys]
def choose_keys(scores: np.ndarray, allowed: np.ndarray, n: int) -> np.ndarray:
    """Let each query choose, of the keys that it may read, the n with its best scores.

    What is not allowed is ruled out before the choice, so that it takes nobody's place.

    Args:
        scores: `[..., L, S]`, those of attention or of something cheaper.
        allowed: boolean `[L, S]` or `[..., L, S]`, True where the query may read the key.
        n: keys a query; one that may read fewer keeps them all, and of equal scores the first are chosen.

    Returns:
        A boolean mask `[..., L, S]`, True where the key is chosen.

    Raises:
        ValueError: n is smaller than one, which would leave rows with nothing to read.

    Source: DeepSeek-AI, 2025, the indexer of their published code.

    ```python
    import numpy as np
    from minimodel.chosen_keys import choose_keys
    from minimodel.masks import causal_allowed

    scores = np.array([[1.0, 9.0, 9.0], [3.0, 1.0, 9.0], [2.0, 1.0, 3.0]])
    print(choose_keys(scores, causal_allowed(3), n=2).astype(int))
    ```

    ```text
    [[1 0 0]
     [1 1 0]
     [1 0 1]]
    ```
    """
    if n < 1:
        raise ValueError(f"n = {n}, but a row with no key has no answer; choose at least one")
    best = rank(np.where(allowed, scores, -np.inf)) < n  # [..., L, S]
    return allowed & best
    # --8<-- [end:choose_keys]


# --8<-- [start:choose_blocks]
def choose_blocks(q: np.ndarray, k: np.ndarray, size: int, n: int) -> np.ndarray:
    """Let each query choose n whole blocks of its past by their mean keys, beside its own block up to itself.

    Args:
        q: queries `[..., T, d]`.
        k: keys `[..., T, d]`.
        size: tokens in a block; the last block may be shorter.
        n: blocks a query, its own not counted.

    Returns:
        A boolean mask `[..., T, T]`, True where the key is read.

    Raises:
        ValueError: n is smaller than one.

    Source: Lu et al., 2025, as their code and the notes of flash-linear-attention have it.

    ```python
    import numpy as np
    from minimodel.chosen_keys import choose_blocks

    k = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    print(choose_blocks(k, k, size=1, n=1)[-1].astype(int))
    ```

    ```text
    [1 0 0 0 1]
    ```
    """
    T = k.shape[-2]
    block = np.arange(T) // size  # [T] the block of each token
    means = [k[..., start : start + size, :].mean(axis=-2) for start in range(0, T, size)]
    scores = q @ np.stack(means, axis=-1)  # [..., T, blocks]
    over = np.arange(len(means)) < block[:, None]  # [T, blocks] a block has its mean when its last token is there
    chosen = choose_keys(scores, over, n)[..., block]  # [..., T, T] a block's answer holds for its tokens
    mask: np.ndarray = causal_allowed(T) & (chosen | (block == block[:, None]))  # [..., T, T]
    return mask
    # --8<-- [end:choose_blocks]
