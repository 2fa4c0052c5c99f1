"""A learner's record: what passes, since when, with which seeds and versions, as a page and a JSON to be checked.

A signature is an HMAC under a key that the teacher has given to a course; without a key it is a digest. Both are made
on the learner's own machine. So they show that a file has not been changed since by somebody without the key, and not
that its content is true. That is shown by grading the same files again with the same seeds, which `check` does.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from handbook.findings import CallError
from handbook.labs.lab import lab, labs
from handbook.labs.progress import Progress, today
from handbook.labs.progress import Record as Kept
from handbook.labs.report import one_line, spoken
from handbook.labs.teacher import Grade, Submissions, grade_all

Record = Mapping[str, Any]

WITH_KEY, WITHOUT = "hmac-sha256", "sha256"


def made(kept: Progress, key: bytes | None) -> Record:
    """The record of a learner's folder: each lab that was begun, graded now, with a seed of its own."""
    found = [_entry(one, kept.records.get(one.lab, Kept())) for one in _grades(kept.root, kept.speaks, {})]
    record = {"made": today(), "labs": found}
    by = WITHOUT if key is None else WITH_KEY
    return {**record, "signature": {"by": by, "of": _signature(record, by, key)}}


def _grades(root: Path, language: str, seeds: Mapping[str, int]) -> Iterator[Grade]:
    """The labs below a folder, graded; where a seed is known, by the questions of that seed."""
    wanted = [one for one in labs() if (root / one.folder).is_dir() and (not seeds or one.id in seeds)]
    for one in wanted:
        submissions = Submissions([root], one, language)
        yield from (grade for grade, _ in grade_all(submissions, (), seeds.get(one.id)))


def _entry(grade: Grade, kept: Kept) -> dict[str, Any]:
    return {
        "lab": grade.lab,
        "steps": [step["step"] for step in grade.steps],
        "passed": _passed(grade),
        "started": kept.started,
        "hints": kept.given,
        "solution_seen": kept.solution_seen,
        "seed": grade.seed,
        "version": grade.version,
        "digest": grade.digest,
    }


def _passed(grade: Grade) -> list[str]:
    return [step["step"] for step in grade.steps if step["passed"]]


def _signature(record: Record, by: str, key: bytes | None) -> str:
    """Of everything but the signature itself, in one spelling."""
    content = {name: value for name, value in record.items() if name != "signature"}
    spelt = json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")
    if by == WITH_KEY and key is not None:
        return hmac.new(key, spelt, hashlib.sha256).hexdigest()
    return hashlib.sha256(spelt).hexdigest()


def read_key(file: Path | None, language: str) -> bytes | None:
    """The course's key, without the line's end.

    Raises ``CallError`` where there is none in the file.
    """
    if file is None:
        return None
    try:
        key = file.read_bytes().strip()
    except OSError as error:
        raise CallError(spoken(language, "no-key", file=one_line(str(file)), text=str(error))) from None
    if not key:
        raise CallError(spoken(language, "empty-key", file=one_line(str(file))))
    return key


def read(file: Path, language: str) -> Record:
    """A record that was written.

    Raises ``CallError`` for anything else.
    """
    try:
        record = json.loads(file.read_bytes())
        known = {one.id for one in labs()}
        if not (
            record["signature"]["by"] in (WITH_KEY, WITHOUT)
            and isinstance(record["signature"]["of"], str)
            and isinstance(record["made"], str)
            and all(one["lab"] in known and isinstance(one["seed"], int) for one in record["labs"])
            and all(isinstance(one[name], list) for one in record["labs"] for name in ("steps", "passed"))
            and all(isinstance(one["digest"], str) for one in record["labs"])
        ):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise CallError(spoken(language, "no-record", file=one_line(str(file)))) from None
    found: Record = record
    return found


def check(record: Record, key: bytes | None, root: Path | None, language: str) -> tuple[list[str], bool]:
    """What can be said of a record: of its signature, and of each lab where the learner's folder is there."""
    lines, holds = _check_signature(record, key, language)
    if root is None:
        return [*lines, spoken(language, "record-ungraded")], holds
    seeds = {one["lab"]: one["seed"] for one in record["labs"]}
    again = {one.lab: one for one in _grades(root, language, seeds)}
    for one in record["labs"]:
        grade = again.get(one["lab"])
        if grade is None:
            said = "record-gone"
        elif _passed(grade) != one["passed"]:
            said = "record-differs"
        else:
            said = "record-same" if grade.digest == one["digest"] else "record-other-files"
        holds = holds and said == "record-same"
        now = 0 if grade is None else grade.passed
        values = {"lab": one["lab"], "passed": len(one["passed"]), "total": len(one["steps"]), "now": now}
        lines.append(spoken(language, said, **values))
    return lines, holds


def _check_signature(record: Record, key: bytes | None, language: str) -> tuple[list[str], bool]:
    by, of = record["signature"]["by"], record["signature"]["of"]
    if by == WITH_KEY and key is None:
        return [spoken(language, "record-needs-key")], False
    if by == WITHOUT and key is not None:
        return [spoken(language, "record-unsigned")], False
    intact = hmac.compare_digest(of.encode(), _signature(record, by, key).encode())
    said = ("record-signed" if by == WITH_KEY else "record-intact") if intact else "record-changed"
    return [spoken(language, said)], intact


def page(record: Record, language: str) -> str:
    """The record for people, as one page of HTML that needs nothing else."""

    def text(key: str, **values: Any) -> str:
        return html.escape(spoken(language, key, **values))

    rows = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in _cells(one, language)) + "</tr>"
        for one in record["labs"]
    )
    titles = [
        text("record-lab"),
        text("record-passed"),
        text("record-started"),
        text("record-help"),
        text("record-with"),
    ]
    heads = "".join(f"<th>{one}</th>" for one in titles)
    signature = record["signature"]
    return f"""<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<title>{text("record-title")}</title>
<h1>{text("record-title")}</h1>
<p>{text("record-made", date=record["made"])}</p>
<table>
<tr>{heads}</tr>
{rows}
</table>
<p>{text("record-means-key" if signature["by"] == WITH_KEY else "record-means-digest")}</p>
<p><code>{signature["by"]} {signature["of"]}</code></p>
</html>
"""


def _cells(one: Mapping[str, Any], language: str) -> list[str]:
    seen = spoken(language, "record-solution-seen" if one["solution_seen"] else "record-solution-unseen")
    return [
        f"{one['lab']} {lab(one['lab']).title[language]}",
        spoken(language, "record-of", passed=len(one["passed"]), total=len(one["steps"])),
        one["started"],
        spoken(language, "record-hints", count=one["hints"], seen=seen),
        spoken(language, "record-seed", seed=one["seed"], version=one["version"]),
    ]


def write(record: Record, json_file: Path, page_file: Path, language: str) -> None:
    """Both files.

    Raises ``CallError`` where that cannot be done.
    """
    for file, content in (
        (json_file, json.dumps(record, ensure_ascii=False, indent=2) + "\n"),
        (page_file, page(record, language)),
    ):
        try:
            file.write_text(content, encoding="utf-8")
        except OSError as error:
            raise CallError(spoken(language, "no-record-written", file=one_line(str(file)), text=str(error))) from None
