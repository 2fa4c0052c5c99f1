"""Names: what holds a number is called so by the page's code or by a source, and no list names the same thing twice.

``float16`` is a dtype that there is, ``H100`` stands in the bibliography, and ``L02`` is a lab. A width in bits is a
power of two. "Rows 0, 1 and 1" are no three rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.syntax import CODE_FONT
from handbook.project import BIBLIOGRAPHY

_DTYPE = re.compile(r"(?:bfloat|float|u?int|complex)(?P<bits>\d+)")
_WIDTHS = ("1", "2", "4", "8", "16", "32", "64", "128")
_PAPER = "A4"
"""The one name that everybody knows who has a printer."""
_BITS = re.compile(r"(?<![\w.,$^-])(?P<number>\d+)(?: |-)bits?\b")
_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()\s]*\)")
_PLURALS = (
    "tokens|rows|columns|positions|keys|queries|values|heads|texts|layers|slots|pages|blocks|outputs|steps|features|"
    "filas|columnas|posiciones|claves|consultas|valores|cabezas|textos|capas|páginas|bloques|salidas|pasos|"
    "características"
)
_LISTED = re.compile(rf"\b(?:{_PLURALS}) (?P<numbers>\d+(?:, \d+)*,? (?:and|or|to|y|e|o|u|a|al) \d+)\b", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    """Look at each name with a digit in it, each width in bits, and each list of things that are called by number."""
    page = context.page
    if page.path.endswith((".py", BIBLIOGRAPHY)):
        return
    yield from _glued(context)
    for line, written in page.prose:
        text = CODE_FONT.sub("", _LINK.sub("", written))
        for bits in _BITS.finditer(text):
            if bits["number"] not in _WIDTHS:
                problem = f"{bits['number']} is no width of numbers in bits"
                yield context.say(line, problem, "correct it, pin it, or cite who has so many")
        for listed in _LISTED.finditer(text):
            numbers = re.findall(r"\d+", listed["numbers"])
            twice = next((one for one in numbers if numbers.count(one) > 1), None)
            if twice:
                problem = f"“{listed[0]}” names {twice} twice"
                yield context.say(line, problem, "name each of them once")


def _glued(context: Context) -> Iterator[Finding]:
    """What ends a name is as easily mistaken as any other number, and a name that exists stands somewhere else too."""
    page, library = context.page, context.library
    said = library.read(context.project.bibliography_of(page.path)).text
    own = (*(block.code + block.certain for block in page.blocks), *(pin.literal for pin in page.pins))
    labs = {path.rpartition("/")[2].partition("-")[0] for path in context.project.pages if "/labs/" in path}
    known = _names_in("\n".join(own)) | _names_in(said) | labs | {_PAPER}
    for name, line in page.names:
        dtype = _DTYPE.fullmatch(name)
        if name not in known and not (dtype and dtype["bits"] in _WIDTHS):
            problem = f"the name {name} stands neither in the page's code nor in the bibliography"
            yield context.say(line, problem, "correct it, or name it in the entry of a source")


@lru_cache(maxsize=64)
def _names_in(text: str) -> frozenset[str]:
    """The words of a text that hold a digit, as the reading of prose takes them."""
    return frozenset(re.findall(r"[A-Za-z0-9]+", text)) | frozenset(re.findall(r"\w*\d\w*", text))
