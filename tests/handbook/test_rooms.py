"""Arrows between rooms point one way, as `docs/en/contributing` draws them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

FOOT = {"findings", "history", "locale", "project", "terminal"}
"""What knows no room of `handbook`, and may be known by each of them."""

MAY_IMPORT: dict[str, set[str]] = {
    "minimodel": set(),
    "causality": {"minimodel"},
    "pages": FOOT,
    "bugs": FOOT,
    "running": {"pages"} | FOOT,
    "checks": {"pages", "bugs", "running"} | FOOT,
    "site": {"pages", "bugs", "running", "checks", "labs", "minimodel", "causality"} | FOOT,
    "labs": {"pages", "bugs", "running", "checks", "site", "minimodel", "causality"} | FOOT,
}
"""What each room may know of the others."""


def imports() -> Iterator[tuple[str, str, str]]:
    """Each import of one room from another in `src`: the file, its room, the other room."""
    for file in sorted((ROOT / "src").rglob("*.py")):
        parts = file.relative_to(ROOT / "src").with_suffix("").parts
        if parts[:2] == ("handbook", "labs") and len(parts) > 2 and parts[2][:1] == "L":
            continue  # what a learner is given
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                # `from handbook.site import x` may mean the module x.
                names = [f"{node.module}.{one.name}" for one in node.names]
            for name in names:
                if room(tuple(name.split("."))) != room(parts):
                    yield "/".join(parts), room(parts), room(tuple(name.split(".")))


def room(parts: tuple[str, ...]) -> str:
    """The room of a module; what is the command's own, `handbook.causality` too, is `cli`."""
    if parts[0] != "handbook":
        return parts[0]
    return parts[1] if parts[1:2] and parts[1] in {*MAY_IMPORT, *FOOT} - {"causality"} else "cli"


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_a_room_knows_only_those_below_it(name: str) -> None:
    above = {*MAY_IMPORT, *FOOT, "cli", "tests"} - MAY_IMPORT[name]
    assert {(file, other) for file, here, other in imports() if here == name and other in above} == set()


@pytest.mark.parametrize("name", sorted(FOOT))
def test_what_stands_at_the_foot_knows_no_room(name: str) -> None:
    assert {(file, other) for file, here, other in imports() if here == name and other in MAY_IMPORT} == set()


def test_nothing_in_src_knows_the_tests() -> None:
    assert {file for file, _, other in imports() if other in ("tests", "audit", "bench")} == set()


def test_the_command_checks_without_what_only_tests_need() -> None:
    tools = {"pytest", "pytest_markdown_docs", "hypothesis", "playwright", "bs4", "xdist"}
    assert {file for file, _, other in imports() if other in tools} == {"handbook/pytest_plugin"}
