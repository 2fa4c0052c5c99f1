"""One digit is changed at a time on the real section pages; the checks must notice.

Alone means without the twin, whose comparison notices every change on one side: what is measured is
whether the number is bound to the computation. Changes inside code are left to the twin and the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from handbook.checks import CHECKS
from handbook.checks.context import Context
from handbook.page import source
from handbook.page.model import Page
from handbook.page.parse import from_source
from handbook.project import Project
from handbook.session import Session

from .conftest import ROOT

PROJECT = Project(ROOT)
SECTIONS = [path for path in PROJECT.pages if "/handbook/" in path]
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
EXECUTED = re.compile(r"^```python.*?^```$", re.MULTILINE | re.DOTALL)
UNSEEN = re.compile(
    r"\A---\n.*?\n---\n"  # front matter
    r"|^#+ .*$|^ {4}attrs:.*$"  # headings and ids
    r"|\{[^{}\n]*\}|\]\([^)\n]*\)|^--8<--.*$",  # attribute lists, link targets, embeds
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Fact:
    """A number on a page and where it stands."""

    start: int
    end: int
    kind: str


def facts(text: str) -> Iterator[Fact]:
    """The numbers that a reader sees outside Python code."""
    covered = EXECUTED.sub(lambda m: "·" * len(m[0]), text)
    covered = UNSEEN.sub(lambda m: re.sub(r"\S", "·", m[0]), covered)
    for match in NUMBER.finditer(covered):
        line_start = covered.rfind("\n", 0, match.start()) + 1
        before = covered[line_start : match.start()]
        if "." in match[0]:
            kind = "decimal"
        elif _in_output(covered, match.start()):
            kind = "output"
        elif before.count("`") % 2:
            kind = "code font"
        elif before.startswith("|"):
            kind = "table"
        else:
            kind = "prose"
        yield Fact(match.start(), match.end(), kind)


def _in_output(text: str, place: int) -> bool:
    return len(re.findall(r"^```", text[:place], re.MULTILINE)) % 2 == 1


def changed(text: str, fact: Fact) -> str:
    """``text`` with the last digit of the number one higher."""
    last = fact.end - 1
    return text[:last] + str((int(text[last]) + 1) % 10) + text[fact.end :]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    session = Session(PROJECT)
    yield session
    session.close()


def parsed(path: str, text: str) -> Page:
    return from_source(source.from_text(ROOT, path, text))


def caught(session: Session, page: Page, checks: tuple[str, ...], twin: Page | None = None) -> bool:
    context = Context(page, session.transcript(page.path), session.library, twin)
    return any(True for name in checks for _ in CHECKS[name](context))


@pytest.mark.parametrize("path", SECTIONS)
def test_every_changed_digit_is_caught_on_the_page_alone(session: Session, path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    alone = ("form", "output", "numbers", "questions")
    assert not caught(session, parsed(path, text), alone), "the page itself must be clean"
    missed: dict[str, list[str]] = {}
    counted: dict[str, int] = {}
    for fact in facts(text):
        counted[fact.kind] = counted.get(fact.kind, 0) + 1
        if not caught(session, parsed(path, changed(text, fact)), alone):
            line = text.count("\n", 0, fact.start) + 1
            missed.setdefault(fact.kind, []).append(f"{path}:{line}: {text[fact.start : fact.end]}")
    assert missed.get("decimal", []) == []
    assert missed.get("output", []) == []
    bound = [*missed.get("code font", []), *missed.get("table", [])]
    assert len(bound) <= 0.05 * (counted.get("code font", 0) + counted.get("table", 0)), bound


@pytest.mark.parametrize("path", [path for path in SECTIONS if "/es/" in path])
def test_a_digit_changed_in_the_code_of_one_twin_is_caught(session: Session, path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    twin = session.page(PROJECT.twin_of(path) or "")
    for code in EXECUTED.finditer(text):
        for number in re.finditer(r"\d", code[0]):
            place = code.start() + number.start()
            page = parsed(path, changed(text, Fact(place, place + 1, "code")))
            assert caught(session, page, ("form", "twins"), twin), text[place - 30 : place + 10]
