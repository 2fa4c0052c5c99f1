"""Without torch: what a block uses that needs no torch is defined without torch, for a reader who has none."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from handbook.checks.context import Context
from handbook.findings import Finding


class Names(NamedTuple):
    """The names that a statement reads of the page's namespace, and those that it binds there."""

    line: int
    reads: frozenset[str]
    binds: frozenset[str]


def check(context: Context) -> Iterator[Finding]:
    """Name each block that uses what only blocks with torch define; in the browser it ends in a NameError."""
    defined, with_torch = set(dir(builtins)), dict[str, int]()
    for block in context.page.python:
        if not block.runs:
            continue
        missing: dict[str, int] = {}
        for statement in names_of(block.code):
            if block.needs_torch:
                with_torch |= dict.fromkeys(statement.binds, block.line)
                continue
            for name in sorted(statement.reads - defined & with_torch.keys()):
                missing.setdefault(name, statement.line)
            defined |= statement.binds
        if missing:
            yield context.say(
                context.page.line_in(block, min(missing.values())),
                f"this block is said to need no torch and uses {', '.join(missing)}, which only blocks with torch "
                f"define (line {with_torch[next(iter(missing))]})",
                "compute it above without torch, begin the block with `import torch`, or put it into the PyTorch tab",
            )


@lru_cache(maxsize=4096)
def names_of(code: str) -> tuple[Names, ...]:
    """The names of each statement of a block, in order; none where it cannot be parsed."""
    try:
        return tuple(_names(statement) for statement in ast.parse(code).body)
    except SyntaxError:
        return ()


def _names(statement: ast.stmt) -> Names:
    top = symtable.symtable(ast.unparse(statement), "block", "exec")
    reads = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    binds = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    for inner in _inside(top):
        for symbol in inner.get_symbols():
            if symbol.is_global():
                (binds if symbol.is_assigned() else reads).add(symbol.get_name())
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in binds:
            reads.add(node.target.id)
    # What a compound statement binds, a loop or a handler, it mostly binds before it reads it.
    own = binds if hasattr(statement, "body") else set[str]()
    return Names(statement.lineno, frozenset(reads - own - _of_comprehensions(statement)), frozenset(binds))


def _of_comprehensions(statement: ast.stmt) -> set[str]:
    """The variables of comprehensions, which some versions of Python count among the page's own names."""
    targets = (node.target for node in ast.walk(statement) if isinstance(node, ast.comprehension))
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}


def _inside(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inside(child)
