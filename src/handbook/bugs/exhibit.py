"""The exhibits as data: what is planted, what it shows, and what is said about it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from handbook.findings import CallError
from handbook.project import LANGUAGES

FOLDER = Path(__file__).parent / "exhibits"


class Group(StrEnum):
    """What somebody sees who has the bug, in the order of the page."""

    FUTURE = "future"
    PAST = "past"
    CACHE = "cache"
    BATCH = "batch"
    LENGTH = "length"
    NAN = "nan"

    @property
    def anchor(self) -> str:
        """The id of its place on the page."""
        return f"symptom-{self}"


@dataclass(frozen=True)
class Patch:
    """One replacement in the source of a module of `minimodel`, or of several that say it alike."""

    modules: tuple[str, ...]
    find: str
    instead: str
    everywhere: bool = False
    """Whether it replaces all that it finds, and not what stands in the source exactly once."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it changes, relative to the root."""
        return tuple(f"src/minimodel/{module}.py" for module in self.modules)

    def apply(self, source: str, module: str) -> str:
        """The source of a module with the bug in it.

        Raises ``CallError`` unless the text to be replaced stands in it, and exactly once where it must.
        """
        found = source.count(self.find)
        if found != 1 and not (found and self.everywhere):
            first = self.find.strip().splitlines()[0]
            raise CallError(f"src/minimodel/{module}.py holds this {found} times, not once: {first}")
        return source.replace(self.find, self.instead)


@dataclass(frozen=True)
class Label:
    """What is said about an exhibit in one language; inline Markdown."""

    title: str
    symptom: str
    cause: str
    met: str


@dataclass(frozen=True)
class Exhibit:
    """A bug: where it belongs, how it is planted, and a run that prints one thing without it and another with it.

    ``sections`` begins with the one that teaches it; the blocks of the others use what is patched.
    """

    id: str
    group: Group
    sections: tuple[str, ...]
    cited: str
    patches: tuple[Patch, ...]
    run: str
    labels: Mapping[str, Label]

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages of the sections, relative to the root."""
        return tuple(f"docs/en/handbook/{section}.md" for section in self.sections)

    @property
    def modules(self) -> tuple[str, ...]:
        """The patched modules."""
        return tuple(dict.fromkeys(module for patch in self.patches for module in patch.modules))

    @property
    def in_torch(self) -> bool:
        """Whether the bug is planted in the torch mirror too, so that derivatives can be asked."""
        return "torch_mirror" in self.modules


def read(file: Path) -> Exhibit:
    """The exhibit that a file describes.

    Raises ``CallError`` when the file is not TOML, or lacks a part.
    """
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        return Exhibit(
            file.stem,
            Group(found["group"]),
            (found["section"], *found.get("also", ())),
            found["cited"],
            tuple(_patch(**patch) for patch in found["patch"]),
            found["run"],
            {language: _label(found[language]) for language in LANGUAGES},
        )
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CallError(f"{file.name} cannot be read: {error}") from None
    except ValueError:
        raise CallError(f"{file.name} is no exhibit: its group is none of {', '.join(Group)}") from None
    except (KeyError, TypeError) as error:
        raise CallError(f"{file.name} is no exhibit: {error} is missing or misspelt") from None


def _patch(modules: list[str], find: str, instead: str) -> Patch:
    """A patch of whole lines keeps their ends; one of a part of a line has none."""
    whole = find.startswith(" ") or "\n" in find.strip("\n")
    find, instead = (text if whole else text.strip("\n") for text in (find, instead))
    return Patch(tuple(modules), find, instead)


def _label(words: dict[str, Any]) -> Label:
    return Label(**{name: " ".join(text.split()) for name, text in words.items()})


def exhibits() -> tuple[Exhibit, ...]:
    """All of the museum: what looks alike together, in the order of the sections."""
    order = list(Group)
    return tuple(
        sorted(map(read, FOLDER.glob("*.toml")), key=lambda one: (order.index(one.group), one.sections, one.id))
    )


def exhibit(name: str) -> Exhibit:
    """The exhibit with that id, or the one that a TOML file describes.

    Raises ``CallError`` when there is neither.
    """
    if name.endswith(".toml"):
        return read(Path(name))
    known = {one.id: one for one in exhibits()}
    if name not in known:
        raise CallError(f"there is no exhibit {name}; there are {', '.join(known)}")
    return known[name]
