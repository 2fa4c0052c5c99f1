"""A lab as data: its folder, its steps, its hints, its texts, its starter and its solution."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from handbook.findings import CallError
from handbook.labs import planting
from handbook.labs.texts import HERE, Texts, common, say
from handbook.project import ORIGINAL


@dataclass(frozen=True)
class Step:
    """One thing that is graded, the section that teaches it, and hints from gentle to plain."""

    id: str
    section: str
    title: Mapping[str, str]
    hints: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Lab:
    """A lab. ``folder`` is where its files go, below the learner's own folder; ``page`` is its page's slug.

    ``package`` is what has to be installed besides; of a ``drawn`` lab, the starter is another for each seed.
    """

    id: str
    page: str
    folder: str
    title: Mapping[str, str]
    steps: tuple[Step, ...]
    texts: Texts
    package: str = ""
    drawn: bool = False

    def starter(self, language: str, seed: int = 0) -> dict[str, bytes]:
        """The files that a learner begins with, by their path below ``folder``."""
        if self.drawn:
            return {planting.FILE: planting.planted(planting.drawn(seed)).encode("utf-8")}
        return self._files("starter", language)

    def solution(self, language: str) -> dict[str, bytes]:
        """The files of a finished lab that were written by hand; its scripts write the others."""
        return self._files("solution", language)

    def require(self, language: str) -> None:
        """Raises ``CallError``, in the language, where a package is missing that grading needs."""
        if self.package and find_spec(self.package) is None:
            raise CallError(say("no-package", id=self.id, package=self.package).in_(language, common()))

    def _files(self, kind: str, language: str) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for folder in (HERE / self.id / kind, HERE / self.id / f"{kind}.{language}"):
            for file in sorted(folder.rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    found[file.relative_to(folder).as_posix()] = file.read_bytes()
        return found


@cache
def labs() -> tuple[Lab, ...]:
    """Every lab, in order."""
    return tuple(_read(file) for file in sorted(HERE.glob("L*/lab.toml")))


def lab(name: str, language: str = ORIGINAL) -> Lab:
    """The lab with that id, in any case.

    Raises ``CallError``, in the language, when there is none.
    """
    known = {one.id: one for one in labs()}
    if name.upper() not in known:
        raise CallError(say("no-lab", name=name, known=", ".join(known)).in_(language, common()))
    return known[name.upper()]


def _read(file: Path) -> Lab:
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    return Lab(
        id=file.parent.name,
        page=found["page"],
        folder=found["folder"],
        title=found["title"],
        steps=tuple(_step(**step) for step in found["steps"]),
        texts={**common(), **found.get("messages", {})},
        package=found.get("package", ""),
        drawn=found.get("drawn", False),
    )


def _step(id: str, section: str, title: dict[str, str], hints: list[dict[str, Any]]) -> Step:
    return Step(id, section, title, tuple(hints))
