"""The grader's side of a submission's process: ask, wait no longer than allowed, leave nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handbook.labs.intake import Intake
from handbook.labs.sandbox import bubblewrap, landlock, seccomp
from handbook.labs.sandbox.wire import Remote, decode, encode
from handbook.labs.suspects import Recipe
from handbook.labs.texts import Say, say
from handbook.running.pipes import chunk, reap, send
from handbook.running.worker_process import ONE_THREAD

SECONDS = 20.0
"""How long one answer may take. ``HANDBOOK_LAB_SECONDS`` overrides it (a test uses little)."""

SLOWER = 3
"""How many times longer what is asked through a module of ours may take: it loads torch, and trains."""

ANSWER, PRINTED = 16 << 20, 1 << 16
"""Bytes that an answer may have, and that a script may print."""

CONTRACTS = {"mask holds only zeros and ones": "zero-one-mask"}
"""How `minimodel` begins to refuse a mistake, and the bug that it has then named."""

MASKS = {"mask", "allowed"}
"""What an argument that holds a mask is called in the starters."""

SOMEWHERE = {"import-fails": "import-fails-somewhere", "raises": "raises-somewhere"}
"""What is said where no line of the file is known."""

_PUBLIC = re.compile(r"[a-z]\w{0,39}")
"""A function that a learner knows by name, and no helper or method of Python's."""

_MARK = "HANDBOOK_LAB_PROCESS"
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV")


Meter = Callable[[int], AbstractContextManager[object]]
"""Given the id of a process, measures it from entering to leaving."""


class SubjectError(Exception):
    """The submission did not answer; ``found`` says why, and ``bug`` may name it."""

    def __init__(self, found: Say, bug: str | None = None) -> None:
        super().__init__(found.key)
        self.found, self.bug = found, bug

    @property
    def expected(self) -> Say:
        """What there should have been: the file, the function, or an answer of it."""
        if self.found.key == "no-file":
            return say("a-file", file=self.found.values["file"])
        if self.found.key == "changed-argument":
            return say("unchanged", **self.found.values)
        if "name" in self.found.values:
            return say("a-function", name=self.found.values["name"])
        return say("answer")


@dataclass(frozen=True)
class Printed:
    """What a script did: its exit status (None: it was stopped), what it printed, and how it ended."""

    status: int | None
    text: str
    error: str


def allowed_seconds() -> float:
    """The time one answer may take, in seconds."""
    return float(os.environ.get("HANDBOOK_LAB_SECONDS", SECONDS))


@contextmanager
def scratch(taken: Intake) -> Iterator[Path]:
    """A copy of what is taken in of a submission, to run it in."""
    with tempfile.TemporaryDirectory(prefix="handbook-lab-", ignore_cleanup_errors=True) as name:
        target = Path(name) / taken.folder.name
        taken.copy_to(target)
        try:
            yield target
        finally:
            clear(target)


def clear(folder: Path) -> None:
    """Empty a folder, however deep somebody has dug in it: what lies two levels down is lifted, level by level."""
    name, number = secrets.token_hex(8), 0
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            for inner in os.scandir(entry):
                number += 1
                Path(inner.path).rename(folder / f"{name}-{number}")
            Path(entry.path).rmdir()


