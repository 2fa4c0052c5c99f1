"""Freshness: a translation records which text it translates, and is told when that text moves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from handbook import history
from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages import source
from handbook.pages.model import Page
from handbook.pages.parse import from_source
from handbook.project import ORIGINAL

STAMP = "translates"
"""The front matter's key that holds the hashes of the sections that were translated."""


def _prose(original: Page) -> dict[str, str]:
    """What is translated, by the id of its heading; the words of the front matter stand under ``front``."""
    words = f"{original.meta.get('title')}\n{original.meta.get('description')}"
    return {"front": words, **original.sections}


def stamp(original: Page) -> dict[str, str]:
    """The content hash of each section's prose."""
    return {name: _hash(text) for name, text in _prose(original).items()}


def _hash(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def check(context: Context) -> Iterator[Finding]:
    """Name the sections of the original that changed after they were translated."""
    page, twin = context.page, context.twin
    if twin is None or context.project.language_of(page.path) == ORIGINAL:
        return
    recorded: Any = page.meta.get(STAMP)
    record = f"then run `handbook translated {page.path}`"
    if not isinstance(recorded, dict):
        yield context.say(
            1,
            "nothing records which English text this page translates",
            f"compare it with {twin.path}, {record}",
        )
        return
    now = _prose(twin)
    places = {heading.id: heading.line for heading in page.headings}
    there = {heading.id: heading.line for heading in twin.headings}
    for name in now.keys() | recorded.keys():
        stamped = str(recorded.get(name))
        if name not in now or stamped != _hash(now[name]):
            problem = (
                f"the English of {name} ({twin.path}:{there.get(name, 1)}) "
                + ("is new" if name not in recorded else "changed after its translation")
                + _what_changed(context, twin, name, stamped)
            )
            yield Finding(page.path, places.get(name, 1), problem, f"carry the change over, {record}", part=name)


def _what_changed(context: Context, twin: Page, name: str, stamped: str) -> str:
    """The first lines that moved, where git still has the text that was translated."""
    root = context.project.root
    for text in history.versions(root, twin.path):
        old = _prose(from_source(source.from_text(root, twin.path, text))).get(name)
        if old is not None and _hash(old) == stamped:
            before, after = history.first_change(old, _prose(twin).get(name, ""))
            if not before.strip():
                return f": “{_cut(after)}” is new there"
            return f": “{_cut(before)}” is now “{_cut(after)}”" if after.strip() else f": “{_cut(before)}” is gone"
    return ""


def _cut(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
