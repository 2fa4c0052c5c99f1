"""One round of checking: the pages read, the runs under way, the worker that runs them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from handbook.checks import CHECKS
from handbook.checks.context import Context, Library
from handbook.findings import Finding
from handbook.pages.model import Page
from handbook.pages.parse import parse
from handbook.project import Project
from handbook.running.page_run import PageRun
from handbook.running.transcript import Transcript
from handbook.running.worker_process import WorkerProcess
from handbook.site.markdown import render


class Session:
    """Reads each page once and runs each page once, in the order in which they are asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.worker = WorkerProcess(project.root)
        self.library = Library(project, self.page)
        self._pages: dict[str, Page] = {}
        self._transcripts: dict[str, Transcript] = {}
        self._running: PageRun | None = None
        self._html: dict[str, Future[str]] = {}
        self._beside = ThreadPoolExecutor(max_workers=1)

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

    def render(self, path: str) -> Future[str]:
        """The page as the site shows it. It is rendered beside what this thread does, mostly waiting for blocks."""
        if path not in self._html:
            page, language = self.page(path), self.project.language_of(path)
            self._html[path] = self._beside.submit(render.html, page.body, language, root=self.project.root)
        return self._html[path]

    def run_console(self, path: str) -> Transcript:
        """Run a page that holds nothing but commands; it needs no worker, so any thread may ask."""
        return PageRun(self.page(path), self.worker).finish()

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
            lambda: self.render(path).result(),
        )
        yield from CHECKS[check](context)

    def close(self) -> None:
        """End the worker, and what is rendered beside it."""
        self._beside.shutdown(cancel_futures=True)
        self.worker.stop()
