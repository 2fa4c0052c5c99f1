"""The survivors that are right to survive: a list with a reason for each, which must itself stay true."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from handbook.findings import CallError, Finding
from handbook.project import Project

LIST = "tests/audit/survivors.toml"
_KEYS = ("page", "line", "fact", "reason")


@dataclass(frozen=True)
class Survivor:
    """A fact that may become another unnoticed: what it says, and the finding that tells where and how to bind it."""

    fact: str
    finding: Finding


@dataclass(frozen=True)
class Entry:
    """A survivor of the list: its page, words of its line, what may be altered there, and why that is right."""

    page: str
    line: str
    fact: str
    reason: str
    at: int
    """Its own line in the list."""

    def is_(self, survivor: Survivor, text: str) -> bool:
        """Whether this is the survivor that it speaks of, on a page whose source is ``text``."""
        found = survivor.finding
        return (found.path, survivor.fact) == (self.page, self.fact) and self.line in text.split("\n")[found.line - 1]


def entries(project: Project) -> list[Entry]:
    """The list of a project; empty where there is none.

    Raises ``CallError`` for a list that cannot be read, or an entry that lacks something.
    """
    file = project.root / LIST
    if not file.is_file():
        return []
    text = file.read_text(encoding="utf-8")
    try:
        listed = tomllib.loads(text).get("survivor", [])
    except tomllib.TOMLDecodeError as error:
        raise CallError(f"{LIST} is not TOML: {error}") from None
    lines = [number for number, line in enumerate(text.split("\n"), start=1) if line.strip() == "[[survivor]]"]
    for one, at in zip(listed, lines, strict=True):
        for key in _KEYS:
            if not str(one.get(key, "")).strip():
                raise CallError(f"{LIST}:{at}: this survivor has no {key}; an entry has {', '.join(_KEYS)}")
    return [Entry(at=at, **{key: str(one[key]) for key in _KEYS}) for one, at in zip(listed, lines, strict=True)]


def unlisted(project: Project, survivors: list[Survivor], audited: set[str]) -> Iterator[Finding]:
    """The survivors that are not on the list, and the entries about the ``audited`` pages that speak of none."""
    listed = entries(project)
    texts = {page: (project.root / page).read_text(encoding="utf-8") for page in audited}
    spoken_of: set[Entry] = set()
    for survivor in survivors:
        about = [entry for entry in listed if entry.is_(survivor, texts[survivor.finding.path])]
        spoken_of.update(about)
        if not about:
            yield survivor.finding
    for entry in listed:
        if entry.page in audited and entry not in spoken_of:
            problem = f"{entry.fact!r} of {entry.page} is noticed now, or is not there any more"
            yield Finding(LIST, entry.at, problem, "delete this entry")
