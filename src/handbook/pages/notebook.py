"""Read a notebook as the Markdown page that it is equivalent to, each line with its place in the file.

Cells of text are taken as they are; code becomes a Python fence, and what it prints the text fence below it. A
picture becomes an image whose words are the cell's `alt`. What only this handbook reads, such as a pin, stands in a
comment, which Jupyter, GitHub and Colab leave out. What a run leaves behind (counts, times, versions) is no part of a
page, so a file that holds any is not as `written` writes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from handbook.findings import Finding

ENDING = ".ipynb"
META = "handbook"
"""The key of the notebook's metadata that holds what front matter holds on other pages."""
ALT = "alt"
"""The key of a cell's metadata that says what its picture shows."""
MEASURED = "measured"
"""The key of a cell's metadata that says that its numbers are those of one machine, and other ones on another."""
SVG = "image/svg+xml"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_TICKS = re.compile(r"^ *(`{3,})", re.MULTILINE)
_CLOCK = "perf_counter"
_COMMENT = re.compile(r"<!--(\{.*?\})-->")
_DIGEST = re.compile(rf"\(data:{re.escape(SVG)},[0-9a-f]{{12}}\)")
_BARE = re.compile(r"(?<!<!--)\{ ?(?:data-[a-z]+=|#[\w-]+ ?\})|^/{3,}")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?")

Key = tuple[str | int, ...]


def is_notebook(path: str) -> bool:
    """Whether a page is a notebook."""
    return path.endswith(ENDING)


@dataclass
class Equivalent:
    """The page that a notebook is equivalent to; the fields are those of a page's source."""

    path: str
    lines: list[str] = field(default_factory=list)
    origin: list[int] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    meta_lines: dict[str, int] = field(default_factory=dict)
    cells: dict[int, str] = field(default_factory=dict)
    pictures: dict[int, str] = field(default_factory=dict)
    measured: set[int] = field(default_factory=set)
    problems: list[Finding] = field(default_factory=list)

    def add(self, lines: list[tuple[str, int]]) -> None:
        """Add lines, each with the line of the file that it came from."""
        self.lines += [line for line, _ in lines]
        self.origin += [line for _, line in lines]

    def say(self, line: int, problem: str, fix: str) -> None:
        """Add a finding."""
        self.problems.append(Finding(self.path, line, problem, fix))


def read(path: str, text: str) -> Equivalent:
    """The page that the notebook at ``path`` is equivalent to; its lines came from lines of ``text``."""
    try:
        notebook = json.loads(text)
        return _Reading(path, notebook, _places(text), text != written(notebook)).page()
    except json.JSONDecodeError as error:
        problem, line = f"the notebook is not JSON: {error.msg}", error.lineno
    except (AttributeError, KeyError, TypeError):
        problem, line = "this is JSON, and no notebook of format 4.5", 1
    return Equivalent(path, problems=[Finding(path, line, problem, "save it with Jupyter, or restore it")])


def written(notebook: dict[str, Any]) -> str:
    """The file of a notebook: what an author wrote and what a run showed, and nothing about the run."""
    metadata = {META: notebook["metadata"].get(META, {}), "kernelspec": _KERNEL, "language_info": {"name": "python"}}
    cells = [_cell(cell, number) for number, cell in enumerate(notebook["cells"], 1)]
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def outputs(printed: str, picture: str) -> list[dict[str, Any]]:
    """The outputs of a cell of code that prints ``printed`` and shows ``picture``, an SVG; either may be empty."""
    found: list[dict[str, Any]] = []
    if printed:
        found.append({"name": "stdout", "output_type": "stream", "text": printed.splitlines(True)})
    if picture:
        found.append({"data": {SVG: picture.splitlines(True)}, "metadata": {}, "output_type": "display_data"})
    return found


def outline(shown: str) -> str:
    """What a cell prints, or its picture, without its numbers: two machines that measure have this in common."""
    return "\n".join(" ".join(line.split()) for line in _NUMBER.sub("0", shown).splitlines())


def uncommented(text: str) -> str:
    """A text of a notebook with its pins and ids as Markdown pages have them."""
    return _COMMENT.sub(r"\1", text)


