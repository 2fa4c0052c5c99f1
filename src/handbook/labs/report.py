"""Verdicts in the learner's language, as lines of text or as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from handbook.labs.bug_names import bugs, sections
from handbook.labs.grading.outcome import Outcome
from handbook.labs.intake import LARGEST_FILE, LARGEST_FOLDER, MOST_FILES
from handbook.labs.lab import Lab, Step
from handbook.labs.texts import common, say

LISTED = 5
"""How many names of files that were left out are shown."""


def spoken(language: str, key: str, **values: Any) -> str:
    """A text that belongs to no lab."""
    return say(key, **values).in_(language, common())


def lines(lab: Lab, outcomes: Sequence[Outcome], language: str) -> Iterator[str]:
    """Every step: passed, or what was expected, what was found, the likely bug, the section to reread."""
    for step, outcome in zip(lab.steps, outcomes, strict=True):
        yield spoken(language, "passed" if outcome.passed else "failed", title=step.title[language])
        for key, text in _details(lab, step, outcome, language).items():
            if key != "section":
                yield spoken(language, key, text=text)
    yield spoken(language, "score", passed=sum(one.passed for one in outcomes), total=len(outcomes))


def _details(lab: Lab, step: Step, outcome: Outcome, language: str) -> dict[str, str]:
    found = {
        key: printable(text.in_(language, lab.texts))
        for key, text in (("expected", outcome.expected), ("found", outcome.found), ("note", outcome.note))
        if text is not None
    }
    if outcome.bug is not None:
        found["bug"] = bugs()[outcome.bug].title[language].replace("*", "")
    if not outcome.passed:
        slug = bugs()[outcome.bug].section if outcome.bug is not None else step.section
        found["reread"] = sections()[slug][language]
        found["section"] = slug
    return found


def as_data(lab: Lab, outcomes: Sequence[Outcome], language: str) -> list[dict[str, Any]]:
    """The same as plain data; bugs and sections by their ids as well."""
    return [
        {"step": step.id, "passed": outcome.passed, "bug_id": outcome.bug, **_details(lab, step, outcome, language)}
        for step, outcome in zip(lab.steps, outcomes, strict=True)
    ]


def said_of_left_out(names: Sequence[str], language: str) -> Iterator[str]:
    """A line on what of the folder was not looked at, if there is anything."""
    if names:
        shown = ", ".join(map(one_line, names[:LISTED])) + (", …" if len(names) > LISTED else "")
        megabytes = {"files": MOST_FILES, "folder": LARGEST_FOLDER >> 20, "file": LARGEST_FILE >> 20}
        yield spoken(language, "left-out", count=len(names), names=shown, **megabytes)


def one_line(name: str) -> str:
    """A name that somebody else gave, as a terminal may show it."""
    return printable(name).replace("\n", "\N{REPLACEMENT CHARACTER}")


def printable(text: str) -> str:
    """A text that came from a submission, in which nothing commands the terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def hint(step: Step, number: int, language: str) -> str:
    """A step's hint by its number, from 1."""
    count, text = len(step.hints), step.hints[number - 1][language]
    return spoken(language, "hint", title=step.title[language], number=number, count=count, text=text)
