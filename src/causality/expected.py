"""What a model should see: masks by name, and the names of masks that were measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causality.answer import CannotAskError
from minimodel.masks import causal_allowed

Expected = Callable[[int], np.ndarray]
"""Gives the boolean `[T, T]` that a text of T tokens should show."""

NAMES = (
    "causal, full, window:W, sinks:S,window:W, prefix:P, blocks:N, chunks:N, documents:N,N (each also with ,layers:L)"
)


def mask(told: str | np.ndarray | Expected) -> Expected:
    """Make the expected matrix from its name, an array of booleans, or a function of the length.

    Args:
        told: `causal`, `full`, `window:4`, `sinks:1,window:4`, `prefix:3`, `blocks:4` (all of a block see each
            other, and all blocks before it), `chunks:4` (the triangle within each chunk, and nothing before it),
            `documents:4,4` (lengths; the last one goes on); `,layers:2` after a name says through how many layers
            the model looks; or a boolean `[T, T]`, True where output i may see token j; or a function that gives one.

    Raises:
        CannotAskError: no such name, or an array that is not square.
    """
    if isinstance(told, np.ndarray):
        allowed = told != 0
        if allowed.ndim != 2 or allowed.shape[0] != allowed.shape[1]:
            raise CannotAskError(f"the expected array has shape {told.shape}; give booleans [T, T]")
        return lambda T: allowed
    if callable(told):
        return told
    options = _options(told)
    layers = int(options.pop("layers", ["1"])[0])
    return lambda T: _through(_one_layer(options, T), layers)


def length_of(told: object) -> int | None:
    """Tell the only length that an expectation can be asked at; None where any will do."""
    return len(told) if isinstance(told, np.ndarray) and told.ndim else None


def _options(told: str) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    for word in told.split(","):
        name, colon, value = word.strip().partition(":")
        if not colon and name.isdigit() and options:
            options[next(reversed(options))].append(name)
        else:
            options[name] = [value] if value else []
    known = {"causal", "full", "window", "sinks", "prefix", "blocks", "chunks", "documents", "layers"}
    numbers = all(value.isdigit() and int(value) > 0 for values in options.values() for value in values)
    bare = all(bool(options[name]) != (name in ("causal", "full")) for name in options if name in known)
    if not set(options) <= known or not numbers or not bare:
        raise CannotAskError(f"{told!r} is no mask that is known by name; write one of {NAMES}")
    return options


def _one_layer(options: dict[str, list[str]], T: int) -> np.ndarray:
    triangle = causal_allowed(T)
    q, k = np.arange(T)[:, None], np.arange(T)
    if "full" in options:
        return np.ones((T, T), dtype=bool)
    allowed = triangle
    if "window" in options:
        allowed = allowed & ((q - k < int(options["window"][0])) | (k < int(options.get("sinks", ["0"])[0])))
    if "documents" in options:
        ends = np.cumsum([int(length) for length in options["documents"]])[:-1]
        allowed = allowed & (np.searchsorted(ends, q, side="right") == np.searchsorted(ends, k, side="right"))
    if "chunks" in options:
        size = int(options["chunks"][0])
        allowed = allowed & (q // size == k // size)
    if "prefix" in options:
        allowed = allowed | (k < int(options["prefix"][0]))
    if "blocks" in options:
        size = int(options["blocks"][0])
        allowed = allowed | (q // size == k // size)
    return allowed


def _through(allowed: np.ndarray, layers: int) -> np.ndarray:
    reach = allowed
    for _ in range(layers - 1):
        reach = (reach.astype(np.float32) @ allowed.astype(np.float32)) > 0
    return reach


def recognise(seen: np.ndarray) -> str | None:
    """Name the pattern of a measured matrix, as one would ask for it; None for one without a name.

    Args:
        seen: boolean `[T, T]`, output i moved with token j.
    """
    T = len(seen)
    names = ["causal", "full"]
    if T > 2:
        names += [f"window:{W}" for W in range(1, T)]
        names += [f"prefix:{P}" for P in range(2, T)] + [f"blocks:{N}" for N in range(2, T // 2 + 1)]
        names += [f"sinks:{S},window:{W}" for S in range(1, 5) for W in range(1, T - S)] if T < 64 else []
        names += [f"chunks:{N}" for N in range(2, -(-T // 2))]  # of three or more; two are documents
        names.append(f"documents:{','.join(map(str, _documents(seen)))}")
    return next((name for name in names if np.array_equal(mask(name)(T), seen)), None)


def _documents(seen: np.ndarray) -> list[int]:
    """Lengths of the documents, read from the first token that each output sees."""
    starts = np.unique(seen.argmax(1))
    return np.diff(np.append(starts, len(seen))).tolist() if seen.any(1).all() else [len(seen)]
