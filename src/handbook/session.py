"""One round of checking: the pages read, the runs under way, the worker that runs them."""

from __future__ import annotations

from collections.abc import Iterator

from handbook.checks import CHECKS
from handbook.checks.context import Context, Library
from handbook.findings import Finding
from handbook.page.model import Page
from handbook.page.parse import parse
from handbook.project import Project
from handbook.run.page_run import PageRun
from handbook.run.process import WorkerProcess
from handbook.run.transcript import Transcript


class Session:
    """Reads each page once and runs each page once, in the order in which they are asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.worker = WorkerProcess(project.root)
        self.library = Library(project, self.page)
        self._pages: dict[str, Page] = {}
        self._transcripts: dict[str, Transcript] = {}
        self._running: PageRun | None = None

    def page(self, path: str) -> Page:
        """The page at ``path``, parsed; a page that is not there is empty."""
        if path not in self._pages:
            exists = (self.project.root / path).is_file()
            self._pages[path] = parse(self.project.root, path) if exists else Page(path, {}, "")
        return self._pages[path]

    def run(self, path: str) -> PageRun:
        """The run of a page. The worker holds one page at a time: another page's run is finished first."""
        if self._running is None or self._running.page.path != path:
            self._finish()
            self._running = PageRun(self.page(path), self.worker)
        return self._running

    def transcript(self, path: str) -> Transcript:
        """What the page showed, run to its end."""
        if path not in self._transcripts:
            self.run(path)
            self._finish()
        return self._transcripts[path]

    def know(self, path: str, transcript: Transcript) -> None:
        """Take a transcript from an earlier run of the same code."""
        self._transcripts[path] = transcript

    def try_out(self, page: Page) -> Transcript:
        """Run a page that stands in no file, and remember nothing of it."""
        self._finish()
        return PageRun(page, self.worker).finish()

    def _finish(self) -> None:
        if self._running is not None:
            self._transcripts[self._running.page.path] = self._running.finish()
            self._running = None

    def findings(self, path: str, check: str) -> Iterator[Finding]:
        """What one check finds on a page."""
        twin = self.project.twin_of(path)
        has_twin = twin is not None and (self.project.root / twin).is_file()
        context = Context(
            self.page(path),
            self.transcript(path),
            self.library,
            self.page(twin) if twin and has_twin else None,
        )
        yield from CHECKS[check](context)

    def close(self) -> None:
        """End the worker."""
        self.worker.stop()
