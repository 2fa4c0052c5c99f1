"""One round of checking: the pages read, the runs under way, the workers that run them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from handbook.checks import CHECKS
from handbook.checks.context import Context, Library
from handbook.findings import Finding
from handbook.pages.model import Page
from handbook.pages.parse import parse
from handbook.project import Project
from handbook.running.page_run import PageRun
from handbook.running.transcript import Transcript
from handbook.running.worker_process import WorkerProcess

MOST_WORKERS = 2
"""More would hold torch in memory more often than they save time."""

Render = Callable[[Project, Page], str]
"""Gives a page's HTML as the site shows it."""


def not_rendered(project: Project, page: Page) -> str:
    """Stand in for the site where no check asks for the rendered page."""
    raise AssertionError(f"{page.path} is to be rendered, and this session was given nothing to do it with")


class Session:
    """Reads each page once and runs each page once: when it is asked for, or beside everything else."""

    def __init__(self, project: Project, render: Render = not_rendered) -> None:
        self.project = project
        self.worker = WorkerProcess(project.root)
        self.library = Library(project, self.page)
        self._render = render
        self._pages: dict[str, Page] = {}
        self._transcripts: dict[str, Transcript] = {}
        self._running: PageRun | None = None
        self._begun: dict[str, Future[Transcript]] = {}
        self._workers = [self.worker]
        self._runners: ThreadPoolExecutor | None = None
        self._html: dict[str, Future[str]] = {}
        self._beside = ThreadPoolExecutor(max_workers=1)

    def page(self, path: str) -> Page:
        """The page at ``path``, parsed; a page that is not there is empty."""
        if path not in self._pages:
            exists = (self.project.root / path).is_file()
            self._pages[path] = parse(self.project.root, path) if exists else Page(path, {}, "")
        return self._pages[path]

    def run(self, path: str) -> PageRun:
        """The run of a page, which is that of its twin, too, where both have the same code.

        The worker holds one run at a time: another one is finished first.
        """
        page = self.page(path)
        if self._running is None or self._running.page.script != page.script:
            self._finish()
            self._running = PageRun(page, self.worker)
        return self._running

    def begin(self, scripts: Iterable[list[str]], begins: Callable[[str], None], *, with_torch: bool) -> None:
        """Begin to run pages that are independent of each other, beside everything else and each other.

        Each of ``scripts`` is a page and those that share its code; ``transcript`` waits for what is not done.
        """
        scripts = list(scripts)
        more = min(MOST_WORKERS, os.cpu_count() or 1, len(scripts)) - len(self._workers)
        self._workers += [WorkerProcess(self.project.root) for _ in range(more)]
        idle: SimpleQueue[WorkerProcess] = SimpleQueue()
        for worker in self._workers:
            worker.start(with_torch=with_torch)
            idle.put(worker)

        def run(page: Page) -> Transcript:
            begins(page.path)
            worker = idle.get()
            try:
                return PageRun(page, worker).finish()
            finally:
                idle.put(worker)

        self._runners = ThreadPoolExecutor(len(self._workers))
        for script in scripts:
            self._begun |= dict.fromkeys(script, self._runners.submit(run, self.page(script[0])))

    def transcript(self, path: str) -> Transcript:
        """What the page showed, run to its end."""
        if path in self._begun:
            self._transcripts[path] = self._begun.pop(path).result()
        elif path not in self._transcripts:
            self._transcripts[path] = self.run(path).finish()
        return self._transcripts[path]

    def know(self, path: str, transcript: Transcript) -> None:
        """Take a transcript from an earlier run of the same code."""
        self._transcripts[path] = transcript

    def render(self, path: str) -> Future[str]:
        """The page as the site shows it. It is rendered beside what this thread does, mostly waiting for blocks."""
        if path not in self._html:
            self._html[path] = self._beside.submit(self._render, self.project, self.page(path))
        return self._html[path]

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
        yield from map(context.page.placed, CHECKS[check](context))

    def close(self) -> None:
        """End the workers, whatever they are doing, and what is rendered beside them."""
        self._beside.shutdown(cancel_futures=True)
        if self._runners is not None:
            self._runners.shutdown(wait=False, cancel_futures=True)
            for worker in self._workers:
                worker.kill()
            self._runners.shutdown()
        for worker in self._workers:
            worker.stop()
