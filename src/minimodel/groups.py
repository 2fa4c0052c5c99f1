"""Grouped keys and values: several query heads share one head of keys and one of values."""

import numpy as np


# --8<-- [start:repeat_kv]
def repeat_kv(k: np.ndarray, n_rep: int) -> np.ndarray:
    """Give each of `n_rep` query heads in a row its copy of the key or value head that they share.

    Heads 0, 1 become 0, 0, 1, 1. The other order, 0, 1, 0, 1, has the same shape and is wrong.

    Args:
        k: keys or values `[..., H_kv, S, d_head]`.
        n_rep: query heads for each of them, H / H_kv; with one, `k` itself is returned.

    Returns:
        An array `[..., H, S, d_head]`.

    Raises:
        ValueError: `n_rep` is smaller than one.

    Source: Ainslie et al., 2023, section 2.2.

    ```python
    import numpy as np
    from minimodel.groups import repeat_kv

    k = np.array([[[10.0]], [[20.0]]])  # two heads, one position, one feature
    print(repeat_kv(k, 2).ravel())
    ```

    ```text
    [10. 10. 20. 20.]
    ```
    """
    if n_rep < 1:
        raise ValueError(f"n_rep = {n_rep}; are there fewer query heads than key heads?")
    return k if n_rep == 1 else np.repeat(k, n_rep, axis=-3)
    # --8<-- [end:repeat_kv]


# --8<-- [start:group_size]
def group_size(n_heads: int, n_kv_heads: int) -> int:
    """Return how many query heads share one key head; raise ValueError where they do not divide."""
    if n_kv_heads < 1 or n_heads % n_kv_heads:
        raise ValueError(f"{n_heads} query heads do not divide into {n_kv_heads} groups of equal size")
    return n_heads // n_kv_heads
    # --8<-- [end:group_size]
