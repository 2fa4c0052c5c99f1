"""The sections as their files hold them: what is gathered from them for practice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from handbook.pages import containers, source
from handbook.pages.model import Container

FOLDERS = ("handbook", "labs")
_EMBED = re.compile(r'8<-+ "([^":]+)')


class Section(NamedTuple):
    """A section, or a lab, and what stands in it."""

    path: str
    """Below docs/<language>/, as in `handbook/02-causal-mask.md`."""
    title: str
    meta: dict[str, Any]
    body: str
    """Its text with the snippets still as they are written."""
    lines: list[str]
    bare: list[str]
    """The lines with those blank that open and close a container."""
    containers: list[Container]

    @property
    def slug(self) -> str:
        """Its file's name without the ending: `02-causal-mask`."""
        return Path(self.path).stem

    def all(self, kind: str, within: Container | None = None) -> list[Container]:
        """Its containers of one kind, in order; those within another, when one is named."""
        found = [one for one in self.containers if one.kind == kind]
        return [one for one in found if within is None or within.first < one.first < within.end]

    def text(self, container: Container, *, without: tuple[str, ...] = ()) -> str:
        """A container as it is written, with the lines that open and close it, and without what it holds of a kind."""
        return self._between(self.lines, container, without)

    def inside(self, container: Container, *, without: tuple[str, ...] = ()) -> str:
        """What a container holds, its own lines left out, and without what it holds of a kind."""
        return self._between(self.bare, container, without).strip()

    def _between(self, lines: list[str], container: Container, without: tuple[str, ...]) -> str:
        cut = {
            number for kind in without for one in self.all(kind, container) for number in range(one.first, one.end + 1)
        }
        return "\n".join(lines[n] for n in range(container.first, container.end + 1) if n not in cut)


def sections(root: Path, language: str, folder: str = "handbook") -> Iterator[Section]:
    """Every section of the handbook, in order; `folder` may be `labs`."""
    for file in sorted((root / "docs" / language / folder).glob("*.md")):
        if not file.name.startswith("."):  # what an editor keeps beside the page that it has open
            yield section_at(root, language, f"{folder}/{file.name}")


def section_at(root: Path, language: str, path: str) -> Section:
    """The section whose file is `path`, below docs/<language>/."""
    file = root / "docs" / language / path
    changed = _moment(file)
    return _read(root, language, path, changed, tuple(_moment(root / one) for one in _embedded(file, changed)))


@lru_cache(maxsize=256)
def _embedded(file: Path, changed: object) -> list[str]:
    """The files that a section puts into its listings."""
    return [name for name in _EMBED.findall(file.read_text("utf-8", errors="replace")) if name]


def _moment(file: Path) -> tuple[int, int] | None:
    """What changes when a file does; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=256)
def _read(root: Path, language: str, path: str, changed: object, embedded: object) -> Section:
    """Read a section once for all that is gathered from it, until its file changes, or one that it embeds."""
    page = source.read(root, f"docs/{language}/{path}")
    title = next((line.removeprefix("# ") for line in page.lines if line.startswith("# ")), Path(path).stem)
    found, bare, _ = containers.scan(source.Source(page.path, {}, list(page.lines), []))
    return Section(path, title, page.meta, page.body, page.lines, bare, found)
