"""Sinusoids: a position as a vector of sines and cosines, which is added to the embedding of its token."""

import numpy as np

from minimodel.rope import rotary_speeds


# --8<-- [start:sinusoids]
def sinusoids(positions: np.ndarray, d_model: int, base: float = 10000.0) -> np.ndarray:
    """Write each position as hands on dials of ever slower clocks, a sine and a cosine for each.

    Args:
        positions: integers `[T]`, counted from the start of the text, also when a cache holds the first ones.
        d_model: width of the embeddings that they are added to, even.
        base: how slow the slowest clock is; its turn a position is about 1 / base radians.

    Returns:
        An array `[T, d_model]` of vectors of one length; features 0 and 1 belong to the fastest clock.

    Raises:
        ValueError: d_model is odd.

    Source: Vaswani et al., 2017, section 3.5.

    ```python
    import numpy as np
    from minimodel.sinusoids import sinusoids

    print(sinusoids(np.array([0, 1]), d_model=4).round(4))
    ```

    ```text
    [[0.     1.     0.     1.    ]
     [0.8415 0.5403 0.01   1.    ]]
    ```
    """
    if d_model % 2:
        raise ValueError(f"d_model = {d_model} is odd, and each clock takes two features: a sine and a cosine")
    angles = positions[:, None] * rotary_speeds(d_model, base)  # [T, d_model / 2]
    pairs = np.stack([np.sin(angles), np.cos(angles)], axis=-1)  # [T, d_model / 2, 2]
    return pairs.reshape(len(positions), d_model)
    # --8<-- [end:sinusoids]
