"""Comments in a page's code: the shapes that they say a name has, and the other numbers in them."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_SHAPES = re.compile(r"# *(?P<shapes>\[[^\[\]]*\](?:(?:,(?: or)?| ->) *\[[^\[\]]*\])*)(?P<each> each\b)?")
_SHAPE = re.compile(r"\[[^\[\]]*\]")


class Comment(NamedTuple):
    """A comment: its line in the block, its words without the shapes before them, and the code that it stands beside.

    The code is that of the whole statement, or of the next one where the comment has its line to itself.
    """

    line: int
    words: str
    beside: str


class ShapeComment(NamedTuple):
    """What a comment says about a name: ``# [T, 1]`` behind the statement that assigns it."""

    line: int
    name: str
    shape: str


@lru_cache(maxsize=4096)
def comments_in(code: str) -> tuple[Comment, ...]:
    """The comments of a block in order; none where it is no Python."""
    found: list[Comment] = []
    beside: list[str] = []
    waiting: list[tokenize.TokenInfo] = []
    for token in _tokens(code):
        if token.type == tokenize.COMMENT:
            waiting.append(token)
        elif token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            found += [Comment(one.start[0], _SHAPES.sub("", one.string, count=1), " ".join(beside)) for one in waiting]
            beside, waiting = [], []
        elif token.string.strip():
            beside.append(token.string)
    return tuple(found)


@lru_cache(maxsize=4096)
def shapes_in(code: str) -> tuple[ShapeComment, ...]:
    """The shapes that comments give to names which a block assigns at its top level and not again."""
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return ()
    said = {token.start[0]: match for token in _tokens(code) if (match := _at_start(token))}
    found: list[ShapeComment] = []
    for at, statement in enumerate(statements):
        match = said.get(statement.end_lineno or 0)
        if match is None or not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        names, shapes = _names(statement.targets[0]), _SHAPE.findall(match["shapes"])
        if match["each"]:
            shapes = shapes * len(names) if len(names) > 1 else []
        if len(names) != len(shapes) or "->" in match["shapes"]:
            continue
        later = {
            one.id
            for other in statements[at + 1 :]
            for one in ast.walk(other)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        pairs = zip(names, shapes, strict=True)
        found += [ShapeComment(statement.end_lineno or 0, name, shape) for name, shape in pairs if name not in later]
    return tuple(found)


def _at_start(token: tokenize.TokenInfo) -> re.Match[str] | None:
    return _SHAPES.match(token.string) if token.type == tokenize.COMMENT else None


def _names(target: ast.expr) -> list[str]:
    """The names that an assignment gives values to; none where it gives one to anything else."""
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    names = [part.id for part in parts if isinstance(part, ast.Name)]
    return names if len(names) == len(parts) else []


def _tokens(code: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(code).readline)
    except (tokenize.TokenError, SyntaxError):
        return
