"""The matrix as it is committed: what the page shows, compared with a fresh computation by a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from handbook.bugs.row import Row
from handbook.findings import Finding
from handbook.project import Project

PATH = "snippets/museum.json"


def written(rows: Mapping[str, Row]) -> str:
    """The text of the record."""
    plain = {name: found.to_json() for name, found in rows.items()}
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def write(project: Project, rows: Mapping[str, Row]) -> None:
    """Renew the record."""
    (project.root / PATH).write_text(written(rows), encoding="utf-8")


def differences(project: Project, rows: Mapping[str, Row]) -> list[Finding]:
    """A finding for each row that the record does not hold as it was computed, and for each that has no exhibit."""
    known = read(project.root)
    names = [name for name, found in rows.items() if known.get(name) != found]
    names += [name for name in known if name not in rows]
    fix = "run `handbook museum --write` and read the difference"
    return [Finding(PATH, 1, f"the row of {name} is not what was computed", fix) for name in names]


def read(root: Path) -> dict[str, Row]:
    """What the record says; nothing when there is none."""
    file = root / PATH
    if not file.is_file():
        return {}
    return {name: Row.from_json(found) for name, found in json.loads(file.read_text(encoding="utf-8")).items()}
