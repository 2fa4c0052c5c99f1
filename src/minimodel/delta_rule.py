"""The delta rule: a state that corrects what it holds under a key, where a sum adds to it."""

import numpy as np

from minimodel.linear_attention import decay_or_ones, empty_state
from minimodel.shapes import check_shapes


# --8<-- [start:delta_rule]
def delta_rule(
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    strength: np.ndarray,
    decay: np.ndarray | None = None,
    state: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Carry a state that is read before it is written: what is missing to the value is added under the key.

    With keys of length one and a strength of one, a key that is written again gives its new value and no other.

    Args:
        q: queries `[..., T, d]`.
        k: keys `[..., T, d]`.
        v: values `[..., T, d_v]`.
        strength: `[..., T]`, from zero to one: how much of the difference is corrected.
        decay: `[..., T]`; the state fades before it is read. When left out nothing decays.
        state: `[..., d, d_v]`, what earlier tokens left; zeros when left out.

    Returns:
        The output `[..., T, d_v]`, and the last state `[..., d, d_v]`.

    Raises:
        ValueError: the shapes do not fit.

    Source: Yang et al., 2024, the recurrent form; with a decay, Yang et al., 2025.

    ```python
    import numpy as np
    from minimodel.delta_rule import delta_rule

    k = np.array([[1.0, 0.0], [1.0, 0.0]])  # the same key twice
    rows, state = delta_rule(k, k, v=np.array([[2.0], [5.0]]), strength=np.ones(2))
    print(rows.ravel())
    ```

    ```text
    [2. 5.]
    ```
    """
    check_shapes(q=("... T d", q.shape), k=("... T d", k.shape), v=("... T d_v", v.shape))
    decay, rows = decay_or_ones(decay, k), np.empty_like(v)
    state = empty_state(k, v) if state is None else state  # [..., d, d_v]
    for t in range(k.shape[-2]):
        state = decay[..., t, None, None] * state
        missing = v[..., t, None, :] - k[..., t, None, :] @ state  # [..., 1, d_v] the value, less what is read
        state = state + strength[..., t, None, None] * k[..., t, :, None] * missing  # [..., d, d_v]
        rows[..., t, :] = (q[..., t, None, :] @ state)[..., 0, :]  # [..., d_v]
    return rows, state
    # --8<-- [end:delta_rule]


# --8<-- [start:corrected_values]
def corrected_values(k: np.ndarray, v: np.ndarray, strength: np.ndarray, state: np.ndarray | None = None) -> np.ndarray:
    """Find the values with which linear attention does what the delta rule does, without a decay.

    Each is its value, less what the state before it gives for its key; and that state is a sum of those before it.
    So they solve a triangular system, all at once: the delta rule has a masked and a chunkwise form as well.

    Args:
        k: keys `[..., T, d]`.
        v: values `[..., T, d_v]`.
        strength: `[..., T]`, as for `delta_rule`.
        state: `[..., d, d_v]`, what earlier tokens left; zeros when left out.

    Returns:
        `[..., T, d_v]`.

    Source: Yang et al., 2024, the values u of their chunkwise form.

    ```python
    import numpy as np
    from minimodel.delta_rule import corrected_values

    k = np.array([[1.0, 0.0], [1.0, 0.0]])  # the same key twice
    print(corrected_values(k, v=np.array([[2.0], [5.0]]), strength=np.ones(2)).ravel())
    ```

    ```text
    [2. 3.]
    ```
    """
    known = v if state is None else v - k @ state  # [..., T, d_v]
    earlier = np.tril(k @ k.swapaxes(-1, -2), -1)  # [..., T, T]
    weight = strength[..., None]  # [..., T, 1]
    return np.linalg.solve(np.eye(k.shape[-2], dtype=k.dtype) + weight * earlier, weight * known)  # [..., T, d_v]
    # --8<-- [end:corrected_values]
