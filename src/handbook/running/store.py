"""What earlier checks saw, so that only what a change touches is run again.

A record is kept for each page in ``.handbook/``. It holds two keys: ``run`` names the code, the pins
and everything they can import, ``clean`` names every file that the page's findings depend on. Pages
with findings are never clean, so what is wrong is always looked at again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from handbook.pages.addresses import linked_files
from handbook.pages.model import Page
from handbook.project import Project
from handbook.running.transcript import Transcript

FOLDER = ".handbook"
_LIBRARIES = ("numpy", "torch", "pymdown-extensions", "markdown", "markdown-it-py")


def kept(root: Path, name: str) -> Path | None:
    """A folder among what is remembered, made where it is missing; None where nothing can be written there."""
    folder = root / FOLDER / name
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder if folder.is_dir() and os.access(folder, os.W_OK) else None


class Store:
    """The records of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._hashes: dict[str, str] = {}
        self._tallies: dict[str, dict[str, int]] = {}

    # Keys ------------------------------------------------------------------

    @cached_property
    def machinery(self) -> str:
        """Names the interpreter, the libraries, the engine and ``minimodel``."""
        parts = [sys.version, *(installed(name) for name in _LIBRARIES)]
        parts += [self.hash_of(module) for module in self.project.modules]
        parts += [self.hash_of(name) for name in ("mkdocs.yml", "mkdocs.es.yml")]
        return digest(*parts)

    @cached_property
    def everything(self) -> str:
        """Names every page: what a console block may show."""
        return digest(*(self.hash_of(page) for page in self.project.pages))

    def run_key(self, page: Page) -> str:
        """Equal keys give equal transcripts; both twins of a page have the same."""
        console = any(block.language == "console" for block in page.blocks)
        return digest(self.machinery, self.everything if console else "", repr(page.script))

    def hash_of(self, path: str) -> str:
        """Names a file's content; it is read once, whoever asks."""
        if path not in self._hashes:
            try:
                self._hashes[path] = hashlib.sha256((self.project.root / path).read_bytes()).hexdigest()
            except OSError:
                self._hashes[path] = "missing"
        return self._hashes[path]

    def _clean_key(self, path: str, embeds: list[str], console: bool) -> str:
        twin = self.project.twin_of(path)
        beside = [self.project.bibliography_of(path), self.project.glossary_of(path)]
        files = [path, *([twin] if twin else []), *beside, *embeds]
        parts = [f"{name}={self.hash_of(name)}" for name in files]
        return digest(self.machinery, self.everything if console else "", *parts)

    # Records ---------------------------------------------------------------

    def is_clean(self, path: str) -> bool:
        """Whether the page was found clean and nothing that it depends on has changed since."""
        record = self.read(self._file(path))
        clean = bool(record) and record["clean"] == self._clean_key(path, record["embeds"], record["console"])
        if clean:
            self._tallies[path] = record["tally"]
        return clean

    def tally(self, path: str) -> dict[str, int] | None:
        """What was counted on a clean page."""
        return self._tallies.get(path)

    def keep_clean(self, page: Page, tally: dict[str, int]) -> None:
        """Remember that the page has no findings."""
        console = any(block.language == "console" for block in page.blocks)
        embeds = sorted({*page.embeds, *linked_files(page)})
        key = self._clean_key(page.path, embeds, console)
        self.write(self._file(page.path), {"clean": key, "embeds": embeds, "console": console, "tally": tally})

    def transcript(self, page: Page) -> Transcript | None:
        """The transcript of an earlier run of the same code."""
        record = self.read(self.project.root / FOLDER / "runs" / f"{self.run_key(page)}.json")
        return Transcript.from_json(record) if record else None

    def keep_transcript(self, page: Page, transcript: Transcript) -> None:
        """Remember a run."""
        self.write(self.project.root / FOLDER / "runs" / f"{self.run_key(page)}.json", transcript.to_json())

    def _file(self, path: str) -> Path:
        return self.project.root / FOLDER / "pages" / f"{digest(path)}.json"

    @staticmethod
    def read(path: Path) -> dict[str, Any]:
        """A record; an empty one where there is none that can be read."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @staticmethod
    def write(path: Path, record: dict[str, Any]) -> None:
        """Keep a record. The new one replaces the old at once; two processes may write it at the same time.

        Where nothing can be written, as in a checkout that is read-only, nothing is remembered.
        """
        scratch = path.with_suffix(f".{os.getpid()}.new")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(json.dumps(record), encoding="utf-8")
            scratch.replace(path)


def installed(name: str) -> str:
    """A library and its version."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} missing"


def digest(*parts: str) -> str:
    """One name for all the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
