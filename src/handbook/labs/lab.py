"""A lab as data: its folder, its steps, its hints, its texts, its starter and its solution."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from handbook.findings import CallError
from handbook.labs import planting
from handbook.labs.planting import Variant
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

    ``package`` is what has to be installed besides. Of a lab that is drawn, the starter is another for each seed:
    ``variant`` says from what, and ``numpy`` is the same lab for those without the package.
    """

    id: str
    page: str
    folder: str
    title: Mapping[str, str]
    steps: tuple[Step, ...]
    texts: Texts
    package: str = ""
    variant: Variant | None = None
    numpy: Lab | None = None

    @property
    def drawn(self) -> bool:
        """Whether each seed gives another starter."""
        return self.variant is not None

    def variant_in(self, folder: Path) -> Lab:
        """The lab as it was begun in a folder: in NumPy where that variant's file is there, and this one's is not."""
        if self.numpy is None or self.variant is None or self.numpy.variant is None:
            return self
        here, there = ((folder / one.file).is_file() for one in (self.variant, self.numpy.variant))
        return self.numpy if there and not here else self

    def starter(self, language: str, seed: int = 0) -> dict[str, bytes]:
        """The files that a learner begins with, by their path below ``folder``."""
        if self.variant is not None:
            kinds = planting.drawn(seed, self.variant)
            return {self.variant.file: planting.planted(kinds, self.variant).encode("utf-8")}
        return self._files("starter", language)

    def solution(self, language: str) -> dict[str, bytes]:
        """The files of a finished lab that were written by hand; its scripts write the others."""
        return self._files("solution", language)

    def installed(self) -> bool:
        """Whether what grading needs besides is there."""
        return not self.package or find_spec(self.package) is not None

    def require(self, language: str) -> None:
        """Raises ``CallError``, in the language, where a package is missing that grading needs."""
        if not self.installed():
            said = ["no-package", *(["without-package"] if self.numpy else [])]
            raise CallError(
                "; ".join(say(one, id=self.id, package=self.package).in_(language, common()) for one in said)
            )

    def _files(self, kind: str, language: str) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        home = self.variant.home if self.variant else HERE / self.id
        for folder in (home / kind, home / f"{kind}.{language}"):
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
    one = Lab(
        id=file.parent.name,
        page=found["page"],
        folder=found["folder"],
        title=found["title"],
        steps=tuple(_step(**step) for step in found["steps"]),
        texts={**common(), **found.get("messages", {})},
        package=found.get("package", ""),
        variant=planting.TORCH if found.get("drawn") else None,
    )
    return replace(one, numpy=_in_numpy(one, planting.NUMPY)) if one.drawn else one


def _in_numpy(one: Lab, variant: Variant) -> Lab:
    """The same lab with what is said or asked otherwise in the variant: hints, steps that come after others, texts."""
    found = tomllib.loads((variant.home / "lab.toml").read_text(encoding="utf-8"))
    steps: list[Step] = []
    for step in one.steps:
        steps.append(replace(step, hints=tuple(found["hints"].get(step.id, step.hints))))
        steps += [_step(**more) for more in found["after"].get(step.id, [])]
    texts = {**one.texts, **found["messages"]}
    return replace(one, steps=tuple(steps), texts=texts, package="", variant=variant)


def _step(id: str, section: str, title: dict[str, str], hints: list[dict[str, Any]]) -> Step:
    return Step(id, section, title, tuple(hints))
