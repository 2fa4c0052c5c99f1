"""Masks, softmax and attention again, in torch: the same names, tested equal to NumPy and to torch's own."""

import math

import torch
from torch import Tensor

from minimodel.shapes import check_mask_shape, check_shapes


# --8<-- [start:causal_allowed]
def causal_allowed(L: int, S: int | None = None, *, offset: int = 0) -> Tensor:
    """Say which keys each query may read: its own position and everything before it.

    Args:
        L: number of queries; row i stands at the absolute position `offset + i`.
        S: number of keys; `offset + L` when left out.
        offset: number of tokens before the first query.

    Returns:
        A boolean tensor `[L, S]`, True where the key may be read.

    Raises:
        ValueError: a size or the offset is negative.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    from minimodel.torch_mirror import causal_allowed

    print(causal_allowed(2, offset=1).int().tolist())
    ```

    ```text
    [[1, 1, 0], [1, 1, 1]]
    ```
    """
    S = offset + L if S is None else S
    if min(L, S, offset) < 0:
        raise ValueError(f"L = {L}, S = {S}, offset = {offset}: all three count tokens; none can be negative")
    query = offset + torch.arange(L)[:, None]  # [L, 1] absolute positions
    key = torch.arange(S)[None, :]  # [1, S]
    return key <= query  # [L, S]
    # --8<-- [end:causal_allowed]


# --8<-- [start:additive]
def additive(allowed: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Turn a boolean mask into one that is added to the scores.

    Args:
        allowed: boolean tensor of any shape, True where a key may be read.
        dtype: a float type, that of the scores; torch's default is single precision.

    Returns:
        A tensor of the same shape: zero where allowed, `-inf` where not.

    Raises:
        TypeError: `allowed` is not boolean, or `dtype` cannot hold minus infinity.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    import torch
    from minimodel.torch_mirror import additive

    print(additive(torch.tensor([True, True, False])))
    ```

    ```text
    tensor([0., 0., -inf])
    ```
    """
    if allowed.dtype != torch.bool:
        raise TypeError(f"allowed has dtype {allowed.dtype}, not bool; is this mask additive already?")
    if not dtype.is_floating_point:
        raise TypeError(f"{dtype} cannot hold -inf; an additive mask takes the scores' float dtype")
    return torch.zeros_like(allowed, dtype=dtype).masked_fill(~allowed, -math.inf)
    # --8<-- [end:additive]


# --8<-- [start:causal_mask]
def causal_mask(T: int, dtype: torch.dtype = torch.float32, *, offset: int = 0) -> Tensor:
    """Make the causal mask of `T` queries, ready to be added to their scores.

    Args:
        T: number of queries.
        dtype: a float type, that of the scores; torch's default is single precision.
        offset: number of tokens before the first query, such as those in a cache.

    Returns:
        A tensor `[T, offset + T]`: zero up to the query's own position, `-inf` after it.

    Raises:
        ValueError: `T` or `offset` is negative.
        TypeError: `dtype` is not a float type.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    from minimodel.torch_mirror import causal_mask

    print(causal_mask(3))
    ```

    ```text
    tensor([[0., -inf, -inf],
            [0., 0., -inf],
            [0., 0., 0.]])
    ```
    """
    return additive(causal_allowed(T, offset=offset), dtype)
    # --8<-- [end:causal_mask]


# --8<-- [start:softmax]
def softmax(scores: Tensor, axis: int = -1) -> Tensor:
    """Turn scores into weights: none negative, and a sum of one along `axis`.

    Where every score along `axis` is `-inf` the weights are NaN, as in NumPy.

    Args:
        scores: real numbers, any shape with at least one axis.
        axis: the axis along which the weights sum to one; the keys' axis in attention.

    Returns:
        A tensor of the shape and dtype of `scores`.

    Source: Goodfellow et al., 2016, section 4.1.

    ```python
    import torch
    from minimodel.torch_mirror import softmax

    print(softmax(torch.tensor([2.0, 1.0, 4.0, -torch.inf])))
    ```

    ```text
    tensor([0.1142, 0.0420, 0.8438, 0.0000])
    ```
    """
    shifted = scores - scores.amax(dim=axis, keepdim=True)  # the largest score is now zero
    exps = shifted.exp()
    return exps / exps.sum(dim=axis, keepdim=True)
    # --8<-- [end:softmax]


# --8<-- [start:scaled_dot_product_attention]
def scaled_dot_product_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Average the values, each weighted by how well its key matches the query.

    Args:
        q: queries `[..., L, d_head]`, float.
        k: keys `[..., S, d_head]`.
        v: values `[..., S, d_v]`.
        mask: `[L, S]`, or all the axes of the scores `[..., L, S]`, each equal or of size one. Boolean
            (True may be read), or float (added to the scores, in their dtype).

    Returns:
        The output `[..., L, d_v]` and the weights `[..., L, S]`. A query that may read no key gets NaN.

    Raises:
        ValueError: the shapes do not fit, or a float mask holds only zeros and ones.
        TypeError: the mask is neither boolean nor float.

    Source: Vaswani et al., 2017, equation 1.

    ```python
    import torch
    from minimodel.torch_mirror import causal_mask, scaled_dot_product_attention

    x = torch.eye(2)
    output, weights = scaled_dot_product_attention(x, x, x, causal_mask(2))
    print(weights)
    ```

    ```text
    tensor([[1.0000, 0.0000],
            [0.3302, 0.6698]])
    ```
    """
    check_shapes(q=("... L d_head", q.shape), k=("... S d_head", k.shape), v=("... S d_v", v.shape))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])  # [..., L, S]
    if mask is not None:
        check_mask_shape(mask.shape, scores.shape)
        scores = scores + to_additive(mask, scores.dtype)  # [..., L, S]
    weights = softmax(scores)  # [..., L, S]
    return weights @ v, weights  # [..., L, d_v], [..., L, S]
    # --8<-- [end:scaled_dot_product_attention]


# --8<-- [start:to_additive]
def to_additive(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """Make any accepted mask additive, in the dtype of the scores; refuse one that would mask nothing."""
    if mask.dtype == torch.bool:
        return additive(mask, dtype)
    if not mask.dtype.is_floating_point:
        raise TypeError(f"mask has dtype {mask.dtype}; did you mean mask.bool()? True = may read")
    if bool((mask == 1).any() and ((mask == 0) | (mask == 1)).all()):
        raise ValueError(
            "mask holds only zeros and ones, and added to scores they block nothing; "
            "did you mean mask.bool()? True = may read"
        )
    return mask.to(dtype)
    # --8<-- [end:to_additive]
