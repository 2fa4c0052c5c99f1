"""Find the ``///`` containers of a page, and the fences and containers that are never closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import yaml

from handbook.findings import Finding
from handbook.pages.model import Container
from handbook.pages.source import Source
from handbook.pages.syntax import KINDS

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$")
_HIDDEN = re.compile(r"^\s{4,}(`{3,}|~{3,})\s*\{?\s*\.?(python|py|python3)\b", re.IGNORECASE)
HIDDEN = "this Python fence is indented, so it is shown but never run"
_OPEN = re.compile(r"^(?P<mark>/{3,})[ ]*(?P<kind>[A-Za-z][\w-]*)[ ]*(?:\|[ ]*(?P<argument>.*?))?[ ]*$")
_CLOSE = re.compile(r"^(?P<mark>/{3,})[ ]*$")
_FOREIGN = re.compile(r"^(!!!|\?\?\?\+?|===\+?!?)[ ]+\S")


@dataclass
class _Opened:
    mark: str
    kind: str
    argument: str
    attributes: dict[str, str]
    first: int


def is_hidden_python(line: str) -> bool:
    """Whether a line opens a Python fence that may be too far to the right to be one."""
    return bool(_HIDDEN.match(line))


def scan(source: Source) -> tuple[list[Container], list[str], list[Finding]]:
    """The containers, the lines with the containers' own lines blanked, and what is wrong with them."""
    return _Scan(source).run()


class _Scan:
    """One pass over the expanded lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = list(source.lines)
        self.containers: list[Container] = []
        self.problems: list[Finding] = []
        self.open: list[_Opened] = []
        self.fence: tuple[str, int] | None = None

    def run(self) -> tuple[list[Container], list[str], list[Finding]]:
        for number in range(len(self.lines)):
            self._line(number, self.lines[number])
        if self.fence:
            self._say(self.fence[1], "this code fence is never closed", f"end it with a line of {self.fence[0]}")
        for left in self.open:
            self._say(left.first, f"this {left.mark} {left.kind} is never closed", f"end it with a line of {left.mark}")
        self.containers.sort(key=lambda one: one.first)
        return self.containers, self.lines, self.problems

    def _say(self, number: int, problem: str, fix: str) -> None:
        self.problems.append(Finding(self.source.path, self.source.line(number), problem, fix))

    def _line(self, number: int, line: str) -> None:
        fence = _FENCE.match(line)
        if self.fence:
            mark = self.fence[0]
            if fence and fence["fence"].startswith(mark) and not fence["info"].strip():
                if fence["fence"] == mark:
                    self.fence = None
                else:  # CommonMark closes the block here, and the site does not
                    self._say(
                        number,
                        f"the code fence of line {self.source.line(self.fence[1])} cannot be closed by a longer one",
                        f"end it with a line of {mark}, or open it with {fence['fence']} too",
                    )
        elif fence:
            self.fence = (fence["fence"], number)
        elif opening := _OPEN.match(line):
            self._enter(number, opening)
        elif closing := _CLOSE.match(line):
            self._leave(number, closing["mark"])
        elif _HIDDEN.match(line):
            self._say(number, HIDDEN, "begin it at the margin; to nest it, use /// blocks, which need no indentation")
        elif _FOREIGN.match(line):
            self._say(
                number,
                f"{line.split()[0]} hides the code it holds from the tests",
                "write a /// block instead (/// note, /// details, /// tab)",
            )

    def _enter(self, number: int, opening: re.Match[str]) -> None:
        kind = opening["kind"]
        if kind not in KINDS:
            self._say(number, f"there is no block called {kind}", f"the blocks are {', '.join(sorted(KINDS))}")
            return
        attributes = self._options(number)
        self.open.append(_Opened(opening["mark"], kind, opening["argument"] or "", attributes, number))
        self.lines[number] = ""

    def _options(self, number: int) -> dict[str, str]:
        """The ``attrs:`` below an opening line; their lines are blanked."""
        end = number + 1
        while end < len(self.lines) and re.match(r"^ {4,}\S", self.lines[end]):
            end += 1
        written = self.lines[number + 1 : end]
        self.lines[number + 1 : end] = [""] * len(written)
        attributes = _attributes("\n".join(written))
        if attributes is None:
            self._say(
                number + 1, "the options of this block are not YAML", "write `attrs: {id: …}` indented by four spaces"
            )
        return attributes or {}

    def _leave(self, number: int, mark: str) -> None:
        if not self.open:
            self._say(number, f"this {mark} closes nothing", "delete it, or open the block it should close")
            return
        if self.open[-1].mark != mark:
            inner = self.open[-1]
            if not any(one.mark == mark for one in self.open):
                self._say(
                    number,
                    f"this {mark} closes nothing (the open block is {inner.mark} {inner.kind})",
                    f"close a block with as many slashes as opened it: {inner.mark}",
                )
                return
            while self.open[-1].mark != mark:
                left = self.open.pop()
                self._say(
                    left.first, f"this {left.mark} {left.kind} is never closed", f"end it with a line of {left.mark}"
                )
        path = "/".join(f"{one.kind}:{one.attributes.get('id', '') or one.argument}" for one in self.open)
        opened = self.open.pop()
        self.lines[number] = ""
        self.containers.append(
            Container(
                opened.kind,
                opened.argument,
                opened.attributes,
                self.source.line(opened.first),
                opened.first,
                number,
                path,
            )
        )


@lru_cache(maxsize=4096)
def _attributes(written: str) -> dict[str, str] | None:
    """What stands under ``attrs`` in a block's options; None where they cannot be read."""
    try:
        options = yaml.safe_load(written) or {}
        return {str(key): str(value) for key, value in options.get("attrs", {}).items()}
    except (yaml.YAMLError, AttributeError):
        return None
