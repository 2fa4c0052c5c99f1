"""Rotary positions: a query and a key are turned by their positions, so that their score knows the distance."""

import numpy as np


# --8<-- [start:rotary_speeds]
def rotary_speeds(d_head: int, base: float = 10000.0) -> np.ndarray:
    """Say how fast each pair of features turns: one radian a position for the first, then ever more slowly.

    A pair has turned round once after 2 pi / speed positions. That is its wavelength.

    Args:
        d_head: width of a head, even.
        base: how slow the slowest pair is; its turn a position is about 1 / base radians.

    Returns:
        An array `[d_head / 2]`, in radians a position.

    Raises:
        ValueError: d_head is odd.

    Source: Su et al., 2021, section 3.2.2; the same speeds as those of Vaswani et al., 2017, section 3.5.

    ```python
    from minimodel.rope import rotary_speeds

    print(rotary_speeds(8))
    ```

    ```text
    [1.    0.1   0.01  0.001]
    ```
    """
    if d_head % 2:
        raise ValueError(f"d_head = {d_head} is odd, and features are turned in pairs")
    speeds: np.ndarray = base ** (-np.arange(0, d_head, 2) / d_head)  # [d_head / 2]
    return speeds
    # --8<-- [end:rotary_speeds]


# --8<-- [start:rotate]
def rotate(x: np.ndarray, positions: np.ndarray, base: float = 10000.0, slower: np.ndarray | float = 1.0) -> np.ndarray:
    """Turn each pair of features by an angle that grows with the position: fast for the first pair, then slower.

    Pairs are neighbours: features 0 and 1, features 2 and 3, as in the paper and in Meta's Llama 3. Other code
    pairs the first half with the second, as GPT-NeoX and Hugging Face's Llama do; weights trained for one are
    wrong in the other until the columns of W_q and W_k are reordered.

    Args:
        x: queries or keys `[..., T, d_head]`, d_head even.
        positions: integers `[T]`, counted from the start of the text, also when a cache holds the first ones.
        base: how slow the slowest pair is; its turn a position is about 1 / base radians.
        slower: by how much each pair is slowed down, `[d_head / 2]`, or one number for all of them.

    Returns:
        An array of the shape and dtype of `x`; every pair keeps its length.

    Raises:
        ValueError: d_head is odd, or there is not one position for each row.

    Source: Su et al., 2021, equations 15 and 34.

    ```python
    import numpy as np
    from minimodel.rope import rotate

    x = np.array([[1.0, 0.0], [1.0, 0.0]])
    print(rotate(x, np.array([0, 1])).round(4))
    ```

    ```text
    [[1.     0.    ]
     [0.5403 0.8415]]
    ```
    """
    T, d_head = x.shape[-2:]
    if positions.shape != (T,):
        raise ValueError(f"x has {T} rows but positions have shape {positions.shape}; were the cached ones left out?")
    speeds = rotary_speeds(d_head, base) / slower  # [d_head / 2] radians a position
    angles = positions[:, None] * speeds  # [T, d_head / 2]
    cos, sin = np.cos(angles), np.sin(angles)
    even, odd = x[..., 0::2], x[..., 1::2]  # [..., T, d_head / 2]
    turned = np.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)  # [..., T, d_head / 2, 2]
    return turned.reshape(x.shape).astype(x.dtype)
    # --8<-- [end:rotate]
