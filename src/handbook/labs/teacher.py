"""Grade many submissions, and write what was found as one CSV and one JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handbook.findings import CallError
from handbook.labs.grading.grade import grade
from handbook.labs.lab import Lab, labs
from handbook.labs.report import as_data, printable


@dataclass(frozen=True)
class Grade:
    """One submission to one lab; ``error`` says why it could not be graded at all."""

    submission: str
    lab: str
    steps: list[dict[str, Any]]
    error: str = ""

    @property
    def passed(self) -> int:
        """How many steps pass."""
        return sum(step["passed"] for step in self.steps)


def found_in(submission: Path, only: Lab | None) -> list[tuple[Lab, Path]]:
    """The labs that a submission holds and where: a learner's folder, or the folder of one lab.

    Raises ``CallError`` when it is no folder, or holds no lab.
    """
    if not submission.is_dir():
        raise CallError(f"{submission} is not a folder")
    wanted = [only] if only is not None else list(labs())
    below = [(one, submission / one.folder) for one in wanted if _holds(submission, one.folder)]
    if below:
        return below
    if only is not None:
        return [(only, submission)]
    itself = [(one, submission) for one in wanted if Path(one.folder).name == submission.resolve().name]
    if not itself:
        raise CallError(f"{submission} holds no lab; name the lab with --lab L02 if the folder has another name")
    return itself


def _holds(submission: Path, folder: str) -> bool:
    """Whether a lab's folder lies in the submission itself, and not behind a link out of it."""
    found = submission / folder
    return found.is_dir() and found.resolve().is_relative_to(submission.resolve())


def grade_all(submissions: Sequence[Path], only: Lab | None, language: str) -> list[Grade]:
    """The grades of every submission. One that cannot be graded, whatever the reason, costs no other its grade.

    Raises ``CallError`` when no submission holds a lab.
    """
    grades: list[Grade] = []
    empty: list[CallError] = []
    for submission in submissions:
        name = printable(str(submission))
        try:
            for lab, folder in found_in(submission, only):
                grades.append(_graded(name, lab, folder, language))
        except CallError as error:
            empty.append(error)
            grades.append(Grade(name, only.id if only else "", [], printable(str(error))))
    if len(empty) == len(submissions):
        raise empty[0]
    return grades


def _graded(name: str, lab: Lab, folder: Path, language: str) -> Grade:
    try:
        return Grade(name, lab.id, as_data(lab, grade(lab, folder), language))
    except Exception as error:  # a submission that a grader cannot cope with must not end the round
        return Grade(name, lab.id, [], printable(f"{type(error).__name__}: {error}"))


def write_csv(file: Path, grades: Sequence[Grade]) -> None:
    """One row a submission and lab: how many steps pass, and which fail with which bug."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["submission", "lab", "passed", "steps", "failed", "bugs", "error"])
        for one in grades:
            failed = [step["step"] for step in one.steps if not step["passed"]]
            named = [step["bug_id"] for step in one.steps if step["bug_id"]]
            cells = [one.submission, one.lab, one.passed, len(one.steps), " ".join(failed), " ".join(named), one.error]
            table.writerow([_harmless(cell) for cell in cells])


def _harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def write_json(file: Path, grades: Sequence[Grade]) -> None:
    """All that was found, step by step."""
    data = [
        {"submission": one.submission, "lab": one.lab, "passed": one.passed, "steps": one.steps, "error": one.error}
        for one in grades
    ]
    file.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
