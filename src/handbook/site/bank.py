"""The interview bank: every question of the sections, gathered from their pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from handbook.page import containers, source
from handbook.site.blocks import SiteBlock, level_badge
from handbook.site.errors import SiteError
from handbook.site.words import LEVEL_SIGNS, TOPICS


class Asked(NamedTuple):
    """A question of a section."""

    text: str
    id: str
    level: str
    topic: str


def sections(root: Path, language: str) -> Iterator[tuple[str, str, list[Asked]]]:
    """The file, title and questions of each section that asks any, in order."""
    for file in sorted((root / "docs" / language / "handbook").glob("*.md")):
        page = source.read(root, file.relative_to(root).as_posix())
        asked = [
            Asked(one.argument, one.id, one.attributes.get("data-level", ""), one.attributes.get("data-topic", ""))
            for one in containers.scan(page)[0]
            if one.kind == "question"
        ]
        if asked:
            title = next((line.removeprefix("# ") for line in page.lines if line.startswith("# ")), file.stem)
            yield file.name, title, asked


class Bank(SiteBlock):
    """The list of all questions, each a link to its answer; a script adds the filters."""

    NAME = "bank"

    def on_create(self, parent: Element) -> Element:
        """One list for each section, its questions with level and topic."""
        root = Path(self.md.preprocessors["snippet"].base_path[0])
        labels = {"data-level": self.words.any_level, "data-topic": self.words.any_topic}
        element = SubElement(parent, "div", {"class": "lt-bank", **labels})
        for file, title, asked in sections(root, self.config["language"]):
            section = SubElement(element, "section")
            SubElement(section, "p", {"class": "lt-bank__section"}).text = title
            items = SubElement(section, "ol")
            for question in asked:
                self._item(items, file, question)
        return element

    def _item(self, items: Element, file: str, question: Asked) -> None:
        where = f"{file}, {question.id}"
        if question.level not in LEVEL_SIGNS:
            raise SiteError(f"{where}: give the question a data-level: {', '.join(LEVEL_SIGNS)}")
        topics = TOPICS[self.config["language"]]
        if question.topic not in topics:
            raise SiteError(f"{where}: give the question a data-topic: {', '.join(topics)}")
        item = SubElement(items, "li", {"data-level": question.level, "data-topic": question.topic})
        link = SubElement(item, "a", {"href": f"../handbook/{file}#{question.id}"})
        link.text = question.text
        badge = level_badge(question.level, self.words)
        badge.tail = f" · {topics[question.topic]}"
        SubElement(item, "span", {"class": "lt-bank__about"}).append(badge)
