"""The models of L06, known by a letter: some read what they may, some see their answers, some are blind to the past.

A number draws them, always the same ones for one number. How they weigh is written out here without `minimodel`:
a bug in an answer must not reach the models that it judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from handbook.labs.reference.attention import softmax, triangle

Array = np.ndarray
Back = Callable[[Array], Array]
Weigh = Callable[[Array], tuple[Array, Back]]
Labels = Callable[[Array], tuple[Array, Array]]

MODELS = 4


LONGEST = 64
"""Tokens of the longest text that a model reads."""


class Suspect(NamedTuple):
    """A model to be judged: how its scores become weights, and where its labels come from."""

    weigh: Weigh
    labels: Labels


class Recipe(NamedTuple):
    """A model as numbers alone: a grader hands them to an answer that must not know the model's name."""

    factor: Array
    added: Array
    kept: Array
    inputs: int
    targets: int

    def suspect(self) -> Suspect:
        """The model: softmax of the scores times ``factor`` plus ``added``, times ``kept``."""

        def weigh(scores: Array) -> tuple[Array, Back]:
            factor, added, kept = (one[: scores.shape[-1], : scores.shape[-1]] for one in self[:3])
            weights = softmax(scores * factor + added)  # [..., T, T]

            def backward(d_weights: Array) -> Array:
                d = d_weights * kept
                d_scores: Array = weights * (d - (weights * d).sum(axis=-1, keepdims=True)) * factor
                return d_scores

            return weights * kept, backward

        def labels(tokens: Array) -> tuple[Array, Array]:
            T = tokens.shape[-1] - 1
            return tokens[..., self.inputs : self.inputs + T], tokens[..., self.targets : self.targets + T]

        return Suspect(weigh, labels)


def disguised(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """The same model in other numbers, which stand in no list: a softmax does not notice what is added to a row."""
    return recipe._replace(added=recipe.added + rng.normal(size=(LONGEST, 1)))


_ONES, _PAST = np.ones((LONGEST, LONGEST)), triangle(LONGEST)


def _allowing(allowed: Array) -> Recipe:
    return Recipe(_ONES, np.where(allowed, 0.0, -np.inf), _ONES, 0, 1)


_causal, _open = _allowing(_PAST), _allowing(_ONES > 0)

RECIPES: Mapping[str, Mapping[str, Recipe]] = {
    "causal": {"masked-first": _causal},
    "leaks": {
        "not-masked": _open,
        "diagonal-ahead": _allowing(np.tril(_ONES, 1) > 0),
        "mask-after-softmax": _open._replace(kept=1.0 * _PAST),
        "multiply-by-zero": _open._replace(factor=1.0 * _PAST),
        "zero-one-mask": _open._replace(added=1.0 * _PAST),
        "labels-unshifted": _causal._replace(targets=0),
        "labels-backwards": _causal._replace(inputs=1, targets=0),
    },
    "blind": {"identity": _allowing(np.eye(LONGEST) > 0)},
}
"""What can be said of a model, and the models of which it is true."""

VERDICTS: Mapping[str, Mapping[str, Suspect]] = {
    verdict: {name: recipe.suspect() for name, recipe in models.items()} for verdict, models in RECIPES.items()
}
CAUSAL, LEAKS, BLIND = VERDICTS.values()

_handed: dict[int, list[Recipe]] = {}


def hand_out(number: int, recipes: Sequence[Sequence[Any]]) -> None:
    """Let ``suspects(number)`` give these models from now on: a grader's own, which no number draws."""
    _handed[number] = [Recipe(*one) for one in recipes]


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
    if number in _handed:
        return [recipe.suspect() for recipe in _handed[number]]
    return [VERDICTS[verdict][name] for verdict, name in drawn(number)]
