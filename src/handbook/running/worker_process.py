"""The parent's side of a worker: ask, wait no longer than allowed, replace it when it is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from handbook.running.pipes import chunk, reap, send

BLOCK_SECONDS = 60.0
"""How long one block may compute. ``HANDBOOK_BLOCK_SECONDS`` overrides it (a test uses little)."""

TIME_UP = (signal.SIGPROF, signal.SIGXCPU)
"""What ends a process that has computed for too long."""

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Blocks run in one thread: sums come out the same on every machine, and small arrays do not wait for idle cores."""

_WORKER = "handbook.running.worker"
_OURS = Path(__file__).resolve().parents[2]
"""Where this package was imported from: the worker that answers is of the same one."""


_KEPT = (
    "PATH HOME USER SHELL LANG LANGUAGE LC_ TZ TERM TMP TEMP TMPDIR SYSTEMROOT VIRTUAL_ENV LD_LIBRARY_PATH DYLD_ XDG_ "
    "HANDBOOK_ TORCH CUDA COVERAGE_ NVIDIA_"
).split()


def environment() -> dict[str, str]:
    """What a page's blocks and commands are told of the environment: nothing that may be a secret of whoever checks."""
    return {name: value for name, value in os.environ.items() if name.upper().startswith(tuple(_KEPT))}


class WorkerLostError(Exception):
    """The worker did not answer; its text says why."""


def block_seconds() -> float:
    """The CPU time that a block may take, in seconds: a busy machine makes no block endless."""
    return float(os.environ.get("HANDBOOK_BLOCK_SECONDS", BLOCK_SECONDS))


def wall_seconds(seconds: float) -> float:
    """How long to wait, by the clock, for what may compute for ``seconds``: enough for it among many others.

    It ends what waits for something that never comes, and computes nothing meanwhile.
    """
    return 5 * seconds + 10


def computed_too_long(seconds: float) -> str:
    """What is said of a block whose CPU time is up."""
    return f"does not end (stopped after {seconds:g} s of computing)"


def waited_too_long(seconds: float) -> str:
    """What is said of a block that has not ended in the time by the clock."""
    return f"does not end (stopped after {wall_seconds(seconds):g} s by the clock)"


class WorkerProcess:
    """A worker in a process of its own, started at the first request and again after a loss."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._pending = b""

    def start(self, *, with_torch: bool = False) -> None:
        """Start the process without waiting for it; the first ``ask`` will.

        ``with_torch`` imports torch meanwhile, for a round that will need it: that takes longer than all else.
        """
        if self._process is not None:
            return
        told = {
            **environment(),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "",
            "PYTHONPATH": os.pathsep.join(map(str, (self.root / "src", _OURS))),
            "NO_COLOR": "1",
            **dict.fromkeys(ONE_THREAD, "1"),
        }
        self._pending = b""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", _WORKER, *(["torch"] if with_torch else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.root,
            env=told,
        )

    def ask(self, do: str, *, seconds: float, **arguments: Any) -> dict[str, Any]:
        """Send a request and return its answer.

        Raises ``WorkerLostError`` when the worker ends or computes for longer than ``seconds``; the next
        request finds a new worker, with an empty namespace.
        """
        self.start()
        process = self._process
        assert process is not None
        try:
            send(process, {"do": do, "seconds": seconds, **arguments})
            answer: dict[str, Any] = json.loads(self._line(process, seconds))
        except (BrokenPipeError, WorkerLostError) as error:
            self.stop()
            raise WorkerLostError(str(error) or "ends the interpreter") from None
        return answer

    def _line(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        deadline = time.monotonic() + wall_seconds(seconds)
        while b"\n" not in self._pending:
            found = chunk(process, deadline)
            if found is None:
                raise WorkerLostError(waited_too_long(seconds))
            if not found:
                ended = -process.wait()
                raise WorkerLostError(computed_too_long(seconds) if ended in TIME_UP else "ends the interpreter")
            self._pending += found
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def kill(self) -> None:
        """End the process, whatever it is doing; who waits for its answer is told that it is lost."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """End the process and wait for its end."""
        if self._process is None:
            return
        self.kill()
        reap(self._process)
        self._process = None
