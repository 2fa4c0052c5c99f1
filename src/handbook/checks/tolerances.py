"""Tolerances: what an assertion forgives is nothing or a power of ten, so that no other digit slips in."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks.context import Context
from handbook.findings import Finding

_NAMES = ("atol", "rtol", "abs_tol", "rel_tol")
_TINY = 1e-3
"""Below it a number that something is compared with is a tolerance."""


def check(context: Context) -> Iterator[Finding]:
    """Look at what each assertion of the page forgives."""
    for block in context.page.python:
        if block.runs:
            for line, written in unusual(block.code):
                yield context.say(
                    context.page.line_in(block, line),
                    f"the tolerance {written} is no power of ten",
                    "write the power of ten that holds, such as 1e-12, or 0 for none",
                )


@lru_cache(maxsize=4096)
def unusual(code: str) -> tuple[tuple[int, str], ...]:
    """The tolerances of a block's assertions that are neither nothing nor a power of ten: line, and as written."""
    try:
        asserted = [node.test for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert)]
    except SyntaxError:
        return ()
    found: list[tuple[int, str]] = []
    for node in (node for test in asserted for node in ast.walk(test)):
        if isinstance(node, ast.Call):
            numbers = [keyword.value for keyword in node.keywords if keyword.arg in _NAMES]
            found += [_told(number, code) for number in numbers if _value(number) and not _is_power(_value(number))]
        elif isinstance(node, ast.Compare):
            numbers = [number for number in (node.left, *node.comparators) if 0 < _value(number) < _TINY]
            found += [_told(number, code) for number in numbers if not _is_power(_value(number))]
    return tuple(found)


def _value(node: ast.expr) -> float:
    """The number that a node writes; zero for what is no number."""
    return float(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) else 0.0


def _is_power(value: float) -> bool:
    exponent = math.log10(value)
    return value < 1 and math.isclose(exponent, round(exponent), abs_tol=1e-9)


def _told(node: ast.expr, code: str) -> tuple[int, str]:
    return node.lineno, ast.get_source_segment(code, node) or ""
