"""Four instruments, and a diagnosis made with them. A patient can be called, and not looked into."""

import numpy as np

from minimodel.influence import influence


def lost(patient, x):
    """`[T]`, boolean: which outputs hold NaN."""
    return np.isnan(patient(x)).any(axis=-1)


def sees(patient, x):
    """`[T, T]`, boolean: entry [i, j] is true where output i moves when token j changes."""
    return influence(patient, x)


def whispered(patient, T, d_model):
    """`[T, T]`: the share of token j that arrives at output i when all scores are as good as zero."""
    token = np.full(d_model, 1e-6)  # a score is a product of two of these
    alone = np.abs(patient(token[None])).max()  # what arrives when there is nothing else to read
    shares = np.zeros((T, T))
    for j in range(T):
        x = np.zeros((T, d_model))
        x[j] = token
        shares[:, j] = np.abs(patient(x)).max(axis=-1) / alone
    return shares


def apart(patient, x, cut):
    """The largest difference between reading x at once and reading it in two parts."""
    return np.abs(patient(x) - patient(x, cut)).max()


def diagnose(patient, d_model):
    """What ails the patient: "healthy", or the name of one bug of the lab's table."""
    T = 6
    x = np.random.default_rng(0).normal(size=(T, d_model))
    nan = lost(patient, x)
    if nan.any():
        return "diagonal-closed" if nan[0] else "polarity-swapped"
    future = np.triu(sees(patient, x), 1)
    if not future.any():
        return "top-left" if apart(patient, x, T // 2) > 1e-9 else "healthy"
    if np.array_equal(future, np.eye(T, k=1)):
        return "diagonal-ahead"
    shares = whispered(patient, T, d_model)
    if np.allclose(np.triu(shares, 1), 0):  # the blocked weights are zero, and the future is seen all the same
        return "softmax-over-queries" if np.allclose(shares.sum(axis=0), 1) else "mask-after-softmax"
    return "multiply-by-zero" if np.allclose(shares, 1 / T) else "zero-one-mask"


if __name__ == "__main__":
    from handbook.labs.patients import stranger, truth

    for number in range(6):
        someone = stranger(number)
        print(number, diagnose(someone, someone.d_model), "/ in truth", truth(number))
