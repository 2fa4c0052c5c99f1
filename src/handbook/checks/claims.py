"""What the claims of a page rest on: how many answers, traps and quizzes are tied to something that would fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from handbook.pages.model import Container, Page
from handbook.project import BIBLIOGRAPHY

KINDS = ("answers", "traps", "quizzes")
TIES = ("tied", "cited", "neither")
"""Tied: the question's proof names a world in which it fails; of a quiz, an expression settles every option."""


def claims(page: Page) -> Counter[tuple[str, str]]:
    """How many claims of each kind are tied, cite the bibliography, or do neither."""
    found: Counter[tuple[str, str]] = Counter()
    for one in page.containers:
        if one.kind == "question":
            inside = page.inside(one)
            tied = any(part.worlds for part in inside if part.kind == "proof")
            found["answers", _tie(page, tied, one.first, inside[0].first if inside else one.end)] += 1
            for trap in (part for part in inside if part.kind == "trap"):
                found["traps", _tie(page, tied, trap.first, trap.end)] += 1
        elif one.kind == "quiz":
            found["quizzes", _tie(page, _settled(page, one), one.first, one.end)] += 1
    return found


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
