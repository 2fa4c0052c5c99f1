"""What a check is given, and what it gives back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from handbook.findings import Finding, RenderError
from handbook.pages.model import Page
from handbook.project import Project
from handbook.running.transcript import Transcript

_IDENTIFIED = re.compile(
    r"^/{3,} *(?:question|quiz)\b.*\n(?: {4}.*\n)*? {4}attrs:.*?\bid: *(?P<id>[\w-]+)", re.MULTILINE
)


@dataclass(frozen=True)
class Library:
    """The other pages, read when a check asks for them."""

    project: Project
    read: Callable[[str], Page]

    @cached_property
    def question_ids(self) -> Mapping[tuple[str, str], list[tuple[str, int]]]:
        """Where each ``(language, id)`` of a question or quiz stands."""
        found: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for path in self.project.pages:
            text = (self.project.root / path).read_text(encoding="utf-8", errors="replace")
            for match in _IDENTIFIED.finditer(text):
                key = (self.project.language_of(path), match["id"])
                found.setdefault(key, []).append((path, text.count("\n", 0, match.start()) + 1))
        return found


@dataclass(frozen=True)
class Context:
    """A page that has run, its twin, and the library they stand in; ``html`` renders the page."""

    page: Page
    transcript: Transcript
    library: Library
    twin: Page | None
    html: Callable[[], str]

    @property
    def project(self) -> Project:
        """The project of the page."""
        return self.library.project

    @property
    def is_site_page(self) -> bool:
        """Whether the page is one of the site's, in one of its languages."""
        return self.project.twin_of(self.page.path) is not None

    @property
    def is_rendered(self) -> bool:
        """Whether there is a page to be rendered: one of the site's, and no snippet of it is missing."""
        return (
            self.is_site_page
            and bool(self.page.text)
            and not any("snippet" in one.problem for one in self.page.problems)
        )

    def rendered(self) -> str:
        """The page as the site shows it; nothing where there is none. What hinders it is for coverage to say."""
        try:
            return self.html() if self.is_rendered else ""
        except (RenderError, RecursionError):
            return ""

    def line_of(self, written: str, after: int = 1) -> int:
        """The line, not above ``after``, on which the page writes something; ``after`` where it is not found."""
        lines = self.page.body.split("\n")
        return next((number for number in range(after, len(lines) + 1) if written in lines[number - 1]), after)

    def say(self, line: int, problem: str, fix: str) -> Finding:
        """A finding on this page."""
        return Finding(self.page.path, line, problem, fix)


Check = Callable[[Context], Iterator[Finding]]
