"""A causal convolution: each token is mixed with the few before it, as recurrent models do ahead of their state."""

import numpy as np

from minimodel.shapes import check_shapes


# --8<-- [start:causal_convolution]
def causal_convolution(x: np.ndarray, kernel: np.ndarray, before: np.ndarray | None = None) -> np.ndarray:
    """Add up each token and the K - 1 before it, every feature with weights of its own.

    Args:
        x: `[..., T, d]`.
        kernel: `[K, d]`; row 0 weighs the token itself, row 1 the one before it.
        before: `[..., K - 1, d]`, the last tokens before these, such as those of an earlier chunk; zeros when left out.

    Returns:
        An array of the shape of `x`.

    Raises:
        ValueError: the widths differ.

    Source: van den Oord et al., 2016, section 2.1, for the direction; Gu and Dao, 2023, figure 3, for its place.

    ```python
    import numpy as np
    from minimodel.convolution import causal_convolution

    x = np.array([[1.0], [2.0], [3.0]])
    print(causal_convolution(x, np.array([[1.0], [10.0]])).ravel())
    ```

    ```text
    [ 1. 12. 23.]
    ```
    """
    check_shapes(x=("... T d", x.shape), kernel=("K d", kernel.shape))
    K, T = len(kernel), x.shape[-2]
    if before is None:
        before = np.zeros((*x.shape[:-2], K - 1, x.shape[-1]), x.dtype)  # nothing came before
    padded = np.concatenate([before, x], axis=-2)  # [..., K - 1 + T, d]
    mixed = np.zeros_like(x)
    for back in range(K):
        start = K - 1 - back
        mixed += kernel[back] * padded[..., start : start + T, :]  # [..., T, d] as they were `back` tokens ago
    return mixed
    # --8<-- [end:causal_convolution]
