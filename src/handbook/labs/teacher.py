"""Grade many submissions, one after another, and keep what was found as one CSV and one JSON."""

from __future__ import annotations

import csv
import io
import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from handbook.findings import CallError
from handbook.labs.grading.grade import grade, new_seed, taken_in
from handbook.labs.lab import Lab, labs
from handbook.labs.report import as_data, one_line, printable, spoken


@dataclass(frozen=True)
class Grade:
    """One submission to one lab; ``error`` says why it could not be graded at all.

    ``seed`` is that of the questions, ``version`` that of who asked them, and ``digest`` of what was asked.
    """

    submission: str
    lab: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    left_out: list[str] = field(default_factory=list)
    language: str = ""
    version: str = ""
    seed: int | None = None
    digest: str = ""

    @property
    def passed(self) -> int:
        """How many steps pass."""
        return sum(step["passed"] for step in self.steps)

    def still_holds(self, digest: str, language: str, seed: int | None) -> bool:
        """Whether grading again what has this digest would only repeat it."""
        asked = (self.digest, self.language, self.version) == (digest, language, versions())
        return asked and not self.error and seed in (None, self.seed)


def versions() -> str:
    """With what is graded here."""
    try:
        ours = version("lower-triangle")
    except PackageNotFoundError:  # run from its source, without having been installed
        ours = "?"
    return f"Lower Triangle {ours}, NumPy {np.__version__}, Python {platform.python_version()}"


class Submissions:
    """The folders of a round, and the labs in them."""

    def __init__(self, folders: Sequence[Path], only: Lab | None, language: str) -> None:
        self.only, self.language = only, language
        self.folders = [one for folder in folders for one in self._inside(folder)]

    def _inside(self, folder: Path) -> list[Path]:
        """The folder itself; or, where it is no submission and holds some, the folders in it."""
        if folder.is_dir() and not self._own(folder):
            inside = [one for one in sorted(folder.iterdir()) if one.is_dir() and not one.name.startswith(".")]
            if any(self._own(one) for one in inside):
                return inside
        return [folder]

    def _wanted(self) -> list[Lab]:
        return [self.only] if self.only is not None else list(labs())

    def _own(self, folder: Path) -> list[tuple[Lab, Path]]:
        below = [(one, folder / one.folder) for one in self._wanted() if _holds(folder, one.folder)]
        if below:
            return below
        if self.only is not None:
            files = self.only.variant_in(folder).starter(self.language)
            return [(self.only, folder)] if any((folder / name).is_file() for name in files) else []
        return [(one, folder) for one in self._wanted() if Path(one.folder).name == folder.resolve().name]

    def labs_of(self, folder: Path) -> list[tuple[Lab, Path]]:
        """The labs that a submission holds and where: a learner's folder, or the folder of one lab.

        Raises ``CallError`` when it is no folder, or holds no lab.
        """
        if not folder.is_dir():
            raise CallError(spoken(self.language, "no-folder", name=one_line(str(folder))))
        found = self._own(folder)
        if not found and self.only is not None:
            return [(self.only, folder)]
        if not found:
            raise CallError(spoken(self.language, "no-lab-inside", name=one_line(str(folder))))
        return found

    def __len__(self) -> int:
        return len(self.folders)


def _holds(submission: Path, folder: str) -> bool:
    """Whether a lab's folder lies in the submission itself, and not behind a link out of it."""
    found = submission / folder
    return found.is_dir() and found.resolve().is_relative_to(submission.resolve())


def grade_all(
    submissions: Submissions, before: Sequence[Grade] = (), seed: int | None = None
) -> Iterator[tuple[Grade, bool]]:
    """The grades of every submission as they are known, and of each whether it was kept from ``before``.

    One that cannot be graded, whatever the reason, costs no other its grade. Raises ``CallError`` when no submission
    holds a lab.
    """
    known = {(one.submission, one.lab): one for one in before}
    empty: list[CallError] = []
    for submission in submissions.folders:
        name = one_line(str(submission))
        try:
            for lab, folder in submissions.labs_of(submission):
                yield _graded(name, lab, folder, submissions.language, known.get((name, lab.id)), seed)
        except CallError as error:
            empty.append(error)
            if len(empty) < len(submissions):
                yield Grade(name, submissions.only.id if submissions.only else "", error=printable(str(error))), False
    if len(empty) == len(submissions):
        raise empty[0]


