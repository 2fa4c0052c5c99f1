"""Run altered versions of one page: what stands above the altered block runs once, for all of them."""

from __future__ import annotations

from handbook.findings import CallError
from handbook.page.model import Page
from handbook.run.page_run import PageRun
from handbook.run.process import WorkerProcess, block_seconds
from handbook.run.transcript import Transcript
from handbook.run.worker import TIME_UP

PATIENCE = 2
"""Seconds of computing that an altered page may take from the altered block on; what has not shown by then has not."""

Told = tuple[int, int, str]
"""A lie about code, as `Alteration.told` names it."""


class Rerun:
    """The runs of a page whose code is altered in one place at a time, from its top to its end.

    ``known`` remembers what each lie showed; twins share their code, and so may share it.
    """

    def __init__(
        self, page: Page, transcript: Transcript, worker: WorkerProcess, known: dict[Told, Transcript | None]
    ) -> None:
        self.page = page
        self.transcript = transcript
        self.worker = worker
        self.known = known
        self._base: PageRun | None = None

    def fails(self, told: Told) -> bool:
        """Whether a lie is known to make a block fail, or print something else."""
        return told in self.known and self.known[told] is None

    def of(self, altered: Page, told: Told) -> Transcript | None:
        """What the altered page shows; None where a block fails, or prints something else than the page's own.

        Where the time is up before that, it is what the page shows unaltered.
        """
        if told not in self.known:
            self.known[told] = self._shown(altered)
        return self.known[told]

    def _shown(self, altered: Page) -> Transcript | None:
        run = self._run(altered)
        try:
            for block in altered.blocks:
                ran = run.ensure(block.index)
                if ran.error == TIME_UP or run.lost:
                    return self.transcript
                if ran.error or ran.stdout != self.transcript.ran[block.index].stdout:
                    return None
            return run.finish()
        finally:
            run.leave()
            if run.lost:
                self._base = None

    def _run(self, altered: Page) -> PageRun:
        """A run that stands before the first block that differs."""
        if any(block.language == "console" for block in self.page.blocks):
            return PageRun(altered, self.worker)  # a console's folder cannot be forked
        pairs = zip(self.page.blocks, altered.blocks, strict=False)
        first = next((old.index for old, new in pairs if old.code != new.code), 0)
        if self._base is None or self._base.at > first:
            self._base = PageRun(self.page, self.worker)
        run = self._base.branch(first, altered, PATIENCE)
        if run.lost:  # then every alteration would seem to show
            raise CallError(
                f"{self.page.path}: its own blocks do not end in {block_seconds():g} s; audit it on its own"
            )
        return run
