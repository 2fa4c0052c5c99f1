"""The bugs by name: what each looks like from outside, where to read about it, and what resembles it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Diagnosis:
    """A likely bug. It is a guess from outside: the evidence is named, and so is what would tell it apart.

    Args:
        id: the museum's id of the bug.
        name: the museum's name of it.
        why: how it comes to what was seen.
        section: where the handbook explains it.
        apart: its nearest neighbours, and a test that tells them apart.
        exhibit: the id of the museum's exhibit that shows it; empty where there is none.
        no_exhibit: why there is none.
    """

    id: str
    name: str
    why: str
    section: str
    apart: str
    exhibit: str = ""
    no_exhibit: str = ""

    @property
    def page(self) -> str:
        """Where the handbook's site shows it, alive: a path and an anchor; empty where it does not."""
        return f"reference/bug-museum.html#{self.exhibit}" if self.exhibit else ""

    def __str__(self) -> str:
        """Give a line each: the name, why, what tells it apart, and where it can be seen."""
        lines = [f"likely: {self.name} ({self.section})", f"  why: {self.why}", f"  to tell it apart: {self.apart}"]
        return "\n".join(lines + [f"  in the museum: {self.page}"] * bool(self.page))


def diagnose(id: str) -> Diagnosis:
    """Look a bug up by its id."""
    return bugs()[id]


@cache
def bugs() -> dict[str, Diagnosis]:
    """Give all bugs that can be named."""
    told = tomllib.loads((Path(__file__).parent / "bugs.toml").read_text(encoding="utf-8"))
    return {id: Diagnosis(id, **_shown(id, words)) for id, words in told.items()}


def _shown(id: str, words: dict[str, str]) -> dict[str, str]:
    """Put the bug's own id for its exhibit, unless another is named, or a reason why there is none."""
    return words if {"exhibit", "no_exhibit"} & set(words) else words | {"exhibit": id}
