"""When a literal on a page agrees with a value."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from typing import Any

from handbook.pages.inline import plain


def agrees(literal: str, value: Any, names: dict[str, int]) -> bool:
    """Whether ``literal`` is ``value`` as a page may write it.

    A literal with k decimals equals the value rounded to k decimals; integers, strings and booleans
    are equal exactly; lists and shapes element by element, with names such as ``T`` looked up in
    ``names``.
    """
    literal = literal.strip()
    if isinstance(value, list):
        parts = _elements(literal)
        return (
            parts is not None
            and len(parts) == len(value)
            and all(agrees(part, item, names) for part, item in zip(parts, value, strict=True))
        )
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return literal == str(value)
    if literal in names:
        return bool(names[literal] == value)
    return shown_like(literal, value) == _normal(literal)


def shown_like(literal: str, value: float) -> str | None:
    """``value`` written with the decimals of ``literal``; None when ``literal`` is not a number.

    An integer literal shows the value itself, so that 1 never stands for 0.9999.
    """
    text = _normal(literal)
    try:
        number = float(text)
    except ValueError:
        return None
    if math.isinf(number) or math.isnan(number) or math.isinf(value) or math.isnan(value):
        return _normal(str(value))
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    if exponent:
        return _normal(f"{value:.{decimals}e}")
    if "." not in text:
        return str(int(value)) if float(value).is_integer() else repr(value)
    rounded = f"{value:.{decimals}f}"
    return rounded.lstrip("-") if float(rounded) == 0 else rounded


def _normal(literal: str) -> str:
    """One spelling for the same literal: ASCII minus, no thousands commas, ``e-5`` for ``e-05``, ``inf``."""
    text = plain(literal).replace(",", "").replace("∞", "inf").lower().removeprefix("+")
    mantissa, mark, exponent = text.partition("e")
    if mark and exponent.lstrip("+-").isdigit():
        text = f"{mantissa}e{int(exponent)}"
    return text.lstrip("-") if text.startswith("-0") and not text.strip("-0.") else text


def _elements(literal: str) -> list[str] | None:
    """The elements of a list or tuple literal as they are written; None when it is neither."""
    text = plain(literal).replace("∞", "inf")
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(tree, (ast.List, ast.Tuple)):
        return None
    return [ast.get_source_segment(text, element) or "" for element in tree.elts]


def flatten(value: Any) -> Iterator[Any]:
    """The numbers of a nested list in order."""
    if isinstance(value, list):
        for item in value:
            yield from flatten(item)
    else:
        yield value
