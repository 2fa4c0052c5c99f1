"""Check pages: find what changed, run it, look at what it showed."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from handbook.checks import CHECKS
from handbook.checks.report import Report, Tally, tally
from handbook.checks.session import Session
from handbook.findings import CallError, Finding
from handbook.project import Project
from handbook.running.page_run import NO_TORCH, has_torch
from handbook.running.store import Store
from handbook.running.transcript import Transcript

Progress = Callable[[str], None]


class ExecutionError(Exception):
    """pytest itself failed; its text is pytest's own."""


def check(project: Project, paths: list[str], progress: Progress = lambda _: None) -> Report:
    """Check the pages at ``paths``; those that are clean and unchanged are not looked at."""
    store, session, report = Store(project), Session(project), Report()
    stale = [path for path in paths if not store.is_clean(path)]
    report.unchanged = len(paths) - len(stale)
    report.checked = len(stale)
    try:
        for path in stale:
            if project.twin_of(path) is not None:
                session.render(path)
        if stale:
            run(session, store, stale, progress)
        for path in stale:
            found = _look(session, path)
            report.findings += found
            skipped = [ran.skipped for ran in session.transcript(path).ran.values()].count(NO_TORCH)
            report.without_torch += skipped
            if not found and not skipped:
                store.keep_clean(session.page(path), tally(session.page(path)))
        for path in paths:
            if project.twin_of(path) is not None:
                counts = store.tally(path) or tally(session.page(path))
                report.tallies.setdefault(project.language_of(path), Tally()).add(counts)
    finally:
        session.close()
    report.findings.sort()
    return report


def _look(session: Session, path: str) -> list[Finding]:
    return [finding for name in CHECKS for finding in session.findings(path, name)]


def run(session: Session, store: Store, paths: list[str], progress: Progress) -> None:
    """Run what no earlier run has shown: each distinct script once, through pytest-markdown-docs."""
    waiting: dict[str, list[str]] = {}
    for path in paths:
        page = session.page(path)
        known = store.transcript(page)
        if known is not None:
            session.know(path, known)
        elif not page.blocks and not page.pins:
            session.know(path, Transcript())
        else:
            waiting.setdefault(store.run_key(page), []).append(path)
    first = [same[0] for same in waiting.values()]
    session.worker.start(
        with_torch=has_torch() and any(block.needs_torch for path in first for block in session.page(path).python)
    )
    commands = [path for path in first if not session.page(path).has_code and not session.page(path).pins]
    with ThreadPoolExecutor(max_workers=1) as beside:
        consoles = {path: beside.submit(session.run_console, path) for path in commands}
        execute(session, [path for path in first if path.endswith(".md") and session.page(path).has_code], progress)
    for path, *twins in waiting.values():
        transcript = consoles[path].result() if path in consoles else session.transcript(path)
        for one in (path, *twins):
            session.know(one, transcript)
        if not any(ran.error for ran in transcript.ran.values()):
            store.keep_transcript(session.page(path), transcript)


def execute(session: Session, paths: list[str], progress: Progress) -> None:
    """Execute the blocks of Markdown pages with pytest-markdown-docs, in this process, in silence."""
    if not paths:
        return
    try:
        import pytest

        from handbook.pytest_plugin import HandbookPlugin
    except ImportError:
        raise CallError(
            "pytest-markdown-docs, which runs the pages, is not installed; `make test` sets it up"
        ) from None

    class Told(HandbookPlugin):
        def pytest_runtest_logstart(self, nodeid: str) -> None:
            progress(nodeid.partition("::")[0])

    root = session.project.root
    # The project's own pytest options belong to its test suite; here pytest only executes.
    alone = [
        "--disable-plugin-autoload",
        "-p",
        "pytest_markdown_docs.plugin",
        "-p",
        "no:cacheprovider",
        "--noconftest",
    ]
    where = ["-o", "addopts=", "--rootdir", str(root), *(str(root / path) for path in paths)]
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        code = pytest.main(["--markdown-docs", "-q", *alone, *where], plugins=[Told(session, frozenset(paths))])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise ExecutionError(quiet.getvalue())
