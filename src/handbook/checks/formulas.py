"""Formulas: each number in one belongs to its notation, or the page's code says the same.

Notation is what no reader would take for a measured fact, and each of its forms allows one number alone: the next
one and the one before (``i + 1``, ``T - 1``), a square, a half, a reciprocal, the indices from zero on in their
order, where a share or a difference is cut off. An equation whose two sides agree whatever its letters stand for
needs nothing else. Any other number must stand in the page's code in the same part: as a factor, an exponent, a
divisor, an index, beside a name that begins with the same letter. Or a pin of the same line holds it.
"""

from __future__ import annotations

import ast
import cmath
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.inline import MATH_NUMBER, numbers_in
from handbook.pages.model import Page, Place
from handbook.pages.syntax import Tie

_SPACE = re.compile(r"\\[,;:! ]|\\q?quad\b|\\left(?![a-z])|\\right(?![a-z])|\s+|\$")
_DRAWN = (0.7310586, 1.9133219, 2.6180339, 0.3678794, 1.2020569, 3.3598856)
"""What the letters of an equation stand for when its sides are compared: numbers that agree by no accident."""


def check(context: Context) -> Iterator[Finding]:
    """Look for what ties each number of each formula."""
    page = context.page
    if page.path.endswith(".py"):
        return
    code = Ties(page)
    formulas = {(number.context, number.line) for number in page.numbers if number.place is Place.MATH}
    for formula, line in sorted(formulas, key=lambda one: one[1]):
        pinned = code.pinned(line)
        for number in untied(formula, code):
            if number not in pinned:
                shown = " ".join(formula.split())
                problem = f"the number {number} of {shown} is neither notation nor in the page's code in this part"
                fix = f'let a block compute what the formula says, or pin `{number}`{{ {Tie.IS}="…" }} in the same line'
                yield context.say(line, problem, fix)


def untied(formula: str, code: Ties) -> Iterator[str]:
    """The numbers of a formula that are neither its notation nor tied to the code."""
    bare = _SPACE.sub("", formula)
    if _is_identity(bare):
        return
    for match in MATH_NUMBER.finditer(bare):
        place = _Place(match[0], bare[: match.start()], bare[match.end() :])
        if not _is_notation(place) and not code.hold(place):
            yield match[0]


class _Place(NamedTuple):
    """A number of a formula, with what stands before and after it."""

    number: str
    before: str
    after: str


# Notation -----------------------------------------------------------------------

_OPERAND = r"(?:[A-Za-z)}\]])"
_FORMS = (
    ("1", rf"{_OPERAND}[+-]$", r"(?![\d.*/^A-Za-z(\\])|\\(?:mid|dots|ldots|right)"),  # i + 1, T - 1
    ("2", r"\^\{?$", r""),  # a square
    ("2", r"(?:/|\}\{)$", r"(?![\d.^])"),  # a half
    ("1", r"(?:^|[-+=(,]|\\frac\{)$", r"/|\}\{"),  # a reciprocal
    ("0", r"(?:_|_\{|\^\{\(|=)$", r""),  # the first index, and where a sum begins
    ("0", r"(?:^|[({\[])$", r",\\l?dots"),  # 0, ..., i
    ("0", r"^$", r"$"),  # the first index, by itself
    ("1", r"(?:^|[=(])$", r"[+-][A-Za-z]"),  # 1 + f(x)
    ("1", r"\\min\($", r","),  # a share, cut off at the whole
    ("0", r"\\max\($", r","),  # what is positive
)
_FOLLOWS = re.compile(r"(?P<index>\d+)\}?,(?P<name>[A-Za-z]*_?\{?)$")


def _is_notation(place: _Place) -> bool:
    if any(
        place.number == number and re.search(before, place.before) and re.match(after, place.after)
        for number, before, after in _FORMS
    ):
        return True
    follows = _FOLLOWS.search(place.before)
    return follows is not None and follows["name"].rstrip("_{").isalpha() and _is_next(follows["index"], place.number)


def _is_next(index: str, number: str) -> bool:
    return number.isdigit() and int(number) == int(index) + 1


# Equations ----------------------------------------------------------------------

_TOKEN = re.compile(r"\d+(?:\.\d+)?|\\[A-Za-z]+|[A-Za-z]|.")


@lru_cache(maxsize=4096)
def _is_identity(bare: str) -> bool:
    """Whether a formula is an equation that holds whatever its letters stand for."""
    sides = bare.rstrip(".,;").split("=")
    if len(sides) < 2:
        return False
    try:
        trees = [compile(_python(side), "<formula>", "eval") for side in sides]
        letters = sorted({name for tree in trees for name in tree.co_names})
        for shift in range(3):
            drawn = {name: _DRAWN[(at + shift) % len(_DRAWN)] for at, name in enumerate(letters)}
            values = [complex(eval(tree, {"__builtins__": {}, **_KNOWN, **drawn, **_KNOWN})) for tree in trees]
            if not all(cmath.isclose(value, values[0], rel_tol=1e-9, abs_tol=1e-12) for value in values):
                return False
    except (ValueError, SyntaxError, ArithmeticError, TypeError):
        return False
    return True


