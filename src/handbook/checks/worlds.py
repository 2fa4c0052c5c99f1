"""What a world in which a claim is false changes: the code of a page above the proof, or a module of `minimodel`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from handbook.bugs.exhibit import FOLDER
from handbook.pages.model import Block, Container, Page
from handbook.pages.syntax import World

_OURS = Path(__file__).resolve().parents[2]


def problem(root: Path, page: Page, proof: Container, world: World) -> tuple[str, str] | None:
    """Say what keeps a world from being one, and how to fix it; nothing where it can be run."""
    if world.malformed:
        return f"the world {world.text!r} cannot be read", (
            "write `old => new`, `module: old => new` or `bug:name`, one after the other with a semicolon and a space"
        )
    if world.bug:
        known = (FOLDER / f"{world.bug}.toml").is_file()
        return None if known else (f"there is no exhibit {world.bug}", "name one of src/handbook/bugs/exhibits")
    if world.module:
        module = source(root, world.module)
        if module is None:
            return f"there is no module minimodel.{world.module}", "name a file of src/minimodel, without its ending"
        if world.old not in module:
            return f"{world.old!r} does not stand in minimodel.{world.module}", "write what stands there, to the letter"
        return None
    if changes(page, proof, world):
        return None
    where = "in no statement above the end of its proof that asserts nothing"
    return f"{world.old!r} stands {where}", "write what stands there, or name a module: `masks: old => new`"


def source(root: Path, module: str) -> str | None:
    """The source of a module of `minimodel`; None where there is none."""
    files = (folder / "minimodel" / f"{module}.py" for folder in (root / "src", _OURS))
    return next((file.read_text(encoding="utf-8") for file in files if file.is_file()), None)


def blocks_until(page: Page, proof: Container) -> tuple[list[Block], list[Block]]:
    """The Python blocks that run above a proof, and those in it."""
    inside = [block for block in page.blocks_in(proof) if block.language == "python" and block.runs]
    above = [block for block in page.python if block.runs and block.end < proof.first]
    return above, inside


def changes(page: Page, proof: Container, world: World) -> dict[int, str]:
    """The code that a world gives to blocks of the page, by their index.

    A page may show a function of `minimodel` and so define it: a change of a module holds for that copy too.
    What the proof itself asserts is never changed.
    """
    if not world.old:
        return {}
    above, inside = blocks_until(page, proof)
    changed = {block.index: block.code.replace(world.old, world.new) for block in above}
    if not world.module:
        changed |= {block.index: _but_asserts(block.code, world.old, world.new) for block in inside}
    return {index: code for index, code in changed.items() if code != page.blocks[index].code}


def _but_asserts(code: str, old: str, new: str) -> str:
    return "".join(part if asserts else part.replace(old, new) for asserts, part in _parts(code))


@lru_cache(maxsize=4096)
def _parts(code: str) -> tuple[tuple[bool, str], ...]:
    """Runs of lines that belong to assertions, and runs of the others. An audit asks for each block often."""
    return tuple(_runs_of_lines(code))


def _runs_of_lines(code: str) -> Iterator[tuple[bool, str]]:
    try:
        nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert)]
    except SyntaxError:
        nodes = []
    asserting = {line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    part, kind = "", False
    for number, line in enumerate(code.splitlines(keepends=True), 1):
        if part and (number in asserting) is not kind:
            yield kind, part
            part = ""
        part, kind = part + line, number in asserting
    yield kind, part
