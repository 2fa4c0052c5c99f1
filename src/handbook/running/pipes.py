"""JSON lines between a process that executes what others wrote, and the one that has started it."""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import subprocess
import time
from collections.abc import Callable
from typing import Any


class Pipes:
    """The protocol's pipes, taken for ourselves, so that nothing done to fd 0-2 from here on reaches them."""

    def __init__(self) -> None:
        self._requests = os.fdopen(os.dup(0), encoding="utf-8")
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)

    def serve(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Answer each request until there are no more."""
        for line in self._requests:
            self._tell(answer(json.loads(line)))

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Put a question back to whoever waits for an answer, and give what they say to it."""
        self._tell(question)
        said: dict[str, Any] = json.loads(self._requests.readline())
        return said

    def _tell(self, what: dict[str, Any]) -> None:
        self._answers.write(json.dumps(what) + "\n")
        self._answers.flush()


def send(process: subprocess.Popen[bytes], request: dict[str, Any], deadline: float = math.inf) -> bool:
    """Hand a process its next request; False when the time is up before it has taken the whole of it in."""
    assert process.stdin is not None
    descriptor, left = process.stdin.fileno(), memoryview((json.dumps(request) + "\n").encode())
    while left:
        seconds = None if deadline == math.inf else max(0.0, deadline - time.monotonic())
        if not select.select([], [descriptor], [], seconds)[1]:
            return False
        left = left[os.write(descriptor, left[: select.PIPE_BUF]) :]  # so much never blocks
    return True


def chunk(process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """What can be read of a process next; nothing at the end, None when the time is up."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
    return os.read(descriptor, 1 << 16) if ready else None


def reap(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was killed, and close its pipes."""
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
