"""Embedded functions on a page: the first line of a docstring, and a link to the rest of it in the reference."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from handbook.pages.embedded import EMBED, documented, shortened
from handbook.site.markdown.listings import source_of

# pymdownx's snippets are put in at 32, and at 30 Python-Markdown drops the signs that mark them here.
BEFORE_SNIPPETS, AFTER_SNIPPETS = 33, 31
REFERENCE = "reference/minimodel.md"
_BEGIN, _END = "\x02embedded ", "\x02end of embedded\x03"
_MARKED = re.compile(re.escape(_BEGIN) + r"(?P<module>[\w/]+)\x03")
_LISTED = re.compile(r"^/{3,} api \| (?P<module>[\w.]+)", re.MULTILINE)


class MarkEmbedded(Preprocessor):
    """Marks where an embedded part will begin and end, before it is put in."""

    def run(self, lines: list[str]) -> list[str]:
        """Put a line before, and a line after."""
        marked: list[str] = []
        for line in lines:
            embed = EMBED.fullmatch(line)
            marked += [f"{_BEGIN}{embed['module']}\x03", line, _END] if embed else [line]
        return marked


class ShortenEmbedded(Preprocessor):
    """Cuts the docstrings of what was put in, and remembers where the rest of each stands."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.modules: dict[str, str] = {}

    def run(self, lines: list[str]) -> list[str]:
        """Go through the marked parts."""
        self.modules = {}
        shown: list[str] = []
        part: list[str] | None = None
        module = ""
        for line in lines:
            begins = _MARKED.fullmatch(line)
            if begins:
                module, part = begins["module"].replace("/", "."), []
            elif line == _END and part is not None:
                code = "\n".join(part)
                self.modules.update((name, module) for name in documented(code))
                shown += shortened(code).split("\n")
                part = None
            else:
                (shown if part is None else part).append(line)
        return shown


class LinkEmbedded(Treeprocessor):
    """Gives the listing of an embedded function its link to the reference, once listings have their numbers."""

    def __init__(self, md: Markdown, language: str, shortener: ShortenEmbedded) -> None:
        super().__init__(md)
        self.md: Markdown = md
        self.language = language
        self.shortener = shortener

    def run(self, root: Element) -> None:
        """Append the links to each listing that defines what was embedded."""
        if not self.shortener.modules:
            return
        listed = self._listed()
        for block in [one for one in root.iter("div") if one.get("class") == "lt-block"]:
            names = defined(source_of(self.md, block), tuple(self.shortener.modules))
            self._link(block, [name for name in names if self.shortener.modules[name] in listed])

    def _link(self, block: Element, names: list[str]) -> None:
        """Append a link for each name; one after another of the same module leaves it out."""
        links: Element | None = None
        before = ""
        for name in names:
            if links is None:
                links = SubElement(block, "span", {"class": "lt-block__reference"})
            else:
                links[-1].tail = ", "
            module = self.shortener.modules[name]
            entry = f"../{REFERENCE}#{module.rpartition('.')[2]}.{name}"
            SubElement(links, "a", {"href": entry}).text = AtomicString(
                name if module == before else f"{module}.{name}"
            )
            before = module

    def _listed(self) -> frozenset[str]:
        """The modules that the reference lists."""
        snippets: Any = self.md.preprocessors["snippet"]
        page = Path(snippets.base_path[0]) / "docs" / self.language / REFERENCE
        return _modules(page, page.stat().st_mtime_ns) if page.is_file() else frozenset()


@lru_cache(maxsize=8)
def _modules(page: Path, changed: int) -> frozenset[str]:
    return frozenset(_LISTED.findall(page.read_text("utf-8")))


@lru_cache(maxsize=4096)
def defined(code: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names, private ones left out, that a listing defines at its margin."""
    public = [name for name in names if not name.startswith("_")]
    return tuple(name for name in public if re.search(rf"^(?:def|class) {name}\b", code, re.MULTILINE))


def register(md: Markdown, language: str, after_listings: float) -> None:
    """Teach Python-Markdown all three."""
    shortener = ShortenEmbedded(md)
    md.preprocessors.register(MarkEmbedded(md), "handbook_mark_embedded", BEFORE_SNIPPETS)
    md.preprocessors.register(shortener, "handbook_shorten_embedded", AFTER_SNIPPETS)
    md.treeprocessors.register(LinkEmbedded(md, language, shortener), "handbook_link_embedded", after_listings)
