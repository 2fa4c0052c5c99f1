"""Put the oracle's questions to a model of the caller's own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from handbook.findings import CallError


def load(name: str) -> Callable[[Any], Any]:
    """The function that ``module:function`` names, looked for in the working directory first.

    Raises ``CallError`` when there is no such module or function, or importing it fails.
    """
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise CallError(f"{name} names no function; write module:function, as in mymodel:forward")
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise CallError(f"importing {module_name} failed: {type(error).__name__}: {error}") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        raise CallError(f"{module_name} has no function {function_name}")
    return function  # type: ignore[no-any-return]


def with_torch(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``function``, which takes and gives tensors, as one of arrays; floats go in as float64."""
    try:
        import torch
    except ImportError:
        raise CallError("torch is not installed here; --torch needs it") from None

    def of_arrays(x: Any) -> Any:
        with torch.no_grad():
            return function(torch.from_numpy(x)).numpy()

    return of_arrays


def faults(function: Callable[[Any], Any], *, length: int, width: int, vocabulary: int | None) -> list[str]:
    """What the oracle says of ``function``.

    Raises ``CallError`` when the function fails, or cannot be asked: it is random, or gives NaN.
    """
    from minimodel.oracle import examine

    try:
        return examine(function, T=length, d_model=width, vocabulary=vocabulary)
    except Exception as error:
        raise CallError(f"the model could not be asked: {type(error).__name__}: {error}") from None
