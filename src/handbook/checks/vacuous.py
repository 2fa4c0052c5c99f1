"""Assertions that cannot fail, and comparisons whose answer nobody hears: neither proves anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.syntax import Tie

_JUDGES = ("allclose", "array_equal", "array_equiv", "equal", "isclose")
"""Functions of NumPy, torch and `math` that compare two values and answer."""
_CLAIMS = (Tie.HOLDS, Tie.TRUE, Tie.SAYS)
"""The ties whose expression is true or false."""
_CATCHES = ("AssertionError", "Exception", "BaseException")


def check(context: Context) -> Iterator[Finding]:
    """Look for what each block of the page claims and does not hold."""
    for block in context.page.python:
        if block.runs:
            for line, problem, fix in empty(block.code):
                yield context.say(context.page.line_in(block, line), problem, fix)
    for pin in context.page.pins:
        test = _parsed(pin.expression) if pin.tie in _CLAIMS else None
        if test and (itself := _compared_with_itself(test)):
            problem = f"this pin cannot fail: {itself} compares a value with itself"
            yield context.say(pin.line, problem, "compare it with what it should be")


@lru_cache(maxsize=4096)
def empty(code: str) -> tuple[tuple[int, str, str], ...]:
    """What a block claims and does not hold: line, what is wrong, what to write instead."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return ()
    return tuple(sorted(_found(tree)))


def _found(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            if isinstance(node.test, ast.Tuple):
                yield node.lineno, "this assertion cannot fail: it asserts a tuple", "leave out the parentheses"
            elif uncalled := _uncalled(node.test):
                yield node.lineno, f"this assertion cannot fail: {uncalled} is not called", "write () after its name"
            elif itself := _compared_with_itself(node.test):
                yield (
                    node.lineno,
                    f"this assertion cannot fail: {itself} compares a value with itself",
                    "compare it with what it should be",
                )
            elif not _is_end(node.test) and not any(isinstance(part, ast.Name) for part in ast.walk(node.test)):
                yield (
                    node.lineno,
                    f"this assertion cannot fail: {_written(node.test)} names no value",
                    "compare something that the page computes",
                )
            if isinstance(node.msg, ast.Compare):
                yield (
                    node.lineno,
                    f"after the comma stands the message, and {_written(node.msg)} is not asserted",
                    "join the two with `and`, or assert each on a line of its own",
                )
        elif isinstance(node, ast.Expr) and _judges(node.value):
            yield (
                node.lineno,
                f"{_written(node.value)} is compared and its answer is dropped",
                "write `assert` before it, or print it",
            )
        elif isinstance(node, ast.Try) and any(
            isinstance(part, ast.Assert) for one in node.body for part in ast.walk(one)
        ):
            for handler in node.handlers:
                if _swallows(handler):
                    yield handler.lineno, "an assertion fails here without a word", "take the assertion out of the try"


def _uncalled(test: ast.expr) -> str:
    """The function that an assertion names and does not ask: `(a == b).all`, or a lambda."""
    if isinstance(test, ast.Lambda) or (isinstance(test, ast.Attribute) and test.attr in ("all", "any")):
        return _written(test)
    return ""


def _is_end(test: ast.expr) -> bool:
    """Whether it is `assert False`, which says that nothing comes here."""
    return isinstance(test, ast.Constant) and not test.value


def _judges(node: ast.expr) -> bool:
    """Whether an expression only compares."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name in _JUDGES
    return isinstance(node, ast.Compare)


def _parsed(expression: str) -> ast.expr | None:
    """An expression as it is read; None where it is none, which the pin's value says."""
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError:
        return None


def _compared_with_itself(test: ast.expr) -> str:
    """The part of a test that compares a value with itself; nothing where there is none."""
    return next(map(_written, filter(_same_on_both_sides, _parts(test))), "")


def _parts(test: ast.expr) -> list[ast.expr]:
    """What must be true, each by itself: the operands of `and`."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return [part for one in test.values for part in _parts(one)]
    return [test]


def _same_on_both_sides(test: ast.expr) -> bool:
    if (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], (ast.Eq, ast.LtE, ast.GtE, ast.Is))
    ):
        sides = [test.left, test.comparators[0]]
    elif isinstance(test, ast.Call) and _judges(test) and len(test.args) >= 2:
        sides = test.args[:2]
    else:
        return False
    calls = any(isinstance(part, ast.Call) for part in ast.walk(sides[0]))
    return not calls and ast.dump(sides[0]) == ast.dump(sides[1])  # two calls may differ, and show that they do not


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether an assertion that fails ends here: everything, or assertions by name, are caught and nothing is done."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    caught = handler.type is None or any(isinstance(one, ast.Name) and one.id in _CATCHES for one in kinds)
    return caught and all(isinstance(one, ast.Pass) or _is_ellipsis(one) for one in handler.body)


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def _written(node: ast.expr) -> str:
    return ast.unparse(node)
