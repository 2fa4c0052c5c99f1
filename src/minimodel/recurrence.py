"""A recurrent state: the past in an array of fixed size, without a cache that grows."""

import numpy as np


# --8<-- [start:recurrence]
def recurrence(
    x: np.ndarray, decay: np.ndarray, state: np.ndarray | None = None, *, real: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Carry a state from token to token: it fades, and takes each token in.

    Args:
        x: `[..., T, d]`, float.
        decay: `[d]`, from zero to one: how much of the state each feature keeps at each token.
        state: `[..., d]`, what earlier tokens left; zeros when left out.
        real: boolean `[..., T]`, True where a token stands and not a pad; a pad leaves the state as it was.

    Returns:
        The state after each token `[..., T, d]`, and the last one `[..., d]`, with which the next tokens go on.

    Source: Gu and Dao, 2023, equation 2a, with a diagonal that does not depend on the token.

    ```python
    import numpy as np
    from minimodel.recurrence import recurrence

    rows, state = recurrence(np.array([[4.0], [0.0], [1.0]]), decay=np.array([0.5]))
    print(rows.ravel(), state)
    ```

    ```text
    [4. 2. 2.] [2.]
    ```
    """
    if state is None:
        state = np.zeros(x.shape[:-2] + x.shape[-1:], x.dtype)
    rows = np.empty_like(x)
    for t in range(x.shape[-2]):
        taken = decay * state + x[..., t, :]  # [..., d]
        state = taken if real is None else np.where(real[..., t, None], taken, state)  # [..., d]
        rows[..., t, :] = state
    return rows, state
    # --8<-- [end:recurrence]
