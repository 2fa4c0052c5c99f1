"""What a learner has done, in a file of theirs that a person can read."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from handbook.findings import CallError
from handbook.project import LANGUAGES

NAME = "lab-progress.toml"
_HEAD = "# Progress in the labs of Lower Triangle. `handbook lab` reads and writes this file.\n"


@dataclass(frozen=True)
class Record:
    """What is known of one lab: when it was begun, which steps passed at the last check, the hints given by step.

    Of a lab that is drawn, the seed; where its minutes count, the moments at which they began and ended.
    """

    started: str = ""
    checked: str = ""
    passed: tuple[str, ...] = ()
    hints: dict[str, int] = field(default_factory=dict)
    solution_seen: bool = False
    seed: int = 0
    timed_from: str = ""
    timed_until: str = ""

    @property
    def given(self) -> int:
        """How many hints were given."""
        return sum(self.hints.values())


@dataclass(frozen=True)
class Progress:
    """The labs that were begun in a learner's folder, and the language that was chosen there.

    ``asked`` is the language of this one call; it is not kept.
    """

    root: Path
    language: str
    records: dict[str, Record]
    asked: str | None = None

    @property
    def speaks(self) -> str:
        """The language to answer in."""
        return self.asked or self.language

    @property
    def file(self) -> Path:
        """The file that it is kept in."""
        return self.root / NAME

    def with_record(self, lab: str, record: Record) -> Progress:
        """The same, with what is known of one lab."""
        return replace(self, records={**self.records, lab: record})

    def write(self) -> None:
        """Keep it. The new text replaces the old at once, so that a reader never sees half of it."""
        scratch = self.file.with_suffix(".new")
        scratch.write_text(text_of(self.language, self.records), encoding="utf-8")
        scratch.replace(self.file)


def text_of(language: str, records: Mapping[str, Record]) -> str:
    """The file's content, as a person reads it."""
    lines = [_HEAD, f'language = "{language}"']
    for lab, record in sorted(records.items()):
        given = ", ".join(f"{_quoted(step)} = {count}" for step, count in record.hints.items())
        lines += ["", f"[{lab}]"]
        lines += [f"started = {_quoted(record.started)}"] if record.started else []
        lines += [f"checked = {_quoted(record.checked)}"] if record.checked else []
        lines += [f"passed = [{', '.join(map(_quoted, record.passed))}]"]
        lines += [f"hints = {{ {given} }}"] if given else []
        lines += ["solution_seen = true"] if record.solution_seen else []
        lines += [f"seed = {record.seed}"] if record.seed else []
        lines += [f"timed_from = {_quoted(record.timed_from)}"] if record.timed_from else []
        lines += [f"timed_until = {_quoted(record.timed_until)}"] if record.timed_until else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def today() -> str:
    """The day, as it is kept."""
    return date.today().isoformat()


def now() -> str:
    """The moment, as it is kept."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def minutes(record: Record) -> int:
    """The whole minutes that a timed lab has taken so far, or took."""
    until = datetime.fromisoformat(record.timed_until or now())
    return max(0, int((until - datetime.fromisoformat(record.timed_from)).total_seconds() // 60))


def around(folder: Path) -> Progress | None:
    """The progress kept in ``folder`` or the nearest folder above it; None where no lab was begun."""
    for candidate in (folder, *folder.parents):
        if (candidate / NAME).is_file():
            return read(candidate)
    return None


def read(root: Path) -> Progress:
    """The progress kept in ``root``.

    Raises ``CallError`` when the file is not what was written.
    """
    file = root / NAME
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        language = found.pop("language")
        if language not in LANGUAGES:
            raise ValueError(f"language = {language!r}, and not one of {', '.join(LANGUAGES)}")
        return Progress(root, language, {lab: _record(**record) for lab, record in found.items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CallError(f"{file} cannot be read ({error}); fix it, or move it away and begin again") from None


def _record(passed: list[str], hints: dict[str, int] | None = None, **rest: Any) -> Record:
    """Raises ``TypeError`` for a key that is none, and for a value of another kind."""
    hints = {} if hints is None else hints
    if not isinstance(passed, list) or not all(isinstance(one, str) for one in passed):
        raise TypeError(f"passed = {passed!r}, and not a list of steps")
    if not isinstance(hints, dict) or not all(type(count) is int and count >= 0 for count in hints.values()):
        raise TypeError(f"hints = {hints!r}, and not how many were given by step")
    kinds = {"started": str, "checked": str, "solution_seen": bool, "seed": int, "timed_from": str, "timed_until": str}
    for name, kind in kinds.items():
        if not isinstance(rest.get(name, kind()), kind):
            raise TypeError(f"{name} = {rest[name]!r}, and not of type {kind.__name__}")
    for name in ("timed_from", "timed_until"):
        if rest.get(name):
            datetime.fromisoformat(rest[name])  # a ``ValueError`` of its own says what it should be
    return Record(passed=tuple(passed), hints=hints, **rest)
