"""What can be altered on a page, and how: one small change at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from handbook.pages.model import Page
from handbook.pages.syntax import HELD_CLAIM, OPTIONS_LINE
from handbook.project import BIBLIOGRAPHY


class Kind(StrEnum):
    """The classes of facts that the audit counts."""

    DECIMAL = "decimals"
    CODE_FONT = "integers in code font"
    TABLE = "integers in tables"
    MATH = "integers in formulas"
    PROSE = "integers in prose"
    SOURCE = "numbers of sources"
    """Those of the bibliography, which no program can compute; an entry says some of them twice."""
    OUTPUT = "numbers in outputs"
    SIGN = "signs of claims"
    TICK = "ticked options"
    PROOF = "values in proofs"
    CODE = "digits in other code"
    SNIPPET = "digits in snippets"
    FIGURE = "numbers in figures"
    SHAPE = "shapes in figures"
    SIZE = "sizes in figures"
    STORED = "stored data of figures"
    STRUCTURE = "headings and blocks"
    WORLD = "worlds of proofs"


@dataclass(frozen=True)
class Alteration:
    """One changed place of a page: ``text[start:end]`` gives way to ``instead``."""

    kind: Kind
    start: int
    end: int
    instead: str
    within: tuple[str, str] | None = None
    """What changed inside ``instead``, where that is a whole snippet: before and after."""

    def apply(self, text: str) -> str:
        """The page with the alteration in it."""
        return text[: self.start] + self.instead + text[self.end :]

    def was(self, text: str) -> str:
        """What is altered, in the words of the page."""
        return self.within[0] if self.within else text[self.start : self.end]

    @property
    def becomes(self) -> str:
        """What stands there after it."""
        return self.within[1] if self.within else self.instead

    def in_code(self, text: str) -> tuple[int, int, str]:
        """Where a change of code stands, alike in both twins: in which Python fence, where in it, and what is there."""
        fence = text.rfind("\n```python", 0, self.start)
        return text.count("\n```python", 0, fence + 1), self.start - fence, self.instead

    def line(self, text: str) -> int:
        """The one-based line that it changes."""
        return text.count("\n", 0, self.start) + 1


_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
FENCE = re.compile(r"^(?P<mark>`{3,})(?P<info>.*)\n(?P<body>(?:.*\n)*?)(?P=mark)[ \t]*$", re.MULTILINE)
_UNSEEN = re.compile(
    r"\A---\n(?:.*\n)*?---\n"  # front matter
    rf"|{OPTIONS_LINE}|\{{ *#[\w-]+ *\}}"  # ids
    r"|\{[^{}\n]*\}|\]\([^)\n]*\)|^--8<--.*$"  # attribute lists, link targets, embeds
    r"|(?<=\w)-\d+"  # names such as GPT-2
    r"|^ *\d+\. ",  # the marks of a list
    re.MULTILINE,
)
_SIGN = re.compile(r"[<>≤≥]=?")
_FLIPPED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "<=": ">=", ">=": "<="}
_OPTION = re.compile(r"^- \[(?P<tick>[ x])\]", re.MULTILINE)
_HEADING = re.compile(r"^##+ .*\n", re.MULTILINE)
_ASSERT = re.compile(r"^ *assert .*$", re.MULTILINE)
_SNIPPET = re.compile(r'^--8<-- "(?P<path>snippets/[\w./-]+\.py)"$', re.MULTILINE)
_PYTHON = re.compile(r"python\b(?!.*notest)")


def alterations(root: Path, text: str, page: Page) -> Iterator[Alteration]:
    """Every alteration of a page, whose source is ``text``; what it embeds is looked up in ``root``."""
    seen = _without_code(text)
    yield from _numbers(seen, is_bibliography=page.path.endswith(BIBLIOGRAPHY))
    yield from _outputs(text)
    yield from _signs(text)
    for option in _OPTION.finditer(text):
        flipped = "- [x]" if option["tick"] == " " else "- [ ]"
        yield Alteration(Kind.TICK, option.start(), option.end(), flipped)
    yield from _code(text, page)
    yield from _snippets(root, text)
    for heading in _HEADING.finditer(seen):
        yield Alteration(Kind.STRUCTURE, heading.start(), heading.end(), "")
    for fence in FENCE.finditer(text):
        if _PYTHON.match(fence["info"]):
            yield Alteration(Kind.STRUCTURE, fence.start(), fence.end(), "")


def _without_code(text: str) -> str:
    """``text`` with all fences and all that no reader sees dotted out, place by place."""
    hidden = FENCE.sub(lambda match: re.sub(r"[^\n]", "·", match[0]), text)
    return _UNSEEN.sub(lambda match: re.sub(r"\d", "·", match[0]), hidden)


def _one_higher(text: str, match: re.Match[str], kind: Kind, offset: int = 0) -> Alteration:
    """The last digit of a number, one higher."""
    last = offset + match.end() - 1
    return Alteration(kind, last, last + 1, str((int(text[match.end() - 1]) + 1) % 10))


def _numbers(seen: str, *, is_bibliography: bool) -> Iterator[Alteration]:
    for match in _NUMBER.finditer(seen):
        before = seen[seen.rfind("\n", 0, match.start()) + 1 : match.start()]
        yield _one_higher(seen, match, Kind.SOURCE if is_bibliography else _kind(match[0], before))


def _kind(number: str, before: str) -> Kind:
    """The class of a number, by what stands before it on its line."""
    if "." in number:
        return Kind.DECIMAL
    if before.count("`") % 2:
        return Kind.CODE_FONT
    if before.startswith("|"):
        return Kind.TABLE
    return Kind.MATH if before.count("$") % 2 else Kind.PROSE


def _outputs(text: str) -> Iterator[Alteration]:
    for fence in FENCE.finditer(text):
        if fence["info"].strip() == "text":
            for match in _NUMBER.finditer(fence["body"]):
                yield _one_higher(fence["body"], match, Kind.OUTPUT, fence.start("body"))


def _signs(text: str) -> Iterator[Alteration]:
    for claim in HELD_CLAIM.finditer(text):
        for sign in _SIGN.finditer(claim["claim"]):
            start = claim.start("claim") + sign.start()
            yield Alteration(Kind.SIGN, start, start + len(sign[0]), _FLIPPED[sign[0]])


def _code(text: str, page: Page) -> Iterator[Alteration]:
    """Numbers in Python blocks: those that a proof asserts, and the others."""
    proofs = {block.line for block in page.blocks if "proof:" in block.container}
    for fence in FENCE.finditer(text):
        if not _PYTHON.match(fence["info"]) or "--8<--" in fence["body"]:
            continue
        proven = text.count("\n", 0, fence.start()) + 1 in proofs
        asserted = [match.span() for match in _ASSERT.finditer(fence["body"])] if proven else []
        for match in _NUMBER.finditer(fence["body"]):
            in_assert = any(start <= match.start() < end for start, end in asserted)
            yield _one_higher(fence["body"], match, Kind.PROOF if in_assert else Kind.CODE, fence.start("body"))


def _snippets(root: Path, text: str) -> Iterator[Alteration]:
    """Numbers in the fragments of ``snippets/``, as if the page had them pasted in."""
    for embed in _SNIPPET.finditer(text):
        written = (root / embed["path"]).read_text(encoding="utf-8").rstrip("\n")
        for match in _NUMBER.finditer(written):
            changed = _one_higher(written, match, Kind.SNIPPET).apply(written)
            within = match[0], changed[match.start() : match.end()]
            yield Alteration(Kind.SNIPPET, embed.start(), embed.end(), changed, within)
