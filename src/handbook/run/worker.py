"""The process that executes blocks. It speaks JSON lines on its own pair of pipes.

It imports nothing of the engine, so that a page sees what a reader's interpreter would show. One
page at a time: ``page`` opens a namespace, ``block`` executes in it, ``values`` evaluates pins,
``end`` lists the numbers computed. Whatever a block changed outside its namespace is put back right
after it and reported as a trespass.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import io
import itertools
import json
import linecache
import math
import os
import random
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.random

LIMIT = 1_000_000
"""Characters that a block may print."""

_INVENTORY = 4_000
_SHOWN = 64


class _TooMuch(BaseException):
    """Raised inside a block that prints more than ``LIMIT``; no ``except Exception`` can hold it."""


class _Stdout(io.StringIO):
    """A standard output that refuses floods."""

    flooded = False

    def write(self, text: str, /) -> int:
        if self.tell() + len(text) > LIMIT:
            self.flooded = True
            raise _TooMuch
        return super().write(text)


# What a block must leave as it found it ------------------------------------------


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


_Guard = tuple[str, str, Callable[[], Any], Callable[[Any], None]]

GUARDS: tuple[_Guard, ...] = (
    (
        "NumPy's print options",
        "use `with np.printoptions(…):` around the print",
        lambda: {k: v for k, v in np.get_printoptions().items() if k != "override_repr"},
        lambda saved: np.set_printoptions(**saved),
    ),
    (
        "NumPy's global random state",
        "draw from a generator of the page's own: `np.random.default_rng(0)`",
        _numpy_state,
        lambda saved: np.random.set_state(saved),
    ),
    (
        "Python's global random state",
        "draw from a generator of the page's own: `random.Random(0)`",
        random.getstate,
        random.setstate,
    ),
    (
        "torch's global random state",
        "pass a `torch.Generator().manual_seed(0)`, or draw inside `with torch.random.fork_rng():`",
        _torch_state,
        _restore_torch,
    ),
    ("NumPy's error handling", "use `with np.errstate(…):`", np.geterr, lambda saved: np.seterr(**saved)),
    (
        "the warning filters",
        "use `with warnings.catch_warnings():`",
        lambda: tuple(warnings.filters),
        _restore_filters,
    ),
    ("the working directory", "leave it; name files by full path", os.getcwd, os.chdir),
    (
        "the environment",
        "leave os.environ alone",
        lambda: dict(os.environ),
        _restore_environment,
    ),
)

_LIBRARIES = (builtins, np, math)


def _preload(code: str) -> None:
    """Import torch ahead of a block that will: importing it adds warning filters, which is no trespass."""
    if "torch" in code and "torch" not in sys.modules and importlib.util.find_spec("torch"):
        importlib.import_module("torch")


def _members(module: types.ModuleType) -> dict[str, Any]:
    return dict(vars(module))


class _Files:
    """Refuses, and remembers, what a block does to files and processes."""

    WRITES = frozenset(
        "os.mkdir os.remove os.rename os.rmdir os.truncate os.link os.symlink shutil.copyfile shutil.move "
        "shutil.rmtree subprocess.Popen os.system os.fork os.exec os.posix_spawn socket.connect".split()
    )

    def __init__(self) -> None:
        self.watching = False
        self.seen: list[str] = []
        sys.addaudithook(self)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.watching:
            return
        what = None
        if event == "open" and self._writes(*args):
            what = f"writes the file {args[0]}"
        elif event in self.WRITES:
            what = f"calls {event}"
        if what:
            if what not in self.seen:
                self.seen.append(what)
            raise PermissionError(f"a block on a page may not do this ({what})")

    @staticmethod
    def _writes(path: Any, mode: Any, flags: Any) -> bool:
        if path == os.devnull or isinstance(path, int):
            return False
        writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        return bool(flags & writing) if isinstance(flags, int) else False


_MEND_FILES = "show the value instead; a page's blocks write no files and start no programs"


# Values as plain data ---------------------------------------------------------------


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
        if value.size > _INVENTORY:
            raise ValueError(f"an array of {value.size} values cannot be pinned; pin the part that is shown")
        return plain(value.tolist())
    if isinstance(value, (list, tuple, range)):
        return [plain(item) for item in value]
    if isinstance(value, np.dtype):
        return value.name
    raise ValueError(
        f"a value of type {type(value).__name__} cannot be pinned; pin a number, text, shape or array"
    )


def inventory(namespace: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers of a namespace with the expression that reaches each, for suggestions."""
    for name, value in list(namespace.items()):
        if name.startswith("_"):
            continue
        if isinstance(value, (int, float, np.floating, np.integer)) and not isinstance(value, bool):
            yield name, float(value)
        elif isinstance(value, np.ndarray) and value.size <= _SHOWN and value.dtype.kind in "fiu":
            for index in itertools.product(*map(range, value.shape)):
                where = f"[{', '.join(map(str, index))}]" if index else ""
                yield f"{name}{where}", float(value[index])


