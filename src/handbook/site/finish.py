"""The step after a site is built: its pages finished, and what is written beside them.

It knows nothing of what builds the site: pages are HTML as the theme wrote it, and a site is a folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from handbook.site.assets import minify
from handbook.site.assets.runtime import assets
from handbook.site.assets.runtime.fetch import cached
from handbook.site.exports import deck, offline, plain_text, quizzes, search_index, wheel
from handbook.site.exports.plain_text import Leaf
from handbook.site.html.indentation import without_indentation
from handbook.site.html.page import Known, finish
from handbook.site.html.policy import with_policy

THEME = Path(__file__).with_name("theme")


@dataclass(frozen=True)
class Site:
    """One language's site, as it is built."""

    root: Path
    """The folder of mkdocs.yml."""
    language: str
    folder: Path
    """Where the language's site is."""
    name: str
    summary: str
    """What it is, in a sentence."""
    address: str
    """Where it will be served; may be empty."""
    to_root: str
    """From `folder` to that of the first language, which has what all of them share: `../`; empty for the first."""
    languages: Mapping[str, str]
    """Each language's folder below that of the first, as in `es/`."""


def page(html: str, language: str, *, policy: bool = True, **known: Unpack[Known]) -> str:
    """Finish a page, and say in it what it may load.

    Args:
        html: the page as the theme wrote it.
        language: of the page.
        policy: whether it gets its policy. A page that is served while it is written gets none.
        known: what is known of it besides.
    """
    finished = without_indentation(finish(html, language, **known))
    return with_policy(finished) if policy else finished


def site(built: Site, pages: Iterable[Leaf], *, live: bool = False) -> None:
    """Write what a built site has beside its pages.

    The plain texts, the deck and the quizzes come first, and last the list of all files, for a reader who keeps them.

    Args:
        built: the site.
        pages: in the order of the navigation.
        live: whether it is served while it is written; no browser keeps such a site.
    """
    for export in (deck, quizzes):
        export.write(built.root, built.language, built.folder, built.name, built.address)
    plain_text.write(built.root, built.language, built.folder, built.name, built.summary, pages)
    search_index.plain(built.folder)
    minify.shrink(built.folder, THEME)
    runtime = cached(built.root)
    if runtime and not built.to_root:
        assets.write(built.root, runtime, built.folder)
    if not live and not built.to_root:
        wheel.write(built.root, built.folder)
    if not live:
        offline.manifest(built.folder, built.language, built.name, built.summary)
        offline.write(built.folder / built.to_root, dict(built.languages))
