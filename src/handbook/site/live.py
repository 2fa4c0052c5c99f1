"""The site while it is written: a save renders the page that was saved, and what is gathered from it.

MkDocs renders all pages at each build. Here the first build is whole; after it, a page whose text alone has changed is
rendered and written by MkDocs' own two steps for one page. Whatever else changes (a file of code, the configuration, a
page that comes or goes, its front matter or its title, which other pages show) is followed by a whole build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mkdocs.commands import build as mkdocs_build
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from handbook.project import BIBLIOGRAPHY
from handbook.site.build import build_site, configuration, in_words
from handbook.site.exports import plain_text, search_index
from handbook.site.gathered.sections import Section, section_at, sections
from handbook.site.plugin import HandbookPlugin
from handbook.site.settings import FILES

_HEAD = re.compile(r"\A---\n.*?^---\n", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# .*$", re.MULTILINE)
_GATHERING = re.compile(r"^/{3,} (?P<block>api|bank|cards|evening|exam|museum|progress|sheet|traps)\b", re.MULTILINE)
_EMBED = re.compile(r"^--8<-- .*$", re.MULTILINE)


@dataclass
class _Built:
    """A language as it was last written."""

    config: MkDocsConfig
    texts: dict[str, str]
    """The text of each page, by its path below the language's folder."""
    gathered: dict[str, object]
    """What each page that gathers something has found."""


class LiveSite:
    """Both languages in a folder, kept as their sources are."""

    def __init__(self, root: Path, into: Path, address: str) -> None:
        self.root = root
        self.into = into
        self.address = address
        self.built: dict[str, _Built] = {}
        self.others: dict[Path, tuple[int, int]] = {}

    def refresh(self) -> list[str]:
        """Write what has changed since the last call; returns the pages, or the languages that were built whole.

        Raises:
            BuildError: a page cannot be rendered. The next call tries again.
        """
        others = dict(self._others())
        if others != self.others:
            self.built.clear()
        written = [path for language in FILES for path in self._refresh(language)]
        self.others = others
        return written

    def _refresh(self, language: str) -> list[str]:
        texts = self._texts(language)
        known = self.built.get(language)
        if known is None or {path: _head(text) for path, text in texts.items()} != {
            path: _head(text) for path, text in known.texts.items()
        }:
            return self._build(language, texts)
        gathered = self._gathered(language, texts)
        changed = [path for path, text in texts.items() if known.texts[path] != text]
        changed += [path for path in gathered if gathered[path] != known.gathered.get(path) and path not in changed]
        if changed:
            with in_words(known.config):
                _write(known.config, changed)
        self.built[language] = _Built(known.config, texts, gathered)
        return [f"docs/{language}/{path}" for path in changed]

    def _build(self, language: str, texts: dict[str, str]) -> list[str]:
        self.built.pop(language, None)
        config = configuration(self.root, language, self.into, address=self.address, strict=False)
        build_site(config, live=True)
        self.built[language] = _Built(config, texts, self._gathered(language, texts))
        return [language]

    def _texts(self, language: str) -> dict[str, str]:
        docs = self.root / "docs" / language
        pages = (file for file in sorted(docs.rglob("*.md")) if not file.name.startswith("."))
        return {file.relative_to(docs).as_posix(): file.read_text("utf-8", errors="replace") for file in pages}

    def _others(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        """Every file but the pages that a site is made of, and when it changed."""
        for top in ("docs", "snippets", "src", *FILES.values()):
            below = self.root / top
            for file in [below] if below.is_file() else below.rglob("*"):
                page = top == "docs" and file.suffix == ".md"
                editors = file.name.startswith(".") or file.name.endswith(("~", ".swp", ".tmp"))
                if not page and not editors and "__pycache__" not in file.parts and file.is_file():
                    found = file.stat()
                    yield file, (found.st_mtime_ns, found.st_size)

    def _gathered(self, language: str, texts: dict[str, str]) -> dict[str, object]:
        """What each page that gathers something would find: it is rendered again when that changes."""
        found: dict[str, object] = {}
        for path, text in texts.items():
            blocks = {match["block"] for match in _GATHERING.finditer(text)}
            if blocks:
                parts = [part for one in sections(self.root, language) for part in _parts(one, blocks)]
                parts += [part for one in sections(self.root, language, "labs") for part in _parts(one, blocks)]
                found[path] = (parts, texts.get(BIBLIOGRAPHY) if "museum" in blocks else None)
        return found


def _head(text: str) -> tuple[str, str]:
    """What other pages show of a page: its front matter and its title."""
    head, title = _HEAD.match(text), _TITLE.search(text)
    return head[0] if head else "", title[0] if title else ""


def _parts(section: Section, blocks: set[str]) -> Iterator[object]:
    """What blocks of those kinds gather from a section."""
    if blocks & {"bank", "cards", "sheet", "traps"}:
        yield [(one.attributes, section.text(one)) for one in section.all("question")]
    if "exam" in blocks:
        yield [(one.attributes, section.text(one)) for one in section.all("quiz")]
    if "progress" in blocks:
        yield [(one.kind, one.id) for one in section.containers if one.kind in ("question", "quiz")]
    if "sheet" in blocks:
        yield [one.argument for one in section.all("details")]
    if "evening" in blocks:
        yield section.body  # how long it takes to read
    if "api" in blocks:
        yield _EMBED.findall(section.body)


def _write(config: MkDocsConfig, paths: list[str]) -> None:
    """Render pages and write them, as a whole build does; the search index follows."""
    plugin = config.plugins["handbook"]
    assert isinstance(plugin, HandbookPlugin)
    pages = [_page(plugin, path) for path in paths]
    documents = plugin.files.documentation_pages()
    named = {name.rpartition("/")[2]: found for name, found in config.plugins.items()}
    search, offline = named["search"], named["offline"]
    for page in pages:
        entries = search.search_index.entries
        entries[:] = [one for one in entries if one["location"].partition("#")[0] != page.url]
        mkdocs_build._populate_page(page, config, plugin.files)
    for page in pages:
        mkdocs_build._build_page(page, config, documents, plugin.nav, plugin.env)
        text = section_at(plugin.root, plugin.config.language, page.file.src_uri)
        plain_text.write_page(Path(config.site_dir), page.file.src_uri, text.lines)
    search.on_post_build(config=config)
    search_index.plain(Path(config.site_dir))
    offline.on_post_build(config=config)


def _page(plugin: HandbookPlugin, path: str) -> Page:
    file = plugin.files.get_file_from_path(path)
    assert file is not None
    assert file.page is not None
    return file.page
