"""Read a run of prose: its pins, its numbers, its links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from handbook.pages.model import Link, Number, Pin, Place
from handbook.pages.syntax import Tie, pin_in

NUMBER = r"(?<![\w.])(?<!\w-)[-−]?\d+(?:,\d{3})*(?:\.\d+)*(?:[eE][-+−]?\d+)?(?!\w)"
"""A number as prose writes it; letters glued to it (``float32``, ``GPT-2``) make it a name."""

ROW_NUMBER = re.compile(rf"{NUMBER}|(?<!\w)[-−]?(?:inf|nan|∞)(?!\w)")

_TOKEN = re.compile(
    rf"""
    (?P<escape>\\.)
  | (?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)(?P<attributes>\{{[^{{}}]*\}})?
  | (?P<math>\$\$.+?\$\$|\$(?!\s)(?:\\.|[^$\\])+?(?<!\s)\$)
  | (?P<link>!?)\[(?P<label>(?:`[^`]*`|\\.|\[[^\[\]]*\]|[^\[\]`\\])*)\]\((?P<target>[^()\s]*)[^()]*\)
    (?P<behind>\{{[^{{}}]*\}})?
  | (?<![\w\]])\[(?P<words>[^\[\]`]+)\]\[(?P<reference>[^\[\]]*)\]
  | (?P<html><!--.*?-->|</?[A-Za-z][^<>]*>)
  | (?P<alone>\{{[^{{}}\n]*\}})
  | (?P<number>{NUMBER})
  | (?P<name>\w*\d\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_ADDRESS = re.compile(r"""<(?:a|img|source|video|audio|iframe)\b[^<>]*?\s(?:href|src)=["']?(?P<target>[^"'\s>]*)""")
_RAW_CODE = re.compile(r"<pre\b|<code\b[^<>]*\blanguage-py|<!--[^>]*?(?:```|~~~)[ ]*\{?[ .]*py", re.IGNORECASE)
_TEXT = re.compile(r"\\text\{[^{}]*\}")
MATH_NUMBER = re.compile(r"\d+(?:\.\d+)?")
"""A number as a formula writes it."""


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[tuple[int, re.Match[str]], ...]:
    """What stands in a text, each with the line breaks above it; an audit reads a page again for every alteration."""
    return tuple((text.count("\n", 0, match.start()), match) for match in _TOKEN.finditer(text))


@dataclass
class Reading:
    """What the prose of a page claims, in the order of reading."""

    pins: list[Pin] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    all_numbers: list[tuple[str, int]] = field(default_factory=list)
    formulas: list[tuple[str, int]] = field(default_factory=list)
    names: list[tuple[str, int]] = field(default_factory=list)
    references: list[tuple[str, int]] = field(default_factory=list)
    """The names of addresses that stand elsewhere: ``[words][name]``."""
    attribute_lists: list[tuple[str, int]] = field(default_factory=list)
    """What stands in braces, behind code and links or by itself."""
    raw_code: dict[int, None] = field(default_factory=dict)
    """The lines on which HTML, or a comment, holds code."""

    def read(self, text: str, lines: list[int], after: int, place: Place = Place.PROSE, target: str = "") -> None:
        """Take in ``text``, whose k-th line is line ``lines[k]`` of the file.

        ``after`` is the last block above it; ``target`` the link that ``text`` is the label of.
        """
        for above, match in _tokens(text):
            line = lines[min(above, len(lines) - 1)]
            if braces := match["attributes"] or match["behind"] or match["alone"]:
                self.attribute_lists.append((braces, line))
            if match["code"] is not None:
                self._code(match["code"], match["attributes"] or "", line, after, target)
            elif match["math"] is not None:
                self.formulas.append((_TEXT.sub("", "".join(match["math"].split())), line))
                for number in MATH_NUMBER.findall(match["math"]):
                    self._number(number, line, Place.MATH, match["math"])
            elif match["target"] is not None:
                self.links.append(Link(match["target"], line, match["label"]))
                self.read(match["label"], [line], after, Place.LINK, match["target"])
            elif match["reference"] is not None:
                self.references.append((match["reference"] or match["words"], line))
                self.read(match["words"], [line], after, place, target)
            elif match["html"] is not None:
                self.html(match["html"], [line])
            elif match["number"] is not None:
                self._number(match["number"], line, place, target)
            elif match["name"] is not None:
                self.names.append((match["name"], line))

    def html(self, text: str, lines: list[int]) -> None:
        """Take in the links and images of raw HTML, whose k-th line is line ``lines[k]`` of the file."""
        for match in _RAW_CODE.finditer(text):
            self.raw_code[lines[min(text.count("\n", 0, match.start()), len(lines) - 1)]] = None
        for match in _ADDRESS.finditer(text):
            self.links.append(Link(match["target"], lines[min(text.count("\n", 0, match.start()), len(lines) - 1)]))

    def row(self, cells: list[str], line: int, after: int, expression: str) -> None:
        """Take in the cells of a table's row that ``data-row`` binds."""
        literal = " ".join(found for cell in cells for found in row_numbers(cell))
        self.pins.append(Pin(Tie.ROW, literal, expression, line, after))
        self.all_numbers += [(number, line) for number in literal.split()]

    def says(self, since: int, line: int, after: int, expression: str) -> None:
        """Bind the integers that were read since there were ``since`` numbers, and stand in plain words."""
        said = [number for number in self.numbers[since:] if number.place is Place.PROSE and is_integer(number.text)]
        self.numbers[since:] = [number for number in self.numbers[since:] if number not in said]
        self.pins.append(Pin(Tie.SAYS, " ".join(number.text for number in said), expression, line, after))

    def _code(self, code: str, attributes: str, line: int, after: int, target: str) -> None:
        code = " ".join(code.split())
        pin = pin_in(attributes)
        if pin:
            self.pins.append(Pin(pin[0], code, pin[1], line, after))
        elif re.search(r"\d", code):
            self.numbers.append(Number(code, line, Place.CODE, target))
        self.all_numbers += [(plain(number), line) for number in re.findall(NUMBER, code)]
        self.names += [(name, line) for name in re.findall(r"[^\W\d]\w*\d\w*", code)]

    def _number(self, text: str, line: int, place: Place, context: str) -> None:
        self.numbers.append(Number(plain(text), line, place, context))
        self.all_numbers.append((plain(text), line))


def plain(number: str) -> str:
    """A number with an ASCII minus."""
    return number.replace("−", "-")


def bare(number: str) -> str:
    """One spelling for the same integer: no sign, no grouping."""
    return plain(number).replace(",", "").replace("_", "").lstrip("-")


def is_integer(number: str) -> bool:
    """Whether a number has neither a decimal point nor an exponent."""
    return bare(number).isdigit()


def row_numbers(cell: str) -> Iterator[str]:
    """The numbers of a cell, attribute lists aside."""
    for found in ROW_NUMBER.findall(re.sub(r"\{[^{}]*\}", "", cell)):
        yield plain(found)


def numbers_in(text: str) -> list[str]:
    """Every number of a text, wherever it stands."""
    return [plain(found) for found in re.findall(NUMBER, text)]
