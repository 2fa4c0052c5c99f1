"""What a page is, once parsed: blocks that run, and everything that claims something."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from handbook.findings import Finding
from handbook.pages.comments import shapes_in
from handbook.pages.notebook import without_digests
from handbook.pages.syntax import FAILS_IF, Tie, World, worlds
from handbook.pages.torch_imports import TAB, imports_torch


@dataclass(frozen=True)
class Output:
    """What the page says a block prints. ``first`` and ``end`` are zero-based lines of the expanded text."""

    text: str
    line: int
    first: int
    end: int


@dataclass(frozen=True)
class Block:
    """A fence that is executed: Python, or a console session of our own commands.

    ``line`` is the one-based line of its fence in the file; ``first`` and ``end`` are the zero-based
    lines of its code in the expanded text. A block with a ``reason`` does not run.
    """

    index: int
    language: str
    code: str
    line: int
    first: int
    end: int
    heading: str
    container: str = ""
    reason: str | None = None
    output: Output | None = None
    picture: str = ""
    """The SVG that the page shows of it; only a notebook's block has one."""
    measured: bool = False
    """Whether the numbers that it shows are those of the machine it ran on; only a notebook's block says so."""

    @property
    def runs(self) -> bool:
        """Whether it is executed at all."""
        return self.reason is None

    @property
    def needs_torch(self) -> bool:
        """Whether it stands in a PyTorch tab or imports torch."""
        return f"tab:{TAB}" in self.container or imports_torch(self.code)

    @property
    def certain(self) -> str:
        """What the page says it prints, if it prints the same everywhere."""
        return self.output.text if self.output and not self.measured else ""

    @property
    def name(self) -> str:
        """What tests and findings call it: heading and line, which survive edits elsewhere."""
        return f"{self.heading or 'top'}:{self.line}"


@dataclass(frozen=True)
class Pin:
    """A claim bound to a Python expression, evaluated after block ``after`` (-1: before the first)."""

    tie: Tie
    literal: str
    expression: str
    line: int
    after: int


@dataclass(frozen=True)
class SaidShape:
    """The shape that a comment gives to a name, which is asked for its own after block ``after``."""

    shape: str
    name: str
    line: int
    after: int

    @property
    def expression(self) -> str:
        """What gives the name's own shape."""
        return f"tuple({self.name}.shape)"


class Place(StrEnum):
    """Where a number stands; each place has its own rule."""

    PROSE = "prose"
    CODE = "code font"
    TABLE = "a table"
    MATH = "math"
    LINK = "a link"


@dataclass(frozen=True)
class Number:
    """A number that no pin binds. ``context`` is the code span or the link's target around it."""

    text: str
    line: int
    place: Place
    context: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading with the id that both twins share; ``first`` is its line in the expanded text."""

    level: int
    text: str
    id: str
    line: int
    first: int


@dataclass(frozen=True)
class Link:
    """A link or an image; ``label`` is the Markdown of its words, where they stand beside the address."""

    target: str
    line: int
    label: str = ""


@dataclass(frozen=True)
class Container:
    """A ``///`` block. ``path`` names what it stands in, outermost first, itself last."""

    kind: str
    argument: str
    attributes: dict[str, str]
    line: int
    first: int
    end: int
    path: str

    @property
    def id(self) -> str:
        """Its id attribute, or nothing."""
        return self.attributes.get("id", "")

    @property
    def worlds(self) -> tuple[World, ...]:
        """The worlds in which its claims are false; only a proof names any."""
        return worlds(self.attributes.get(FAILS_IF, ""))


@dataclass(frozen=True)
class Option:
    """One option of a quiz and the expression that settles it."""

    ticked: bool
    line: int
    text: str
    expression: str


