"""What is asked of a learner's GPT in the same way whatever its arrays are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

Array = np.ndarray
Named = Sequence[Sequence[Any]]
"""Names and arrays: the weights of a model."""


def check_names(own: dict[str, Any], weights: Named) -> None:
    """Raises ``KeyError`` where a model has not the weights that it was given with."""
    for name, value in weights:
        if name not in own or tuple(own[name].shape) != value.shape:
            raise KeyError(f"no weight {name} of shape {value.shape}")


def around_and_spread(name: str, columns: int) -> tuple[float, float]:
    """Mean and standard deviation of weights by chance: none is zero or one, as a new model's gains are."""
    return (1.0, 0.3) if name.endswith("gain") else (0.0, 1.5 / columns**0.5)


@contextmanager
def borrowed(module: Any, **functions: Callable[..., Any]) -> Iterator[None]:
    """Right functions in the place of the module's own: what is asked now is not to suffer from another bug."""
    before = {name: getattr(module, name) for name in functions if hasattr(module, name)}
    vars(module).update(functions)
    try:
        yield
    finally:
        vars(module).update(before)


def read_in_parts(module: Any, model: Any, parts: Sequence[Any]) -> list[Any]:
    """What `read` gives for parts behind one another in one cache."""
    cache = module.new_cache(model, len(parts[0]))
    return [module.read(model, part, cache) for part in parts]


def read_again(module: Any, model: Any, tokens: Any, length: int, others: Any, again: int) -> list[Any]:
    """What `read` gives for ``others`` after a return to ``length``, and for their last ``again`` a second time."""
    cache = module.new_cache(model, len(tokens))
    module.read(model, tokens, cache)
    cache = module.roll_back(cache, length)
    first = module.read(model, others, cache)
    cache = module.roll_back(cache, length + others.shape[1] - again)
    return [first, module.read(model, others[:, -again:], cache)]
