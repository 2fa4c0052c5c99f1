"""Comments: a shape is the one that the name has, and any other number stands in the code beside it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.comments import comments_in
from handbook.pages.inline import MATH_NUMBER, numbers_in
from handbook.running.transcript import Transcript

_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
    ast.FloorDiv: operator.floordiv,
}


def check(context: Context) -> Iterator[Finding]:
    """Compare the shapes in comments with those that the run found, and other numbers with the code beside them."""
    page = context.page
    if page.path.endswith(".py"):
        return
    for said in page.shapes:
        value = context.transcript.values.get(Transcript.key(said.after, said.expression))
        if value is None or value.error is not None:
            continue  # it is no array, or its block has said so itself
        if not fits(said.shape, value.value, value.shape_names):
            problem = f"the comment says {said.shape}, and the shape of {said.name} is {value.value}"
            yield context.say(said.line, problem, "write the shape that it has, in numbers or in names")
    for block in page.python:
        if not block.runs:
            continue
        for comment in comments_in(block.code):
            known = {_plain(number) for number in MATH_NUMBER.findall(comment.beside)}
            for number in numbers_in(comment.words):
                if _plain(number) not in known:
                    yield context.say(
                        page.line_in(block, comment.line),
                        f"the number {number} of this comment does not stand in the code beside it",
                        "say it in words, or leave it out: no run shows whether a comment is true",
                    )
                    break


def fits(shape: str, sizes: list[int], names: dict[str, int]) -> bool:
    """Whether a shape as a comment writes it may be that of an array of these ``sizes``.

    A name by itself is notation: ``T`` is the length of whatever text the comment is about. Beside a number it is
    what the page gave it. ``...`` stands for any axes in front.
    """
    parts = [part.strip() for part in shape.strip("[]").split(",") if part.strip()]
    if parts[:1] == ["..."]:
        parts = parts[1:]
        sizes = sizes[len(sizes) - len(parts) :] if len(parts) <= len(sizes) else []
    if len(parts) != len(sizes):
        return False
    return all(_size(part, names) in (None, size) for part, size in zip(parts, sizes, strict=True))


def _size(part: str, names: dict[str, int]) -> int | None:
    """What an axis comes to; None for a name by itself, for words, and for names that the page gave no integer."""
    if part.isidentifier():
        return None
    try:
        return _computed(ast.parse(part, mode="eval").body, names)
    except (SyntaxError, LookupError, TypeError, ZeroDivisionError):
        return None


def _computed(node: ast.expr, names: dict[str, int]) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_computed(node.left, names), _computed(node.right, names))
    raise TypeError(node)


def _plain(number: str) -> str:
    """One spelling for the same number: no sign, no grouping, no zeros behind the point."""
    bare = number.lstrip("-").replace(",", "")
    return bare.rstrip("0").rstrip(".") if "." in bare else bare
