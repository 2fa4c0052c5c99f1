"""A module's docstrings as one text that keeps the file's line numbers."""

from __future__ import annotations

import ast
import inspect

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def text_of(module: str) -> str:
    """The docstrings of a module's source, each at its own lines, everything else blank.

    Raises ``SyntaxError`` when the module cannot be parsed.
    """
    lines = [""] * (module.count("\n") + 1)
    for node in ast.walk(ast.parse(module)):
        if not isinstance(node, _DOCUMENTED) or ast.get_docstring(node, clean=False) is None:
            continue
        statement = node.body[0]
        assert isinstance(statement, ast.Expr)
        written = inspect.cleandoc(ast.get_docstring(node, clean=False) or "").split("\n")
        lines[statement.lineno - 1 : statement.lineno - 1 + len(written)] = written
    return "\n".join(lines)
