"""What a block must leave as it found it, and what it may not do at all."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import math
import os
import random
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.random  # NumPy loads it late; its state must be there to be compared

from handbook.pages.torch_imports import imports_torch
from handbook.running.audited import CHANGING, REACHING, WRITING
from handbook.running.transcript import Trespass


class Guard(NamedTuple):
    """A piece of global state: what it is, how to do without changing it, how to read and restore it."""

    what: str
    fix: str
    take: Callable[[], Any]
    restore: Callable[[Any], object]


def _torch_state() -> Any:
    """Torch's global random state, or None before torch is imported."""
    torch = sys.modules.get("torch")
    return None if torch is None else torch.get_rng_state().numpy().tobytes()


def _restore_torch(saved: bytes | None) -> None:
    torch = sys.modules["torch"]
    if saved is not None:
        torch.set_rng_state(torch.frombuffer(bytearray(saved), dtype=torch.uint8))


def _numpy_state() -> Any:
    name, keys, *rest = np.random.get_state(legacy=True)
    return (name, tuple(keys), *rest)


def _restore_environment(saved: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(saved)


def _restore_filters(saved: tuple[Any, ...]) -> None:
    warnings.filters[:] = list(saved)  # type: ignore[index]


GUARDS: tuple[Guard, ...] = (
    Guard(
        "NumPy's print options",
        "use `with np.printoptions(…):` around the print",
        lambda: {k: v for k, v in np.get_printoptions().items() if k != "override_repr"},
        lambda saved: np.set_printoptions(**saved),
    ),
    Guard(
        "NumPy's global random state",
        "draw from a generator of the page's own: `np.random.default_rng(0)`",
        _numpy_state,
        lambda saved: np.random.set_state(saved),
    ),
    Guard(
        "Python's global random state",
        "draw from a generator of the page's own: `random.Random(0)`",
        random.getstate,
        random.setstate,
    ),
    Guard(
        "torch's global random state",
        "pass a `torch.Generator().manual_seed(0)`, or draw inside `with torch.random.fork_rng():`",
        _torch_state,
        _restore_torch,
    ),
    Guard("NumPy's error handling", "use `with np.errstate(…):`", np.geterr, lambda saved: np.seterr(**saved)),
    Guard(
        "the warning filters",
        "use `with warnings.catch_warnings():`",
        lambda: tuple(warnings.filters),
        _restore_filters,
    ),
    Guard("the working directory", "leave it; name files by full path", os.getcwd, os.chdir),
    Guard("the environment", "leave os.environ alone", lambda: dict(os.environ), _restore_environment),
)

_LIBRARIES = (builtins, np, math)

_FORBIDDEN = frozenset({*REACHING, *CHANGING, "resource.setrlimit"})
_FIX_FORBIDDEN = "show the value instead; a page's blocks write no files and start no programs"


class Watch:
    """Stands around a block or a pin: refuses files and processes, and puts back the state that it changed.

    A thread that a block has left behind is refused the same at any time, and told of with the next block.

    An audit hook cannot be taken away again, so a process has one ``Watch``, opened for each block.
    """

    def __init__(self) -> None:
        self._open = False
        self._forbidden: list[str] = []
        self._saved: list[Any] = []
        self._members: list[dict[str, Any]] = []
        self._ours = threading.get_ident()
        sys.addaudithook(self._audit)

    def stands_here(self) -> None:
        """Take the thread that asks, the first of a fork, for the worker's own."""
        self._ours = threading.get_ident()

    def open(self, code: str) -> None:
        """Note how things stand before ``code`` runs."""
        _preload(code)
        self._saved = [guard.take() for guard in GUARDS]
        self._members = [dict(vars(module)) for module in _LIBRARIES]
        self._open = True

    def close(self) -> list[Trespass]:
        """Put everything back; what had changed, each with its fix."""
        self._open = False
        forbidden, self._forbidden = self._forbidden, []
        return [*self._restored(), *self._replaced(), *(Trespass(what, _FIX_FORBIDDEN) for what in forbidden)]

    def _restored(self) -> Iterator[Trespass]:
        for guard, saved in zip(GUARDS, self._saved, strict=True):
            if guard.take() != saved:
                guard.restore(saved)
                yield Trespass(f"changes {guard.what} for everything after it", guard.fix)

    def _replaced(self) -> Iterator[Trespass]:
        for module, members in zip(_LIBRARIES, self._members, strict=True):
            now = vars(module)
            for name in [name for name, value in members.items() if now.get(name) is not value]:
                setattr(module, name, members[name])
                if not name.startswith("_"):
                    yield Trespass(f"replaces {module.__name__}.{name}", "give the changed function a name of its own")

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._open and threading.get_ident() == self._ours:
            return
        if event == "open" and _writes(*arguments):
            what = f"writes the file {arguments[0]}"
        elif event in _FORBIDDEN:
            what = f"calls {event}"
        else:
            return
        if what not in self._forbidden:
            self._forbidden.append(what)
        raise PermissionError(f"a block on a page may not do this ({what})")


def _writes(path: object, mode: object, flags: object) -> bool:
    return path != os.devnull and not isinstance(path, int) and isinstance(flags, int) and bool(flags & WRITING)


def _preload(code: str) -> None:
    """Import torch ahead of a block that will: importing it adds warning filters, which is no trespass."""
    if imports_torch(code) and "torch" not in sys.modules and importlib.util.find_spec("torch"):
        importlib.import_module("torch")
