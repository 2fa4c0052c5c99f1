"""ALiBi: positions by a penalty on distance, added to the scores; nothing is added to the tokens."""

import numpy as np


# --8<-- [start:alibi]
def alibi(queries: np.ndarray, keys: np.ndarray, n_heads: int) -> np.ndarray:
    """Lower the score of a key by its distance to the query, with a slope of its own for each head.

    Add it to the scores beside a mask: for keys after the query it is positive.

    Args:
        queries: integers `[L]`, where the queries stand in the text, also when a cache holds what came before.
        keys: integers `[S]`, where the keys stand, such as those that a cache has kept.
        n_heads: H; the slopes go from 2 to the power of -8 / H down to 1 / 256.

    Returns:
        An array `[H, L, S]`, zero where a query meets its own key.

    Source: Press et al., 2022, section 3.

    ```python
    import numpy as np
    from minimodel.alibi import alibi

    print(alibi(np.array([2]), np.arange(3), n_heads=2))
    ```

    ```text
    [[[-0.125      -0.0625     -0.        ]]

     [[-0.0078125  -0.00390625 -0.        ]]]
    ```
    """
    slopes = 2.0 ** (-8 * np.arange(1, n_heads + 1) / n_heads)  # [H]
    distance = queries[:, None] - keys  # [L, S]
    bias: np.ndarray = -slopes[:, None, None] * distance  # [H, L, S]
    return bias
    # --8<-- [end:alibi]
