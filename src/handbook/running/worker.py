"""The process that executes blocks. It speaks JSON lines on its own pair of pipes.

One page at a time: ``page`` opens a namespace, ``block`` executes in it, ``values`` evaluates pins,
``end`` lists the numbers computed; ``branch`` forks, so that one page can go on in several ways, and ``leave``
ends a fork. Whatever a block changed outside its namespace is put back right
after it and reported as a trespass.
"""

from __future__ import annotations

import ast
import importlib
import io
import itertools
import linecache
import os
import re
import resource
import signal
import sys
import threading
import time
import traceback
import types
from typing import Any

import numpy as np

from handbook.running.pipes import Pipes
from handbook.running.side_effects import Watch
from handbook.running.transcript import Trespass
from handbook.running.values import LARGEST, inventory, plain

LIMIT = 1_000_000
"""Characters that a block may print."""

TIME_UP = "does not end in the time of a branch"
_GRACE = 5
"""Seconds after which a branch that has not ended yet is ended, whatever it does."""

UNSEEN = "does not print the value of its last line, which is no picture"
_WARNINGS = re.compile(r"^(\S.*?):\d+: (\w*Warning: .*)$", re.MULTILINE)
"""How Python writes a warning: where, and what."""
_FLOOD = f"prints more than {LIMIT:,} characters"


class _TooMuch(BaseException):
    """Raised inside a block that prints more than ``LIMIT``; no ``except Exception`` can hold it."""


class _TimeUpError(BaseException):
    """Raised in a branch when its time is up."""


def _time_is_up(*_: object) -> None:
    """Once is enough: the system repeats the signal every second."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    raise _TimeUpError


class _Stdout(io.StringIO):
    """A standard output that refuses floods."""

    flooded = False

    def write(self, text: str, /) -> int:
        if self.tell() + len(text) > LIMIT:
            self.flooded = True
            raise _TooMuch
        return super().write(text)


class Worker:
    """Answers requests until its input ends."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.namespace: dict[str, Any] = {}
        self.picture = ""

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks for; the process ends where that takes more ``seconds`` of computing than it may.

        The timer counts this process's own CPU time, whatever else the machine is doing, and its signal ends even
        a block that catches everything or never comes back from C.
        """
        signal.setitimer(signal.ITIMER_PROF, request.pop("seconds"))
        try:
            found: dict[str, Any] = getattr(self, request.pop("do"))(**request)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return found

    def page(self) -> dict[str, Any]:
        """Open a new namespace; forget what the page before it did to ``minimodel``."""
        for name in [name for name in sys.modules if name.split(".")[0] == "minimodel"]:
            del sys.modules[name]
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace = module.__dict__
        return {}

    def block(self, code: str, name: str, cell: bool = False) -> dict[str, Any]:
        """Execute one block; what it printed, how it failed, and what it touched. A cell may end with a picture."""
        self.picture = ""
        filename = f"<{name}>"
        linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
        stdout, stderr = _Stdout(), _Stdout()
        streams = sys.stdout, sys.stderr
        self.watch.open(code)
        sys.stdout, sys.stderr = stdout, stderr
        try:
            error, line = self._execute(code, filename, stdout, cell)
        finally:
            sys.stdout, sys.stderr = streams
            trespasses = self.watch.close()
        trespasses = trespasses or unshown(stderr.getvalue())
        found = {"stdout": stdout.getvalue(), "error": error, "line": line, "trespasses": trespasses}
        return {**found, "picture": self.picture}

    def _execute(self, code: str, filename: str, stdout: _Stdout, cell: bool) -> tuple[str | None, int]:
        try:
            if cell:
                return self._cell(code, filename, stdout)
            exec(compile(code, filename, "exec"), self.namespace)
        except SystemExit:
            return "calls sys.exit", _line_in(filename)
        except _TooMuch:
            return _FLOOD, _line_in(filename)
        except _TimeUpError:
            return TIME_UP, _line_in(filename)
        except BaseException as caught:
            return _one_line(caught), _line_in(filename)
        return (_FLOOD, 1) if stdout.flooded else (None, 0)

    def _cell(self, code: str, filename: str, stdout: _Stdout) -> tuple[str | None, int]:
        """Execute a notebook's cell, and ask the value of its last line for a picture, as Jupyter does.

        Any other value fails it: Jupyter would show its `repr`, which no check compares.
        """
        tree = ast.parse(code, filename)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, filename, "exec"), self.namespace)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), filename, "eval"), self.namespace)
            if hasattr(value, "_repr_svg_"):
                self.picture = value._repr_svg_()
            elif value is not None:
                return UNSEEN, last.lineno
        return (_FLOOD, 1) if stdout.flooded else (None, 0)

    def values(self, expressions: list[str]) -> dict[str, Any]:
        """Evaluate pins in the page's namespace."""
        found: dict[str, Any] = {}
        for expression in expressions:
            self.watch.open(expression)
            try:
                code = compile(expression, "<pin>", "eval")
                found[expression] = {"value": plain(eval(code, dict(self.namespace)))}
            except BaseException as caught:
                found[expression] = {"error": _one_line(caught)}
            if trespasses := self.watch.close():
                found[expression] = {"error": "; ".join(one.what for one in trespasses)}
        names = {
            name: int(value)
            for name, value in self.namespace.items()
            if isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        }
        return {"values": found, "names": names}

    def branch(self, patience: int) -> dict[str, Any]:
        """Fork: a child with a copy of everything answers from here on, until it is asked to `leave`.

        The block in which it has computed for ``patience`` seconds ends there.
        """
        child = os.fork()
        if child == 0:
            self.watch.stands_here()
            _end_with_parent()
            signal.signal(signal.SIGXCPU, _time_is_up)
            resource.setrlimit(resource.RLIMIT_CPU, (patience, patience + _GRACE))
        elif status := os.waitpid(child, 0)[1]:  # the child was lost in the middle of a request
            if os.WIFSIGNALED(status):
                os.kill(os.getpid(), os.WTERMSIG(status))  # and whoever waits for us should know why
            os._exit(1)
        return {}

    def leave(self) -> dict[str, Any]:
        """End the branch; the process that it was forked from answers this request."""
        os._exit(0)

    def end(self) -> dict[str, Any]:
        """The numbers that the page computed."""
        return {"computed": list(itertools.islice(inventory(self.namespace), LARGEST))}


def unshown(written: str) -> list[Trespass]:
    """What a block wrote to `sys.stderr`: a reader sees it, and the page does not show it.

    A warning counts where it names a line of the block or of `minimodel`: what a library says of itself differs from
    machine to machine.
    """
    if not (warned := _WARNINGS.findall(written)):
        first = written.strip().partition("\n")[0]
        return [Trespass(f"writes to stderr: {first}", "print it, so that the page shows it")] if first else []
    ours = [what for place, what in warned if place.startswith("<") or "minimodel" in place]
    fix = "put right what it warns of, or show that it is meant: np.errstate(…) or warnings.catch_warnings()"
    return [Trespass(f"warns: {what}", fix) for what in dict.fromkeys(ours)]


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


def _end_with_parent() -> None:
    """End this process when its parent is gone, even in the middle of a block that never ends."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Answer requests. The modules that the command line names are imported before the first is read."""
    pipes = Pipes()
    _end_with_parent()
    for module in sys.argv[1:]:
        importlib.import_module(module)
    worker = Worker()
    pipes.serve(worker.answer)


if __name__ == "__main__":
    main()