_KNOWN = {"e": cmath.e, "inf": float("inf"), "imaginary": 1j}
_SAID = {
    **{r"\cdot": "*", r"\times": "*", r"\infty": "inf", r"\pi": str(cmath.pi)},
    **{"^": "**", "{": "(", "}": ")", "[": "(", "]": ")", "§": "imaginary"},
}
"""Signs of a formula, as Python writes them."""


def _python(side: str) -> str:
    """A side of an equation as Python reads it; raises ``ValueError`` for what is not arithmetic."""
    side = side.replace(r"\text{i}", "§")
    for _ in range(4):  # the innermost first
        side = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", side)
        side = re.sub(r"\\sqrt\{([^{}]*)\}", r"((\1)^(1/2))", side)
    written: list[str] = []
    for token in _TOKEN.findall(side):
        piece = _SAID.get(token, token)
        if piece.startswith("\\") or piece in "_|,!:":
            raise ValueError(piece)
        if written and re.match(r"[\w(]", piece) and re.search(r"[\w)]$", written[-1]):
            written.append("*")
        written.append(piece)
    return "".join(written)


# The page's code ------------------------------------------------------------------


class Ties:
    """The numbers of a page's code and pins, each with the part that it plays there."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def pinned(self, line: int) -> set[str]:
        """The numbers that pins of a line hold, in what they bind or in the expression that they bind it to."""
        here = [pin for pin in self.page.pins if pin.line == line and pin.tie is Tie.IS]
        return {number for pin in here for number in numbers_in(f"{pin.literal} {pin.expression}")}

    @cached_property
    def _parts(self) -> frozenset[tuple[str, str, str]]:
        found: set[tuple[str, str, str]] = set()
        for code in {
            *(block.code for block in self.page.python if block.runs),
            *(p.expression for p in self.page.pins),
        }:
            found |= _parts_of(code)
        return frozenset(found)

    def hold(self, place: _Place) -> bool:
        """Whether the code has the number in the part that it plays in the formula."""
        return any((part, place.number, beside) in self._parts for part, beside in _parts_in(place))


def _parts_in(place: _Place) -> Iterator[tuple[str, str]]:
    """The parts that a number plays in a formula, each with the number, or the letter of the name, beside it."""
    before, after = place.before, place.after
    power = re.search(r"(?P<base>[A-Za-z\d])(?:_\{?[\w\\{]+\}*)?\^\{?$", before)
    if power:
        yield "exponent", power["base"].lower()
    elif raised := re.match(r"\^\{?(?P<exponent>\d+)", after):
        yield "base", raised["exponent"]
    elif index := re.search(r"(?P<name>[A-Za-z])(?:_\{?)$", before):
        yield "index", index["name"].lower()
    elif re.search(r"(?:/|\}\{)$", before):
        yield "divisor", ""
    elif by := re.match(r"(?:\\cdot|\\times)?\(?(?P<name>[A-Za-z])(?:_\{?(?:\\text\{)?(?P<below>[A-Za-z]))?", after):
        yield from (("factor", letter.lower()) for letter in by.groups() if letter)


@lru_cache(maxsize=4096)
def _parts_of(code: str) -> frozenset[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return frozenset()
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            found |= set(_of_operation(node))
        elif isinstance(node, ast.Subscript) and _constant(node.slice):
            found |= {("index", _constant(node.slice), letter) for letter in _letters(node.value)}
    return frozenset(found)


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, str, str]]:
    left, right = _constant(node.left), _constant(node.right)
    if isinstance(node.op, ast.Pow):
        if right:
            yield from (("exponent", right, letter) for letter in _letters(node.left) | {left})
        if left:
            yield "base", left, right
    elif isinstance(node.op, ast.Mult):
        factors = list(_factors(node))
        letters = {letter for factor in factors for letter in _letters(factor)}
        yield from (("factor", _constant(factor), letter) for factor in factors for letter in letters)
    elif isinstance(node.op, (ast.Div, ast.FloorDiv)) and right:
        yield "divisor", right, ""


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    """What is multiplied, however many factors there are."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _letters(node: ast.expr) -> set[str]:
    """The first letters of the names in an expression, small: a formula has letters where code has names."""
    names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
    names += [one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)]
    return {name.lstrip("_")[:1].lower() for name in names}


def _constant(node: ast.expr) -> str:
    """The number that a node writes, or nothing."""
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and node.value is not True
    return str(node.value) if isinstance(node, ast.Constant) and is_number else ""
