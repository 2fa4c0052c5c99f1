"""What happens in fresh processes: everything is asked without a bug, once for all of them, and with each."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from handbook.bugs.exhibit import Exhibit
from handbook.bugs.plant import planted
from handbook.bugs.row import Kind, Row
from handbook.findings import Finding
from handbook.project import Project
from tests.museum import checks, questions


class UnhealthyError(Exception):
    """A check speaks up with nothing planted, so its answer says nothing about a bug."""


def ask_healthy(exhibits: Sequence[Exhibit]) -> list[questions.Healthy]:
    """Ask with nothing planted every check that applies to any of the exhibits; what the questions were answered.

    Raises ``UnhealthyError`` when one notices something.
    """
    healthy = questions.ask_healthy()
    others = {(one.in_torch, checks.trains(one)): one for one in exhibits}  # all that decides what is asked
    with planted(()):
        asked = [_asked(one, (), healthy) for one in others.values()]
    speaking = ", ".join(kind for kind in Kind if any(answers.get(kind) for answers in asked))
    if speaking:
        raise UnhealthyError(f"{speaking} speaks up with nothing planted")
    return healthy


def healthy_findings(root: Path, path: str) -> set[Finding]:
    """What the checks find on a page with nothing planted."""
    with planted(()):
        return checks.findings(Project(root), path, ())


def row(
    root: Path, exhibit: Exhibit, known: Mapping[str, set[Finding]], healthy: Sequence[questions.Healthy] = ()
) -> Row:
    """Let the bug show itself, and ask every check that applies.

    ``known`` is what is found with nothing planted on each page that is there, ``healthy`` what the questions were
    answered then.
    """
    project = Project(root)
    with planted(()):
        without = shown(exhibit.run)
    with planted(exhibit.patches):
        printed = shown(exhibit.run)
        pages = [path for path in exhibit.pages if path in known]
        page = any(checks.findings(project, path, exhibit.patches) - known[path] for path in pages)
        tests = checks.tests(project, exhibit)
        return Row(
            without,
            printed,
            {Kind.PAGE: page if pages else None, Kind.TESTS: tests, **_asked(exhibit, exhibit.modules, healthy)},
        )


def _asked(exhibit: Exhibit, patched: Collection[str], healthy: Sequence[questions.Healthy]) -> dict[Kind, bool | None]:
    """The checks that put their questions to models made for it."""
    seen, refused = checks.models()
    answers = questions.answers(patched, healthy)
    return {
        **answers,
        Kind.INFLUENCE: seen or bool(answers[Kind.INFLUENCE]),
        Kind.JACOBIAN: checks.jacobian(exhibit),
        Kind.ENTROPY: checks.entropy(exhibit),
        Kind.CONTRACTS: refused,
    }


def shown(code: str) -> str:
    """What a run prints; if it fails, the error is its last line."""
    stdout = io.StringIO()
    with contextlib.redirect_stdout(stdout), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(code, "<exhibit>", "exec"), {"__name__": "__main__"})
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    return stdout.getvalue()
