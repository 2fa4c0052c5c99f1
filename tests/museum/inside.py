"""What happens in the fresh process of one bug: everything is asked twice, without the bug and with it."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path

from handbook.bugs.exhibit import Exhibit
from handbook.bugs.plant import planted
from handbook.bugs.row import Kind, Row
from handbook.project import Project
from tests.museum import checks, questions


class UnhealthyError(Exception):
    """A check speaks up with nothing planted, so its answer says nothing about a bug."""


def row(root: Path, exhibit: Exhibit) -> Row:
    """Let the bug show itself, and ask every check that applies.

    Raises ``UnhealthyError`` when a check notices something with nothing planted.
    """
    project = Project(root)
    with planted(()):
        without = shown(exhibit.run)
        known = {path: checks.findings(project, path, ()) for path in exhibit.pages if (root / path).is_file()}
        healthy = _asked(exhibit)
    if any(healthy.values()):
        speaking = ", ".join(kind for kind, answer in healthy.items() if answer)
        raise UnhealthyError(f"{exhibit.id}: {speaking} speaks up with nothing planted")
    with planted(exhibit.patches):
        printed = shown(exhibit.run)
        page = any(checks.findings(project, path, exhibit.patches) - before for path, before in known.items())
        tests = checks.tests(project, exhibit)
        return Row(without, printed, {Kind.PAGE: page if known else None, Kind.TESTS: tests, **_asked(exhibit)})


def _asked(exhibit: Exhibit) -> dict[Kind, bool | None]:
    """The checks that put their questions to models made for it."""
    seen, refused = checks.models()
    answers = questions.answers()
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
