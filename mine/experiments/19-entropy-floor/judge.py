"""Models of which nothing is known, judged by what they pay on texts whose floor is known."""

import numpy as np
from floor import T, fit, floor_of, loss

from handbook.labs.suspects import suspects


def verdicts(number, p, lag):
    """One word for each of `suspects(number)`, in order: "causal", "leaks" or "blind"."""
    raise NotImplementedError


if __name__ == "__main__":
    die = np.array([0.05, 0.1, 0.7, 0.05, 0.05, 0.05])
    for number in range(3):
        print(number, verdicts(number, die, 2))
