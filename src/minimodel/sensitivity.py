"""The sensitivity matrix: how strongly each output depends on each input, by derivative, without torch."""

from collections.abc import Callable

import numpy as np


# --8<-- [start:sensitivity]
def sensitivity(f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, *, step: float = 1e-30) -> np.ndarray:
    """Take every derivative of every output, and keep the largest for each pair of positions.

    The step is imaginary: to first order, f(x + ih) is f(x) + ih f'(x), and f'(x) is the imaginary part
    divided by h. Nothing is subtracted, so nothing is lost in rounding, however small h is.

    Args:
        f: takes an array like `x`, gives an array whose first axis has the same T positions. It must carry
            complex numbers; `abs`, `.real` and comparisons of sizes have no complex derivative.
        x: `[T, ...]`, real; never changed, `f` gets copies.
        step: h, so small that its square vanishes beside 1.

    Returns:
        A float64 array `[T, T]`: entry `[i, j]` is the largest absolute derivative of any feature of
        output i with respect to any feature of input j.

    Raises:
        ValueError: `f` changes the number of positions, gives real numbers, or gives NaN.

    Source: Squire and Trapp, 1998.

    ```python
    import numpy as np
    from minimodel.sensitivity import sensitivity

    print(sensitivity(lambda x: np.cumsum(x**2), np.array([3.0, 1.0, 0.0])))
    ```

    ```text
    [[6. 0. 0.]
     [6. 2. 0.]
     [6. 2. 0.]]
    ```
    """
    T = len(x)
    steepest = np.zeros((T, T))
    for j, *feature in np.ndindex(x.shape):
        stepped = x.astype(np.complex128)  # [T, ...] a copy
        stepped[(j, *feature)] += 1j * step
        result = f(stepped)  # [T, ...]
        check_complex(result, T)
        slopes = np.abs(result.imag / step).reshape(T, -1)  # [T, features out]
        steepest[:, j] = np.maximum(steepest[:, j], slopes.max(axis=1))  # [T]
    return steepest
    # --8<-- [end:sensitivity]


# --8<-- [start:check_complex]
def check_complex(result: np.ndarray, T: int) -> None:
    """Refuse a result from which no derivative can be read."""
    if len(result) != T:
        raise ValueError(f"f turned {T} positions into {len(result)}; is the first axis the batch?")
    if not np.iscomplexobj(result):
        raise ValueError("f gave real numbers for complex ones; does it take .real or abs, or cast to float?")
    if np.isnan(result).any():
        raise ValueError("f(x) holds NaN, which has no derivative; is a row fully masked?")
    # --8<-- [end:check_complex]
