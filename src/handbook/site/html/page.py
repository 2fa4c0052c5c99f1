"""A whole page as the theme has written it, finished in one pass.

The pass is a regular expression over the page's tags and not a tree. For the 88 pages of both languages (9.8 MB) lxml
takes 0.36 s to parse and serialise them, before anything is changed; this pass takes 0.07 s with all its changes.
And libxml2 reads HTML 4: it writes an SVG's `viewBox` as `viewbox`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import TypedDict, Unpack

from handbook.locale import words
from handbook.site.errors import SiteError
from handbook.site.html.search_placeholders import PLACEHOLDER

# What begins with a bracket and is changed. A name that the pass below does not know stays as it is.
_CHANGED = {
    "placeholder": PLACEHOLDER,
    "title": r"h1\b[^>]*>(?:(?P<section>L?\d\d) )?",
    "title_end": r"/h1>",
    "link": r'span class="md-ellipsis">(?P<space>\s*)(?P<to>L?\d\d) ',
    "explorer": r"/[a-z]+-explorer>",
    "script": r"script src=",
    "config": r'script id="__config"(?P<settings>[^<]*?)workers/search\.\w+\.min\.js',
    "pin": r'a class="lt-pin"(?: (?:data-from|href)="[^"]*")* data-(?:is|holds|row)="(?P<expression>[^"]*)"',
    "minutes": r'span class="lt-minutes" data-of="(?P<lessons>[^"]*)">',
    "search": r'div class="md-search" data-md-component="search" role="dialog"',
    # What the theme writes and HTML does not allow: a tabindex of nothing, and a checkbox that would be filled in.
    "label": r'(?P<valid_label>label class="md-nav__link[^>]*?) tabindex=""',
    "toggle": r'(?P<valid_toggle>input class="md-toggle"[^>]*?) autocomplete="off"',
}
_PLACES = re.compile("<(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _CHANGED.items()) + ")")


class Known(TypedDict, total=False):
    """What is known of a page, and put into it where it has a place for it."""

    placeholders: Sequence[str]
    """What its placeholders stand for, in order."""
    metadata: str
    """The line under its title."""
    pins: Mapping[str, Sequence[int]]
    """The lines of its file at which it has pins, by their expression."""
    lessons: Mapping[str, int]
    """The minutes that each section's lesson takes, by its path below the language's folder."""


def finish(html: str, language: str, **known: Unpack[Known]) -> str:
    """Change what the theme and the Markdown leave to be changed.

    Placeholders become what they stand for; a section's number stands apart from its title, so that the style sheet
    can put it in a column of its own; the metadata line follows the title; each explorer gets the button that sets it
    in motion; each pin knows its line in the file; where the minutes of lessons are asked for, they are said; scripts
    wait until the text is shown; the search has a name and a worker of ours; what is no valid HTML goes.

    Args:
        html: the page.
        language: of the page.
        known: what is known of it besides.

    Raises:
        SiteError: the minutes of a page are asked for that has no lesson.
    """
    return _Pass(language, known).over(html)


class _Pass:
    """One page, and what its places become."""

    def __init__(self, language: str, known: Known) -> None:
        self.placeholders = known.get("placeholders", ())
        self.lessons = known.get("lessons", {})
        self.lines = {expression: iter(lines) for expression, lines in known.get("pins", {}).items()}
        self.metadata = known.get("metadata", "")
        self.label = words(language).search
        start = words(language, "explorers.all").start
        self.button = f'<button type="button" class="lt-explorer__button lt-explorer__start">{start}</button>'
        self.titles = 0

    def over(self, html: str) -> str:
        """The page with every place changed. The head's own scripts are there before the text, on purpose."""
        head, body, rest = html.partition("<body")
        return head + body + _PLACES.sub(self._changed, rest) if body else _PLACES.sub(self._changed, html)

    def _changed(self, place: re.Match[str]) -> str:
        made: str = getattr(self, f"_{place.lastgroup}")(place)
        return made

    def _placeholder(self, place: re.Match[str]) -> str:
        return self.placeholders[int(place["number"])]

    def _title(self, place: re.Match[str]) -> str:
        self.titles += 1
        if self.titles > 1 or not place["section"]:
            return place[0]
        return place[0].removesuffix(f"{place['section']} ") + _apart(place["section"])

    def _title_end(self, place: re.Match[str]) -> str:
        return f"{place[0]}\n{self.metadata}" if self.titles == 1 and self.metadata else place[0]

    def _link(self, place: re.Match[str]) -> str:
        return f'<span class="md-ellipsis lt-numbered">{place["space"]}{_apart(place["to"])}'

    def _explorer(self, place: re.Match[str]) -> str:
        return f"{self.button}{place[0]}"

    def _script(self, place: re.Match[str]) -> str:
        return "<script defer src="

    def _config(self, place: re.Match[str]) -> str:
        return f'<script id="__config"{place["settings"]}search/worker.js'

    def _pin(self, place: re.Match[str]) -> str:
        line = next(self.lines.get(unescape(place["expression"]), iter(())), None)
        return place[0] if line is None else f'{place[0]} data-line="{line}"'

    def _minutes(self, place: re.Match[str]) -> str:
        unknown = [one for one in place["lessons"].split() if one not in self.lessons]
        if unknown:
            raise SiteError(f"evening: {unknown[0]} is no section, and has no lesson")
        return f'<span class="lt-minutes">{sum(self.lessons[one] for one in place["lessons"].split())}'

    def _search(self, place: re.Match[str]) -> str:
        return f'{place[0]} aria-label="{self.label}"'

    def _label(self, place: re.Match[str]) -> str:
        return f"<{place['valid_label']}"

    def _toggle(self, place: re.Match[str]) -> str:
        return f"<{place['valid_toggle']}"


def _apart(number: str) -> str:
    return f'<span class="lt-number-of">{number}</span> '
