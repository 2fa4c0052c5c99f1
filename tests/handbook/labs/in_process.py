"""Grade an answer of our own in this process: the requests and the answers of a grading, without a second Python."""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from typing import Any

import pytest

from handbook.labs.grading import grade
from handbook.labs.sandbox import child
from handbook.labs.sandbox.process import Printed, Subject, replied


class InProcess(Subject):
    """What a grader asks of a submission that is known to be harmless."""

    def _ask(self, request: dict[str, Any], name: str) -> dict[str, Any]:
        with self._at_home():
            answer: dict[str, Any] = json.loads(json.dumps(self._child.answer(json.loads(json.dumps(request)))))
        return answer

    @cached_property
    def _child(self) -> child.Subject:
        through = import_module(self._through) if self._through else None
        return child.Subject(self, through)  # type: ignore[arg-type]

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Answer, in the place of the pipes, what a learner's function asks of the grader's."""
        assert self._remote is not None
        return replied(self._remote, question["ask"])

    def script(self, file: str) -> Printed:
        """Run a script to its end."""
        out, said, status = io.StringIO(), "", 0
        with self._at_home(), contextlib.redirect_stdout(out):
            try:
                runpy.run_path(file, run_name="__main__")
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else int(end.code is not None)
            except Exception as error:
                status, said = 1, f"{type(error).__name__}: {error}"
        return Printed(status, out.getvalue(), said)

    @contextmanager
    def _at_home(self) -> Iterator[None]:
        """Where the submission's files are imported from, and forgotten again."""
        ours, path = len(sys.modules), sys.path[:]
        sys.path.insert(0, str(self.folder))
        try:
            with contextlib.chdir(self.folder):
                yield
        finally:
            sys.path[:] = path
            for name in list(sys.modules)[ours:] if len(sys.modules) > ours else ():  # in the order of their import
                if str(getattr(sys.modules[name], "__file__", "")).startswith(str(self.folder)):
                    del sys.modules[name]


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Let torch compute as in a learner's process: two threads would wait for each other for most of the time."""
    torch = import_module("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `grade` ask its questions here."""
    monkeypatch.setattr(grade, "Subject", InProcess)
