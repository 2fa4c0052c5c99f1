"""What a learner does with a lab: begin it, have it checked, ask for a hint, see how far they are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from handbook.findings import CallError
from handbook.labs import planting, progress
from handbook.labs.grading.grade import grade, new_seed, taken_in
from handbook.labs.lab import Lab, labs
from handbook.labs.planting import Kind
from handbook.labs.progress import Progress, Record
from handbook.labs.report import hint, lines, said_of_left_out, spoken
from handbook.project import ORIGINAL

TIME, COST = 45, 3
"""Minutes of a timed lab, and those that a hint costs."""

PAUSE = 0.5
"""Seconds between two looks at the learner's files."""


def start(lab: Lab, root: Path, language: str | None, seed: int | None = None, *, timed: bool = False) -> Iterator[str]:
    """Write the starter below ``root``, and never over anything that is there.

    Of a lab that is drawn, the seed is kept with what was written; where it is ``timed``, the moment too.

    Raises ``CallError`` when a file stands where a folder should, or nothing may be written.
    """
    known = progress.read(root) if (root / progress.NAME).is_file() else Progress(root, ORIGINAL, {})
    spoken_in = language or known.language
    folder = root / lab.folder
    try:
        fresh = new_seed() if seed is None and lab.drawn else seed or 0
        record, new = known.records.get(lab.id, Record(started=progress.today())), False
        for name, content in lab.starter(spoken_in, fresh).items():
            new = _write_new(folder / name, content)
            yield spoken(spoken_in, "written" if new else "kept", file=name)
        if lab.drawn and new:  # another draw is another lab: nothing of the last one has passed
            record = Record(started=progress.today(), seed=fresh, timed_from=progress.now() if timed else "")
        replace(known, language=spoken_in).with_record(lab.id, record).write()
    except OSError as error:
        raise CallError(spoken(spoken_in, "no-starter", text=str(error))) from None
    yield spoken(spoken_in, "started", id=lab.id, title=lab.title[spoken_in], folder=str(folder))
    if lab.numpy and not lab.installed():
        yield spoken(spoken_in, "without-package", id=lab.id, package=lab.package)
    if record.timed_from:
        yield _clock(record, spoken_in)


def _clock(record: Record, language: str) -> str:
    """How many of a timed lab's minutes are left, or by how many they were exceeded; each hint has cost some."""
    left = TIME - progress.minutes(record) - record.given * COST
    values = {"time": TIME, "hints": record.given, "cost": COST}
    return spoken(language, "time-left" if left >= 0 else "time-over", minutes=abs(left), **values)


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
    lab.require(kept.speaks)
    folder = kept.root / lab.folder
    taken = taken_in(lab, folder)
    outcomes = grade(lab, folder, taken=taken)
    passed = tuple(one.step for one in outcomes if one.passed)
    before, today = kept.records[lab.id], progress.today()
    record = replace(before, started=before.started or today, passed=passed, checked=today)
    complete = len(passed) == len(lab.steps)
    if complete and record.timed_from and not record.timed_until:
        record = replace(record, timed_until=progress.now())
    kept.with_record(lab.id, record).write()
    clock = [_clock(record, kept.speaks)] if record.timed_from else []
    last = spoken(kept.speaks, "done" if complete else "next-hint", id=lab.id)
    left_out = said_of_left_out(taken.left_out, kept.speaks)
    return [*lines(lab, outcomes, kept.speaks), *left_out, *clock, last], complete


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
    cost = spoken(kept.speaks, "hint-cost", cost=COST) if record.timed_from else ""
    return hint(step, given + 1, kept.speaks) + cost


def still_open(lab: Lab, kept: Progress) -> list[Kind]:
    """Of the bugs that were planted, those whose step did not pass at the last check."""
    record = kept.records[lab.id]
    return [kind for kind in _planted(lab, record) if kind.step not in record.passed]


def _planted(lab: Lab, record: Record) -> list[Kind]:
    return planting.drawn(record.seed, lab.variant) if lab.variant else []


def debrief(lab: Lab, kept: Progress) -> Iterator[str]:
    """Of each bug what it was, whether it is repaired, and how it would have been seen soonest."""
    record, language = kept.records[lab.id], kept.speaks
    left = still_open(lab, kept)
    if left:  # now that all is told, the work is over; the solution holds no more
        record = replace(record, solution_seen=True, timed_until=record.timed_until or progress.now())
        kept.with_record(lab.id, record).write()
    yield spoken(language, "debrief-head", id=lab.id, seed=record.seed)
    steps = {step.id: step.title[language] for step in lab.steps}
    for number, kind in enumerate(_planted(lab, record), 1):
        yield spoken(
            language, "debrief-open" if kind in left else "debrief-closed", number=number, title=kind.title[language]
        )
        yield spoken(language, "debrief-step", step=steps[kind.step])
        yield spoken(language, "debrief-soonest", text=kind.soonest[language])
    yield spoken(language, "debrief-hints", hints=record.given)
    if record.timed_from:
        values = {"minutes": progress.minutes(record), "cost": record.given * COST, "time": TIME}
        yield spoken(language, "debrief-time", **values)


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
        if kept is not None:
            one = one.variant_in(kept.root / one.folder)
        if record is None:
            yield spoken(language, "progress-none", id=one.id, title=title)
        else:
            passed = len([step for step in one.steps if step.id in record.passed])
            yield spoken(language, "progress-line", id=one.id, passed=passed, total=len(one.steps), title=title)
