"""Front matter: its keys are known, and each holds what the site reads from it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.locale import table
from handbook.pages.syntax import FRONT_MATTER, LEVEL_SIGNS

_FOLDERS = ("handbook", "labs")
"""Whose pages are listed by level and topics, and can be needed."""


def check(context: Context) -> Iterator[Finding]:
    """Look at every key of a page of the site, and at those that it lacks."""
    page = context.page
    if not context.is_site_page or any("front matter" in problem.problem for problem in page.problems):
        return
    for key, value in page.meta.items():
        if key not in FRONT_MATTER:
            near = get_close_matches(str(key), FRONT_MATTER, 1)
            fix = f"write {near[0]}" if near else f"delete it; the keys are {', '.join(FRONT_MATTER)}"
            yield _say(context, key, f"the front matter's {key} is read by nothing", fix)
        elif key in _CHECKS:
            yield from _CHECKS[key](context, key, value)
    for key in ("title", "description", *(("level", "needs", "topics") if _is_listed(page.path) else ())):
        if key not in page.meta:
            yield context.say(1, f"the front matter has no {key}", f"add `{key}: {_EXAMPLES[key]}`")


_EXAMPLES = {
    "title": "Words in the navigation",
    "description": "What the page shows, in one sentence",
    "level": "easy",
    "needs": "[]",
    "topics": "[masks]",
}


def _is_listed(path: str) -> bool:
    return path.split("/")[2] in _FOLDERS


def _say(context: Context, key: str, problem: str, fix: str) -> Finding:
    return context.say(context.page.meta_lines.get(key, 1), problem, fix)


def _words(context: Context, key: str, value: Any) -> Iterator[Finding]:
    if not isinstance(value, str) or not value.strip():
        yield _say(context, key, f"the front matter's {key} is {value!r}, not words", f"write `{key}: …` in quotes")


def _level(context: Context, key: str, value: Any) -> Iterator[Finding]:
    if value not in LEVEL_SIGNS:
        yield _say(context, key, f"there is no level {value}", f"write one of {', '.join(LEVEL_SIGNS)}")


def _no_list(context: Context, key: str, value: Any) -> Finding:
    problem = f"the front matter's {key} is {value!r}, not a list"
    return _say(context, key, problem, f"write `{key}: [{value or ''}]`")


def _needs(context: Context, key: str, value: Any) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield _no_list(context, key, value)
        return
    folder = f"docs/{context.project.language_of(context.page.path)}/handbook/"
    known = [path.removeprefix(folder).removesuffix(".md") for path in context.project.pages if path.startswith(folder)]
    for name in value:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            fix = f"write {near[0]}, the nearest there is" if near else "name a section by its file: 02-causal-mask"
            yield _say(context, key, f"needs: there is no section {name}", fix)


def _topics(context: Context, key: str, value: Any) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield _no_list(context, key, value)
        return
    language = context.project.language_of(context.page.path)
    known = sorted({*table(language, "topics").values(), *table(language, "section-topics").values()}, key=str.lower)
    for name in value:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            fix = f"write {near[0]}, the nearest there is" if near else f"the topics are {', '.join(known)}"
            yield _say(context, key, f"there is no topic {name}", fix)


_CHECKS = {"title": _words, "description": _words, "level": _level, "needs": _needs, "topics": _topics}
