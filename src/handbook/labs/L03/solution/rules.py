"""What you have read in masks.py, softmax.py and attention.py, as rules for any input. Nothing of it is imported."""

import math


def keys_in_sight(L, S, offset):
    """Those up to the query's own position, of those that there are."""
    return [min(offset + i + 1, S) for i in range(L)]


def times_the_weight(first, second):
    """The denominator is that of both, and cancels."""
    return math.exp(first - second)


def shapes(q, k, v):
    """A row a query; in the output a value's width, in the weights a column a key."""
    return [[*q[:-1], v[-1]], [*q[:-1], k[-2]]]


def accepted(kind, mask, scores):
    """Booleans or floats, `[L, S]` or with every axis of the scores; an axis of one is stretched."""
    if kind == "int64" or len(mask) not in (2, len(scores)):
        return False
    from_the_last = zip(reversed(mask), reversed(scores), strict=False)
    return all(m in (1, s) for m, s in from_the_last)


if __name__ == "__main__":
    print(keys_in_sight(2, 5, 2))
