"""Texts whose floor is known, and two models to train on them: one honest, one that sees too much."""

import numpy as np

from minimodel.masks import causal_allowed
from minimodel.next_token import cross_entropy, shift_labels
from minimodel.training import masked, predict, train

T = 8  # inputs of a text
D_MODEL, N_HEADS = 32, 4
TRAINING = {"batch": 16, "steps": 300, "rate": 0.02}


def floor_of(p, T, lag):
    """The least mean surprise, in nats, over the T targets of a text that `draw` makes."""
    throw = -(p * np.log(np.where(p > 0, p, 1.0))).sum()  # a side that never comes up costs nothing
    even = min(lag - 1, T)  # the targets are tokens 1 to T, and of these 1 to lag - 1 are even throws
    return (even * np.log(len(p)) + (T - even) * throw) / T


def draw(p, n, length, lag, seed):
    """`[n, length]` tokens: the first `lag` even throws, each later one a loaded throw added to the one `lag` back."""
    rng, V = np.random.default_rng(seed), len(p)
    texts = rng.choice(V, size=(n, length), p=p)  # [n, length] throws of the loaded die
    texts[:, :lag] = rng.integers(V, size=texts[:, :lag].shape)
    for t in range(lag, length):
        texts[:, t] = (texts[:, t] + texts[:, t - lag]) % V
    return texts


def honest(scores):
    """From scores `[..., T, T]` to weights and the way back: a row reads itself and all before it."""
    return masked(causal_allowed(scores.shape[-1]))(scores)


def leaking(scores):
    """The same with the diagonal one too high: a row reads one token too many."""
    T = scores.shape[-1]
    return masked(np.tril(np.ones((T, T), dtype=bool), k=1))(scores)


def weights(name, scores):
    """What `honest` or `leaking` makes of scores, for you and for the grader to look at."""
    return {"honest": honest, "leaking": leaking}[name](scores)[0]


def fit(weigh, labels, p, lag, seed):
    """Train on texts of `draw`, new ones at every step; what `train` returns."""
    rng = np.random.default_rng(seed)

    def on_dice(tokens):  # [B, T + 1] what `train` drew says only how many texts it wants
        return labels(draw(p, *tokens.shape, lag, rng))

    return train(weigh, on_dice, V=len(p), T=T, d_model=D_MODEL, n_heads=N_HEADS, seed=seed, **TRAINING)


def control(name, p, lag, seed):
    """The parameters of a control, "honest" or "leaking", after training."""
    return fit({"honest": honest, "leaking": leaking}[name], shift_labels, p, lag, seed).parameters


def loss(trained, weigh, labels, p, lag, seed):
    """The mean surprise of a trained model on texts that it has never seen."""
    inputs, targets = labels(draw(p, 500, T + 1, lag, seed))  # [B, T] each
    logits, _ = predict(trained.parameters, inputs, N_HEADS, weigh)  # [B, T, V]
    return cross_entropy(logits, targets)


if __name__ == "__main__":
    die = np.array([0.05, 0.1, 0.7, 0.05, 0.05, 0.05])
    print("floor:", round(floor_of(die, T, 2), 3))
    print("a text:", draw(die, 1, T + 1, 2, seed=0)[0])
