"""Run one page: each block once, in order, whoever asks first."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

from handbook.pages.model import Block, Page
from handbook.running.console import Console
from handbook.running.transcript import Ran, Transcript, Trespass, Value
from handbook.running.worker_process import BLOCK_SECONDS, WorkerLostError, WorkerProcess, block_seconds

NO_TORCH = "torch is not installed"


@cache
def has_torch() -> bool:
    """Whether torch can be imported here; asked without importing it."""
    return importlib.util.find_spec("torch") is not None


class PageRun:
    """A page being run. ``ensure`` runs a block after those above it, and no block twice."""

    def __init__(self, page: Page, worker: WorkerProcess) -> None:
        self.page = page
        self.worker = worker
        self.console = Console(worker.root)
        self.transcript = Transcript()
        self._is_branch = False
        self._begun = False
        self._ended = False
        self._next = 0
        self._lost: str | None = None
        self._unsaid: str | None = None
        self._pins: dict[int, dict[str, None]] = {}
        for after, expression in page.asked:
            self._pins.setdefault(after, {}).setdefault(expression)

    @property
    def has_python(self) -> bool:
        """Whether there is anything for the worker to do."""
        return bool(self._pins) or any(block.language == "python" and block.runs for block in self.page.blocks)

    def ensure(self, index: int) -> Ran:
        """What block ``index`` did; it and those above it run now if they have not run yet."""
        self._run_before(index + 1)
        return self.transcript.ran[index]

    def finish(self) -> Transcript:
        """Run what is left and return the transcript."""
        self._run_before(len(self.page.blocks))
        if not self._ended and self.has_python and not self._lost:
            answer = self._ask("end")
            self.transcript.computed = [(name, value) for name, value in (answer or {}).get("computed", [])]
        self._ended = True
        self.console.close()
        return self.transcript

    def branch(self, index: int, page: Page, patience: int) -> PageRun:
        """A run of ``page``, equal to this one up to block ``index``, which has not run yet; `leave` ends it.

        It goes on in a fork of the worker, so that this run can branch again at the same place. From there
        it may compute for ``patience`` seconds.
        """
        self._run_before(index)
        self._ask("branch", patience=patience)
        run = PageRun(page, self.worker)
        run.transcript = Transcript(dict(self.transcript.ran), dict(self.transcript.values))
        run._is_branch, run._begun, run._next = True, True, self._next
        run._lost, run._unsaid = self._lost, self._unsaid
        return run

    def leave(self) -> None:
        """Be done with this run; where it is a branch, the run that it came from goes on."""
        self.console.close()
        if self._is_branch and not self._lost:
            self._ask("leave")

    @property
    def lost(self) -> bool:
        """Whether the worker ended in the middle of this run."""
        return self._lost is not None

    @property
    def at(self) -> int:
        """The index of the block that would run next."""
        return self._next

    def _run_before(self, index: int) -> None:
        """Run the blocks above block ``index`` that have not run yet."""
        if not self._begun:
            self._begun = True
            if self.has_python:
                self._ask("page")
                self._evaluate(-1)
        while self._next < index:
            block = self.page.blocks[self._next]
            self.transcript.ran[block.index] = self._run(block)
            self._next += 1
            self._evaluate(block.index)

    def _run(self, block: Block) -> Ran:
        if not block.runs:
            return Ran(skipped=block.reason)
        if block.language == "console":
            ran = self.console.run(block.code)
            # A command that needs torch says so in one line; without torch, that line is not what the page should show.
            return Ran(skipped=NO_TORCH) if NO_TORCH in ran.stdout and not has_torch() else ran
        if self._unsaid:
            error, self._unsaid = self._unsaid, None
            return Ran(error=error, line=1)
        if self._lost:
            return Ran(skipped=self._lost)
        if block.needs_torch and not has_torch():
            return Ran(skipped=NO_TORCH)
        try:
            asked = {"code": block.code, "name": f"block {block.name}", "cell": self.page.is_notebook}
            answer = self.worker.ask("block", seconds=block_seconds(), **asked)
        except WorkerLostError as error:
            self._lost = f"the block at line {block.line} ended the run"
            return Ran(error=str(error), line=1)
        trespasses = tuple(Trespass(*one) for one in answer["trespasses"])
        return Ran(answer["stdout"], answer["error"], answer["line"], trespasses, picture=answer["picture"])

    def _evaluate(self, after: int) -> None:
        expressions = list(self._pins.get(after, ()))
        if not expressions or (self._lost and not self._unsaid):
            return
        answer = None if self._lost else self._ask("values", expressions=expressions)
        if answer is None:  # nobody knows which of them it was, or whether any
            lost, self._unsaid = {"error": self._unsaid}, None
            answer = {"values": {expression: lost for expression in expressions}, "names": {}}
        for expression, found in answer["values"].items():
            key = Transcript.key(after, expression)
            self.transcript.values[key] = Value(found.get("value"), found.get("error"), answer["names"])

    def _ask(self, do: str, **arguments: object) -> dict[str, Any] | None:
        """The worker's answer; None where it was lost, which the next pin or block will have to say."""
        # Starting a worker is no block: on a busy machine it may take its time.
        seconds = max(BLOCK_SECONDS, block_seconds()) if do == "page" else block_seconds()
        try:
            return self.worker.ask(do, seconds=seconds, **arguments)
        except WorkerLostError as error:
            self._lost = f"the page's interpreter was lost ({error})"
            self._unsaid = f"WorkerLostError: {error}"
            return None
