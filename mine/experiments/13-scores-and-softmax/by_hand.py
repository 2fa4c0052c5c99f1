"""What you did on paper, as functions that hold for every text."""

import numpy as np


def scores(q, k):
    """`[L, d]` and `[S, d]` to `[L, S]`: how well each query matches each key, divided by the root of d."""
    raise NotImplementedError


def softmax(row):
    """`[S]` to `[S]`: weights, none negative, that sum to one. Safe for a score of 1000."""
    raise NotImplementedError


def causal_weights(q, k):
    """`[T, d]` twice to `[T, T]`: row i holds the weights of the keys 0 to i, and zeros after them."""
    raise NotImplementedError


if __name__ == "__main__":
    print(softmax(np.array([1.0, 2.0, 3.0])))
