"""Models as people bring them, and things that are none; named on the command line by the tests."""

from __future__ import annotations

import ctypes
import os
import sys
import time

import numpy as np


def honest(x):
    return np.cumsum(x, axis=0)


def of_batches(x):
    return np.cumsum(x, axis=1)


def of_tokens(ids):
    return np.cumsum(np.eye(10)[ids], axis=0)


def of_token_batches(ids):
    return np.cumsum(np.eye(10)[ids], axis=1)


def in_a_tuple(x):
    return None, np.cumsum(x, axis=0)


def in_a_dict(x):
    return {"hidden": 3, "logits": np.cumsum(x, axis=0)}


def in_a_field(x):
    return type("Output", (), {"last_hidden_state": np.cumsum(x, axis=0)})()


def of_width_24(x):
    return np.cumsum(x @ np.ones((24, 3)), axis=0)


def last_row(x):
    return np.cumsum(x, axis=0)[-1:]


def changes_its_input(x):
    x += 1
    return np.cumsum(x, axis=0)


def up_to_ten(x):
    if len(x) > 10:
        raise ValueError("too long")
    return np.cumsum(x, axis=0)


def make():
    return honest


class NeedsWeights:
    def __init__(self, weights):
        self.weights = weights

    def __call__(self, x):
        return x


def fails(x):
    raise RuntimeError("no\nweights")


def ends(x):
    raise SystemExit(0)


def ends_at_once(x):
    os._exit(0)


def never_ends(x):
    while True:
        time.sleep(0.01)


def breaks_the_process(x):
    ctypes.string_at(0)


def random(x):
    return x + np.random.default_rng().standard_normal(x.shape)


def nan(x):
    y = np.cumsum(x, axis=0)
    y[2] = np.nan
    return y


def longer(x):
    return np.concatenate([x, x])


def words(x):
    return ["a", "list", "of", "words"]


def one_number(x):
    return x.sum()


def constant(x):
    return np.ones_like(x)


def of_two(x, weights):
    return x * weights


def chatty(x):
    print("a line of its own", file=sys.stdout)
    return np.cumsum(x, axis=0)


def up_to_four(x):
    if x.dtype.kind != "f" or x.ndim != 2 or len(x) > 4:
        raise ValueError("the block size is 4")
    return np.cumsum(x, axis=0)


def by_name(**batch):
    return np.cumsum(batch["ids"], axis=0)


def waves(x):
    return np.fft.fft(x, axis=0)


number = 3
