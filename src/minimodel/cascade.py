"""Attention over parts of the keys, each read by itself, and merged by the logarithm of its sum of exponentials."""

import math
from functools import reduce

import numpy as np

from minimodel.blockwise import Summary, finite, merge, summarise
from minimodel.masks import causal_allowed
from minimodel.shapes import check_shapes

Part = tuple[np.ndarray, np.ndarray]
"""An output `[..., L, d_v]`, and the log-sum-exp of the scores that it was made with, `[..., L, 1]`."""


# --8<-- [start:attention_part]
def attention_part(q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray | None = None) -> Part:
    """Attend to some of the keys as if there were no others, and say how much they weigh.

    Args:
        q: queries `[..., L, d_head]`, float.
        k: some of the keys `[..., S, d_head]`.
        v: their values `[..., S, d_v]`.
        allowed: boolean `[L, S]`, or all the axes of the scores; every key when left out.

    Returns:
        The output `[..., L, d_v]`, and the log-sum-exp `[..., L, 1]`. A query that may read none of these keys gets
        zeros and `-inf`, which changes nothing when it is merged.

    Raises:
        ValueError: the shapes do not fit.

    Source: FlashInfer, 2024, for the pair as the state of an attention.

    ```python
    import numpy as np
    from minimodel.cascade import attention_part

    output, lse = attention_part(np.array([[1.0]]), np.array([[2.0], [1.0]]), np.array([[10.0], [20.0]]))
    print(output.round(4), lse.round(4))
    ```

    ```text
    [[12.6894]] [[2.3133]]
    ```
    """
    check_shapes(q=("... L d_head", q.shape), k=("... S d_head", k.shape), v=("... S d_v", v.shape))
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])  # [..., L, S]
    return finished(summarise(scores if allowed is None else np.where(allowed, scores, -np.inf), v))
    # --8<-- [end:attention_part]


# --8<-- [start:merge_parts]
def merge_parts(*parts: Part) -> Part:
    """Merge the attention over several parts of the keys into that over all of them.

    Each part weighs the exponential of its log-sum-exp: that is the sum of all exponentials in it.

    Args:
        parts: of the same queries, over keys that no two of them share.

    Returns:
        The part of all these keys.

    Source: FlashInfer, 2024; Milakov and Gimelshein, 2018, section 3.1, for the merging.

    ```python
    import numpy as np
    from minimodel.cascade import merge_parts

    first, second = (np.array([[10.0]]), np.log([[3.0]])), (np.array([[20.0]]), np.log([[1.0]]))
    output, lse = merge_parts(first, second)
    print(output, np.exp(lse).round(4))
    ```

    ```text
    [[12.5]] [[4.]]
    ```
    """
    return finished(reduce(merge, (Summary(lse, np.ones_like(lse), output) for output, lse in parts)))
    # --8<-- [end:merge_parts]


# --8<-- [start:finished]
def finished(summary: Summary) -> Part:
    """Divide a summary by its sum; of no keys there are zeros, and a log-sum-exp of `-inf`."""
    nothing = np.isneginf(summary.maximum)  # [..., L, 1]
    total = np.where(nothing, np.ones_like(summary.total), summary.total)  # [..., L, 1]
    lse = np.where(nothing, summary.maximum, finite(summary.maximum) + np.log(total))  # [..., L, 1]
    return np.where(nothing, np.zeros_like(summary.output), summary.output) / total, lse
    # --8<-- [end:finished]


# --8<-- [start:cascade_attention]
def cascade_attention(
    q: np.ndarray, shared_k: np.ndarray, shared_v: np.ndarray, own_k: np.ndarray, own_v: np.ndarray
) -> np.ndarray:
    """Let texts that begin alike read their common beginning together, and each its own rest.

    The queries of all texts become rows of one matrix, so that the shared keys are read once and not once a text.

    Args:
        q: queries `[B, H, L, d_head]`, those of the last L tokens of each text.
        shared_k: keys of the common beginning `[H, P, d_head]`, kept once.
        shared_v: values of it `[H, P, d_v]`.
        own_k: keys of the rest `[B, H, S, d_head]`, the last L those of the queries' own tokens.
        own_v: values of it `[B, H, S, d_v]`.

    Returns:
        The output `[B, H, L, d_v]`, equal to causal attention over the beginning and the rest of each text up to
        rounding.

    Raises:
        ValueError: the shapes do not fit, or there are fewer own keys than queries.

    Source: Juravsky et al., 2024; FlashInfer, 2024.

    ```python
    import numpy as np
    from minimodel.cascade import cascade_attention

    q, own = np.ones((5, 2, 1, 4)), np.ones((5, 2, 3, 4))  # five texts, two heads, one new token in each
    print(cascade_attention(q, np.ones((2, 100, 4)), np.ones((2, 100, 4)), own, own).shape)
    ```

    ```text
    (5, 2, 1, 4)
    ```
    """
    B, H, L, d_head = q.shape
    rows = q.swapaxes(0, 1).reshape(H, B * L, d_head)  # [H, B * L, d_head] no text has a future here
    shared = (
        part.reshape(H, B, L, -1).swapaxes(0, 1)  # [B, H, L, d_v] and [B, H, L, 1]
        for part in attention_part(rows, shared_k, shared_v)
    )
    S = own_k.shape[-2]
    own = attention_part(q, own_k, own_v, causal_allowed(L, offset=S - L))
    output, _ = merge_parts(tuple(shared), own)  # type: ignore[arg-type]
    return output
    # --8<-- [end:cascade_attention]
