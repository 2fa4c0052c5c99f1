"""Four instruments, and a diagnosis made with them. A patient can be called, and not looked into.

`patient(x)` reads a text `[T, d_model]` at once. `patient(x, cut)` reads the tokens before the cut, keeps their
keys and values, and then reads the rest.
"""

import numpy as np

from minimodel.influence import influence


def lost(patient, x):
    """`[T]`, boolean: which outputs hold NaN."""
    raise NotImplementedError


def sees(patient, x):
    """`[T, T]`, boolean: entry [i, j] is true where output i moves when token j changes."""
    raise NotImplementedError


def whispered(patient, T, d_model):
    """`[T, T]`: the share of token j that arrives at output i when all scores are as good as zero."""
    raise NotImplementedError


def apart(patient, x, cut):
    """The largest difference between reading x at once and reading it in two parts."""
    raise NotImplementedError


def diagnose(patient, d_model):
    """What ails the patient: "healthy", or the name of one bug of the lab's table."""
    raise NotImplementedError


if __name__ == "__main__":
    from handbook.labs.patients import stranger, truth

    for number in range(6):
        someone = stranger(number)
        print(number, diagnose(someone, someone.d_model), "/ in truth", truth(number))
