"""What the exam, the cards and the reader's progress have in common: a form to choose by, and the sections' words."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from handbook.locale import Words, table, words
from handbook.pages.model import Container
from handbook.pages.syntax import LEVEL_SIGNS
from handbook.site.gathered.sections import Section
from handbook.site.markdown.blocks import SiteBlock

_LINK = re.compile(r"\]\((?P<target>[\w./-]+\.md)?(?P<anchor>#[\w-]+)?\)")


class PracticeBlock(SiteBlock):
    """A block that a script of its own (`practice.js`) brings to life; without script, the sections' own words."""

    @property
    def said(self) -> Words:
        """The words of practice in the page's language."""
        return words(self.config["language"], "practice")

    def frame(self, parent: Element) -> Element:
        """The block's own element, which knows the words that the script will say.

        A search leads to the sections and not here: the search plugin leaves out what is marked, until an element
        with the same tag ends. Hence a tag that nothing inside has.
        """
        spoken = json.dumps(table(self.config["language"], "practice"), ensure_ascii=False)
        name = f"lt-practice lt-practice--{self.NAME}"
        return SubElement(parent, "article", {"class": name, "data-words": spoken, "data-search-exclude": ""})

    def kept(self, element: Element) -> None:
        """Say that what is done here stays in this browser; the script says otherwise where it does not."""
        about = {"class": "lt-practice__form lt-practice__kept"}
        SubElement(element, "p", about).text = self.said.kept

    def form(self, element: Element, topics: Iterable[str], chosen: Iterable[Section], sizes: Iterable[int]) -> None:
        """A form to choose by section, topic, level and number; hidden where there is no script to answer it."""
        said, names = self.said, table(self.config["language"], "topics")
        form = SubElement(element, "form", {"class": "lt-practice__form"})
        shown = set(topics)
        _menu(form, said.section, "section", [("", said.any_section), *((one.slug, one.title) for one in chosen)])
        known = [(topic, name) for topic, name in names.items() if topic in shown]
        _menu(form, said.topic, "topic", [("", self.words.any_topic), *known])
        levels = [(level, self.words[level]) for level in LEVEL_SIGNS]
        _menu(form, said.level, "level", [("", self.words.any_level), *levels])
        _menu(form, said.number, "number", [*((str(size), str(size)) for size in sizes), ("", said.all)])
        last = SubElement(form, "div", {"class": "lt-practice__begin"})
        SubElement(last, "button", {"type": "submit", "class": "lt-practice__button"}).text = said.begin
        SubElement(last, "p", {"class": "lt-practice__count", "role": "status"})

    def pool(self, element: Element) -> Element:
        """Where the sections' own blocks go: the script's store, and the page for those without script."""
        return SubElement(element, "div", {"class": "lt-practice__pool"})

    def part(self, pool: Element, section: Section) -> Element:
        """A section's part of the pool, under a link to it."""
        part = SubElement(pool, "section", {"data-section": section.slug})
        title = SubElement(part, "p", {"class": "lt-bank__section"})
        SubElement(title, "a", {"href": f"../{section.path}"}).text = section.title
        return part

    def embed(self, parent: Element, section: Section, container: Container, without: tuple[str, ...] = ()) -> Element:
        """Put a section's block on this page, parsed as it is there; returns it."""
        self.md.parser.parseChunk(parent, moved(section.text(container, without=without), section.path))
        return parent[-1]


def moved(markdown: str, path: str) -> str:
    """Markdown of the page at `path` with links that lead, from a neighbouring folder, where they led from there."""

    def lead(link: re.Match[str]) -> str:
        if not link["target"] and not link["anchor"]:
            return link[0]
        target = link["target"] or posixpath.basename(path)
        return f"]({posixpath.normpath(f'../{posixpath.dirname(path)}/{target}')}{link['anchor'] or ''})"

    return _LINK.sub(lead, markdown)


def _menu(form: Element, label: str, name: str, options: Iterable[tuple[str, str]]) -> None:
    holder = SubElement(form, "label", {"class": "lt-practice__choice"})
    SubElement(holder, "span").text = label
    menu = SubElement(holder, "select", {"name": name, "class": "lt-bank__filter"})
    for value, text in options:
        SubElement(menu, "option", {"value": value}).text = text
