"""Functions that a page embeds from `minimodel`: shown with the first line of their docstrings."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

EMBED = re.compile(r'--8<-- "src/(?P<module>minimodel/\w+)\.py:(?P<name>\w+)"')
"""The line of a fence that embeds a part of a module."""

_Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@lru_cache(maxsize=2048)
def shortened(code: str) -> str:
    """Keep the first line of each docstring in `code`; what runs is the same."""
    lines = code.split("\n")
    for _, first, last in reversed(_long_docstrings(code)):
        opening = lines[first].rstrip()
        lines[first : last + 1] = [opening + opening.lstrip().lstrip("rR")[:3]]
    return "\n".join(lines)


def documented(code: str) -> list[str]:
    """Name the functions and classes of `code` whose docstrings `shortened` cuts, those inside others left out."""
    return [node.name for node, *_ in _long_docstrings(code) if node.col_offset == 0]


def _long_docstrings(code: str) -> list[tuple[_Documented, int, int]]:
    """Each docstring of several lines that begins on the line of its quotes: whose it is, its first and last line."""
    if '"""' not in code:
        return []
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, _Documented) and ast.get_docstring(node, clean=False):
            text = node.body[0]
            first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
            lines = code.split("\n")
            quotes = lines[first].strip().lstrip("rR")
            if last > first and quotes.startswith('"""') and len(quotes) > 3 and lines[last].rstrip().endswith('"""'):
                found.append((node, first, last))
    return sorted(found, key=lambda one: one[1])
