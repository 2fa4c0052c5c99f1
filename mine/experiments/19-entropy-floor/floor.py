"""Texts whose floor is known, and two models to train on them: one honest, one that sees too much."""

import numpy as np

from minimodel.masks import causal_allowed
from minimodel.next_token import cross_entropy, shift_labels
from minimodel.training import masked, predict, train

T = 8  # inputs of a text
D_MODEL, N_HEADS = 32, 4
TRAINING = {"batch": 16, "steps": 300, "rate": 0.02}


def floor_of(p, T, lag):
    """The least mean surprise, in nats, over the T targets of a text that `draw` makes.

    `p [V]` are the chances of the die's sides; some may be zero.
    """
    raise NotImplementedError


def draw(p, n, length, lag, seed):
    """`[n, length]` tokens from 0 to V - 1. The first `lag` of a text are even throws, all sides equally likely;
    each later token is the token `lag` before it plus a throw of the die `p`, modulo V.

    `seed` is a number or a generator: `np.random.default_rng(seed)` takes both.
    """
    raise NotImplementedError


def honest(scores):
    """From scores `[..., T, T]` to weights and the way back: a row reads itself and all before it."""
    raise NotImplementedError


def leaking(scores):
    """The same with the diagonal one too high: a row reads one token too many."""
    raise NotImplementedError


def weights(name, scores):
    """What `honest` or `leaking` makes of scores, for you and for the grader to look at."""
    return {"honest": honest, "leaking": leaking}[name](scores)[0]


def fit(weigh, labels, p, lag, seed):
    """Train on texts of `draw`, new ones at every step; what `train` returns."""
    raise NotImplementedError


def control(name, p, lag, seed):
    """The parameters of a control, "honest" or "leaking", after training. Both have labels shifted by one."""
    raise NotImplementedError


def loss(trained, weigh, labels, p, lag, seed):
    """The mean surprise of a trained model on texts that it has never seen."""
    raise NotImplementedError


if __name__ == "__main__":
    die = np.array([0.05, 0.1, 0.7, 0.05, 0.05, 0.05])
    print("floor:", round(floor_of(die, T, 2), 3))
    print("a text:", draw(die, 1, T + 1, 2, seed=0)[0])
