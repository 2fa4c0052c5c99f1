"""Numbers: each is given by the page's code, computed by it, or cited; anything else is an orphan."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from handbook.checks.context import Context
from handbook.checks.literals import agrees, flatten, shown_like
from handbook.findings import Finding
from handbook.pages.inline import bare, is_integer, numbers_in, plain
from handbook.pages.model import Number, Pin, Place
from handbook.pages.syntax import Tie
from handbook.project import BIBLIOGRAPHY
from handbook.running.transcript import Transcript, Value

CITED = f"…/{BIBLIOGRAPHY}#id-of-the-entry"
"""Where the link of a cited number leads."""

_SIGNS = {"<": "<", ">": ">", "≤": "<=", "≥": ">=", "=": "==", "≠": "!="}
_SIGN = re.compile(r"<=|>=|==|!=|[<>≤≥≠=]")


def check(context: Context) -> Iterator[Finding]:
    """Compare every pin with its value, and trace every other number to its source."""
    page = context.page
    if page.path.endswith((".py", BIBLIOGRAPHY)):
        return
    yield from _title(context)
    numbers = _Numbers(context)
    for pin in page.pins:
        yield from numbers.pin(pin)
    for number in page.numbers:
        yield from numbers.loose(number)


def _title(context: Context) -> Iterator[Finding]:
    """The title of a section or a lab begins with the number of its file."""
    file = re.match(r"L?\d\d(?=-)", PurePosixPath(context.page.path).name)
    for heading in context.page.headings:
        said = re.match(r"L?\d\d\b", heading.text)
        if heading.level == 1 and file and said and said[0] != file[0]:
            problem = f"the title says {said[0]}, and the page is {file[0]} by the name of its file"
            yield context.say(heading.line, problem, f"begin the title with {file[0]}")


class _Numbers:
    """The sources of a page's numbers."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.page = context.page
        self.transcript = context.transcript
        self.missing: set[tuple[int, str]] = set()
        """Entries of the bibliography that are not there, each by the line that names it."""
        self._judges = {
            Tie.IS: self._is,
            Tie.HOLDS: self._holds,
            Tie.ROW: self._row,
            Tie.TRUE: self._option,
            Tie.SAYS: self._says,
        }

    # Sources ------------------------------------------------------------------

    @cached_property
    def given(self) -> frozenset[str]:
        """The numbers that stand as literals in the page's code, and those its blocks print on every machine."""
        found: set[str] = set()
        for block in self.page.blocks:
            if block.runs:
                found |= _literals(block.code) if block.language == "python" else set(numbers_in(block.code))
            found |= {bare(number) for number in numbers_in(block.certain)}
        return frozenset(found)

    @cached_property
    def verbatim(self) -> str:
        """All code and output of the page, white space folded."""
        parts = [block.code + "\n" + block.certain for block in self.page.blocks]
        return " ".join(" ".join(parts).split())

    @cached_property
    def own_number(self) -> str:
        """The number in the page's file name: ``02`` for ``02-causal-mask.md``."""
        return _file_number(self.page.path)

    # Pins -----------------------------------------------------------------------

    def pin(self, pin: Pin) -> Iterator[Finding]:
        """What is wrong with a pin; nothing where it agrees with its value."""
        value = self.transcript.values.get(Transcript.key(pin.after, pin.expression))
        if value is None:
            return
        if value.error is not None:
            if not self._excused(value.error, pin.after):
                problem = f"the pin {pin.expression} raises {value.error}"
                fix = "pins see what the blocks above them computed; name one of those values"
                yield self.context.say(pin.line, problem, fix)
        elif not _can_fail(pin.expression):
            problem = f"the pin {pin.expression} names no value of the page, so it proves nothing"
            yield self.context.say(pin.line, problem, "write an expression that holds a name the page computed")
        else:
            yield from self._judges[pin.tie](pin, value)

    def _excused(self, error: str, after: int) -> bool:
        """A name is missing because a block above did not run here (it has said so itself)."""
        missing = [ran for index, ran in self.transcript.ran.items() if index <= after and (ran.error or ran.skipped)]
        return error.startswith("NameError") and bool(missing)

    def _is(self, pin: Pin, value: Value) -> Iterator[Finding]:
        if not agrees(pin.literal, value.value, value.shape_names):
            problem = f"{pin.literal} is not {pin.expression}, which is {_show(pin.literal, value.value)}"
            yield self.context.say(
                pin.line, problem, "write the value that the page computes, or pin the expression you mean"
            )

    def _holds(self, pin: Pin, value: Value) -> Iterator[Finding]:
        if value.value is not True:
            problem = f"{pin.literal} does not hold: {pin.expression} is {value.value}"
            yield self.context.say(pin.line, problem, "correct the claim or the code")
            return
        spoken = {_SIGNS.get(sign, sign) for sign in _SIGN.findall(pin.literal)}
        written = set(_SIGN.findall(pin.expression))
        lost = [number for number in numbers_in(pin.literal) if number not in numbers_in(pin.expression)]
        if lost or not spoken <= written:
            what = lost[0] if lost else "the sign " + ", ".join(sorted(spoken - written))
            problem = f"{pin.literal} is not what {pin.expression} shows: {what} is not in it"
            yield self.context.say(pin.line, problem, "let the expression hold every number and sign of the claim")

    def _option(self, pin: Pin, value: Value) -> Iterator[Finding]:
        if not isinstance(value.value, bool):
            problem = f"the option's expression {pin.expression} is {value.value}, not True or False"
            yield self.context.say(pin.line, problem, "write a comparison that settles the option")
        elif str(value.value) != pin.literal:
            state = "ticked" if pin.literal == "True" else "not ticked"
            problem = f"this option is {state}, but {pin.expression} is {value.value}"
            yield self.context.say(pin.line, problem, "tick it rightly, or correct the expression")

    def _row(self, pin: Pin, value: Value) -> Iterator[Finding]:
        cells, values = pin.literal.split(), list(flatten(value.value))
        if len(cells) != len(values):
            problem = f"the row holds {len(cells)} numbers, {pin.expression} has {len(values)}"
            yield self.context.say(pin.line, problem, "one number for each value, in order, after the first cell")
            return
        for cell, item in zip(cells, values, strict=True):
            if not agrees(cell, item, {}):
                problem = f"{cell} is not in {pin.expression}, which holds {_show(cell, item)} there"
                yield self.context.say(pin.line, problem, "write the value that the page computes")
                return

    def _says(self, pin: Pin, value: Value) -> Iterator[Finding]:
        held = Counter(map(bare, numbers_in(pin.expression)))
        lost = list(Counter(map(bare, pin.literal.split())) - held)
        if not pin.literal:
            problem = f"{pin.tie} binds the integers in the words above it, and there is none"
            yield self.context.say(pin.line, problem, "delete it; a number in code font has a pin of its own")
        elif value.value is not True:
            problem = f"what the words with {', '.join(pin.literal.split())} rest on does not hold: {pin.expression}"
            yield self.context.say(pin.line, f"{problem} is {value.value}", "correct the words or the code")
        elif lost:
            problem = f"the words say {lost[0]} more often than {pin.expression}, which they rest on"
            yield self.context.say(pin.line, problem, "let the expression hold each integer as often as the words do")

    # Loose numbers ----------------------------------------------------------------

    def loose(self, number: Number) -> Iterator[Finding]:
        """What is wrong with a number that no pin binds."""
        if number.place is Place.CODE:
            yield from self._code(number)
        elif number.place is Place.LINK:
            yield from self._link(number)
        elif number.place is Place.MATH:
            return  # a formula has rules of its own: formulas.py
        elif number.place is Place.TABLE or not is_integer(number.text) or not self._is_known(number.text):
            yield self._orphan(number)

    def _is_known(self, text: str) -> bool:
        return bare(text) in self.given or (text == self.own_number != "")

    def _code(self, number: Number) -> Iterator[Finding]:
        text = number.text
        if numbers_in(text) == [plain(text)]:
            yield self._orphan(number)
        elif not re.search(rf"(?<![\w.]){re.escape(text)}(?![\w.]*\w)", self.verbatim):
            problem = f"`{text}` holds a number and stands neither in the page's code nor in its output"
            fix = f'pin it, `{text}`{{ data-is="…" }}, or write it as the code has it'
            yield self.context.say(number.line, problem, fix)

    def _link(self, number: Number) -> Iterator[Finding]:
        target, _, anchor = number.context.partition("#")
        if target.endswith(PurePosixPath(BIBLIOGRAPHY).name):
            yield from self._cited(number, anchor)
        elif _file_number(target):
            if number.text != _file_number(target):
                problem = f"number {number.text} is not that of the section it links to ({target})"
                yield self.context.say(number.line, problem, "correct the number or the link")
        elif not is_integer(number.text) or not self._is_known(number.text):
            yield self._orphan(number)

    def _cited(self, number: Number, anchor: str) -> Iterator[Finding]:
        path = self.context.project.bibliography_of(self.page.path)
        entry = self.context.library.read(path).sections.get(anchor)
        if entry is None:
            is_said = self.context.is_site_page  # by the check of the links
            if not is_said and (number.line, anchor) not in self.missing:
                self.missing.add((number.line, anchor))  # a citation holds a year, and often another number
                problem = f"the bibliography has no entry {anchor}"
                yield self.context.say(number.line, problem, f"add it to {path}, or name one that is there")
        elif number.text not in numbers_in(entry):
            problem = f"{number.text} does not stand in the bibliography's entry {anchor}"
            yield self.context.say(number.line, problem, f"add the fact to the entry in {path}, or correct the number")

    def _orphan(self, number: Number) -> Finding:
        nearest = self._nearest(number.text)
        if nearest and nearest[0] == plain(number.text):
            expression = nearest[1]
            problem = f"number {number.text} is that of {expression}, and nothing here binds it to it"
        else:
            expression = "…"
            hint = f" (nearest: {nearest[0]} = {nearest[1]})" if nearest else ""
            problem = f"number {number.text} is not computed on this page{hint}"
        pin = f'pin it in code font: `{number.text}`{{ data-is="{expression}" }}'
        cite = f"or cite it, inside the words of a link to the bibliography: [… {number.text} …]({CITED})"
        return self.context.say(number.line, problem, f"{pin}; {cite}")

    def _nearest(self, text: str) -> tuple[str, str] | None:
        """The computed number nearest to ``text``, as ``text`` would be written, and its expression."""
        try:
            wanted = float(plain(text).replace(",", ""))
        except ValueError:
            return None
        close = min(self.transcript.computed, key=lambda item: _distance(item[1], wanted), default=None)
        shown = shown_like(text, close[1]) if close else None
        return (shown, close[0]) if close and shown is not None else None


def _distance(value: float, wanted: float) -> float:
    gap = abs(value - wanted)
    return gap if gap == gap else float("inf")


@lru_cache(maxsize=4096)
def _literals(code: str) -> frozenset[str]:
    """The number literals of Python code; comments and strings are not code. An audit asks for each block often."""
    found: set[str] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.NUMBER:
                found.add(bare(token.string))
    except (tokenize.TokenError, SyntaxError):
        pass
    return frozenset(found)


def _file_number(path: str) -> str:
    match = re.match(r"(\d+)-", PurePosixPath(path).name)
    return match[1] if match else ""


def _can_fail(expression: str) -> bool:
    """Whether the expression depends on anything at all."""
    return any(isinstance(node, ast.Name) for node in ast.walk(ast.parse(expression, mode="eval")))


def _show(literal: str, value: object) -> str:
    """A value as the page would write it."""
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return shown_like(literal, value) or str(value)
    return str(value)
