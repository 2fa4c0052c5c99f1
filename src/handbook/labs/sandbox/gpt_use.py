"""What is asked of a learner's GPT in the same way whatever its arrays are.

Of two functions that are handed over, `given` makes what the learner's take out of NumPy's arrays, and `plain` makes
NumPy's arrays out of what they give.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from handbook.labs.sandbox.wire import UnsendableError

Array = np.ndarray
Named = Sequence[Sequence[Any]]
"""Names and arrays: the weights of a model."""

Given = Callable[[Array], Any]
Plain = Callable[[Any], Array]


def check_names(own: Mapping[str, Any], weights: Named) -> None:
    """Raises ``UnsendableError`` where a model has not the weights that it was given with."""
    for name, value in weights:
        if name not in own or tuple(own[name].shape) != value.shape:
            raise UnsendableError("of-name", f"{name} {list(value.shape)}", "no-weight")


def around_and_spread(name: str, value: Any) -> tuple[float, float]:
    """Mean and standard deviation of a weight by chance: none is zero or one, as a new model's gains are."""
    return (1.0, 0.3) if name.endswith("gain") else (0.0, 1.5 / float(value.shape[-1]) ** 0.5)


def number(value: Any) -> float:
    """What a learner's function gave, which has to be a number, or an array that holds one.

    Raises ``UnsendableError`` where it is something else.
    """
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        many = hasattr(value, "shape")
        what = ("of-size", str(math.prod(value.shape))) if many else ("of-kind", type(value).__name__)
        raise UnsendableError(*what, "no-number") from None


@contextmanager
def borrowed(module: Any, **functions: Callable[..., Any]) -> Iterator[None]:
    """Right functions in the place of the module's own: what is asked now is not to suffer from another bug."""
    before = {name: getattr(module, name) for name in functions if hasattr(module, name)}
    vars(module).update(functions)
    try:
        yield
    finally:
        vars(module).update(before)


def lr_at(module: Any, steps: int, lr: float, warmup: int) -> list[float]:
    """The learning rate at each step."""
    return [number(module.lr_at(step, steps, lr, warmup)) for step in range(steps)]


def get_batch(module: Any, given: Given, plain: Plain, data: Array, starts: Sequence[int], T: int) -> list[Array]:
    """Inputs and targets."""
    found = module.get_batch(given(data), list(starts), T)
    return [plain(one) for one in found] if isinstance(found, (tuple, list)) else [plain(found)]


def read(
    module: Any,
    model: Any,
    given: Given,
    plain: Plain,
    tokens: Array,
    parts: Sequence[int],
    beside: Array | None,
    before_the_last: Callable[[], object],
) -> Array:
    """The logits of texts that are read in parts, behind one another in one cache.

    With ``beside``, other texts are read in turn with them, in the same parts and in a cache of their own.
    """

    def split(texts: Array) -> list[Any]:
        return [given(part) for part in np.split(texts, np.cumsum(parts)[:-1], axis=1)]

    others = [] if beside is None else split(beside)
    cache, logits = module.new_cache(model, len(tokens)), []
    second = module.new_cache(model, len(beside)) if beside is not None else None
    for number, part in enumerate(split(tokens), 1):
        if number == len(parts):
            before_the_last()
        logits.append(plain(module.read(model, part, cache)))
        for other in others[number - 1 : number]:
            module.read(model, other, second)
    return np.concatenate(logits, axis=1)


def roll_back(
    module: Any, model: Any, given: Given, plain: Plain, tokens: Array, length: int, others: Array, again: int
) -> Array:
    """The logits of ``others``, read after a return to ``length`` from the end of the tokens.

    The last ``again`` of the others are themselves rolled back and read a second time.
    """
    cache = module.new_cache(model, len(tokens))
    module.read(model, given(tokens), cache)
    cache = module.roll_back(cache, length)
    first = plain(module.read(model, given(others), cache))
    cache = module.roll_back(cache, length + others.shape[1] - again)
    second = plain(module.read(model, given(others[:, -again:]), cache))
    return np.concatenate([first, second], axis=1)
