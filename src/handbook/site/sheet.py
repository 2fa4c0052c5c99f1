"""The revision sheet: for each section its key idea, written on the sheet, and what is gathered from the section."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

import yaml

from handbook.page import containers, source
from handbook.site.blocks import SiteBlock, level_badge
from handbook.site.errors import SiteError
from handbook.site.words import Level

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?»\"])\s+(?=[A-ZÁÉÍÓÚÑ¿¡«\"$*`])")
_PIN = re.compile(r"\{ data-(?:is|holds)=\"[^\"]*\" \}")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
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
    file = root / "docs" / language / "handbook" / f"{slug}.md"
    if not file.is_file():
        raise SiteError(f"sheet: there is no section {slug}")
    page = source.read(root, file.relative_to(root).as_posix())
    found = _FRONT.match(file.read_text("utf-8"))
    front = yaml.safe_load(found[1]) if found else {}
    title = next(line.removeprefix("# ") for line in page.lines if line.startswith("# "))
    inside = containers.scan(page)[0]
    question = next((one for one in inside if one.kind == "question"), None)
    recall = next(number for number, line in enumerate(page.lines) if line.endswith("{#recall}"))
    check = next(one.argument for one in inside if one.kind == "details" and one.first > recall)
    ask = answer = trap = ""
    if question is not None:
        wrong = next(one for one in inside if one.kind == "trap" and one.first > question.first)
        ask = question.argument
        answer = opening(page.lines[question.first + 1 : wrong.first])
        trap = opening(page.lines[wrong.first + 1 : wrong.end], sentences=2)
    return Gathered(title, front["level"], front["needs"], ask, answer, trap, check)


def opening(lines: list[str], sentences: int = 1) -> str:
    """The first sentences of some Markdown, without its pins and links: at least so many, and not too short."""
    text = " ".join(line for line in lines if line.strip() and not line.startswith("    "))
    all_of_it = _SENTENCE.split(_LINK.sub(r"\1", _PIN.sub("", text)))
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
        root = Path(self.md.preprocessors["snippet"].base_path[0])
        self.gathered = gather(root, self.config["language"], self.argument)
        element = SubElement(parent, "section", {"class": "lt-sheet"})
        title = SubElement(element, "p", {"class": "lt-sheet__title"})
        SubElement(title, "a", {"href": f"../handbook/{self.argument}.md"}).text = self.gathered.title
        about = SubElement(title, "span", {"class": "lt-sheet__about"})
        about.append(level_badge(self.gathered.level, self.words))
        if self.gathered.needs:
            numbers = ", ".join(slug.split("-")[0] for slug in self.gathered.needs)
            about[-1].tail = f" · {self.words.needs}: {numbers}"
        SubElement(element, "div", {"class": "lt-sheet__idea"})
        return element

    def on_add(self, block: Element) -> Element:
        """The content is the key idea."""
        return block[1]

    def on_end(self, block: Element) -> None:
        """Below it, what was gathered."""
        taken = self.gathered
        if taken.ask:
            SubElement(block, "p", {"class": "lt-sheet__ask"}).text = f"**{taken.ask}** {taken.answer}"
            SubElement(block, "p", {"class": "lt-sheet__trap"}).text = taken.trap
        SubElement(block, "p", {"class": "lt-sheet__check"}).text = taken.check
