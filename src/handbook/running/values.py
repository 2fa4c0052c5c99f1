"""Values of a page's namespace as plain data, which JSON can carry to the engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

LARGEST = 4_000
"""Elements of the largest array that can be pinned whole."""

_LISTED = 64


def plain(value: Any) -> Any:
    """``value`` as JSON can carry it: numbers, strings, booleans, and lists of them.

    Raises ``ValueError`` for anything else, and for arrays too large to be shown on a page.
    """
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, np.integer):
        return int(value)
    if hasattr(value, "detach"):
        value = value.detach().cpu().double().numpy() if value.is_floating_point() else value.cpu().numpy()
    if isinstance(value, np.ndarray):
        if value.size > LARGEST:
            raise ValueError(f"an array of {value.size} values cannot be pinned; pin the part that is shown")
        return plain(value.tolist())
    if isinstance(value, (list, tuple, range)):
        return [plain(item) for item in value]
    if isinstance(value, np.dtype):
        return value.name
    raise ValueError(f"a value of type {type(value).__name__} cannot be pinned; pin a number, text, shape or array")


def inventory(namespace: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers of a namespace with the expression that reaches each, for suggestions."""
    for name, value in list(namespace.items()):
        if name.startswith("_"):
            continue
        if isinstance(value, (int, float, np.floating, np.integer)) and not isinstance(value, bool):
            yield name, float(value)
        elif isinstance(value, np.ndarray) and value.size <= _LISTED and value.dtype.kind in "fiu":
            for index in itertools.product(*map(range, value.shape)):
                where = f"[{', '.join(map(str, index))}]" if index else ""
                yield f"{name}{where}", float(value[index])
