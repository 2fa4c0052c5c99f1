"""A page, and the handbook around it, as far as others see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from handbook.site.edition import Edition
from handbook.site.html.reading_time import Times


class Answered(NamedTuple):
    """A question of a page, and its answer, as plain text."""

    asked: str
    answer: str
    address: str


class Shared(NamedTuple):
    """A page."""

    path: str
    """Below the language's site, without the ending: `handbook/02-causal-mask`."""
    title: str
    """As the navigation has it, with the section's number."""
    description: str
    group: str
    """Of the navigation; empty for a page that stands alone."""
    address: str
    """Where it will be served; empty where nobody knows."""
    home: bool = False
    level: str = ""
    times: Times | None = None
    topics: Sequence[str] = ()
    needs: Sequence[str] = ()
    """Titles of the sections to know first."""
    figure: str = ""
    """The SVG that stands for it; empty where it has none."""
    answered: Sequence[Answered] = ()


class Whole(NamedTuple):
    """The handbook in a language."""

    name: str
    description: str
    address: str
    """Where it will be served; empty where nobody knows."""
    language: str
    edition: Edition | None
    """None where nobody says who wrote it."""
