"""The bug museum's page: the exhibits from their files, and the matrix from its record."""

from __future__ import annotations

import re
from difflib import ndiff
from functools import cached_property
from html import escape
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from handbook.bugs import record
from handbook.bugs.exhibit import Exhibit, Group, Patch, exhibits
from handbook.bugs.row import Kind, Row
from handbook.locale import Words, words
from handbook.project import BIBLIOGRAPHY
from handbook.site.errors import SiteError
from handbook.site.gathered.sections import section_at
from handbook.site.markdown.blocks import SiteBlock
from handbook.site.markdown.code_colours import coloured
from handbook.site.markdown.stash import keep

SIGNS = {True: "●", False: "○", None: "–"}
_PARTS = ("matrix", "exhibits")
_ENTRY = re.compile(r"^## (?P<label>.*?) \{ *#(?P<id>[\w-]+) *\}$", re.MULTILINE)


class Museum(SiteBlock):
    """`/// museum | matrix` is the table of bugs and checks, `/// museum | exhibits` the bugs one by one."""

    NAME = "museum"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        """The part that the argument names."""
        if self.argument not in _PARTS:
            raise SiteError(f"museum: there is no part {self.argument}; there are {', '.join(_PARTS)}")
        element = SubElement(parent, "div", {"class": f"lt-museum lt-museum--{self.argument}"})
        rows = record.read(self.root)
        known = [(one, _row(rows, one)) for one in exhibits()]
        if self.argument == "matrix":
            self._matrix(element, known)
        else:
            for group in Group:
                SubElement(element, "h3", {"id": group.anchor}).text = self._named(group)
                for one, row in known:
                    if one.group == group:
                        self._exhibit(element, one, row)
        return element

    @property
    def said(self) -> Words:
        """The museum's words in the page's language."""
        return words(self.config["language"], "museum")

    def _named(self, group: Group) -> str:
        """What somebody sees who has a bug of the group."""
        return words(self.config["language"], "museum_groups")[group]

    # The matrix -------------------------------------------------------------

    def _matrix(self, element: Element, known: list[tuple[Exhibit, Row]]) -> None:
        table = SubElement(element, "table")
        head = SubElement(SubElement(table, "thead"), "tr")
        SubElement(head, "th", {"scope": "col"}).text = self.said.bug
        for kind in Kind:
            SubElement(head, "th", {"scope": "col"}).text = getattr(self.said, kind)
        for group in Group:
            body = SubElement(table, "tbody")
            span = {"colspan": str(len(Kind) + 1), "scope": "rowgroup"}
            link = SubElement(SubElement(SubElement(body, "tr"), "th", span), "a", {"href": f"#{group.anchor}"})
            link.text = self._named(group)
            for one, row in known:
                if one.group == group:
                    self._line(SubElement(body, "tr"), one, row)
        foot = SubElement(SubElement(table, "tfoot"), "tr")
        SubElement(foot, "th", {"scope": "row"}).text = self.said.noticed
        for kind in Kind:
            asked = [row.noticed[kind] for _, row in known if row.noticed[kind] is not None]
            SubElement(foot, "td").text = f"{sum(map(bool, asked))} / {len(asked)}"

    def _line(self, line: Element, one: Exhibit, row: Row) -> None:
        title = SubElement(SubElement(line, "th", {"scope": "row"}), "a", {"href": f"#{one.id}"})
        title.text = one.labels[self.config["language"]].title
        for kind in Kind:
            self._cell(line, row.noticed[kind])

    def _cell(self, line: Element, answer: bool | None) -> None:
        said = {True: self.said.caught, False: self.said.passes, None: self.said.not_asked}[answer]
        cell = SubElement(line, "td", {"title": said})
        SubElement(cell, "span", {"aria-hidden": "true"}).text = SIGNS[answer]
        SubElement(cell, "span", {"class": "lt-hidden"}).text = said

    # The exhibits -----------------------------------------------------------

    def _exhibit(self, element: Element, one: Exhibit, row: Row) -> None:
        label = one.labels[self.config["language"]]
        room = SubElement(element, "section", {"class": "lt-exhibit"})
        SubElement(room, "h4", {"id": one.id}).text = label.title
        for lead, text in ((self.said.symptom, label.symptom), (self.said.cause, label.cause)):
            self._said(room, lead, text)
        met = self._said(room, self.said.met, f"{label.met} (")
        link = SubElement(met, "a", {"href": f"bibliography.md#{one.cited}"})
        link.text, link.tail = self._cited(one), ")"
        self._about(room, one, row)
        folded = SubElement(room, "details")
        SubElement(folded, "summary").text = self.said.shown
        for patch in one.patches:
            self._code(folded, self.said.planted.format(files=", ".join(patch.paths)), difference(patch), "diff")
        self._code(folded, self.said.run, one.run, "python")
        self._code(folded, self.said.without, row.without)
        self._code(folded, self.said.printed, row.printed)

    def _said(self, room: Element, lead: str, text: str) -> Element:
        paragraph = SubElement(room, "p")
        strong = SubElement(paragraph, "strong")
        strong.text, strong.tail = lead, f" {text}"
        return paragraph

    def _cited(self, one: Exhibit) -> str:
        if one.cited not in self._entries:
            path = f"docs/{self.config['language']}/{BIBLIOGRAPHY}"
            raise SiteError(f"exhibit {one.id}: {path} has no entry {one.cited}")
        return self._entries[one.cited]

    @cached_property
    def _entries(self) -> dict[str, str]:
        """What the bibliography calls each of its entries, by id."""
        text = (self.root / "docs" / self.config["language"] / BIBLIOGRAPHY).read_text("utf-8")
        return {found["id"]: found["label"] for found in _ENTRY.finditer(text)}

    def _code(self, room: Element, caption: str, text: str, language: str = "") -> None:
        SubElement(room, "p", {"class": "lt-exhibit__caption"}).text = AtomicString(caption)
        marked = coloured(text, language, nowrap=True) if language else escape(text)
        html = f'<div class="highlight"><pre tabindex="0"><code>{marked}</code></pre></div>'
        SubElement(room, "div").text = AtomicString(keep(self.md, html))

    def _about(self, room: Element, one: Exhibit, row: Row) -> None:
        """Which checks notice it and which do not, and the section that teaches it, where it is written."""
        about = SubElement(room, "p", {"class": "lt-exhibit__about"})
        said = []
        for lead, answer in ((self.said.noticed_by, True), (self.said.missed_by, False)):
            kinds = [getattr(self.said, kind) for kind in Kind if row.noticed[kind] is answer]
            said += [f"{lead}: {', '.join(kinds)}"] if kinds else []
        about.text = " · ".join(said)
        language, path = self.config["language"], f"handbook/{one.sections[0]}.md"
        if (self.root / "docs" / language / path).is_file():
            about.text += f" · {self.said.section}: "
            link = SubElement(about, "a", {"href": f"../{path}"})
            link.text = section_at(self.root, language, path).title


def _row(rows: dict[str, Row], one: Exhibit) -> Row:
    if one.id not in rows:
        raise SiteError(f"{record.PATH} does not hold {one.id}; run `handbook museum --write`")
    return rows[one.id]


def difference(patch: Patch) -> str:
    """What a patch takes away and puts in, line by line."""
    before, after = (text.strip("\n").splitlines(keepends=False) for text in (patch.find, patch.instead))
    return "\n".join(line for line in ndiff(before, after) if not line.startswith("?")) + "\n"
