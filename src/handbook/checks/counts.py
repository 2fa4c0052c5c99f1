"""Counts: a sentence that begins with a number word and ends with a colon stands above so many items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.numerals import numerals

_ITEM = re.compile(r"(?:[-*]|\d+\.) ")
_ANNOUNCED = re.compile(r"(?:^|[.?!] )(?:Hay |Son )?(?P<word>[^\W\d_]+) [^.?!]*:$")


def check(context: Context) -> Iterator[Finding]:
    """Count the items of each list that is announced so."""
    page = context.page
    language = context.project.language_of(page.path)
    for place, (line, text) in enumerate(page.prose):
        announced = _ANNOUNCED.search(text.rstrip())
        said = numerals(announced["word"], language) if announced else []
        if not said:
            continue
        # A list goes on over whatever is indented below an item.
        below = takewhile(lambda one: _ITEM.match(one[1]) or one[1].startswith("  "), page.prose[place + 1 :])
        items = sum(bool(_ITEM.match(one)) for _, one in below)
        word, number = said[0]
        if items and items != number:
            problem = f"“{word}” announces a list of {items}"
            yield context.say(line, problem, "correct the word or the list")
