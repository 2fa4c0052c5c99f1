"""What the claims of a page rest on: how many answers, traps and quizzes are tied to something that would fail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.model import Container, Page
from handbook.project import BIBLIOGRAPHY

KINDS = ("answers", "traps", "quizzes")
TIES = ("tied", "cited", "neither")
"""Tied: the question's proof names a world in which it fails; of a quiz, an expression settles every option."""


_ABSOLUTE = {
    "en": re.compile(r"\b(never|always|every|no|only|any|cannot|exactly)\b", re.IGNORECASE),
    "es": re.compile(
        r"\b(nunca|jamás|siempre|tod[oa]s?|ning(?:ún|un[oa])|sol[oa]|sólo|cualquiera?|exactamente|no puede)\b",
        re.IGNORECASE,
    ),
}
"""Words that claim something of all cases."""


class Claim(NamedTuple):
    """An answer, a trap or a quiz: what it rests on, and between which lines of the expanded text it stands."""

    kind: str
    tie: str
    first: int
    end: int


def check(context: Context) -> Iterator[Finding]:
    """A claim about all cases is tied to a proof that would fail, or cites somebody."""
    lines = context.page.text.split("\n")
    for claim in _claims(context.page):
        if claim.tie != "neither":
            continue
        for number in range(claim.first + 1, claim.end):
            word = _ABSOLUTE[context.project.language_of(context.page.path)].search(lines[number])
            if word and not lines[number].startswith("    "):
                yield context.say(
                    context.page.origin[number],
                    f"{word[1]!r} claims something of all cases, and nothing shows it",
                    "say where it holds, cite it, or name in the proof's data-fails-if what would make it fail",
                )
                break


def claims(page: Page) -> Counter[tuple[str, str]]:
    """How many claims of each kind are tied, cite the bibliography, or do neither."""
    return Counter((claim.kind, claim.tie) for claim in _claims(page))


def _claims(page: Page) -> Iterator[Claim]:
    for one in page.containers:
        if one.kind == "question":
            inside = page.inside(one)
            tied = any(part.worlds for part in inside if part.kind == "proof")
            parts = [("answers", one.first, inside[0].first if inside else one.end)]
            parts += [("traps", part.first, part.end) for part in inside if part.kind == "trap"]
        elif one.kind == "quiz":
            tied, parts = _settled(page, one), [("quizzes", one.first, one.end)]
        else:
            continue
        for kind, first, end in parts:
            yield Claim(kind, _tie(page, tied, first, end), first, end)


def _settled(page: Page, quiz: Container) -> bool:
    options = page.options.get(quiz.id, ())
    return bool(options) and all(option.expression for option in options)


def _tie(page: Page, tied: bool, first: int, end: int) -> str:
    lines = range(page.origin[first], page.origin[min(end, len(page.origin) - 1)] + 1)
    name = BIBLIOGRAPHY.rpartition("/")[2]
    cited = any(name in link.target for link in page.links if link.line in lines)
    return "tied" if tied else "cited" if cited else "neither"


def table(counts: Iterable[tuple[str, Counter[tuple[str, str]]]]) -> str:
    """The counts of each language as lines of text."""
    lines = [f"{'':<14}" + "".join(f"{tie:>9}" for tie in TIES)]
    for language, found in counts:
        lines += [f"{language:<4}{kind:<10}" + "".join(f"{found[kind, tie]:>9}" for tie in TIES) for kind in KINDS]
    return "\n".join(lines)
