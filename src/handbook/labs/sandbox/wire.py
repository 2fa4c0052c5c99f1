"""Values between the grader and the process of a submission: JSON and plain numbers, nothing that can run code.

An array goes as its type, its shape and its bytes. As `.npy` it took ten times as long, most of it for the header,
and a grader that follows every guess sends tens of thousands.
"""

from __future__ import annotations

import base64
import math
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

LARGEST = 1 << 20
"""Elements of the largest array that is sent."""

_NUMBERS = "biuf"
"""The kinds of NumPy's types that are sent: truths, whole numbers and fractions."""

_TYPE = re.compile(rf"[<>|][{_NUMBERS}]\d{{1,2}}")


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
        if array.dtype.kind not in _NUMBERS:
            raise UnsendableError("of-dtype", str(array.dtype))
        if array.size > LARGEST:
            raise UnsendableError("of-size", str(array.size))
        held = base64.b64encode(array.tobytes()).decode()
        return {"array": array.dtype.str, "shape": list(array.shape), "bytes": held}
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
        return _array(value["array"], value["shape"], value["bytes"])
    if isinstance(value, list):
        return [decode(item, ask) for item in value]
    return value


def _array(kind: str, shape: list[int], held: str) -> np.ndarray:
    """An array of its own, which may be written to. Whoever wrote the three may not have been ``encode``."""
    data = bytearray(base64.b64decode(held, validate=True))
    if not _TYPE.fullmatch(kind) or not all(type(n) is int and 0 <= n <= sys.maxsize for n in shape):
        raise ValueError(f"no array is of {kind!r} and {shape!r}"[:80])
    dtype = np.dtype(kind)
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"{len(data)} bytes are no array of {shape!r}"[:80])
    return np.frombuffer(data, dtype).reshape(shape)
