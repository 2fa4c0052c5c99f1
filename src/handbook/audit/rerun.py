"""Run altered versions of one page: what stands above the altered block runs once, for all of them."""

from __future__ import annotations

from handbook.findings import CallError
from handbook.page.model import Page
from handbook.run.page_run import PageRun
from handbook.run.process import WorkerProcess, block_seconds
from handbook.run.transcript import Transcript


class Rerun:
    """The runs of a page whose code is altered in one place at a time, from its top to its end.

    ``shown`` remembers, by code, whether a run showed something; twins share their code, and so may share it.
    """

    def __init__(
        self, page: Page, transcript: Transcript, worker: WorkerProcess, shown: dict[tuple[str, ...], bool]
    ) -> None:
        self.page = page
        self.transcript = transcript
        self.worker = worker
        self.shown = shown
        self._base: PageRun | None = None

    def of(self, altered: Page) -> Transcript | None:
        """What the altered page shows; None where a block fails, or prints something else than the page's own."""
        code = tuple(block.code for block in altered.blocks)
        if self.shown.get(code):
            return None
        run = self._run(altered)
        try:
            self.shown[code] = any(self._differs(run, block.index) for block in altered.blocks)
            return None if self.shown[code] else run.finish()
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
        run = self._base.branch(first, altered)
        if run.lost:  # then every alteration would seem to show
            raise CallError(
                f"{self.page.path}: its own blocks do not end in {block_seconds():g} s; audit it on its own"
            )
        return run

    def _differs(self, run: PageRun, index: int) -> bool:
        ran = run.ensure(index)
        return bool(ran.error) or ran.stdout != self.transcript.ran[index].stdout
