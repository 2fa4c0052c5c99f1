"""Arrays in and out, whatever the library: NumPy inside, the model's own outside."""

from __future__ import annotations

import copy
import sys
from typing import Any

import numpy as np

from causality.answer import CannotAskError

KEYS = ("logits", "last_hidden_state", "hidden_states", "output", "outputs", "out", "y", "x")
"""Where a dict or an object with fields keeps its rows, the likeliest first."""


def torch_module() -> Any:
    """Give torch where it is installed.

    Raises:
        CannotAskError: it is not.
    """
    try:
        import torch
    except ImportError:
        raise CannotAskError("torch is not installed here; a model of tensors needs it") from None
    return torch


def is_module(thing: object) -> bool:
    """Say whether this is an `nn.Module`, without importing torch where nobody has."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(thing, torch.nn.Module)


def copied(module: Any) -> Any:
    """Copy a module, also one that keeps results of a pass before, such as a state or its attention weights."""
    torch = torch_module()
    kept: dict[int, Any] = {}

    def detach(value: Any) -> None:
        if isinstance(value, torch.Tensor):
            if not value.is_leaf:  # which cannot be copied as it is
                kept[id(value)] = value.detach().clone()
        elif isinstance(value, dict | list | tuple):
            for part in value.values() if isinstance(value, dict) else value:
                detach(part)

    for part in module.modules():
        for value in list(vars(part).values()):
            detach(value)
    return copy.deepcopy(module, kept)


def outward(array: np.ndarray, library: str, dtype: str, device: Any = None) -> Any:
    """Hand an array to the model: floats as `dtype`, whole numbers and booleans as they are."""
    if library == "torch":
        torch = torch_module()
        tensor = torch.from_numpy(np.array(array))
        return tensor.to(device=device, dtype=getattr(torch, dtype) if array.dtype.kind == "f" else None)
    return np.array(array, dtype=dtype) if array.dtype.kind == "f" else np.array(array)


def inward(thing: Any) -> np.ndarray | None:
    """Take an array of numbers from the model, as NumPy; None for what is none."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(thing, torch.Tensor):
        tensor = thing.detach().cpu()
        return np.asarray(tensor.double() if tensor.is_floating_point() and tensor.element_size() < 4 else tensor)
    if isinstance(thing, str | bytes | dict) or thing is None:
        return None
    try:
        array = np.asarray(thing)
    except Exception:
        return None
    return array if array.dtype.kind in "fiub" else None


def rows_in(output: Any) -> np.ndarray:
    """Find the rows in what a model gave: an array, a tuple, a dict, or an object with `logits`.

    Raises:
        CannotAskError: there is no array of numbers in it.
    """
    found = inward(_stacked(output))
    if found is not None:
        return _floats(found)
    if isinstance(output, dict):
        named = [output[key] for key in KEYS if key in output]
        parts = named or list(output.values())
    elif isinstance(output, tuple | list):
        parts = list(output)
    else:
        parts = [getattr(output, key) for key in KEYS if getattr(output, key, None) is not None]
    for part in parts:
        array = inward(part)
        if array is not None and array.ndim:
            return _floats(array)
    raise CannotAskError(
        f"the model gives {_described(output)}; pass the function that gives an array with a row a token"
    )


def _stacked(output: Any) -> Any:
    """Put the rows of a list together; None for a tuple or a list of several results."""
    if not isinstance(output, tuple | list):
        return output
    if isinstance(output, tuple) or not output:
        return None
    if all(isinstance(row, list) for row in output):
        return output
    return [inward(row) for row in output] if all(np.ndim(row) == 1 for row in output) else None


def _floats(rows: np.ndarray) -> np.ndarray:
    """Give rows that can be subtracted, without a column that is -inf in every row, as of a token that is banned."""
    if rows.dtype.kind != "f":
        return rows.astype(np.float64)
    banned = np.isneginf(rows).reshape(-1, rows.shape[-1]).all(0) if rows.ndim > 1 else np.zeros(1, dtype=bool)
    return np.where(banned, 0, rows) if banned.any() and not banned.all() else rows


def second_in(output: Any) -> Any:
    """Find the cache in what a model gave: the second of a pair, or the field that is named like one."""
    for key in ("past_key_values", "cache", "cache_params", "past", "state", "mems", "kv_cache", "presents"):
        value = output.get(key) if isinstance(output, dict) else getattr(output, key, None)
        if value is not None and not callable(value):
            return value
    if isinstance(output, tuple | list) and len(output) > 1:
        return output[-1]
    raise CannotAskError(
        f"a step gives {_described(output)}; let it give the pair (rows, cache), or pass a class with feed"
    )


def _described(thing: Any) -> str:
    if thing is None:
        return "None"
    if isinstance(thing, list | tuple) and thing:
        kinds = " and ".join(dict.fromkeys(type(one).__name__ for one in thing[:3]))
        return f"a {type(thing).__name__} of {kinds}"
    kind = getattr(thing, "dtype", None)
    return f"a {type(thing).__name__}{f' of {kind}' if kind is not None else ''}"