# The conversation ---------------------------------------------------------------------


class Worker:
    """Answers requests until its input ends."""

    def __init__(self) -> None:
        self.files = _Files()
        self.namespace: dict[str, Any] = {}
        self.libraries: list[tuple[types.ModuleType, dict[str, Any]]] = []

    def page(self, **_: Any) -> dict[str, Any]:
        """Open a new namespace; forget what the page before it did to ``minimodel``."""
        for name in [name for name in sys.modules if name.split(".")[0] == "minimodel"]:
            del sys.modules[name]
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace = module.__dict__
        return {}

    def block(self, code: str, name: str) -> dict[str, Any]:
        """Execute one block; what it printed, how it failed, and what it touched."""
        filename = f"<{name}>"
        linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
        _preload(code)
        before = [take() for _, _, take, _ in GUARDS]
        libraries = [(module, _members(module)) for module in _LIBRARIES]
        stdout = _Stdout()
        self.files.seen.clear()
        error, line = self._execute(code, filename, stdout)
        return {
            "stdout": stdout.getvalue(),
            "error": error,
            "line": line,
            "trespasses": list(self._trespasses(before, libraries)),
        }

    def _execute(self, code: str, filename: str, stdout: _Stdout) -> tuple[str | None, int]:
        saved = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = stdout, io.StringIO()
        self.files.watching = True
        try:
            exec(compile(code, filename, "exec"), self.namespace)
        except _TooMuch:
            return f"prints more than {LIMIT:,} characters", 1
        except SystemExit:
            return "calls sys.exit", _line_in(filename)
        except BaseException as caught:
            return _one_line(caught), _line_in(filename)
        finally:
            self.files.watching = False
            sys.stdout, sys.stderr = saved
        return (f"prints more than {LIMIT:,} characters", 1) if stdout.flooded else (None, 0)

    def _trespasses(
        self, before: list[Any], libraries: list[tuple[types.ModuleType, dict[str, Any]]]
    ) -> Iterator[tuple[str, str]]:
        for (what, mend, take, restore), saved in zip(GUARDS, before, strict=True):
            if take() != saved:
                restore(saved)
                yield f"changes {what} for everything after it", mend
        for module, members in libraries:
            now = vars(module)
            for name in [name for name, value in members.items() if now.get(name) is not value]:
                setattr(module, name, members[name])
                if not name.startswith("_"):
                    yield f"replaces {module.__name__}.{name}", "give the changed function a name of its own"
        for what in self.files.seen:
            yield what, _MEND_FILES

    def values(self, expressions: list[str]) -> dict[str, Any]:
        """Evaluate pins in the page's namespace."""
        found: dict[str, Any] = {}
        for expression in expressions:
            try:
                code = compile(expression, "<pin>", "eval")
                found[expression] = {"value": plain(eval(code, dict(self.namespace)))}
            except BaseException as caught:
                found[expression] = {"error": _one_line(caught)}
        names = {
            name: int(value)
            for name, value in self.namespace.items()
            if isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        }
        return {"values": found, "names": names}

    def end(self) -> dict[str, Any]:
        """The numbers that the page computed."""
        return {"computed": list(itertools.islice(inventory(self.namespace), _INVENTORY))}


def _one_line(error: BaseException) -> str:
    text = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line_in(filename: str) -> int:
    """The line of the block where the current exception left it."""
    error = sys.exc_info()[1]
    if isinstance(error, SyntaxError) and error.filename == filename:
        return error.lineno or 1
    frames = [frame for frame in traceback.extract_tb(error.__traceback__ if error else None)]
    lines = [frame.lineno or 1 for frame in frames if frame.filename == filename]
    return lines[-1] if lines else 1


def main() -> None:
    """Take the protocol's pipes for ourselves, so that nothing a block does to fd 0-2 reaches them."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    worker = Worker()
    for line in requests:
        request = json.loads(line)
        answer = getattr(worker, request.pop("do"))(**request)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
