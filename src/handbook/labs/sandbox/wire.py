"""Values between the grader and the process of a submission: JSON and `.npy`, nothing that can run code."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np

LARGEST = 1 << 20
"""Elements of the largest array that is sent."""


class UnsendableError(TypeError):
    """A value that is not sent: the key of a text that says what it is, and the word to put in.

    ``instead`` is the key of the sentence that holds both.
    """

    def __init__(self, key: str, text: str, instead: str = "no-array") -> None:
        super().__init__(f"cannot be sent: {text}")
        self.key, self.text, self.instead = key, text, instead


class Remote:
    """A function that stays where it is: the other process gets one that asks it, and nothing to look into."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives."""
        return self._function(*arguments)


def encode(value: Any) -> Any:
    """``value`` as JSON can carry it.

    Raises ``UnsendableError`` for all but numbers, texts, arrays of them, a ``Remote``, and lists of these.
    """
    if isinstance(value, Remote):
        return {"remote": True}
    if isinstance(value, np.dtype):
        return {"dtype": value.str}
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"dtype": np.dtype(value).str}
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind == "U" or (array.shape == () and array.dtype.kind in "biu"):
            value = array.tolist()  # NumPy's texts, truths and whole numbers are as good as Python's
            return encode(value)
        if array.dtype.kind not in "biuf":
            raise UnsendableError("of-dtype", str(array.dtype))
        if array.size > LARGEST:
            raise UnsendableError("of-size", str(array.size))
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        return {"npy": base64.b64encode(buffer.getvalue()).decode()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    raise UnsendableError("of-kind", type(value).__name__)


def decode(value: Any, ask: Callable[..., Any] | None = None) -> Any:
    """What ``encode`` was given; a tuple comes back as a list, and a ``Remote`` as one that calls ``ask``.

    Raises ``ValueError`` for what ``encode`` cannot have written.
    """
    if isinstance(value, dict):
        if "remote" in value and ask is not None:
            return Remote(ask)
        if "dtype" in value:
            return np.dtype(value["dtype"])
        return np.load(io.BytesIO(base64.b64decode(value["npy"], validate=True)), allow_pickle=False)
    if isinstance(value, list):
        return [decode(item, ask) for item in value]
    return value
