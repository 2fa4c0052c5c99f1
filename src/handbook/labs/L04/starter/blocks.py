"""Causal attention a block at a time: the square of scores is never there as a whole."""

import numpy as np


def absorb(largest, total, draft, scores, values):
    """One more block of keys into the summaries of the queries: the new largest, total and draft.

    A summary has the largest score so far `[L, 1]`, the sum of the exponentials `[L, 1]` and the values added up
    by them `[L, d_v]`, both less the largest. The summary of no keys holds -inf, 0 and zeros. The block brings its
    scores `[L, n]`, -inf where a query may not read, and its values `[n, d_v]`.
    """
    raise NotImplementedError


def attend(q, k, v, block, window=None):
    """`[L, d]`, `[S, d]`, `[S, d_v]` to the output `[L, d_v]`, and how many scores were computed.

    The queries are the last L of S positions: query i stands at S - L + i. It reads the keys up to its own
    position, the last `window` of them if there is a window. Scores are divided by the root of d. Take
    `block` queries and `block` keys at a time; the last block may be smaller.
    """
    raise NotImplementedError


if __name__ == "__main__":
    q, k, v = np.random.default_rng(0).normal(size=(3, 8, 4))
    for window in (None, 3):
        print(f"window {window}: {attend(q, k, v, 2, window)[1]} of {8 * 8} scores computed")
