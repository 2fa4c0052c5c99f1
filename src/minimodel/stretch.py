"""Rotary positions beyond the length of training: which pairs of features are slowed down, and by how much.

A text that is `factor` times as long as those of training turns the slow pairs to angles that training never
showed. Interpolation slows every pair down by `factor`: `rotate(..., slower=factor)`. The two functions here
spare the fast pairs, which tell neighbours apart.
"""

import numpy as np


# --8<-- [start:ntk_base]
def ntk_base(base: float, factor: float, d_head: int) -> float:
    """Raise the base so that the slowest pair turns `factor` times more slowly, and the fastest as before.

    Args:
        base: of the training.
        factor: how many times longer the text may be.
        d_head: width of a head, even and at least 4: with a single pair, the fastest is the slowest.

    Returns:
        The new base. A pair between the two ends is slowed down by a power of `factor` between 0 and 1.

    Raises:
        ValueError: d_head is below 4.

    Source: Peng et al., 2023, which calls it NTK-aware interpolation.

    ```python
    from minimodel.rope import rotary_speeds
    from minimodel.stretch import ntk_base

    print(rotary_speeds(8) / rotary_speeds(8, ntk_base(10_000.0, 8, 8)))
    ```

    ```text
    [1. 2. 4. 8.]
    ```
    """
    if d_head < 4:
        raise ValueError(f"d_head = {d_head}: one pair cannot both keep its speed and be slowed down")
    raised: float = base * factor ** (d_head / (d_head - 2))
    return raised
    # --8<-- [end:ntk_base]


# --8<-- [start:by_parts]
def by_parts(speeds: np.ndarray, factor: float, trained: int, slow: float = 1.0, fast: float = 32.0) -> np.ndarray:
    """Slow down the pairs that did not turn round in a text of training, and leave those that often did.

    Args:
        speeds: `[d_head / 2]`, radians a position.
        factor: how many times longer the text may be.
        trained: length of the texts of training.
        slow: up to so many turns in `trained` positions, a pair is slowed down by `factor`.
        fast: from so many turns on, a pair keeps its speed; its speed is mixed between the two.

    Returns:
        An array `[d_head / 2]` from 1 to `factor`: what to divide the speeds by, `slower` of `rotate`.

    Raises:
        ValueError: `fast` is not above `slow`.

    Source: Peng et al., 2023, which calls it NTK-by-parts; YaRN adds a factor on the scores. With 1 and 4 turns
        it is the scaling in Meta's code for Llama 3.1.

    ```python
    from minimodel.rope import rotary_speeds
    from minimodel.stretch import by_parts

    print(by_parts(rotary_speeds(8), factor=4, trained=512).round(2))
    ```

    ```text
    [1.   2.36 4.   4.  ]
    ```
    """
    if fast <= slow:
        raise ValueError(f"fast = {fast} is not above slow = {slow}; both count turns in {trained} positions")
    turns = trained * speeds / (2 * np.pi)  # [d_head / 2] in a text of training
    kept = np.clip((turns - slow) / (fast - slow), 0, 1)  # [d_head / 2] share of the old speed
    slower: np.ndarray = 1 / (kept + (1 - kept) / factor)  # [d_head / 2]
    return slower
    # --8<-- [end:by_parts]
