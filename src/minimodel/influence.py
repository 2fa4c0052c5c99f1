"""The influence matrix: which inputs move which outputs. It asks the model, and not its mask."""

from collections.abc import Callable

import numpy as np


# --8<-- [start:influence]
def influence(
    f: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    *,
    delta: float = 1.0,
    change: Callable[[np.ndarray, int], np.ndarray] | None = None,
) -> np.ndarray:
    """Perturb each input position in turn, and record which outputs moved at all.

    Any change counts, down to the last bit: the relative and the absolute tolerance are both zero. Compare
    the result with the expected mask for equality: a model that reads too little is wrong as well.

    Args:
        f: takes an array like `x`, gives an array whose first axis has the same T positions.
        x: `[T, ...]`; never changed, `f` gets copies.
        delta: size of the perturbation. Features get different amounts, from `delta` to twice that, because
            a LayerNorm would hide an equal step in all of them.
        change: makes the perturbed copy from `x` and a position, in place of `delta`: `another_token`
            does it for token models.

    Returns:
        A boolean array `[T, T]`: entry `[i, j]` is True when perturbing input j moved output i.

    Raises:
        ValueError: `f` changes the number of positions, gives NaN, or differs between two equal calls; or a
            perturbation moved no output, which proves nothing.

    ```python
    import numpy as np
    from minimodel.influence import influence

    x = np.array([3.0, 1.0, 2.0])
    print(influence(np.cumsum, x).astype(int))
    ```

    ```text
    [[1 0 0]
     [1 1 0]
     [1 1 1]]
    ```
    """
    T = len(x)
    base = f(x.copy())  # [T, ...]
    if len(base) != T:
        raise ValueError(f"f turned {T} positions into {len(base)}; is the first axis the batch?")
    if np.isnan(base).any():
        raise ValueError("f(x) holds NaN, which never equals itself; is a row fully masked?")
    if not np.array_equal(f(x.copy()), base):
        raise ValueError("f gave two different results for one input; is there dropout, or a cache?")
    moved = np.zeros((T, T), dtype=bool)
    for j in range(T):
        perturbed = change(x, j) if change else perturb(x, j, delta)
        changed = f(perturbed) != base  # [T, ...]
        moved[:, j] = changed.reshape(T, -1).any(axis=1)  # [T]
        if not moved[:, j].any():
            raise ValueError(f"perturbing input {j} moved no output; is f blind to it, or delta too small?")
    return moved
    # --8<-- [end:influence]


# --8<-- [start:perturb]
def perturb(x: np.ndarray, j: int, delta: float) -> np.ndarray:
    """Copy `x`, with the features of position `j` raised by `delta` to twice `delta`, each differently."""
    steps = np.linspace(delta, 2 * delta, x[j].size).reshape(x[j].shape)
    perturbed = x.copy()
    perturbed[j] = x[j] + steps
    return perturbed
    # --8<-- [end:perturb]


# --8<-- [start:another_token]
def another_token(vocabulary: int) -> Callable[[np.ndarray, int], np.ndarray]:
    """Give the `change` of `influence` for token models: position j gets the next token of the vocabulary."""

    def change(tokens: np.ndarray, j: int) -> np.ndarray:
        changed = tokens.copy()
        changed[j] = (changed[j] + 1) % vocabulary
        return changed

    return change
    # --8<-- [end:another_token]
