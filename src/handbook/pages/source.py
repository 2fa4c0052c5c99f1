"""Read a page's bytes and expand its snippets, remembering which line came from where."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from markdown import Markdown
from pymdownx.snippets import SnippetMissingError, SnippetPreprocessor

from handbook.findings import Finding
from handbook.pages import notebook

BOM = "\ufeff"
MARK = "8<-"


@dataclass(frozen=True)
class Source:
    """A page's text as the site renders it, with the way back to its file.

    ``lines`` is the expanded text without front matter's effect on numbering: line ``i`` of it
    came from line ``origin[i]`` (one-based) of ``path``. ``embeds`` are the files that snippets
    brought in, relative to the root; ``body`` is the text before they did.
    """

    path: str
    meta: dict[str, Any]
    lines: list[str]
    origin: list[int]
    embeds: tuple[str, ...] = ()
    meta_lines: dict[str, int] = field(default_factory=dict)
    body: str = ""
    problems: list[Finding] = field(default_factory=list)
    cells: dict[int, str] = field(default_factory=dict)
    """Of a notebook: the cell, and the line in it, that a line of the file belongs to."""
    pictures: dict[int, str] = field(default_factory=dict)
    """Of a notebook: the picture of the code whose first line is that line of the file."""
    measured: set[int] = field(default_factory=set)
    """Of a notebook: the first lines of the code that measures the machine it runs on."""

    def line(self, expanded: int) -> int:
        """The line of the file that the expanded line (zero-based) came from."""
        return self.origin[min(expanded, len(self.origin) - 1)] if self.origin else 1


def read(root: Path, path: str) -> Source:
    """The source of the page at ``root / path``; what is wrong with its bytes is in ``problems``."""
    problems: list[Finding] = []
    raw = (root / path).read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problem = f"the file is not UTF-8 (byte 0x{raw[error.start]:02x})"
        problems.append(Finding(path, line, problem, "save it with the encoding UTF-8"))
        return Source(path, {}, [], [], problems=problems)
    if text.startswith(BOM):
        problems.append(Finding(path, 1, "the file begins with a byte order mark", "save it as UTF-8 without BOM"))
        text = text.removeprefix(BOM)
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        problems.append(Finding(path, line, "a line ends in CR (Windows line ends)", "save the file with LF line ends"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if notebook.is_notebook(path):
        found = notebook.read(path, text)
        body = "\n".join(found.lines)
        problems += found.problems
        return Source(
            path,
            found.meta,
            found.lines,
            found.origin,
            meta_lines=found.meta_lines,
            body=body,
            problems=problems,
            cells=found.cells,
            pictures=found.pictures,
            measured=found.measured,
        )
    return from_text(root, path, text, problems)


def from_text(root: Path, path: str, text: str, problems: list[Finding] | None = None, *, first: int = 1) -> Source:
    """The source of a text whose first line is line ``first`` of ``path`` (a docstring's is not 1)."""
    problems = [] if problems is None else problems
    lines = text.split("\n")
    meta, lines = _front_matter(path, lines, problems)
    if not any(line.strip() for line in lines):
        problems.append(Finding(path, first, "the page is empty", "write it, or delete the file and its twin"))
    expanded, origin, embeds = _expand(root, path, lines, first, problems)
    return Source(path, meta, expanded, origin, embeds, _key_lines(text), "\n".join(lines), problems)


def _key_lines(text: str) -> dict[str, int]:
    """The line of each top-level key of the front matter."""
    return {
        line.split(":")[0]: number
        for number, line in enumerate(text.split("\n---")[0].split("\n"), 1)
        if line[:1].isalpha() and ":" in line
    }


def _front_matter(path: str, lines: list[str], problems: list[Finding]) -> tuple[dict[str, Any], list[str]]:
    """The front matter, and the lines with it blanked (so that line numbers stay)."""
    if not lines or lines[0].rstrip() != "---":
        return {}, lines
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        problems.append(Finding(path, 1, "the front matter is never closed", "end it with a line that holds only ---"))
        return {}, lines
    body = [""] * (end + 1) + lines[end + 1 :]
    try:
        meta = _yaml("\n".join(lines[1:end])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problem = f"the front matter is not valid YAML: {getattr(error, 'problem', None) or 'unreadable'}"
        problems.append(Finding(path, line, problem, "quote values that hold a colon; indent with spaces"))
        return {}, body
    if not isinstance(meta, dict):
        problems.append(Finding(path, 2, "the front matter is not a mapping", "write lines of the form `key: value`"))
        return {}, body
    return meta, body


@lru_cache(maxsize=64)
def _yaml(written: str) -> Any:
    """Front matter, read once: an audit reads a page again for every altered place."""
    return yaml.safe_load(written)


@cache
def _preprocessor(root: Path) -> SnippetPreprocessor:
    """pymdownx's own preprocessor, set as mkdocs.yml sets it: there is no second implementation."""
    options = {"base_path": [str(root)], "check_paths": True, "restrict_base_path": True}
    markdown = Markdown(extensions=["pymdownx.snippets"], extension_configs={"pymdownx.snippets": options})
    found = markdown.preprocessors["snippet"]
    assert isinstance(found, SnippetPreprocessor)
    return found


def _expand(
    root: Path, path: str, lines: list[str], first: int, problems: list[Finding]
) -> tuple[list[str], list[int], tuple[str, ...]]:
    """Expand each marker on its own, so that every line knows the marker it came from."""
    if not any(MARK in line for line in lines):
        return lines, list(range(first, first + len(lines))), ()
    snippets = _preprocessor(root)
    read_lines = snippets.read_lines
    embeds: dict[str, None] = {}

    def recording(name: str) -> list[str]:
        embeds.setdefault(Path(name).relative_to(root).as_posix())
        result: list[str] = read_lines(name)
        return result

    expanded: list[str] = []
    origin: list[int] = []
    snippets.read_lines = recording
    try:
        for number, line in enumerate(lines, first):
            if MARK in line and _opens_block_form(line):
                problems.append(Finding(path, number, "the snippet marker names no file", _FIX_SNIPPET))
                line = ""
            try:
                snippets.seen = set()
                piece = snippets.parse_snippets([line]) if MARK in line else [line]
            except SnippetMissingError as error:
                problems.append(Finding(path, number, _missing(str(error)), _FIX_SNIPPET))
                piece = [""]
            expanded += piece
            origin += [number] * len(piece)
    finally:
        snippets.read_lines = read_lines
    return expanded, origin, tuple(embeds)


_FIX_SNIPPET = (
    'write --8<-- "path" or --8<-- "path:section" with a file below the project\'s root '
    "and a section that stands in it between [start:section] and [end:section]"
)


def _opens_block_form(line: str) -> bool:
    """Whether the marker opens pymdownx's many-line form, which would swallow the lines below it."""
    match = SnippetPreprocessor.RE_ALL_SNIPPETS.match(line)
    return bool(match and match.group("block_marker") and not match.group("escape"))


def _missing(message: str) -> str:
    return message[:1].lower() + message[1:]
