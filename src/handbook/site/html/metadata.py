"""The line under a section's title: its level, its reading time, and what to know first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, cast

from handbook.locale import words
from handbook.pages.syntax import LEVEL_SIGNS, Level
from handbook.site.errors import SiteError
from handbook.site.html.reading_time import Times


def metadata_line(meta: Mapping[str, Any], times: Times, language: str, needs: Iterable[tuple[str, str]]) -> str:
    """Write the line as HTML.

    Args:
        meta: the page's front matter; `level` decides whether there is a line at all.
        times: how long the page takes to read.
        language: of the words.
        needs: title and address of each section to know first.

    Raises:
        SiteError: the level is none of the three.
    """
    level = meta.get("level")
    if level is None:
        return ""
    if level not in LEVEL_SIGNS:
        raise SiteError(f"level is easy, medium or hard, not {level}")
    spoken = words(language)
    level = cast(Level, level)
    sign = f'<span class="lt-level__sign" aria-hidden="true">{LEVEL_SIGNS[level]}</span>'
    items = [
        _item(spoken.level, f"{sign} {spoken[level]}", f"lt-level lt-level--{level}"),
        _item(spoken.reading, _said(times, language)),
    ]
    links = ", ".join(f'<a href="{escape(address)}">{escape(title)}</a>' for title, address in needs)
    if links:
        items.append(f'<span class="lt-meta__item">{spoken.needs}: {links}</span>')
    return f'<p class="lt-meta">{"".join(items)}</p>'


def _said(times: Times, language: str) -> str:
    spoken = words(language)
    if times.practice is None:
        return spoken.minutes.format(minutes=times.lesson)
    return spoken.lesson.format(minutes=times.lesson, practice=times.practice)


def _item(label: str, content: str, classes: str = "") -> str:
    """One item; its label is for those who listen."""
    return (
        f'<span class="{f"lt-meta__item {classes}".rstrip()}"><span class="lt-hidden">{label}: </span>{content}</span>'
    )
