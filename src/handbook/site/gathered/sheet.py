"""The revision sheet: for each section its key idea, written on the sheet, and what is gathered from the section."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from handbook.pages.syntax import Level, without_pins
from handbook.site.errors import SiteError
from handbook.site.gathered.sections import section_at
from handbook.site.markdown.blocks import SiteBlock, level_badge

_SENTENCE = re.compile(r"(?<=[.!?»\"])\s+(?=[A-ZÁÉÍÓÚÑ¿¡«\"$*`])")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_RECALL = re.compile(r"\{ *#recall *\}$")
_LEAST = 40  # an answer that begins with "No." goes on until it says something


class Gathered(NamedTuple):
    """What the sheet takes from a section. A section with no question has no `ask`, `answer` and `trap`."""

    title: str
    level: Level
    needs: list[str]
    ask: str
    answer: str
    trap: str
    check: str


def gather(root: Path, language: str, slug: str) -> Gathered:
    """Read a section: its title and front matter, its first question, and the first question to recall.

    Raises:
        SiteError: there is no such section.
    """
    path = f"handbook/{slug}.md"
    if not (root / "docs" / language / path).is_file():
        raise SiteError(f"sheet: there is no section {slug}")
    section = section_at(root, language, path)
    question = next(iter(section.all("question")), None)
    recall = next((number for number, line in enumerate(section.lines) if _RECALL.search(line)), None)
    if recall is None:
        raise SiteError(f"sheet: {path} has no part {{#recall}} to take the self-check from")
    check = next((one.argument for one in section.all("details") if one.first > recall), None)
    if check is None:
        raise SiteError(f"sheet: {path} asks nothing under {{#recall}}; fold a question there with /// details | …")
    ask = answer = trap = ""
    if question is not None:
        wrong = next((one for one in section.all("trap") if one.first > question.first), None)
        if wrong is None:
            raise SiteError(f"sheet: {path} asks a question without a /// trap; the sheet shows both")
        ask = question.argument
        answer = opening(section.lines[question.first + 1 : wrong.first])
        trap = opening(section.lines[wrong.first + 1 : wrong.end])
    return Gathered(
        section.title, section.meta.get("level", "easy"), section.meta.get("needs") or [], ask, answer, trap, check
    )


def opening(lines: list[str], sentences: int = 1) -> str:
    """The first sentences of some Markdown, without its pins and links: at least so many, and not too short."""
    text = " ".join(line for line in lines if line.strip() and not line.startswith("    "))
    all_of_it = _SENTENCE.split(_LINK.sub(r"\1", without_pins(text)))
    kept = all_of_it[:sentences]
    for sentence in all_of_it[sentences:]:
        if len(" ".join(kept)) >= _LEAST:
            break
        kept.append(sentence)
    return " ".join(kept)


class Sheet(SiteBlock):
    """`/// sheet | 03-masking-in-code` around the key idea of that section."""

    NAME = "sheet"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        """The section's title, and the place for its key idea."""
        self.gathered = gather(self.root, self.config["language"], self.argument)
        element = SubElement(parent, "section", {"class": "lt-sheet"})
        title = SubElement(element, "p", {"class": "lt-sheet__title"})
        SubElement(title, "a", {"href": f"../handbook/{self.argument}.md"}).text = self.gathered.title
        about = SubElement(title, "span", {"class": "lt-sheet__about"})
        about.append(level_badge(self.gathered.level, self.words))
        if self.gathered.needs:
            numbers = ", ".join(slug.split("-")[0] for slug in self.gathered.needs)
            about[-1].tail = f" · {self.words.needs}: {numbers}"
        SubElement(element, "div")
        return element

    def on_add(self, block: Element) -> Element:
        """The content is the key idea."""
        return block[1]

    def on_end(self, block: Element) -> None:
        """Below it, what was gathered."""
        taken = self.gathered
        if taken.ask:
            SubElement(block, "p").text = f"**{taken.ask}** {taken.answer}"
            SubElement(block, "p", {"class": "lt-sheet__trap"}).text = taken.trap
        SubElement(block, "p", {"class": "lt-sheet__check"}).text = taken.check
