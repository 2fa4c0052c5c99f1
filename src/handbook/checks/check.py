"""Check pages: find what changed, run it, look at what it showed."""

from __future__ import annotations

from collections.abc import Callable

from handbook.checks import CHECKS
from handbook.checks.report import Report, Tally, tally
from handbook.checks.session import Render, Session
from handbook.findings import Finding
from handbook.pages.model import Page
from handbook.project import Project
from handbook.running.page_run import NO_TORCH, has_torch
from handbook.running.store import Store
from handbook.running.transcript import Transcript

Progress = Callable[[str], None]


def check(project: Project, paths: list[str], render: Render, progress: Progress = lambda _: None) -> Report:
    """Check the pages at ``paths``; those that are clean and unchanged are not looked at."""
    store, session, report = Store(project), Session(project, render), Report()
    stale = [path for path in paths if not store.is_clean(path)]
    report.unchanged = len(paths) - len(stale)
    report.checked = len(stale)
    try:
        begin(session, store, stale, progress)
        for path in stale:
            if project.twin_of(path) is not None:
                session.render(path)
        for path in stale:
            found = _look(session, path)
            report.findings += found
            transcript = session.transcript(path)
            remember(store, session.page(path), transcript)
            skipped = [ran.skipped for ran in transcript.ran.values()].count(NO_TORCH)
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


def begin(session: Session, store: Store, paths: list[str], progress: Progress) -> None:
    """Begin to run what no earlier run has shown: each distinct script once, the largest pages first."""
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
    scripts = sorted(waiting.values(), key=lambda same: -len(session.page(same[0]).blocks))
    needs_torch = any(block.needs_torch for same in scripts for block in session.page(same[0]).python)
    if scripts:
        session.begin(scripts, progress, with_torch=needs_torch and has_torch())


def remember(store: Store, page: Page, transcript: Transcript) -> None:
    """Keep a run for later checks, unless a block failed: what is wrong is run again."""
    if (page.blocks or page.pins) and not any(ran.error for ran in transcript.ran.values()):
        store.keep_transcript(page, transcript)