def _graded(
    name: str, lab: Lab, folder: Path, language: str, before: Grade | None, seed: int | None
) -> tuple[Grade, bool]:
    lab = lab.variant_in(folder)
    lab.require(language)
    taken = taken_in(lab, folder)
    digest = taken.digest()
    if before is not None and before.still_holds(digest, language, seed):
        return before, True
    asked = new_seed() if seed is None else seed
    left_out = [one_line(one) for one in taken.left_out]
    try:
        steps, error = as_data(lab, grade(lab, folder, seed=asked, taken=taken), language), ""
    except Exception as failed:  # a submission that a grader cannot cope with must not end the round
        steps, error = [], printable(f"{type(failed).__name__}: {failed}")
    return Grade(name, lab.id, steps, error, left_out, language, versions(), asked, digest), False


class Book:
    """The two files that grades are kept in: whole after each grade, whatever stops the next."""

    def __init__(self, csv_file: Path, json_file: Path, language: str) -> None:
        self._files = csv_file, json_file
        self._language = language

    def read(self) -> list[Grade]:
        """The grades that are there already; none of another edition's.

        Raises ``CallError`` where something else is, or nothing can be written: before anything is graded.
        """
        for file in self._files:
            try:
                if file.exists() and not file.is_file():
                    raise OSError("there is something else that is no plain file")
                with self._beside(file).open("w", encoding="utf-8"):
                    pass
                self._beside(file).unlink()
            except OSError as error:
                raise self._refused(file, error) from None
        file = self._files[1]
        if not file.exists() or not file.stat().st_size:
            return []
        try:
            return [_read(one) for one in json.loads(file.read_bytes()) if "digest" in one]
        except (ValueError, TypeError, KeyError, OSError):
            raise CallError(spoken(self._language, "no-grades", file=one_line(str(file)))) from None

    def write(self, grades: Sequence[Grade]) -> None:
        """Put all that is known into the place of what was there, at once: no reader sees half of it.

        Raises ``CallError`` when that cannot be done.
        """
        for file, text in zip(self._files, (as_csv(grades), as_json(grades)), strict=True):
            try:
                self._beside(file).write_text(text, encoding="utf-8", newline="")
                self._beside(file).replace(file)
            except OSError as error:
                raise self._refused(file, error) from None

    def _beside(self, file: Path) -> Path:
        return file.with_name(f"{file.name}.new")

    def _refused(self, file: Path, error: OSError) -> CallError:
        return CallError(spoken(self._language, "cannot-write-grades", file=one_line(str(file)), text=str(error)))


def _read(one: dict[str, Any]) -> Grade:
    return Grade(**{name: value for name, value in one.items() if name != "passed"})


def as_csv(grades: Sequence[Grade]) -> str:
    """One row a submission and lab: how many steps pass, which fail with which bug, and how that can be repeated."""
    stream = io.StringIO(newline="")
    table = csv.writer(stream)
    table.writerow(["submission", "lab", "passed", "steps", "failed", "bugs", "error", "seed", "version"])
    for one in grades:
        failed = [step["step"] for step in one.steps if not step["passed"]]
        named = [step["bug_id"] for step in one.steps if step["bug_id"]]
        cells = [one.submission, one.lab, one.passed, len(one.steps), " ".join(failed), " ".join(named), one.error]
        seed = "" if one.seed is None else one.seed
        table.writerow([_harmless(cell) for cell in [*cells, seed, one.version]])
    return stream.getvalue()


def _harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def as_json(grades: Sequence[Grade]) -> str:
    """All that was found, step by step."""
    data = [{**asdict(one), "passed": one.passed} for one in grades]
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
