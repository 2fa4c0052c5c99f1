"""What is taken in of a submission: the lab's own files first, and what was left out, by name."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LARGEST_FILE, LARGEST_FOLDER, MOST_FILES = 4 << 20, 16 << 20, 200

_MADE_BY_PYTHON = "__pycache__"
_ENVIRONMENT = "pyvenv.cfg"
"""What lies in every virtual environment."""


@dataclass(frozen=True)
class Intake:
    """The files and folders that are taken in, below the submission's, and those that are not."""

    folder: Path
    files: Sequence[Path]
    folders: Sequence[Path]
    left_out: Sequence[str]

    def copy_to(self, target: Path) -> None:
        """Make a copy; what cannot be read any more is not in it."""
        target.mkdir()
        for one in self.folders:
            (target / one).mkdir()
        for one in self.files:
            with contextlib.suppress(OSError):
                (target / one).write_bytes((self.folder / one).read_bytes())

    def digest(self) -> str:
        """Tells whether anything that is taken in has changed."""
        found = hashlib.sha256()
        for one in sorted(self.files):
            content = b""
            with contextlib.suppress(OSError):
                content = (self.folder / one).read_bytes()
            for part in (os.fsencode(one), content):
                found.update(hashlib.sha256(part).digest())
        return found.hexdigest()


def intake(folder: Path, first: Sequence[str] = ()) -> Intake:
    """What to take in: plain files alone, those that ``first`` names before others, and no more than is reasonable.

    Folders are gone through level by level, so that what somebody keeps deep down hides nothing that lies above it.
    Those of tools are not gone into: hidden ones, virtual environments, `node_modules`.
    """
    files: list[Path] = []
    folders: list[Path] = []
    left_out: list[str] = []
    space, waiting = LARGEST_FOLDER, [Path()]
    while waiting:
        below = waiting.pop(0)
        for entry, mode, size in _entries(folder / below, first if below == Path() else ()):
            one, room = below / entry, len(files) + len(folders) < MOST_FILES
            if entry == _MADE_BY_PYTHON:
                continue
            if stat.S_ISDIR(mode) and room and not _is_of_a_tool(folder / one):
                folders.append(one)  # folders count, so that no chain of them is deeper than can be followed
                waiting.append(one)
            elif stat.S_ISREG(mode) and room and size <= min(LARGEST_FILE, space):
                files.append(one)
                space -= size
            else:
                left_out.append(one.as_posix())
    return Intake(folder, files, folders, left_out)


def _is_of_a_tool(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name == "node_modules" or (folder / _ENVIRONMENT).is_file()


def _entries(folder: Path, first: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Name, mode and size of what lies in a folder: what is named first, then files, then folders."""
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            found.append((entry.name not in first, stat.S_ISDIR(status.st_mode), entry.name, status))
    for _, _, name, status in sorted(found, key=lambda one: one[:3]):
        yield name, status.st_mode, status.st_size
