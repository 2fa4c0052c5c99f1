"""The process that a learner's code runs in. It calls functions for the grader, or runs one script.

It limits itself before it reads a line of the learner's: time, memory, the size and number of files, no
other processes, no network, and no reading or writing but in its folder and of what Python itself needs.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import os
import resource
import runpy
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.random  # loaded late otherwise, after the limits stand

from handbook.labs import suspects
from handbook.labs.sandbox import landlock, seccomp
from handbook.labs.sandbox.readable import readable
from handbook.labs.sandbox.wire import UnsendableError, decode, encode
from handbook.running.audited import CHANGING, REACHING, WRITING
from handbook.running.pipes import Pipes

GIB = 1 << 30
MEMORY, FILE, OPEN = 4 * GIB, 4 << 20, 64
CHANGES = 256
"""How often a file may be opened for writing, or a name be made or removed; so many files of size `FILE` fit a disk."""

_NEVER = frozenset({*REACHING, "ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle"})


def limit(seconds: int) -> None:
    """Give up what the learner's code does not need; a hard limit cannot be raised again."""
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_NOFILE, OPEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(what, (most, most))


def fence(folder: Path, may_read: Sequence[str]) -> None:
    """Refuse, from now on, other processes, the network, every change outside ``folder``, and to read elsewhere."""
    inside, left = os.path.realpath(folder), CHANGES
    never, changing, writing = _NEVER, CHANGING, WRITING
    realpath, fspath, null = os.path.realpath, os.fspath, os.devnull

    def beyond(path: Any, *roots: str) -> bool:
        if path is None or isinstance(path, int) or path == null:
            return False
        real = realpath(os.fsdecode(fspath(path)))
        return not any(real == root or real.startswith(root + os.sep) for root in roots)

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise PermissionError(f"a lab writes no more than {CHANGES} times")

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & writing:
                if not isinstance(path, int) and path != null:
                    count()
                if beyond(path, inside):
                    raise PermissionError(f"a lab writes only in its own folder, not {path!s}")
            elif beyond(path, inside, *may_read):
                raise PermissionError(f"a lab reads only its own folder, not {path!s}")
        elif event in changing:
            count()
            if any(beyond(one, inside) for one in arguments if isinstance(one, (str, bytes, os.PathLike))):
                raise PermissionError(f"a lab changes only its own folder ({event})")
        elif event in never:
            raise PermissionError(f"a lab may not do this ({event})")

    sys.addaudithook(audit)


class Call:
    """One call of a learner's function in three parts, so that what the middle one takes can be measured alone."""

    def __init__(self, function: Callable[..., Any], file: str, arguments: Any, ask: Callable[..., Any]) -> None:
        self._function, self._file = function, file
        self._arguments = decode(arguments, ask)
        self._before = encode(self._arguments)
        self._answer: dict[str, Any] = {}

    def run(self) -> None:
        """Call it, and turn into plain data what it gives: an array that computes when it is read is read here."""
        try:
            self._answer = {"value": encode(self._function(*self._arguments))}
        except BaseException as error:
            self._answer = self._failed(error)

    def _failed(self, error: BaseException) -> dict[str, Any]:
        told = _described(error, self._file)
        ours = told["line"] is None  # raised by what asks or sends, and not in the learner's function
        if ours and isinstance(error, UnsendableError):
            return {"error": {"type": error.key, "text": error.text, "instead": error.instead}, "while": "answer"}
        if ours and isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
            return {"error": {"entered": error.name}, "while": "find"}
        return {"error": told, "while": "call"}

    def answer(self) -> dict[str, Any]:
        """The value, and whether the arguments were changed; or how it failed."""
        if "value" not in self._answer:
            return self._answer
        pairs = zip(encode(self._arguments), self._before, strict=True)
        return {**self._answer, "changed": [self._name(i) for i, (now, before) in enumerate(pairs) if now != before]}

    def _name(self, place: int) -> str:
        """What the function calls its argument; its number where it does not say."""
        with contextlib.suppress(ValueError, TypeError):
            names = list(inspect.signature(self._function).parameters)
            return names[place] if place < len(names) else str(place)
        return str(place)


class Subject:
    """Answers the grader's calls with what the learner's functions give."""

    def __init__(self, pipes: Pipes, through: ModuleType | None = None) -> None:
        self._pipes = pipes
        self._through = vars(through).copy() if through else None  # as it is before anything of the learner's has run
        self._modules: dict[str, Any] = {}
        self._call: Call | None = None

    @np.errstate(all="ignore")
    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call one function of one file; its value, or how it failed. A `part` of the call is done alone."""
        part = request.get("part")
        if part == "begin":  # what is loaded before the first call has been loaded
            return {}
        if part in (None, "prepare") and (refused := self._prepare(request)):
            return refused
        assert self._call is not None
        if part in (None, "run"):
            self._call.run()
        return self._call.answer() if part in (None, "tell") else {}

    def _prepare(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make the call ready; what is given back says why there is none."""
        file, name = request["file"], request["name"]
        if "handed" in request:
            suspects.hand_out(*decode(request["handed"]))
        try:
            function = self._function(file, name)
        except BaseException as error:
            return {"error": _described(error, file), "while": "import"}
        if function is None:
            return {"error": None, "while": "find"}
        self._call = Call(function, file, request["arguments"], self._ask)
        return {}

    def _ask(self, *arguments: Any) -> Any:
        """What the grader's own function gives, for a learner's that was handed one."""
        said = self._pipes.ask({"ask": encode(list(arguments))})
        if "refused" in said:
            raise ValueError(said["refused"])
        return decode(said["value"])

    def _function(self, file: str, name: str) -> Callable[..., Any] | None:
        if file not in self._modules:
            spec = importlib.util.spec_from_file_location(Path(file).stem, file)
            if spec is None or spec.loader is None:
                raise ImportError(f"{file} cannot be loaded")
            module = importlib.util.module_from_spec(spec)
            sys.modules[Path(file).stem] = module
            spec.loader.exec_module(module)
            self._modules[file] = module
        if self._through is not None:
            return partial(self._through[name], self._modules[file])
        found = getattr(self._modules[file], name, None)
        return found if callable(found) else None


def _described(error: BaseException, file: str) -> dict[str, Any]:
    """The error as plain data: its type, the first line of its text, and where it passed through the file.

    That is the function of the file that was entered first, and the function and line that it left by.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file]
    entered, left, line = (frames[0].name, frames[-1].name, frames[-1].lineno) if frames else (None, None, None)
    text = str(error)
    if isinstance(error, SyntaxError):  # whose text ends with the line
        line, text = error.lineno, error.msg
    first = (text.strip().splitlines() or [""])[0][:300]
    return {"type": type(error).__name__, "text": first, "entered": entered, "left": left, "line": line}


def main() -> None:
    """``SECONDS MODULE`` answers calls, through the module unless its name is empty; with a file too, runs that."""
    seconds, name, *script = sys.argv[1:]
    folder = Path.cwd()
    through = importlib.import_module(name) if name else None  # with all that it loads, before the limits stand
    sys.path.insert(0, str(folder))
    limit(int(seconds))
    may_read = readable()
    landlock.build(os.path.realpath(folder), may_read)
    seccomp.build()
    fence(folder, may_read)
    if script:
        sys.argv = script
        runpy.run_path(script[0], run_name="__main__")
    else:
        pipes = Pipes()
        pipes.serve(Subject(pipes, through).answer)


if __name__ == "__main__":
    main()