def joined(text: str | list[str]) -> str:
    """A text of a notebook, which may be written as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def shown(cell: dict[str, Any]) -> tuple[str, str]:
    """What a cell of code prints, and its picture."""
    printed = "".join(joined(one["text"]) for one in cell["outputs"] if one["output_type"] == "stream")
    pictures = [joined(one["data"][SVG]) for one in cell["outputs"] if SVG in one.get("data", {})]
    return printed, "".join(pictures)


def _cell(cell: dict[str, Any], number: int) -> dict[str, Any]:
    kind, metadata = cell["cell_type"], cell.get("metadata", {})
    source = joined(cell["source"]).rstrip("\n").splitlines(True)
    kept = {"cell_type": kind, "id": cell.get("id", f"cell-{number}"), "metadata": {}, "source": source}
    if kind != "code":
        return kept
    kept["metadata"] = {key: metadata[key] for key in (ALT, MEASURED) if key in metadata}
    return {**kept, "execution_count": None, "outputs": outputs(*shown(cell))}


def _places(text: str) -> dict[Key, int]:
    """The line on which each value of a JSON text begins, by the keys that lead to it."""
    breaks = [match.start() for match in re.finditer("\n", text)]
    tokens = [(match[0], bisect(breaks, match.start()) + 1) for match in _TOKEN.finditer(text)]
    found: dict[Key, int] = {}
    stack: list[tuple[str, str | int]] = []
    for (token, line), (following, _) in zip(tokens, [*tokens[1:], ("", 0)], strict=True):
        key = tuple(one for _, one in stack)
        if token in "]}":
            stack.pop()
        elif token == ",":
            bracket, last = stack.pop()
            stack.append((bracket, last + 1 if isinstance(last, int) else last))
        elif following == ":":
            stack[-1] = "{", json.loads(token)
        elif token != ":":
            found[key] = line
            if token in "[{":
                stack.append((token, 0 if token == "[" else ""))
    return found


class _Reading:
    """Gathers the lines of the page, cell by cell."""

    def __init__(self, path: str, notebook: dict[str, Any], places: dict[Key, int], is_other: bool) -> None:
        self.notebook = notebook
        self.places = places
        self.found = Equivalent(path)
        if is_other:
            problem = "the notebook is not written as `handbook update` writes it: something of a run is left in it"
            self.found.say(1, problem, f"run `handbook update {path}`")

    def page(self) -> Equivalent:
        for index, cell in enumerate(self.notebook["cells"]):
            self._cell(index, cell)
        self.found.meta = self.notebook["metadata"].get(META, {})
        self.found.meta_lines = {key: self.places["metadata", META, key] for key in self.found.meta}
        return self.found

    def _cell(self, index: int, cell: dict[str, Any]) -> None:
        where = ("cells", index, "source")
        written = list(self._text(where, cell["source"]))
        for number, (_, line) in enumerate(written, 1):
            self.found.cells.setdefault(line, f"cell {index + 1}, line {number}")
        first = written[0][1] if written else self.places[where]
        if cell["cell_type"] == "markdown":
            self._markdown(written)
        elif cell["cell_type"] == "code":
            self._fence("python", written, first)
            self._outputs(index, cell, first)
        else:
            self.found.say(
                first, f"a cell of the kind {cell['cell_type']} is shown nowhere", "make it Markdown or code"
            )
        self.found.add([("", self.found.origin[-1] if self.found.origin else first)])

    def _markdown(self, written: list[tuple[str, int]]) -> None:
        for text, line in written:
            if bare := _BARE.search(text):
                problem = f"Jupyter, GitHub and Colab would show what only this handbook reads: {bare[0]}"
                self.found.say(line, problem, "write it as `<!--{ … }-->`; a notebook holds no `///` blocks")
        self.found.add([(uncommented(text), line) for text, line in written])

    def _outputs(self, index: int, cell: dict[str, Any], first: int) -> None:
        printed: list[tuple[str, int]] = []
        for number, output in enumerate(cell["outputs"]):
            where = ("cells", index, "outputs", number)
            if output["output_type"] == "stream" and output.get("name") == "stdout":
                printed += self._text((*where, "text"), output["text"])
            elif SVG not in output.get("data", {}):
                problem = f"an output of the kind {output['output_type']} is neither printed nor a picture"
                self.found.say(self.places[where], problem, "print it, or end the cell with a picture")
        for number, (_, line) in enumerate(printed, 1):
            self.found.cells.setdefault(line, f"cell {index + 1}, line {number} of its output")
        _, picture = shown(cell)
        self.found.pictures[first] = picture
        if cell["metadata"].get(MEASURED):
            self.found.measured.add(first)
            if not any(_CLOCK in joined(one["source"]) for one in self.notebook["cells"][: index + 1]):
                problem = "this cell is said to measure, and no cell up to it reads a clock"
                fix = f"read {_CLOCK}, or take `{MEASURED}` out of its metadata and have its numbers compared"
                self.found.say(first, problem, fix)
        if printed:
            self.found.add([("", printed[0][1])])
            self._fence("text", printed, printed[0][1] - 1)
        if picture:
            alt = cell["metadata"].get(ALT, "")
            line = self.places.get(("cells", index, "metadata", ALT), first)
            self.found.cells.setdefault(line, f"cell {index + 1}, {ALT}")
            if not alt:
                self.found.say(
                    first, "the picture of this cell has no words", f"say in its metadata, as `{ALT}`, what is seen"
                )
            self.found.add([("", line), (image(alt, picture), line)])

    def _text(self, where: Key, text: str | list[str]) -> Iterator[tuple[str, int]]:
        """Each line, and the file's line that it stands on."""
        if isinstance(text, str):
            yield from ((line, self.places[where]) for line in text.splitlines())
            return
        for number, piece in enumerate(text):
            yield from ((line, self.places[(*where, number)]) for line in piece.splitlines())

    def _fence(self, language: str, written: list[tuple[str, int]], first: int) -> None:
        longest = max(map(len, _TICKS.findall("\n".join(line for line, _ in written))), default=2)
        mark = "`" * max(3, longest + 1)
        last = written[-1][1] if written else first
        self.found.add([(f"{mark}{language}", first), *written, (mark, last)])


def image(alt: str, picture: str) -> str:
    """A picture as the page's Markdown names it: its words, and an address that is another for another picture."""
    return f"![{alt}](data:{SVG},{hashlib.sha256(picture.encode()).hexdigest()[:12]})"


def without_digests(text: str) -> str:
    """The text of a page, with each picture known by its words alone."""
    return _DIGEST.sub("()", text)
