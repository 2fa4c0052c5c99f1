"""Record that a translation follows its original as it stands now."""

from __future__ import annotations

import json
import re

from handbook.checks.freshness import STAMP, stamp
from handbook.findings import CallError
from handbook.pages import notebook
from handbook.pages.parse import parse
from handbook.project import ORIGINAL, Project

_RECORD = re.compile(rf"^{STAMP}:.*\n(?:[ ]+.*\n)*", re.MULTILINE)


def record(project: Project, path: str) -> str:
    """Write the stamp of the original into the translation of ``path``; returns the translation's path.

    Raises ``CallError`` when one of the two is missing or the translation has no front matter.
    """
    twin = project.twin_of(path)
    if twin is None:
        raise CallError(f"{path} has no translation: only pages in docs/en and docs/es do")
    original, translation = (path, twin) if project.language_of(path) == ORIGINAL else (twin, path)
    for needed in (original, translation):
        if not (project.root / needed).is_file():
            raise CallError(f"{needed} is missing; a translation needs both pages")
    file = project.root / translation
    text, stamps = file.read_text(encoding="utf-8"), stamp(parse(project.root, original))
    new = _in_metadata(text, stamps) if notebook.is_notebook(translation) else with_stamp(text, stamps, translation)
    file.write_text(new, encoding="utf-8", newline="\n")
    return translation


def _in_metadata(text: str, stamps: dict[str, str]) -> str:
    """A notebook's ``text`` with the stamps in what is its front matter."""
    whole = json.loads(text)
    whole["metadata"].setdefault(notebook.META, {})[STAMP] = stamps
    return notebook.written(whole)


def without_stamp(text: str) -> str:
    """``text`` as it was before anything was recorded in its front matter."""
    return _RECORD.sub("", text, count=1)


def with_stamp(text: str, stamps: dict[str, str], path: str) -> str:
    """``text`` with the stamps in its front matter."""
    opening, mark, rest = text.partition("\n---")
    if not text.startswith("---\n") or not mark:
        raise CallError(f"{path} has no front matter; begin it with --- and a title")
    lines = [f"{STAMP}:", *(f'  {name}: "{value}"' for name, value in stamps.items())]
    kept = _RECORD.sub("", f"{opening}\n").rstrip("\n")
    return "\n".join([kept, *lines]) + mark + rest
