"""What you have read in masks.py, softmax.py and attention.py, as rules for any input. Nothing of it is imported."""


def keys_in_sight(L, S, offset):
    """How many keys each of the L rows of `causal_allowed(L, S, offset=offset)` may read: L integers."""
    raise NotImplementedError


def times_the_weight(first, second):
    """How many times the weight of the second key the first one gets, from their two scores."""
    raise NotImplementedError


def shapes(q, k, v):
    """The shapes of the output and of the weights, from the shapes of q, k and v: two lists."""
    raise NotImplementedError


def accepted(kind, mask, scores):
    """Whether a mask of that shape and kind is taken for scores of that shape; a float mask holds 0 and -inf.

    The kind is "bool", "int64" or "float64"; both shapes are lists.
    """
    raise NotImplementedError


if __name__ == "__main__":
    print(keys_in_sight(2, 5, 2))
