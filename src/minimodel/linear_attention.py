"""Attention without a softmax, in three forms of one sum: a masked square, a running state, and chunks."""

import numpy as np

from minimodel.shapes import check_shapes


# --8<-- [start:decay_mask]
def decay_mask(decay: np.ndarray) -> np.ndarray:
    """Write how much of each key is left when each query reads it: a causal mask with numbers in it.

    Args:
        decay: `[..., T]`, from zero to one: the share of all earlier keys that is left when token t comes.

    Returns:
        An array `[..., T, T]`: one on the diagonal, zero above it, and below it the product of the decays from
        the token after the key up to the query. Where nothing decays it is the causal mask.

    Source: Dao and Gu, 2024, the mask L of structured masked attention.

    ```python
    import numpy as np
    from minimodel.linear_attention import decay_mask

    print(decay_mask(np.array([0.5, 0.5, 0.1])))
    ```

    ```text
    [[1.   0.   0.  ]
     [0.5  1.   0.  ]
     [0.05 0.1  1.  ]]
    ```
    """
    T = decay.shape[-1]
    left = np.zeros((*decay.shape, T), decay.dtype)  # [..., T, T]
    for i in range(T):  # each row is the row above it, faded, and a one; above the first stand zeros
        left[..., i, :] = decay[..., i, None] * left[..., i - 1, :]
        left[..., i, i] = 1
    return left
    # --8<-- [end:decay_mask]


# --8<-- [start:linear_attention]
def linear_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, decay: np.ndarray | None = None) -> np.ndarray:
    """Add up the values of each query's past, each times its score: the masked square, and no softmax.

    For weights that sum to one, give `v` a last column of ones and divide the output by its own last column.

    Args:
        q: queries `[..., T, d]`, after the feature map if there is one.
        k: keys `[..., T, d]`, likewise.
        v: values `[..., T, d_v]`.
        decay: `[..., T]`, as for `decay_mask`; when left out nothing decays.

    Returns:
        `[..., T, d_v]`.

    Raises:
        ValueError: the shapes do not fit.

    Source: Katharopoulos et al., 2020, without their normaliser.

    ```python
    import numpy as np
    from minimodel.linear_attention import linear_attention

    k = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    print(linear_attention(k, k, v=np.array([[2.0], [3.0], [1.0]])).ravel())
    ```

    ```text
    [2. 3. 7.]
    ```
    """
    check_shapes(q=("... T d", q.shape), k=("... T d", k.shape), v=("... T d_v", v.shape))
    scores = q @ k.swapaxes(-1, -2)  # [..., T, T]
    summed: np.ndarray = (scores * decay_mask(decay_or_ones(decay, k))) @ v  # [..., T, d_v]
    return summed
    # --8<-- [end:linear_attention]


