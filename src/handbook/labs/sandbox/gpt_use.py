"""What is asked of a learner's GPT in the same way whatever its arrays are.

Of two functions that are handed over, `given` makes what the learner's take out of NumPy's arrays, and `plain` makes
NumPy's arrays out of what they give.
"""

from __future__ import annotations

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
    """Raises ``KeyError`` where a model has not the weights that it was given with."""
    for name, value in weights:
        if name not in own or tuple(own[name].shape) != value.shape:
            raise KeyError(f"no weight {name} of shape {value.shape}")


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
        raise UnsendableError("of-kind", type(value).__name__) from None


@contextmanager
def borrowed(module: Any, **functions: Callable[..., Any]) -> Iterator[None]:
    """Right functions in the place of the module's own: what is asked now is not to suffer from another bug."""
    before = {name: getattr(module, name) for name in functions if hasattr(module, name)}
    vars(module).update(functions)
    try:
        yield
    finally:
        vars(module).update(before)


def get_batch(module: Any, given: Given, plain: Plain, data: Array, starts: Sequence[int], T: int) -> list[Array]:
    """Inputs and targets."""
    found = module.get_batch(given(data), list(starts), T)
    return [plain(one) for one in found] if isinstance(found, (tuple, list)) else [plain(found)]


def read(
    module: Any, model: Any, given: Given, plain: Plain, tokens: Array, parts: Sequence[int], beside: Array | None
) -> Array:
    """The logits of texts that are read in parts, behind one another in one cache.

    With ``beside``, another text is read in turn with them, in the same parts and in a cache of its own.
    """

    def split(texts: Array) -> list[Any]:
        return [given(part) for part in np.split(texts, np.cumsum(parts)[:-1], axis=1)]

    cache = module.new_cache(model, len(tokens))
    if beside is None:
        return np.concatenate([plain(module.read(model, part, cache)) for part in split(tokens)], axis=1)
    second, logits = module.new_cache(model, len(beside)), []
    for part, other in zip(split(tokens), split(beside), strict=True):
        logits.append(plain(module.read(model, part, cache)))
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
