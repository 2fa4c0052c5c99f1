"""Run altered versions of one page: what stands above the altered block runs once, for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from handbook.page.model import Page
from handbook.run.page_run import PageRun
from handbook.run.process import WorkerProcess


class Rerun:
    """The runs of a page whose code is altered in one place at a time, from its top to its end."""

    def __init__(self, page: Page, worker: WorkerProcess) -> None:
        self.page = page
        self.worker = worker
        self._base: PageRun | None = None

    @contextmanager
    def of(self, altered: Page) -> Iterator[PageRun]:
        """A run of the altered page that stands before the first block that differs."""
        if any(block.language == "console" for block in self.page.blocks):
            yield PageRun(altered, self.worker)  # a console's folder cannot be forked
            return
        pairs = zip(self.page.blocks, altered.blocks, strict=False)
        first = next((old.index for old, new in pairs if old.code != new.code), 0)
        if self._base is None or self._base.at > first:
            self._base = PageRun(self.page, self.worker)
        run = self._base.branch(first, altered)
        try:
            yield run
        finally:
            run.leave()
            if run.lost:
                self._base = None
