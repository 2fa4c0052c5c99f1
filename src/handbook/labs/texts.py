"""What the labs say, as data in two languages: a key, and the values to put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from handbook.locale import LANGUAGES, table

HERE = Path(__file__).parent

Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Say:
    """Something to say: the key of a text and its values, which may be things to say themselves."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def in_(self, language: str, texts: Texts) -> str:
        """The text in one language."""
        spoken = {
            name: value.in_(language, texts) if isinstance(value, Say) else value for name, value in self.values.items()
        }
        return texts[self.key][language].format(**spoken)


def say(key: str, /, **values: Any) -> Say:
    """Something to say, with its values as keywords."""
    return Say(key, values)


@cache
def common() -> Texts:
    """The texts that belong to no single lab."""
    said = {language: table(language, "labs") for language in LANGUAGES}
    return {key: {language: said[language][key] for language in LANGUAGES} for key in said["en"]}
