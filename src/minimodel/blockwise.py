"""Attention in blocks: a few queries and a few keys at a time, so that the square of scores is never held.

What is known of a row after some of its keys is a summary of three numbers or vectors: the largest score, the
sum of the exponentials, and the values added up by them. Two summaries merge into one, in any order; this is
the online softmax.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from minimodel.predicates import Predicate, ask, causal
from minimodel.shapes import check_shapes


class Summary(NamedTuple):
    """What is kept of some keys, for each query. Exponentials are taken less the maximum."""

    maximum: np.ndarray  # [..., L, 1] the largest score; -inf where no key was open
    total: np.ndarray  # [..., L, 1] the sum of the exponentials
    output: np.ndarray  # [..., L, d_v] the values, each times its exponential, added up


# --8<-- [start:summarise]
def summarise(scores: np.ndarray, values: np.ndarray) -> Summary:
    """Take the softmax of some keys as far as it goes without the others.

    Args:
        scores: float `[..., L, S]`, `-inf` where a key may not be read.
        values: `[..., S, d_v]`.

    Returns:
        The summary of these keys, one row a query. A row without an open key is the summary of nothing.

    Source: Milakov and Gimelshein, 2018, section 3; Dao et al., 2022, section 3.1.

    ```python
    import numpy as np
    from minimodel.blockwise import summarise

    block = summarise(np.array([[2.0, 1.0]]), np.array([[10.0], [20.0]]))
    print(*(part.round(4) for part in block))
    ```

    ```text
    [[2.]] [[1.3679]] [[17.3576]]
    ```
    """
    maximum = scores.max(axis=-1, keepdims=True)  # [..., L, 1]
    exps = scores - finite(maximum)  # [..., L, S]
    np.exp(exps, out=exps)  # in place: one array of this size less to write
    return Summary(maximum, exps.sum(axis=-1, keepdims=True), exps @ values)
    # --8<-- [end:summarise]


# --8<-- [start:finite]
def finite(maximum: np.ndarray) -> np.ndarray:
    """Put zero for a maximum of `-inf`, so that `-inf` less it stays `-inf` and does not turn into NaN."""
    return np.where(np.isneginf(maximum), np.zeros_like(maximum), maximum)
    # --8<-- [end:finite]


# --8<-- [start:summary_of_nothing]
def summary_of_nothing(output: np.ndarray) -> Summary:
    """Start a summary for an output `[..., L, d_v]`: merged with another, it changes nothing."""
    zero = np.zeros_like(output[..., :1])  # [..., L, 1]
    return Summary(zero - np.inf, zero, np.zeros_like(output))
    # --8<-- [end:summary_of_nothing]


# --8<-- [start:merge]
def merge(first: Summary, second: Summary) -> Summary:
    """Make one summary of two: bring both to the larger maximum, then add.

    Args:
        first: of some keys.
        second: of other keys, for the same queries.

    Returns:
        The summary of all these keys.

    Source: Milakov and Gimelshein, 2018, section 3.1.

    ```python
    import numpy as np
    from minimodel.blockwise import merge, summarise

    one = summarise(np.array([[2.0, 1.0]]), np.array([[10.0], [20.0]]))
    other = summarise(np.array([[4.0, -np.inf]]), np.array([[30.0], [40.0]]))
    print(merge(one, other).total.round(4))
    ```

    ```text
    [[1.1851]]
    ```
    """
    maximum = np.maximum(first.maximum, second.maximum)  # [..., L, 1]
    shrink_first = np.exp(first.maximum - finite(maximum))  # [..., L, 1] at most one
    shrink_second = np.exp(second.maximum - finite(maximum))  # [..., L, 1] at most one
    total = shrink_first * first.total + shrink_second * second.total  # [..., L, 1]
    output = shrink_first * first.output + shrink_second * second.output  # [..., L, d_v]
    return Summary(maximum, total, output)
    # --8<-- [end:merge]


# --8<-- [start:blockwise_attention]
def blockwise_attention(
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    predicate: Predicate = causal,
    *,
    block_q: int = 512,
    block_k: int = 512,
    offset: int = 0,
) -> tuple[np.ndarray, int]:
    """Attend to the keys block by block. Besides the output, memory is that of one block.

    Args:
        q: queries `[L, d_head]`, `[H, L, d_head]` or `[B, H, L, d_head]`, float.
        k: keys `[..., S, d_head]`; the first stands at position zero.
        v: values `[..., S, d_v]`.
        predicate: which query may read which key; causal when left out.
        block_q: number of queries in a block. Unless told otherwise the scores of a block take a megabyte in
            single precision: few steps of the loop in Python, and few enough bytes for the cache of a core.
        block_k: number of keys in a block.
        offset: position of the first query, such as the number of tokens in a cache.

    Returns:
        The output `[..., L, d_v]`, equal to that of `scaled_dot_product_attention` up to rounding, in the
        dtype of the inputs; and the number of blocks that were computed. A query that may read no key gets
        NaN.

    Raises:
        ValueError: the shapes do not fit, a block is smaller than one, or the predicate knows of more texts than
            there are.

    Source: Dao et al., 2022, algorithm 1; Dao, 2023, section 3.1.1, for the blocks that are skipped.

    ```python
    import numpy as np
    from minimodel.blockwise import blockwise_attention

    x = np.eye(6)
    output, computed = blockwise_attention(x, x, x, block_q=2, block_k=2)
    print(output.shape, computed, "of 9 blocks")
    ```

    ```text
    (6, 6) 6 of 9 blocks
    ```
    """
    check_shapes(q=("... L d_head", q.shape), k=("... S d_head", k.shape), v=("... S d_v", v.shape))
    B, H = texts_and_heads(q.shape[:-2])
    queries = np.arange(offset, offset + q.shape[-2], dtype=np.int32)  # [L] absolute; small ones compare faster
    keys = np.arange(k.shape[-2], dtype=np.int32)  # [S]
    output = np.empty((*q.shape[:-1], v.shape[-1]), np.result_type(q, k, v))  # [..., L, d_v]
    computed = 0
    for rows in spans(len(queries), block_q):
        row_q = q[..., rows, :] / math.sqrt(q.shape[-1])  # [..., block_q, d_head]
        so_far = summary_of_nothing(output[..., rows, :])
        for columns in spans(len(keys), block_k):
            allowed = ask(predicate, queries[rows], keys[columns], B=B, H=H)  # [block_q, block_k], or with B, H
            if not allowed.any():
                continue  # nobody may read anything here: not a single product is formed
            scores = row_q @ k[..., columns, :].swapaxes(-1, -2)  # [..., block_q, block_k]
            scores[~allowed.reshape(scores.shape)] = -np.inf
            so_far = merge(so_far, summarise(scores, v[..., columns, :]))
            computed += 1
        output[..., rows, :] = so_far.output / so_far.total
    return output, computed
    # --8<-- [end:blockwise_attention]


# --8<-- [start:block_map]
def block_map(
    predicate: Predicate, L: int, S: int | None = None, *, block_q: int = 512, block_k: int = 512, offset: int = 0
) -> np.ndarray:
    """Say which blocks hold a key that somebody may read; the others are skipped.

    Args:
        predicate: which query may read which key, the same in every text and head.
        L: number of queries.
        S: number of keys; `offset + L` when left out.
        block_q: number of queries in a block.
        block_k: number of keys in a block.
        offset: position of the first query.

    Returns:
        A boolean array, one row a block of queries and one column a block of keys.

    Raises:
        ValueError: a block is smaller than one.

    Source: Dong et al., 2024, for masks of blocks.

    ```python
    from minimodel.blockwise import block_map
    from minimodel.predicates import causal

    print(block_map(causal, L=6, block_q=2, block_k=2).astype(int))
    ```

    ```text
    [[1 0 0]
     [1 1 0]
     [1 1 1]]
    ```
    """
    queries, keys = offset + np.arange(L), np.arange(offset + L if S is None else S)  # absolute positions
    columns = list(spans(len(keys), block_k))
    rows = [[ask(predicate, queries[q], keys[k]).any() for k in columns] for q in spans(L, block_q)]
    return np.array(rows, dtype=bool)
    # --8<-- [end:block_map]


# --8<-- [start:spans]
def spans(length: int, size: int) -> Iterator[slice]:
    """Cut positions into blocks of one size; the last one may be shorter."""
    if size < 1:
        raise ValueError(f"a block of {size} holds nothing; block_q and block_k are at least 1")
    return (slice(start, min(start + size, length)) for start in range(0, length, size))
    # --8<-- [end:spans]


# --8<-- [start:texts_and_heads]
def texts_and_heads(leading: tuple[int, ...]) -> tuple[int, int]:
    """Return B and H, the axes before the positions, with one for each that is missing; refuse a third axis."""
    if len(leading) > 2:
        raise ValueError(f"{len(leading)} axes stand before the positions; a predicate knows two, text and head")
    B, H = (1, 1, *leading)[-2:]
    return B, H
    # --8<-- [end:texts_and_heads]