class Subject:
    """A submission in a process of its own, started at the first call and again after it was lost.

    With ``through``, the name of a module, its functions are called in that process, each with the learner's module
    before its arguments: for what no learner's function takes or gives as plain data.
    """

    def __init__(self, folder: Path, through: str = "") -> None:
        self.folder = folder
        self._through = through
        self._mark = secrets.token_hex(16)
        self._patience = allowed_seconds() * (SLOWER if through else 1)
        self._process: subprocess.Popen[bytes] | None = None
        self._inside = 0
        self._pending = b""
        self._remote: Remote | None = None
        self._handed: Any = None

    def call(self, file: str, name: str, *arguments: Any) -> Any:
        """The value of a function of the learner's; one ``Remote`` among the arguments answers its questions.

        Raises ``SubjectError`` when there is none: no such file or function, an error, no answer in time.
        """
        return self._value(self._ask(self._request(file, name, arguments), name), file, name)

    def measured(self, meter: Meter, file: str, name: str, *arguments: Any) -> Any:
        """The same, with ``meter`` entered for as long as the function runs, and no longer."""
        refused = self._ask({**self._request(file, name, arguments), "part": "prepare"}, name)
        if refused:
            raise self._refusal(refused, file, name)
        self._start()
        with meter(self._inside):
            self._ask({"part": "run"}, name)
        return self._value(self._ask({"part": "tell"}, name), file, name)

    def hand(self, number: int, recipes: Sequence[Recipe]) -> None:
        """Let the submission have these models for ``suspects(number)``: it gets what they do, and not their names."""
        self._handed = encode([number, recipes])

    def _request(self, file: str, name: str, arguments: Sequence[Any]) -> dict[str, Any]:
        if not (self.folder / file).is_file():
            raise SubjectError(say("no-file", file=file))
        self._remote = next((one for one in arguments if isinstance(one, Remote)), None)
        handed = {} if self._handed is None else {"handed": self._handed}
        return {"file": file, "name": name, "arguments": encode(list(arguments)), **handed}

    def _value(self, answer: dict[str, Any], file: str, name: str) -> Any:
        if "value" not in answer:
            raise self._refusal(answer, file, name)
        try:
            value = decode(answer["value"])
        except (ValueError, TypeError, KeyError) as error:
            raise SubjectError(say("nonsense", name=name)) from error
        if answer.get("changed"):
            which = [str(one)[:40] for one in answer["changed"]] if isinstance(answer["changed"], list) else []
            bug = "masked-in-place" if which and set(which) <= MASKS else None
            raise SubjectError(say("changed-argument", name=name, which=", ".join(which)), bug)
        return value

    def _ask(self, request: dict[str, Any], name: str) -> dict[str, Any]:
        process, deadline = self._start(), time.monotonic() + self._patience
        try:
            answer = self._told(process, request, name, deadline)
            while self._remote is not None and isinstance(answer, dict) and "ask" in answer:
                answer = self._told(process, replied(self._remote, answer["ask"]), name, deadline)
        except BrokenPipeError:
            self.stop()
            raise SubjectError(say("died", name=name)) from None
        except (ValueError, RecursionError):
            self.stop()
            raise SubjectError(say("nonsense", name=name)) from None
        except SubjectError:
            self.stop()
            raise
        if not isinstance(answer, dict):
            raise SubjectError(say("nonsense", name=name))
        return answer

    def _told(self, process: subprocess.Popen[bytes], request: dict[str, Any], name: str, deadline: float) -> Any:
        if time.monotonic() > deadline or not send(process, request, deadline):
            raise self._late(name)
        return json.loads(self._line(process, name, deadline))

    def _late(self, name: str) -> SubjectError:
        seconds, self._patience = self._patience, self._patience / 4  # what never ends is not waited for again
        return SubjectError(say("too-slow", name=name, seconds=f"{seconds:g}"))

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._pending = b""
            self._process = self._open(stderr=subprocess.DEVNULL)
            if self._through:  # to load it is no part of what is asked
                self._ask({"part": "begin"}, self._through)
        return self._process

    def _open(self, *script: str, stderr: int) -> subprocess.Popen[bytes]:
        seconds = str(int(allowed_seconds() * 3) + 1)
        command = [sys.executable, "-P", "-s", "-m", "handbook.labs.sandbox.child", seconds, self._through, *script]
        bwrap, told, tell = bubblewrap.program(), -1, -1
        if bwrap is not None:
            told, tell = os.pipe()
            command = bubblewrap.around(bwrap, command, self.folder.resolve(), tell)
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if script else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
                pass_fds=(tell,) if bwrap is not None else (),
            )
        finally:
            if bwrap is not None:
                os.close(tell)
        self._inside = process.pid if bwrap is None else bubblewrap.process_inside(told) or process.pid
        return process

    def _environment(self) -> dict[str, str]:
        """What the process needs and no more: the caller's secrets are not its business.

        The caller's own search path is passed on whole, because the submission's folder is the home, and what a
        home holds for Python must not run before the limits stand (hence `-s` as well).
        """
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if Path(path).is_absolute()),
            "HOME": str(self.folder),
            "MPLBACKEND": "Agg",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "NO_COLOR": "1",
            **dict.fromkeys(ONE_THREAD, "1"),
            _MARK: self._mark,
        }

    def _line(self, process: subprocess.Popen[bytes], name: str, deadline: float) -> bytes:
        while b"\n" not in self._pending:
            found = chunk(process, deadline)
            if found is None:
                raise self._late(name)
            if not found:
                raise SubjectError(say("died", name=name))
            self._pending += found
            if len(self._pending) > ANSWER:
                raise SubjectError(say("nonsense", name=name))
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def script(self, file: str) -> Printed:
        """Run a script of the learner's to its end, or to the end of our patience."""
        self.stop()
        with tempfile.TemporaryFile() as errors:
            process = self._process = self._open(file, stderr=errors.fileno())
            deadline, printed, status = time.monotonic() + self._patience, b"", None
            while (found := chunk(process, deadline)) and len(printed) <= PRINTED:
                printed += found
            if found is None:
                self._patience /= 4
            if found == b"":
                with contextlib.suppress(subprocess.TimeoutExpired):
                    status = process.wait(max(0.1, deadline - time.monotonic()))
            self.stop()
            errors.seek(0)
            said = errors.read(PRINTED).decode("utf-8", "replace").strip().splitlines()
        return Printed(status, printed[:PRINTED].decode("utf-8", "replace"), said[-1][:300] if said else "")

    def _refusal(self, answer: dict[str, Any], file: str, name: str) -> SubjectError:
        """The same of what is asked through a module: that may call several functions of the learner's."""
        error = answer.get("error")
        entered = error.get("entered") if isinstance(error, dict) else None
        if self._through and isinstance(entered, str) and _PUBLIC.fullmatch(entered):
            name = entered
        return _refusal(answer, file, name)

    def stop(self) -> None:
        """End the process, its group, and whatever it has started that left the group."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        reap(self._process)
        self._process = None
        _sweep(self._mark)


def walls() -> list[str]:
    """What keeps a submission in on this machine, beside the limits that its process sets itself."""
    known = landlock.version()
    wrapped = ["bubblewrap"] if bubblewrap.program() is not None else []
    return [
        *wrapped,
        *([f"Landlock {known}"] if known > 0 else []),
        *(["seccomp"] if seccomp.known() else []),
        "audit hooks",
    ]


def _sweep(mark: str) -> None:
    """Kill what still carries the mark in its environment (Linux; elsewhere the process group has to do)."""
    wanted, found = f"{_MARK}={mark}".encode(), True
    while found:
        found = False
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
                    found = True


def replied(remote: Remote, arguments: Any) -> dict[str, Any]:
    """What our own function gives for what the submission asks it; it may refuse with a ``ValueError``."""
    try:
        return {"value": encode(remote(*decode(arguments)))}
    except (ValueError, TypeError, KeyError) as error:
        return {"refused": str(error)[:300]}


def _refusal(answer: dict[str, Any], file: str, name: str) -> SubjectError:
    """Why there is no value of a function, of which the process has said something."""
    error = answer.get("error") or {}
    stage = answer.get("while")
    kind, text, line, inner = (
        error.get(key) if isinstance(error, dict) else None for key in ("type", "text", "line", "left")
    )
    if stage == "find":
        return SubjectError(say("no-function", file=file, name=name))
    if stage == "answer":
        what = say(kind if kind in ("of-dtype", "of-size", "of-name") else "of-kind", text=str(text)[:80])
        instead = error.get("instead") if isinstance(error, dict) else None
        key = next((one for one in ("no-number", "no-weight", "no-pair") if one == instead), "no-array")
        return SubjectError(say(key, name=name, text=what))
    if kind == "NotImplementedError":
        # what was asked may be written, and call what is not
        return SubjectError(say("unwritten", file=file, name=inner if isinstance(inner, str) else name))
    if kind == "MemoryError":
        return SubjectError(say("too-much-memory", name=name))
    key = "import-fails" if stage == "import" else "raises"
    bug = next((bug for beginning, bug in CONTRACTS.items() if str(text).startswith(beginning)), None)
    told = {"file": file, "name": name, "kind": kind, "text": text}
    return SubjectError(say(key, **told, line=line) if line else say(SOMEWHERE[key], **told), bug)
