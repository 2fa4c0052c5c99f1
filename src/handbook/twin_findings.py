"""Which findings come first: those of the page that one is writing, then its twin's, which may be told in one line."""

from __future__ import annotations

from pathlib import Path

from handbook import history, scaffold
from handbook.findings import Finding
from handbook.project import TRANSLATION, Project
from handbook.terminal import counted


def arranged(project: Project, findings: list[Finding], named: list[str]) -> list[Finding]:
    """The findings of what was ``named`` before those of the twins, where only one page of a pair was named."""
    return sorted(findings, key=lambda one: (one.path not in named, one))


MANY = 3
"""So many parts of a translation that changed are told one by one; more of them are one line."""


def folded(project: Project, findings: list[Finding], named: list[str]) -> list[Finding]:
    """The findings, with one in the place of all those of a translation that nobody has begun.

    One stands also for the many parts of a translation whose English has changed.
    """
    told: list[Finding] = []
    for path in dict.fromkeys(finding.path for finding in findings):
        here = [finding for finding in findings if finding.path == path]
        if len(here) > 1 and path not in named and is_waiting(project, path):
            what = "not yet translated" if scaffold.is_untouched(project, path) else "the English has changed"
            problem = f"{what}: {counted(len(here), 'finding')}, `--all` shows them"
            here = [Finding(path, here[0].line, problem, "translate it when the English is done")]
        told += _with_stale_parts_in_one(here)
    return told


def _with_stale_parts_in_one(here: list[Finding]) -> list[Finding]:
    parts = {one: one.part for one in here if one.part}
    if len(parts) <= MANY:
        return here
    first = next(iter(parts))
    problem = f"the English of {len(parts)} parts has changed: {', '.join(parts.values())}; `--all` shows how"
    fix = f"carry the changes over, then run `handbook translated {first.path}`"
    one = Finding(first.path, first.line, problem, fix)
    return [one if finding is first else finding for finding in here if finding is first or finding not in parts]


def is_waiting(project: Project, path: str) -> bool:
    """Whether a page is a translation as it was before somebody began to change its original.

    So it is while it says what `handbook new` wrote, or what was committed, and the original does not.
    """
    twin = project.twin_of(path)
    if twin is None or project.language_of(path) != TRANSLATION or not (project.root / twin).is_file():
        return False
    if scaffold.is_untouched(project, path):
        return True
    return history.is_changed(project.root, path) is False and bool(history.is_changed(project.root, twin))


def named_pages(project: Project, paths: list[str], start: Path) -> list[str]:
    """The pages that the caller named, without the twins that come with them."""
    chosen = project.select(paths, start=start)
    if not paths:
        return chosen
    given = [(start / path).resolve() for path in paths]
    return [page for page in chosen if any((project.root / page).resolve().is_relative_to(one) for one in given)]
