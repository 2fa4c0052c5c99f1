"""What a learner does with a lab: begin it, have it checked, ask for a hint, see how far they are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from handbook.findings import CallError
from handbook.labs import progress
from handbook.labs.grading.grade import grade, taken_in
from handbook.labs.lab import Lab, labs
from handbook.labs.progress import Progress, Record
from handbook.labs.report import hint, lines, said_of_left_out, spoken
from handbook.project import ORIGINAL

PAUSE = 0.5
"""Seconds between two looks at the learner's files."""


def start(lab: Lab, root: Path, language: str | None) -> Iterator[str]:
    """Write the starter below ``root``, and never over anything that is there.

    Raises ``CallError`` when a file stands where a folder should, or nothing may be written.
    """
    known = progress.read(root) if (root / progress.NAME).is_file() else Progress(root, ORIGINAL, {})
    spoken_in = language or known.language
    folder = root / lab.folder
    try:
        for name, content in lab.starter(spoken_in).items():
            yield spoken(spoken_in, "written" if _write_new(folder / name, content) else "kept", file=name)
        record = known.records.get(lab.id, Record(started=progress.today()))
        replace(known, language=spoken_in).with_record(lab.id, record).write()
    except OSError as error:
        raise CallError(spoken(spoken_in, "no-starter", text=str(error))) from None
    yield spoken(spoken_in, "started", id=lab.id, title=lab.title[spoken_in], folder=str(folder))


def _write_new(file: Path, content: bytes) -> bool:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("xb") as new:
            new.write(content)
    except FileExistsError:
        return False
    return True


def begun(lab: Lab, folder: Path, language: str | None = None) -> Progress:
    """The progress that ``lab`` is recorded in, looked for in ``folder`` and above it.

    Raises ``CallError`` when the lab was not begun, or its folder has gone.
    """
    found = progress.around(folder)
    speaks = language or (found.language if found else ORIGINAL)
    if found is None or lab.id not in found.records:
        raise CallError(spoken(speaks, "not-begun", id=lab.id))
    if not (found.root / lab.folder).is_dir():
        raise CallError(spoken(speaks, "gone", id=lab.id, folder=found.root / lab.folder))
    return replace(found, asked=language)


def check(lab: Lab, kept: Progress) -> tuple[list[str], bool]:
    """Grade the lab and record what passed; the lines to print, and whether all of it passes."""
    folder = kept.root / lab.folder
    taken = taken_in(lab, folder)
    outcomes = grade(lab, folder, taken=taken)
    passed = tuple(one.step for one in outcomes if one.passed)
    before, today = kept.records[lab.id], progress.today()
    record = replace(before, started=before.started or today, passed=passed, checked=today)
    kept.with_record(lab.id, record).write()
    complete = len(passed) == len(lab.steps)
    last = spoken(kept.speaks, "done" if complete else "next-hint", id=lab.id)
    left_out = said_of_left_out(taken.left_out, kept.speaks)
    return [*lines(lab, outcomes, kept.speaks), *left_out, last], complete


def watch(lab: Lab, kept: Progress, say: Callable[[str], object], until: Callable[[], bool] = lambda: False) -> None:
    """Check now, and again whenever a file of the lab has been saved, until ``until`` says so."""
    say(spoken(kept.speaks, "watching", folder=kept.root / lab.folder))
    seen: dict[str, tuple[int, int]] = {}
    while not until():
        now = _files(kept.root / lab.folder)
        if now != seen:
            seen = now
            for line in check(lab, begun(lab, kept.root, kept.asked))[0]:
                say(line)
        time.sleep(PAUSE)


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file's time and size. One that is being replaced by an editor may be gone for a moment."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            file = Path(parent, name)
            if "__pycache__" not in file.parts and file.is_file():
                status = file.stat()
                found[str(file)] = (status.st_mtime_ns, status.st_size)
    return found


def next_hint(lab: Lab, kept: Progress) -> str:
    """The next hint for the first step that has not passed; it is recorded that it was given."""
    record = kept.records[lab.id]
    step = next((one for one in lab.steps if one.id not in record.passed), None)
    if step is None:
        return spoken(kept.speaks, "no-hint-needed", id=lab.id)
    given = record.hints.get(step.id, 0)
    if given >= len(step.hints):
        return spoken(kept.speaks, "no-more-hints", title=step.title[kept.speaks], id=lab.id)
    record = replace(record, hints={**record.hints, step.id: given + 1})
    kept.with_record(lab.id, record).write()
    return hint(step, given + 1, kept.speaks)


def solution(lab: Lab, kept: Progress) -> Iterator[str]:
    """The solution's files, one after another; it is recorded that they were seen."""
    kept.with_record(lab.id, replace(kept.records[lab.id], solution_seen=True)).write()
    for name, content in lab.solution(kept.speaks).items():
        yield spoken(kept.speaks, "solution-file", file=name)
        yield content.decode("utf-8")
    yield spoken(kept.speaks, "solution-shown")


def overview(kept: Progress | None, language: str) -> Iterator[str]:
    """Each lab, and how many of its steps passed at the last check."""
    if kept is not None:
        yield spoken(language, "progress-head", file=kept.file)
    for one in labs():
        record = kept.records.get(one.id) if kept is not None else None
        title = one.title[language]
        if record is None:
            yield spoken(language, "progress-none", id=one.id, title=title)
        else:
            passed = len([step for step in one.steps if step.id in record.passed])
            yield spoken(language, "progress-line", id=one.id, passed=passed, total=len(one.steps), title=title)
