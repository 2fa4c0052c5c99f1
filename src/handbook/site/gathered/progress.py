"""The reader's progress: a table of the sections that a script fills from what the browser remembers."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from handbook.site.gathered.practice import PracticeBlock
from handbook.site.gathered.sections import FOLDERS, Section, sections


class Progress(PracticeBlock):
    """A row for each section and each lab, with the ids that the script counts."""

    NAME = "progress"

    def on_create(self, parent: Element) -> Element:
        """The table; what the reader has done is not known here."""
        element = self.frame(parent)
        self.kept(element)
        table = SubElement(element, "table", {"class": "lt-progress"})
        head = SubElement(SubElement(table, "thead"), "tr")
        for name in (self.said.section, self.said.read, self.said.quizzes, self.said.cards):
            SubElement(head, "th", {"scope": "col"}).text = name
        body = SubElement(table, "tbody")
        for folder in FOLDERS:
            for section in sections(self.root, self.config["language"], folder):
                self._row(body, section)
        bar = SubElement(element, "div", {"class": "lt-practice__form lt-practice__begin"})
        for name in ("export", "restore", "erase"):
            button = SubElement(bar, "button", {"type": "button", "name": name, "class": "lt-practice__button"})
            button.text = getattr(self.said, name)
        file = {"type": "file", "accept": ".json", "hidden": "", "aria-label": self.said.restore}
        SubElement(bar, "input", file)
        SubElement(element, "p", {"class": "lt-practice__form lt-practice__count", "role": "status"})
        return element

    def _row(self, body: Element, section: Section) -> None:
        row = SubElement(body, "tr", {"data-page": section.path.removesuffix(".md")})
        title = SubElement(row, "th", {"scope": "row"})
        SubElement(title, "a", {"href": f"../{section.path}"}).text = section.title
        SubElement(row, "td").text = "–"
        for kind in ("quiz", "question"):
            ids = [one.id for one in section.all(kind)]
            SubElement(row, "td", {"data-ids": " ".join(ids)}).text = "–"
