"""Numbers as words, from two on: "one" is an article as well in one language, and a pronoun in the other."""

from __future__ import annotations

import re

from handbook.pages.syntax import UNSAID

_FROM_TWO = {
    "en": "two three four five six seven eight nine ten eleven twelve".split(),
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce".split(),
}
_UNREAD = re.compile(rf"{UNSAID}|<[^<>]*>")
_WORD = re.compile(r"[^\W\d_]+(?! (?:times|veces)\b)\b")
"""Three times is «el triple» as well."""


def numerals(text: str, language: str) -> list[tuple[str, int]]:
    """The number words of some Markdown in their order, each with what it says."""
    words = _FROM_TWO[language]
    said = (word.lower() for word in _WORD.findall(_UNREAD.sub(" ", text)))
    return [(word, words.index(word) + 2) for word in said if word in words]
