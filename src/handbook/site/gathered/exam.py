"""The exam: every quiz of the sections, gathered from their pages; a script asks some of them and keeps the score."""

from __future__ import annotations

from typing import cast
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from handbook.locale import table
from handbook.pages.model import Container
from handbook.pages.syntax import LEVEL_SIGNS, Level
from handbook.site.errors import SiteError
from handbook.site.gathered.practice import PracticeBlock
from handbook.site.gathered.sections import Section, sections
from handbook.site.markdown.stash import keep

FILES = {"QTI 2.1": "lower-triangle-{language}-qti.zip", "Moodle XML": "lower-triangle-{language}-moodle.xml"}
"""The quizzes for courses, below the assets of the language's site."""
SIZES = (5, 10, 20)


class Exam(PracticeBlock):
    """All quizzes by section, their answers folded; the script chooses among them."""

    NAME = "exam"

    def on_create(self, parent: Element) -> Element:
        """The form, then the quizzes, each with its section, level and topics."""
        language = self.config["language"]
        asking = [section for section in sections(self.root, language) if section.all("quiz")]
        listed = [
            (section, quiz, *level_and_topics(section, quiz, language))
            for section in asking
            for quiz in section.all("quiz")
        ]
        element = self.frame(parent)
        files = " ".join(
            f'<a href="../assets/{file.format(language=language)}" download>{name}</a>' for name, file in FILES.items()
        )
        said = f"{self.said.courses.format(count=len(listed))} {files}"
        SubElement(element, "p").text = AtomicString(keep(self.md, said))  # MkDocs knows no file that the build adds
        self.kept(element)
        self.form(element, {topic for *_, topics in listed for topic in topics}, asking, SIZES)
        pool = self.pool(element)
        for section in asking:
            part = self.part(pool, section)
            for _, quiz, level, topics in (one for one in listed if one[0] is section):
                embedded = self.embed(part, section, quiz)
                embedded.attrib.update({"data-level": level, "data-topic": " ".join(topics)})
        return element


def level_and_topics(section: Section, quiz: Container, language: str) -> tuple[Level, list[str]]:
    """What a quiz is chosen by: its own level and topic, or else those of its section that questions may have.

    Raises:
        SiteError: neither the quiz nor its section says a level that is known; the quiz's topic is not known.
    """
    names = table(language, "topics")
    level = quiz.attributes.get("data-level") or section.meta.get("level")
    if level not in LEVEL_SIGNS:
        raise SiteError(f"{section.path}, {quiz.id}: give the section a level: {', '.join(LEVEL_SIGNS)}")
    own = quiz.attributes.get("data-topic")
    if own is not None and own not in names:
        raise SiteError(f"{section.path}, {quiz.id}: there is no topic {own}; the topics are {', '.join(names)}")
    keys = {name.lower(): topic for topic, name in names.items()}
    of_section = (keys.get(str(name).lower()) for name in section.meta.get("topics") or [])
    return cast(Level, level), [own] if own else [topic for topic in of_section if topic]
