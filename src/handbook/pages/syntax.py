"""What pages add to Markdown, in one place: flags of fences, blocks, pins, worlds, levels and topics.

The engine, the site, the audit and every export read pages by this module, so that none of them can mean
something else by the same sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

# Front matter -----------------------------------------------------------------

FRONT_MATTER = ("title", "description", "level", "needs", "topics", "translates", "hide", "jupyter", "search")
"""The keys that a page may have: ours, then those of the theme, of notebooks and of the search."""

# Fences ---------------------------------------------------------------------

EXECUTED = ("python", "console")
"""The languages of the fences that are executed."""

ALIASES = frozenset("py python2 python3 py2 py3 ipython ipython2 ipython3 pypy python-script sage".split())
"""Other names of Python, in small letters, which a page does not use: its code is run, and the name is a finding."""

SESSIONS = frozenset("pycon python-console python-repl pyrepl doctest ipythonconsole pytb py3tb".split())
"""Names of Python with its prompts or its errors, which no block on a page holds."""

FENCE_INFO = re.compile(r"^(?P<language>[\w+-]*)\s*(?:\{(?P<flags>.*)\})?\s*$")
"""What stands behind a fence's mark: the language, then flags in braces."""

REASON = re.compile(r'data-reason="([^"]*)"')
"""Why a block does not run."""

FIX_FLAG = 'write the language, then the flag in braces: ```python { notest data-reason="why" }'

FIX_TAB = r"indent with spaces; in a string, write \t for a tab"

# Blocks ---------------------------------------------------------------------

KINDS = frozenset(
    "api bank cards details evening exam explorer figure museum opening parts progress proof question quiz sheet shown "
    "tab trap traps danger example info note quote tip warning".split()
)
"""The ``///`` blocks that a page may open."""

NAMING = frozenset({"api", "explorer", "figure", "sheet"})
"""The blocks whose argument names something, and is not read as prose."""

OPTIONS_LINE = r"^ {4,}attrs:[^\n]*$"
"""The line below a block's opening line that gives its attributes; a pattern for many lines."""

HEADING_ID = re.compile(r"\s*\{\s*#([\w-]+)\s*\}\s*$")
"""The id at the end of a heading, the same in both languages."""

TICK = re.compile(r"^\s*\[(?P<tick>[ xX])\]\s+")
"""What an option of a quiz begins with; the right ones are ticked."""

# Levels and topics ------------------------------------------------------------

Level = Literal["easy", "medium", "hard"]

LEVEL_SIGNS: dict[Level, str] = {"easy": "🟢", "medium": "🟡", "hard": "🔴"}
"""The levels of sections and questions, each with its sign."""

TOPICS = tuple(
    "attention blocks broadcasting cache causality cost gradients heads inference labels loss masks memory padding "
    "positions precision probability pytorch scaling shapes softmax testing training windows".split()
)
"""What a question may be about, as `data-topic` names it; `locale` says it to readers."""

SECTION_TOPICS = tuple(
    "conventions decoding dtype normalisation overview packing prefix reading reference residuals sampling "
    "speculation".split()
)
"""What a section may be about besides; no question is listed by it."""

# Pins -----------------------------------------------------------------------


class Tie(StrEnum):
    """How a claim is bound to its expression."""

    IS = "data-is"
    HOLDS = "data-holds"
    ROW = "data-row"
    TRUE = "data-true"
    SAYS = "data-says"


LINKED = (Tie.IS, Tie.HOLDS, Tie.ROW)
"""The ties that a reader can follow, to the block that computed the value."""

_PIN = rf'(?:{"|".join(Tie)})\s*=\s*"[^"]*"'
_NAMED_PIN = re.compile(rf'(?P<tie>{"|".join(Tie)})\s*=\s*"(?P<expression>[^"]*)"')
_HTML_PIN = re.compile(rf"\s{_PIN}")
_LIST_BELOW = re.compile(r"\n[ ]*(\{[^{}\n]*\})\s*$")
_LIST_AT_END = re.compile(r"\s*\{[^{}]*\}\s*$")
_PIN_LIST = re.compile(rf"\{{\s*{_PIN}\s*\}}")
_LISTS = re.compile(r' ?\{ ?(?:notest )?data-[a-z]+\s*=\s*"[^"]*" ?\}')

