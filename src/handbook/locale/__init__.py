"""Every word that site, figures, explorers and labs say beside the pages: `en.toml` and `es.toml`, a table a room."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es")
_HERE = Path(__file__).parent


class Words:
    """The words of one room in one language, by name: `words("en").search`. Gaps are `str.format`'s."""

    def __init__(self, language: str, room: str) -> None:
        self._table = table(language, room)
        self._place = f"{language}.toml, [{room}]"

    def __getattr__(self, key: str) -> str:
        try:
            return self._table[key]
        except KeyError:
            raise AttributeError(f"{self._place} has no {key}") from None

    def __getitem__(self, key: str) -> str:
        return self._table[key]


@cache
def words(language: str, room: str = "site") -> Words:
    """The words of a room in `language`; raises ``KeyError`` where there is no such language or room."""
    return Words(language, room)


def table(language: str, room: str) -> dict[str, str]:
    """The same as plain data, for what a script is given."""
    found: Any = tables(language)
    for name in room.split("."):
        found = found[name]
    return dict(found)


@cache
def tables(language: str) -> dict[str, Any]:
    """All rooms of a language."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return tomllib.loads((_HERE / f"{language}.toml").read_text("utf-8"))
