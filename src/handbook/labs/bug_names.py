"""The names of bugs and the sections that teach them: those of the museum, and those that only answers have."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from handbook.labs.texts import HERE


@dataclass(frozen=True)
class Bug:
    """What a bug is called, and the section to reread."""

    section: str
    title: Mapping[str, str]


@cache
def bugs() -> Mapping[str, Bug]:
    """Every bug that a grader may name, by its id."""
    from handbook.bugs.exhibit import exhibits

    found = {
        one.id: Bug(one.sections[0], {language: label.title for language, label in one.labels.items()})
        for one in exhibits()
    }
    for name, bug in tomllib.loads((HERE / "bugs.toml").read_text(encoding="utf-8")).items():
        found[name] = Bug(bug["section"], {"en": bug["en"], "es": bug["es"]})
    return found


@cache
def sections() -> Mapping[str, Mapping[str, str]]:
    """The titles of the sections, by slug and language; an installed package has no pages to read them from."""
    found: Mapping[str, Mapping[str, str]] = tomllib.loads((HERE / "sections.toml").read_text(encoding="utf-8"))
    return found