# --8<-- [start:recurrent_linear_attention]
def recurrent_linear_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, decay: np.ndarray | None = None, state: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Compute linear attention token by token: the state fades, takes in key times value, and is read.

    Args:
        q: queries `[..., T, d]`.
        k: keys `[..., T, d]`.
        v: values `[..., T, d_v]`.
        decay: `[..., T]`; when left out nothing decays.
        state: `[..., d, d_v]`, what earlier tokens left; zeros when left out.

    Returns:
        The output `[..., T, d_v]`, and the last state `[..., d, d_v]`, with which the next tokens go on.

    Raises:
        ValueError: the shapes do not fit.

    Source: Katharopoulos et al., 2020, the transformer as a recurrent network.

    ```python
    import numpy as np
    from minimodel.linear_attention import recurrent_linear_attention

    k = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    rows, state = recurrent_linear_attention(k, k, v=np.array([[2.0], [3.0], [1.0]]))
    print(rows.ravel(), state.ravel())
    ```

    ```text
    [2. 3. 7.] [3. 4.]
    ```
    """
    check_shapes(q=("... T d", q.shape), k=("... T d", k.shape), v=("... T d_v", v.shape))
    decay, rows = decay_or_ones(decay, k), np.empty_like(v)
    state = empty_state(k, v) if state is None else state  # [..., d, d_v]
    for t in range(k.shape[-2]):
        taken_in = k[..., t, :, None] * v[..., t, None, :]  # [..., d, d_v] an outer product
        state = decay[..., t, None, None] * state + taken_in  # [..., d, d_v]
        rows[..., t, :] = (q[..., t, None, :] @ state)[..., 0, :]  # [..., d_v]
    return rows, state
    # --8<-- [end:recurrent_linear_attention]


# --8<-- [start:chunkwise_linear_attention]
def chunkwise_linear_attention(
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    size: int,
    decay: np.ndarray | None = None,
    state: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Compute linear attention chunk by chunk: a masked square inside each, and the state for all before it.

    Args:
        q: queries `[..., T, d]`.
        k: keys `[..., T, d]`.
        v: values `[..., T, d_v]`.
        size: tokens in a chunk; the last chunk may be shorter.
        decay: `[..., T]`; when left out nothing decays.
        state: `[..., d, d_v]`, what earlier tokens left; zeros when left out.

    Returns:
        The output `[..., T, d_v]`, and the last state `[..., d, d_v]`.

    Raises:
        ValueError: the shapes do not fit, or a chunk would be empty.

    Source: Yang et al., 2024, the chunkwise form; Dao and Gu, 2024, listing 1.

    ```python
    import numpy as np
    from minimodel.linear_attention import chunkwise_linear_attention

    k = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    rows, state = chunkwise_linear_attention(k, k, v=np.array([[2.0], [3.0], [1.0]]), size=2)
    print(rows.ravel(), state.ravel())
    ```

    ```text
    [2. 3. 7.] [3. 4.]
    ```
    """
    if size < 1:
        raise ValueError(f"size = {size}, but each chunk needs a token")
    check_shapes(q=("... T d", q.shape), k=("... T d", k.shape), v=("... T d_v", v.shape))
    decay, rows = decay_or_ones(decay, k), np.empty_like(v)
    state = empty_state(k, v) if state is None else state  # [..., d, d_v]
    for start in range(0, k.shape[-2], size):
        here = np.s_[..., start : start + size, :]
        fades = decay[here[:-1]]  # [..., C]
        since_start = np.cumprod(fades, axis=-1)[..., None]  # [..., C, 1] what is left of the state at each token
        rows[here] = linear_attention(q[here], k[here], v[here], fades) + since_start * (q[here] @ state)
        until_end = decay_mask(fades)[..., -1, :, None]  # [..., C, 1] what is left of each key at the end
        state = since_start[..., -1:, :] * state + (until_end * k[here]).swapaxes(-1, -2) @ v[here]
    return rows, state
    # --8<-- [end:chunkwise_linear_attention]


def decay_or_ones(decay: np.ndarray | None, k: np.ndarray) -> np.ndarray:
    """Give the decay; where there is none, ones."""
    return np.ones(k.shape[:-1], k.dtype) if decay is None else decay  # [..., T]


def empty_state(k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Make the state before the first token."""
    return np.zeros((*k.shape[:-2], k.shape[-1], v.shape[-1]), v.dtype)  # [..., d, d_v]


# --8<-- [start:elu_plus_one]
def elu_plus_one(x: np.ndarray) -> np.ndarray:
    """Make features positive, so that no score is negative: x + 1 above zero, and the exponential below.

    Args:
        x: any shape, float.

    Returns:
        The same shape.

    Source: Katharopoulos et al., 2020, their feature map.

    ```python
    import numpy as np
    from minimodel.linear_attention import elu_plus_one

    print(elu_plus_one(np.array([-1.0, 0.0, 2.0])).round(4))
    ```

    ```text
    [0.3679 1.     3.    ]
    ```
    """
    return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))
    # --8<-- [end:elu_plus_one]
