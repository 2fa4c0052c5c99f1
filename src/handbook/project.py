"""Where things stand: the root, the languages, a page's twin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from handbook import locale
from handbook.findings import CallError

LANGUAGES = locale.LANGUAGES
ORIGINAL, TRANSLATION = LANGUAGES
MARKER = "mkdocs.yml"
BIBLIOGRAPHY = "reference/bibliography.md"
GLOSSARY = "reference/glossary.md"
_GIVEN = re.compile(r"src/handbook/labs/L\d\d/")


@dataclass(frozen=True)
class Project:
    """A checkout of the handbook. Every path it hands out is relative to ``root``."""

    root: Path

    @classmethod
    def around(cls, folder: Path) -> Project:
        """The project that ``folder`` stands in.

        Raises ``CallError`` when no folder above holds an ``mkdocs.yml``.
        """
        for candidate in (folder, *folder.parents):
            if (candidate / MARKER).is_file() and (candidate / "docs").is_dir():
                return cls(candidate)
        raise CallError(f"{folder} is not inside a handbook: no folder above it holds {MARKER} and docs/")

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """Every page: the site's in both languages, notebooks after Markdown, then the README."""
        endings = ("*.md", "*.ipynb")
        found = [path for one in LANGUAGES for ending in endings for path in self._below(f"docs/{one}", ending)]
        if (self.root / "README.md").is_file():
            found.append("README.md")
        return tuple(found)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """Every Python file of ``src``, whose docstrings are checked as pages are; learners' files are none."""
        return tuple(path for path in self._below("src", "*.py") if not _GIVEN.match(path))

    def _below(self, folder: str, pattern: str) -> Iterator[str]:
        """The files below a folder; what begins with a dot is an editor's, or the system's."""
        for path in sorted(self.relative(path) for path in (self.root / folder).rglob(pattern) if path.is_file()):
            if "/." not in path:
                yield path

    def relative(self, path: Path) -> str:
        """``path`` as findings name it."""
        return path.relative_to(self.root).as_posix()

    def language_of(self, page: str) -> str:
        """``en`` or ``es``; what stands outside ``docs`` is English."""
        parts = page.split("/")
        return parts[1] if parts[0] == "docs" and len(parts) > 2 and parts[1] in LANGUAGES else ORIGINAL

    def twin_of(self, page: str) -> str | None:
        """The same page in the other language; None for what has no twin (the README, modules)."""
        parts = page.split("/")
        if parts[0] != "docs" or len(parts) < 3 or parts[1] not in LANGUAGES:
            return None
        parts[1] = TRANSLATION if parts[1] == ORIGINAL else ORIGINAL
        return "/".join(parts)

    def bibliography_of(self, page: str) -> str:
        """The bibliography in the page's language."""
        return f"docs/{self.language_of(page)}/{BIBLIOGRAPHY}"

    def glossary_of(self, page: str) -> str:
        """The glossary in the page's language."""
        return f"docs/{self.language_of(page)}/{GLOSSARY}"

    def select(self, named: list[str], *, start: Path) -> list[str]:
        """The pages that the caller named, each with its twin; all when none is named.

        Raises ``CallError`` for a path that is no page.
        """
        if not named:
            return [*self.pages, *self.modules]
        chosen: dict[str, None] = {}
        for name in named:
            for page in self._expand(name, start):
                chosen.setdefault(page)
                twin = self.twin_of(page)
                if twin is not None and (self.root / twin).is_file():
                    chosen.setdefault(twin)
        return list(chosen)

    def _expand(self, name: str, start: Path) -> list[str]:
        path = (start / name).resolve()
        if not path.exists():
            raise CallError(f"{name}: no such page; `handbook check` without a path checks them all")
        known = (*self.pages, *self.modules)
        if not path.is_relative_to(self.root):
            raise CallError(f"{name} is outside this handbook ({self.root.name})")
        relative = self.relative(path)
        if relative in known:
            return [relative]
        below = [page for page in known if page.startswith(f"{relative}/")] if path.is_dir() else []
        if path == self.root:
            below = list(known)
        if not below:
            raise CallError(
                f"{name} is not a page: pages are .md and .ipynb files in docs/en and docs/es, README.md and src/"
            )
        return below
