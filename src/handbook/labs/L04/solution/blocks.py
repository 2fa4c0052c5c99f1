"""Causal attention a block at a time: the square of scores is never there as a whole."""

import numpy as np


def absorb(largest, total, draft, scores, values):
    """One more block of keys into the summaries of the queries: the new largest, total and draft."""
    new = np.maximum(largest, scores.max(axis=1, keepdims=True))  # [L, 1]
    against = np.where(np.isneginf(new), 0.0, new)  # a query that has read nothing: -inf - 0 stays -inf
    shrink, exps = np.exp(largest - against), np.exp(scores - against)  # [L, 1], [L, n]
    return new, shrink * total + exps.sum(axis=1, keepdims=True), shrink * draft + exps @ values


def attend(q, k, v, block, window=None):
    """`[L, d]`, `[S, d]`, `[S, d_v]` to the output `[L, d_v]`, and how many scores were computed."""
    L, S, d_v = len(q), len(k), v.shape[1]
    output, computed = np.empty((L, d_v)), 0
    for start in range(0, L, block):
        rows = slice(start, min(start + block, L))
        earliest, latest = S - L + rows.start, S - L + rows.stop - 1  # positions of the first and the last query
        query = np.arange(earliest, latest + 1)[:, None]  # [block, 1]
        summary = np.full((len(query), 1), -np.inf), np.zeros((len(query), 1)), np.zeros((len(query), d_v))
        for first in range(0, S, block):
            columns = slice(first, min(first + block, S))
            if columns.start > latest or (window is not None and columns.stop <= earliest - window + 1):
                continue  # no query here may read any key of it
            key = np.arange(columns.start, columns.stop)  # [block]
            scores = q[rows] @ k[columns].T / np.sqrt(q.shape[1])  # [block, block]
            computed += scores.size
            blocked = key > query
            if window is not None:
                blocked |= key <= query - window
            scores[blocked] = -np.inf
            summary = absorb(*summary, scores, v[columns])
        _, total, draft = summary
        output[rows] = draft / total
    return output, computed


if __name__ == "__main__":
    q, k, v = np.random.default_rng(0).normal(size=(3, 8, 4))
    for window in (None, 3):
        print(f"window {window}: {attend(q, k, v, 2, window)[1]} of {8 * 8} scores computed")
