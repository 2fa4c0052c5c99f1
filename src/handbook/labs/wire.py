"""Values between the grader and the process of a submission: JSON and `.npy`, nothing that can run code."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np

LARGEST = 1 << 20
"""Elements of the largest array that is sent."""


def encode(value: Any) -> Any:
    """``value`` as JSON can carry it.

    Raises ``TypeError`` for what is neither a number, a text, an array of numbers, nor a list of these.
    """
    if isinstance(value, np.dtype):
        return {"dtype": value.str}
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"dtype": np.dtype(value).str}
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"an array of dtype {array.dtype}")
        if array.size > LARGEST:
            raise TypeError(f"an array of {array.size} elements")
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        return {"npy": base64.b64encode(buffer.getvalue()).decode()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    raise TypeError(f"a {type(value).__name__}")


def decode(value: Any) -> Any:
    """What ``encode`` was given; a tuple comes back as a list.

    Raises ``ValueError`` for what ``encode`` cannot have written.
    """
    if isinstance(value, dict):
        if "dtype" in value:
            return np.dtype(value["dtype"])
        return np.load(io.BytesIO(base64.b64decode(value["npy"], validate=True)), allow_pickle=False)
    if isinstance(value, list):
        return [decode(item) for item in value]
    return value
