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
    """

    id: str
    name: str
    why: str
    section: str
    apart: str

    def __str__(self) -> str:
        """Give three lines."""
        return f"likely: {self.name} ({self.section})\n  why: {self.why}\n  to tell it apart: {self.apart}"


def diagnose(id: str) -> Diagnosis:
    """Look a bug up by its id."""
    return bugs()[id]


@cache
def bugs() -> dict[str, Diagnosis]:
    """Give all bugs that can be named."""
    told = tomllib.loads((Path(__file__).parent / "bugs.toml").read_text(encoding="utf-8"))
    return {id: Diagnosis(id, **words) for id, words in told.items()}