CODE_FONT = re.compile(r"`[^`]*`(?:\{[^{}]*\})?")
"""What stands in code font, with the attribute list behind it."""

UNSAID = r"`[^`\n]*`|\$\$[^$]*\$\$|\$[^$\n]+\$|\]\([^()\n]*\)|\{[^{}\n]*\}"
"""Code, formulas, addresses and attributes: what is not said in a language; a pattern."""

HELD_CLAIM = re.compile(rf"`(?P<claim>[^`\n]+)`\{{ *{Tie.HOLDS}=")
"""A claim in code font whose truth is computed."""


FIX_BRACE = "compute the value in a block above, and pin its name"


def pin_in(attributes: str) -> tuple[Tie, str] | None:
    """The tie and expression that an attribute list holds, if it holds one."""
    match = _NAMED_PIN.search(attributes)
    return (Tie(match["tie"]), match["expression"]) if match else None


def linked_pins(text: str) -> dict[str, list[int]]:
    """The one-based lines at which a text has pins that a reader can follow, by expression."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for pin in _NAMED_PIN.finditer(line):
            if pin["tie"] in LINKED:
                found.setdefault(pin["expression"], []).append(number)
    return found


def pin_at_end(text: str, tie: Tie) -> tuple[str, str | None]:
    """A text without the pin at its end, and the pin's expression; None where it ends with no such pin."""
    found = _LIST_AT_END.search(text)
    pin = pin_in(found[0]) if found else None
    return (text[: found.start()], pin[1]) if found and pin and pin[0] is tie else (text, None)


def pin_below(text: str) -> tuple[str, str | None]:
    """A paragraph without the line below it that says what its integers rest on, and that expression."""
    found = _LIST_BELOW.search(text)
    pin = pin_in(found[1]) if found else None
    return (text[: found.start()], pin[1]) if found and pin and pin[0] is Tie.SAYS else (text, None)


def without_pins(text: str) -> str:
    """Markdown without its pins; what they bind stays."""
    return _PIN_LIST.sub("", text)


def without_attribute_lists(text: str) -> str:
    """Markdown without pins and without the flags of fences."""
    return _LISTS.sub("", text)


def without_pin_attributes(html: str) -> str:
    """HTML without the attributes that pins leave on its elements."""
    return _HTML_PIN.sub("", html)


# Worlds ---------------------------------------------------------------------

FAILS_IF = "data-fails-if"
"""The attribute of a proof that names the worlds in which it must fail."""

DATA = (*Tie, FAILS_IF, "data-level", "data-topic", "data-reason")
"""The attributes of data that a page may hold."""

_WORLD = re.compile(r"^(?:(?P<module>[a-z_]+): )?(?P<old>.+?) =>(?: (?P<new>.*))?$", re.DOTALL)
_BUG = re.compile(r"^bug:(?P<bug>[\w-]+)$")


@dataclass(frozen=True)
class World:
    """A small change of code in which a claim is false.

    It plants the museum's exhibit ``bug``, or replaces ``old`` by ``new``: in the page's own code, or in a
    ``module`` of ``minimodel``. What names neither is malformed.
    """

    text: str
    module: str = ""
    old: str = ""
    new: str = ""
    bug: str = ""

    @property
    def malformed(self) -> bool:
        """Whether nobody can tell what it changes."""
        return not self.old and not self.bug


def worlds(written: str) -> tuple[World, ...]:
    """The worlds that an attribute names, separated by semicolons."""
    return tuple(_world(one.strip()) for one in written.split("; ") if one.strip())


def _world(text: str) -> World:
    if bug := _BUG.match(text):
        return World(text, bug=bug["bug"])
    if change := _WORLD.match(text):
        return World(text, change["module"] or "", change["old"], change["new"] or "")
    return World(text)
