"""Which findings a writer is told first, and which in one line."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import Handbook

NAMED = "docs/en/page.md"
TWIN = "docs/es/page.md"
BODY = '```python\nx = 2\n```\n\nIt is `2`{ data-is="x" }.\n'


@pytest.fixture
def committed(handbook: Handbook) -> Handbook:
    handbook.page("page", BODY)
    for command in ("init -q", "add -A", "-c user.name=a -c user.email=a@b -c commit.gpgsign=false commit -qm all"):
        subprocess.run(["git", *command.split()], cwd=handbook.root, check=True)
    return handbook


def change(handbook: Handbook, page: str) -> None:
    text = (handbook.root / page).read_text()
    handbook.write(page, text.replace("x = 2", "x = 3").replace("`2`", "`4`"))


def places(said: str) -> list[str]:
    return [line.split(": ")[0] for line in said.splitlines() if line.startswith("docs/")]


def test_a_translation_that_nobody_has_begun_is_one_line(committed: Handbook) -> None:
    change(committed, NAMED)
    said = committed.command("check", NAMED)
    assert said.returncode == 1
    assert places(said.stdout) == [f"{NAMED}:11", f"{TWIN}:1"]
    assert "the English has changed: 4 findings, `--all` shows them" in said.stdout
    assert said.stdout.endswith("2 checked, 0 unchanged: 5 findings\n")
    assert len(places(committed.command("check", "--all", NAMED).stdout)) == 5
    assert places(committed.command("check", "--lang", "en", NAMED).stdout) == [f"{NAMED}:11"]


def test_a_translation_that_was_begun_or_named_shows_all_behind_the_page(committed: Handbook) -> None:
    change(committed, NAMED)
    assert len(places(committed.command("check", TWIN).stdout)) == 5
    assert len(places(committed.command("check", "docs").stdout)) == 5
    change(committed, TWIN)
    committed.write(TWIN, (committed.root / TWIN).read_text().replace("`4`", "`5`"))
    found = places(committed.command("check", TWIN).stdout)
    assert found[-1] == f"{NAMED}:11"
    assert {place.split(":")[0] for place in found[:-1]} == {TWIN}


def test_many_parts_that_changed_are_one_line_and_few_are_told_with_what_changed(handbook: Handbook) -> None:
    parts = [f"## Part {name} {{ #part-{name} }}\n\nThe words of part {name}.\n\n" for name in "abcdef"]
    page = handbook.page("page", "".join(parts))
    text = (handbook.root / page).read_text()
    first = (handbook.root / TWIN).read_text().split("\n").index("## Part a { #part-a }") + 1
    handbook.write(page, text.replace("The words", "Other words", 3))
    few = handbook.command("check", page).stdout
    assert places(few) == [f"{TWIN}:{line}" for line in (first, first + 4, first + 8)]
    handbook.write(page, text.replace("The words", "Other words"))
    many = handbook.command("check", page).stdout
    assert places(many) == [f"{TWIN}:{first}"]
    named = ", ".join(f"part-{name}" for name in "abcdef")
    assert f"the English of 6 parts has changed: {named}; `--all` shows how" in many
    assert f"run `handbook translated {TWIN}`" in many
    assert len(places(handbook.command("check", "--all", page).stdout)) == 6


def test_a_new_section_is_not_begun_in_spanish_until_its_template_is_touched(handbook: Handbook) -> None:
    handbook.command("new", "99-new", "--title-en", "New", "--title-es", "Nueva")
    page, twin = "docs/en/handbook/99-new.md", "docs/es/handbook/99-new.md"
    text = (handbook.root / page).read_text()
    handbook.write(page, text.replace("`0.7311`", "`0.7312`"))
    assert "not yet translated: " in handbook.command("check", page).stdout
    handbook.write(twin, (handbook.root / twin).read_text() + "\nMás.\n")
    assert "not yet translated: " not in handbook.command("check", page).stdout
