"""The process that a learner's code runs in. It calls functions for the grader, or runs one script.

It limits itself before it reads a line of the learner's: time, memory, the size of files, no other
processes, no network, and no writing outside its folder.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import resource
import runpy
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.random  # loaded late otherwise, after the limits stand

from handbook.labs.wire import decode, encode
from handbook.run.pipes import Pipes

GIB = 1 << 30
MEMORY, FILE, OPEN = 4 * GIB, 16 << 20, 64
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEVER = (
    "ctypes.dlopen os.chmod os.chown os.exec os.fork os.forkpty os.kill os.killpg os.link os.posix_spawn os.spawn "
    "os.startfile os.symlink os.system pty.spawn signal.pthread_kill socket.bind socket.connect socket.sendto "
    "subprocess.Popen"
).split()
_CHANGING = ("os.chflags os.mkdir os.remove os.removexattr os.rename os.rmdir os.setxattr os.truncate os.utime").split()


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


def fence(folder: Path) -> None:
    """Refuse, from now on, other processes, the network, and every change outside ``folder``."""
    inside = os.path.realpath(folder)
    never, changing = frozenset(_NEVER), frozenset(_CHANGING)
    realpath, fspath, null = os.path.realpath, os.fspath, os.devnull

    def outside(path: Any) -> bool:
        if isinstance(path, int) or path == null:
            return False
        real = realpath(os.fsdecode(fspath(path)))
        return real != inside and not real.startswith(inside + os.sep)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING and path is not None and outside(path):
                raise PermissionError(f"a lab writes only in its own folder, not {path!s}")
        elif event in changing:
            if any(outside(one) for one in arguments if isinstance(one, (str, bytes, os.PathLike))):
                raise PermissionError(f"a lab changes only its own folder ({event})")
        elif event in never:
            raise PermissionError(f"a lab may not do this ({event})")

    sys.addaudithook(audit)


class Subject:
    """Answers the grader's calls with what the learner's functions give."""

    def __init__(self) -> None:
        self._modules: dict[str, Any] = {}

    @np.errstate(all="ignore")
    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call one function of one file; its value, or how it failed."""
        try:
            function = self._function(request["file"], request["name"])
        except BaseException as error:
            return {"error": _described(error, request["file"]), "while": "import"}
        if function is None:
            return {"error": None, "while": "find"}
        arguments = decode(request["arguments"])
        before = encode(arguments)
        try:
            value = function(*arguments)
        except BaseException as error:
            return {"error": _described(error, request["file"]), "while": "call"}
        try:
            coded = encode(value)
        except TypeError as error:
            return {"error": {"text": str(error)}, "while": "answer"}
        return {"value": coded, "changed": encode(arguments) != before}

    def _function(self, file: str, name: str) -> Callable[..., Any] | None:
        if file not in self._modules:
            spec = importlib.util.spec_from_file_location(Path(file).stem, file)
            if spec is None or spec.loader is None:
                raise ImportError(f"{file} cannot be loaded")
            module = importlib.util.module_from_spec(spec)
            sys.modules[Path(file).stem] = module
            spec.loader.exec_module(module)
            self._modules[file] = module
        found = getattr(self._modules[file], name, None)
        return found if callable(found) else None


def _described(error: BaseException, file: str) -> dict[str, Any]:
    """The error as plain data: its type, the first line of its text, and the last line of the file it left by."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    first = (str(error).strip().splitlines() or [""])[0][:300]
    return {"type": type(error).__name__, "text": first, "line": lines[-1] if lines else None}


def main() -> None:
    """``inside SECONDS`` answers calls; ``inside SECONDS FILE`` runs a script."""
    seconds, *script = sys.argv[1:]
    folder = Path.cwd()
    sys.path.insert(0, str(folder))
    limit(int(seconds))
    fence(folder)
    if script:
        sys.argv = script
        runpy.run_path(script[0], run_name="__main__")
    else:
        Pipes().serve(Subject().answer)


if __name__ == "__main__":
    main()
