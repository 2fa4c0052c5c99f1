"""The interview bank: every question of the sections, gathered from their pages."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from handbook.locale import words
from handbook.pages.model import Container
from handbook.pages.syntax import LEVEL_SIGNS, TOPICS, Level
from handbook.site.errors import SiteError
from handbook.site.gathered.sections import Section, sections
from handbook.site.markdown.blocks import SiteBlock, level_badge


class Bank(SiteBlock):
    """The list of all questions, each a link to its answer; a script adds the filters."""

    NAME = "bank"

    def on_create(self, parent: Element) -> Element:
        """One list for each section, its questions with level and topic."""
        labels = {"data-level": self.words.any_level, "data-topic": self.words.any_topic}
        # The search finds each question where it is answered.
        element = SubElement(parent, "div", {"class": "lt-bank", "data-search-exclude": "", **labels})
        for section in sections(self.root, self.config["language"]):
            questions = section.all("question")
            if questions:
                part = SubElement(element, "section")
                SubElement(part, "p", {"class": "lt-bank__section"}).text = section.title
                items = SubElement(part, "ol")
                for question in questions:
                    self._item(items, section, question)
        return element

    def _item(self, items: Element, section: Section, question: Container) -> None:
        level, topic = level_and_topic(section, question, self.config["language"])
        item = SubElement(items, "li", {"data-level": level, "data-topic": topic})
        link = SubElement(item, "a", {"href": f"../{section.path}#{question.id}"})
        link.text = question.argument
        badge = level_badge(level, self.words)
        badge.tail = f" · {words(self.config['language'], 'topics')[topic]}"
        SubElement(item, "span", {"class": "lt-bank__about"}).append(badge)


def level_and_topic(section: Section, question: Container, language: str) -> tuple[Level, str]:
    """What a question is listed by.

    Raises:
        SiteError: the question does not say it, or not in a way that is known.
    """
    where = f"{Path(section.path).name}, {question.id}"
    level, topic = question.attributes.get("data-level", ""), question.attributes.get("data-topic", "")
    if level not in LEVEL_SIGNS:
        raise SiteError(f"{where}: give the question a data-level: {', '.join(LEVEL_SIGNS)}")
    if topic not in TOPICS:
        raise SiteError(f"{where}: give the question a data-topic: {', '.join(TOPICS)}")
    return level, topic
