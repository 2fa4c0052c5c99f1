"""The models of L06, known by a letter: some read what they may, some see their answers, some are blind to the past.

A number draws them, always the same ones for one number. How they weigh is written out here without `minimodel`:
a bug in an answer must not reach the models that it judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from handbook.labs.reference.attention import softmax, triangle

Array = np.ndarray
Back = Callable[[Array], Array]
Weigh = Callable[[Array], tuple[Array, Back]]
Labels = Callable[[Array], tuple[Array, Array]]

MODELS = 4


class Suspect(NamedTuple):
    """A model to be judged: how its scores become weights, and where its labels come from."""

    weigh: Weigh
    labels: Labels


def _open(scores: Array) -> tuple[Array, Back]:
    weights = softmax(scores)  # [..., T, T]

    def backward(d_weights: Array) -> Array:
        mean = (weights * d_weights).sum(axis=-1, keepdims=True)  # [..., T, 1]
        d_scores: Array = weights * (d_weights - mean)
        return d_scores

    return weights, backward


def _allowing(allowed: Callable[[int], Array]) -> Weigh:
    return lambda scores: _open(np.where(allowed(scores.shape[-1]), scores, -np.inf))


def _zeroed_after(scores: Array) -> tuple[Array, Back]:
    kept = triangle(scores.shape[-1])
    weights, backward = _open(scores)
    return weights * kept, lambda d_weights: backward(d_weights * kept)


def _multiplied(scores: Array) -> tuple[Array, Back]:
    kept = triangle(scores.shape[-1])
    weights, backward = _open(scores * kept)
    return weights, lambda d_weights: backward(d_weights) * kept


def _shifted(tokens: Array) -> tuple[Array, Array]:
    return tokens[..., :-1], tokens[..., 1:]  # [..., T] each


def _not_shifted(tokens: Array) -> tuple[Array, Array]:
    return tokens[..., :-1], tokens[..., :-1]


def _shifted_backwards(tokens: Array) -> tuple[Array, Array]:
    return tokens[..., 1:], tokens[..., :-1]


_causal = _allowing(triangle)

CAUSAL: Mapping[str, Suspect] = {"masked-first": Suspect(_causal, _shifted)}
LEAKS: Mapping[str, Suspect] = {
    "not-masked": Suspect(_open, _shifted),
    "diagonal-ahead": Suspect(_allowing(lambda T: np.tril(np.ones((T, T), dtype=bool), 1)), _shifted),
    "mask-after-softmax": Suspect(_zeroed_after, _shifted),
    "multiply-by-zero": Suspect(_multiplied, _shifted),
    "zero-one-mask": Suspect(lambda scores: _open(scores + triangle(scores.shape[-1])), _shifted),
    "labels-unshifted": Suspect(_causal, _not_shifted),
    "labels-backwards": Suspect(_causal, _shifted_backwards),
}
BLIND: Mapping[str, Suspect] = {"identity": Suspect(_allowing(lambda T: np.eye(T, dtype=bool)), _shifted)}

VERDICTS: Mapping[str, Mapping[str, Suspect]] = {"causal": CAUSAL, "leaks": LEAKS, "blind": BLIND}
"""What can be said of a model, and the models of which it is true."""


def drawn(number: int) -> list[tuple[str, str]]:
    """The verdict that is true of each model of a number, and the model's name; each verdict at least once."""
    rng = np.random.default_rng(number)
    verdicts = [*VERDICTS, *rng.choice(list(VERDICTS), size=MODELS - len(VERDICTS))]
    leaks = iter(rng.permutation(list(LEAKS)).tolist())
    named = [(str(one), next(leaks) if one == "leaks" else next(iter(VERDICTS[one]))) for one in verdicts]
    return [named[place] for place in rng.permutation(MODELS)]


def suspects(number: int) -> list[Suspect]:
    """The models of a number, in order: models 0, 1, 2 and 3.

    Args:
        number: whole, not negative; another number draws other models.

    Returns:
        Four models. Each has `weigh`, from scores `[..., T, T]` to weights and the way back, and `labels`, from
        tokens `[B, T + 1]` to inputs and targets `[B, T]`: both as `minimodel.training.train` takes them.

    ```python
    import numpy as np
    from handbook.labs.suspects import suspects

    for one in suspects(0):
        weights, backward = one.weigh(np.zeros((3, 3)))
        inputs, targets = one.labels(np.arange(4))
        print(weights.shape, inputs.shape, targets.shape)
    ```

    ```text
    (3, 3) (3,) (3,)
    (3, 3) (3,) (3,)
    (3, 3) (3,) (3,)
    (3, 3) (3,) (3,)
    ```
    """
    return [VERDICTS[verdict][name] for verdict, name in drawn(number)]