@dataclass(frozen=True)
class Page:
    """A page as the engine sees it. ``problems`` are those that reading and parsing found.

    ``text`` is expanded; line ``i`` of it came from line ``origin[i]`` of the file. ``body`` is the
    text as it is written, front matter blanked. ``names`` are words with a digit in them.
    """

    path: str
    meta: dict[str, Any]
    text: str
    body: str = ""
    origin: tuple[int, ...] = ()
    blocks: tuple[Block, ...] = ()
    pins: tuple[Pin, ...] = ()
    numbers: tuple[Number, ...] = ()
    headings: tuple[Heading, ...] = ()
    links: tuple[Link, ...] = ()
    containers: tuple[Container, ...] = ()
    options: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    embeds: tuple[str, ...] = ()
    all_numbers: tuple[tuple[str, int], ...] = ()
    formulas: tuple[tuple[str, int], ...] = ()
    names: tuple[tuple[str, int], ...] = ()
    attribute_lists: tuple[tuple[str, int], ...] = ()
    problems: tuple[Finding, ...] = ()
    meta_lines: dict[str, int] = field(default_factory=dict)
    cells: dict[int, str] = field(default_factory=dict)
    """Of a notebook: the cell, and the line in it, that a line of the file belongs to."""

    @property
    def is_notebook(self) -> bool:
        """Whether its blocks are cells, of which the last line may be a picture."""
        return self.path.endswith(".ipynb")

    def placed(self, finding: Finding) -> Finding:
        """A finding of this page that names the cell, too, where the page is a notebook."""
        cell = self.cells.get(finding.line) if finding.path == self.path else None
        return replace(finding, problem=f"{cell}: {finding.problem}") if cell else finding

    @property
    def python(self) -> tuple[Block, ...]:
        """Its Python blocks, those with a reason not to run among them."""
        return tuple(block for block in self.blocks if block.language == "python")

    @property
    def has_code(self) -> bool:
        """Whether any Python block of it runs."""
        return any(block.runs for block in self.python)

    @cached_property
    def sections(self) -> dict[str, str]:
        """The prose of each section by its heading's id, without code, outputs and drawings.

        ``top`` stands before the first.
        """
        lines = self._without_code(without_digests(self.text))
        starts = [(heading.id or "top", heading.first) for heading in self.headings]
        ends = [first for _, first in starts[1:]] + [len(lines)]
        found: dict[str, str] = {"top": "\n".join(lines[: starts[0][1]] if starts else lines)}
        for (identity, first), end in zip(starts, ends, strict=bool(starts)):
            found[identity] = (found.get(identity, "") + "\n" + "\n".join(lines[first:end])).strip()
        return found

    @cached_property
    def prose(self) -> tuple[tuple[int, str], ...]:
        """The lines that are neither empty nor code or output, each behind its line of the file."""
        lines = self._without_code(self.text)
        places = self.origin or range(1, len(lines) + 1)  # a module's docstrings were not expanded
        return tuple((place, line) for place, line in zip(places, lines, strict=False) if line)

    def _without_code(self, text: str) -> list[str]:
        """The lines of a text of this page's length, those of blocks and outputs empty."""
        lines = text.split("\n")
        for block in self.blocks:
            first, end = block.first - 1, block.output.end if block.output else block.end + 1
            lines[first:end] = [""] * len(lines[first:end])
        return lines

    @cached_property
    def shapes(self) -> tuple[SaidShape, ...]:
        """The shapes that comments in its blocks give to names."""
        return tuple(
            SaidShape(said.shape, said.name, self.line_in(block, said.line), block.index)
            for block in self.python
            if block.runs
            for said in shapes_in(block.code)
        )

    @property
    def asked(self) -> list[tuple[int, str]]:
        """What its run is asked for: the block after which, and the expression."""
        pins = [(pin.after, pin.expression) for pin in self.pins]
        return pins + [(said.after, said.expression) for said in self.shapes]

    @cached_property
    def script(self) -> tuple[object, ...]:
        """What its run depends on, besides what that imports; twins have the same, and so show the same."""
        blocks = [(block.language, block.reason, block.needs_torch, block.code) for block in self.blocks]
        return self.is_notebook, *blocks, *sorted({*self.asked})

    def line_in(self, block: Block, line: int) -> int:
        """The file's line of a block's line (both one-based)."""
        return self.origin[min(block.first + line - 1, len(self.origin) - 1)]

    def inside(self, outer: Container) -> list[Container]:
        """The containers that stand in ``outer``."""
        return [one for one in self.containers if outer.first < one.first and one.end <= outer.end]

    def blocks_in(self, container: Container) -> list[Block]:
        """The blocks that stand in ``container``."""
        return [block for block in self.blocks if container.first < block.first and block.end <= container.end]
