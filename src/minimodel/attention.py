"""Attention: each query reads the values of the keys it matches, one head or many."""

import math

import numpy as np

from minimodel.masks import additive, causal_mask
from minimodel.shapes import check_mask_shape, check_shapes
from minimodel.softmax import softmax

__all__ = ["MultiHeadAttention", "causal_mask", "merge_heads", "scaled_dot_product_attention", "split_heads"]


# --8<-- [start:scaled_dot_product_attention]
def scaled_dot_product_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Average the values, each weighted by how well its key matches the query.

    Args:
        q: queries `[..., L, d_head]`, float.
        k: keys `[..., S, d_head]`.
        v: values `[..., S, d_v]`.
        mask: `[L, S]`, or all the axes of the scores `[..., L, S]`, each equal or of size one. Boolean
            (True may be read), or float (added to the scores, in their dtype).

    Returns:
        The output `[..., L, d_v]` and the weights `[..., L, S]`, in the dtype of the inputs. A query that
        may read no key gets NaN.

    Raises:
        ValueError: the shapes do not fit, or a float mask holds only zeros and ones.
        TypeError: the mask is neither boolean nor float.

    Source: Vaswani et al., 2017, equation 1.

    ```python
    import numpy as np
    from minimodel.attention import causal_mask, scaled_dot_product_attention

    x = np.array([[1.0, 0.0], [0.0, 1.0]])
    output, weights = scaled_dot_product_attention(x, x, x, causal_mask(2))
    print(weights.round(4))
    ```

    ```text
    [[1.     0.    ]
     [0.3302 0.6698]]
    ```
    """
    check_shapes(q=("... L d_head", q.shape), k=("... S d_head", k.shape), v=("... S d_v", v.shape))
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])  # [..., L, S]
    if mask is not None:
        check_mask_shape(mask.shape, scores.shape)
        scores = scores + to_additive(mask, scores.dtype)  # [..., L, S]
    weights = softmax(scores)  # [..., L, S]
    return weights @ v, weights  # [..., L, d_v], [..., L, S]
    # --8<-- [end:scaled_dot_product_attention]


# --8<-- [start:to_additive]
def to_additive(mask: np.ndarray, dtype: np.typing.DTypeLike) -> np.ndarray:
    """Make any accepted mask additive, in the dtype of the scores; refuse one that would mask nothing."""
    if mask.dtype == np.bool_:
        return additive(mask, dtype)
    if not np.issubdtype(mask.dtype, np.floating):
        raise TypeError(f"mask has dtype {mask.dtype}; did you mean mask.astype(bool)? True = may read")
    if (mask == 1).any() and ((mask == 0) | (mask == 1)).all():
        raise ValueError(
            "mask holds only zeros and ones, and added to scores they block nothing; "
            "did you mean mask.astype(bool)? True = may read"
        )
    return mask.astype(dtype)
    # --8<-- [end:to_additive]


# --8<-- [start:head_width]
def head_width(d_model: int, n_heads: int) -> int:
    """Return d_head, the width of each head; raise ValueError where d_model does not divide."""
    if n_heads < 1 or d_model % n_heads:
        raise ValueError(f"d_model = {d_model} does not divide into {n_heads} heads of equal width")
    return d_model // n_heads
    # --8<-- [end:head_width]


# --8<-- [start:split_heads]
def split_heads(x: np.ndarray, n_heads: int) -> np.ndarray:
    """Cut the features into heads, and put the head axis before the positions.

    Args:
        x: `[..., T, d_model]`.
        n_heads: H, a divisor of d_model.

    Returns:
        A view `[..., H, T, d_head]`, where d_head is d_model / H.

    Raises:
        ValueError: d_model does not divide into H heads.

    Source: Vaswani et al., 2017, section 3.2.2.

    ```python
    import numpy as np
    from minimodel.attention import split_heads

    x = np.array([[0, 1, 2, 3], [4, 5, 6, 7]])
    print(split_heads(x, n_heads=2).tolist())
    ```

    ```text
    [[[0, 1], [4, 5]], [[2, 3], [6, 7]]]
    ```
    """
    *batch, T, d_model = x.shape
    heads = x.reshape(*batch, T, n_heads, head_width(d_model, n_heads))  # [..., T, H, d_head]
    return heads.swapaxes(-3, -2)  # [..., H, T, d_head]
    # --8<-- [end:split_heads]


# --8<-- [start:merge_heads]
def merge_heads(heads: np.ndarray) -> np.ndarray:
    """Put the heads back side by side: the inverse of `split_heads`.

    Args:
        heads: `[..., H, T, d_head]`.

    Returns:
        An array `[..., T, d_model]`, where d_model is H times d_head.

    Source: Vaswani et al., 2017, section 3.2.2.

    ```python
    import numpy as np
    from minimodel.attention import merge_heads

    heads = np.array([[[0, 1], [4, 5]], [[2, 3], [6, 7]]])
    print(merge_heads(heads))
    ```

    ```text
    [[0 1 2 3]
     [4 5 6 7]]
    ```
    """
    *batch, H, T, d_head = heads.shape
    side_by_side = heads.swapaxes(-3, -2)  # [..., T, H, d_head]
    return side_by_side.reshape(*batch, T, H * d_head)  # [..., T, d_model]
    # --8<-- [end:merge_heads]


# --8<-- [start:MultiHeadAttention]
class MultiHeadAttention:
    """Attention in several heads at once, each with projections of its own.

    The four weight matrices `[d_model, d_model]` are drawn from a normal distribution, always the same for
    one seed.

    Args:
        d_model: width of the embeddings.
        n_heads: H, a divisor of d_model.
        seed: seed of the weights.
        std: standard deviation of the weights.
        dtype: float type of the weights.

    Raises:
        ValueError: d_model does not divide into H heads.

    Source: Vaswani et al., 2017, section 3.2.2.

    ```python
    import numpy as np
    from minimodel.attention import MultiHeadAttention, causal_mask

    model = MultiHeadAttention(d_model=16, n_heads=2)
    print(model.forward(np.ones((8, 16)), causal_mask(8)).shape)
    ```

    ```text
    (8, 16)
    ```
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        seed: int = 0,
        std: float = 0.25,
        *,
        dtype: np.typing.DTypeLike = np.float64,
    ) -> None:
        """Draw the weights."""
        head_width(d_model, n_heads)  # refuse a width that does not divide now, not at the first forward
        weights = np.random.default_rng(seed).normal(0, std, (4, d_model, d_model)).astype(dtype)
        self.n_heads = n_heads
        self.W_q, self.W_k, self.W_v, self.W_o = weights  # [d_model, d_model] each

    def forward(self, x: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """Let each position read the others, as far as the mask allows.

        Args:
            x: `[T, d_model]` or `[B, T, d_model]`.
            mask: as for `scaled_dot_product_attention`, over scores `[H, T, T]` or `[B, H, T, T]`.

        Returns:
            An array of the shape of `x`, in the wider dtype of `x` and the weights.

        Raises:
            ValueError: `x` has another width than the weights, or the mask does not fit.
            TypeError: the mask is neither boolean nor float.
        """
        check_shapes(W_q=("d_model d_model", self.W_q.shape), x=("... T d_model", x.shape))
        q = split_heads(x @ self.W_q, self.n_heads)  # [..., H, T, d_head]
        k = split_heads(x @ self.W_k, self.n_heads)  # [..., H, T, d_head]
        v = split_heads(x @ self.W_v, self.n_heads)  # [..., H, T, d_head]
        heads, _ = scaled_dot_product_attention(q, k, v, mask)  # [..., H, T, d_head]
        output: np.ndarray = merge_heads(heads) @ self.W_o  # [..., T, d_model]
        return output
        # --8<-- [end:MultiHeadAttention]
