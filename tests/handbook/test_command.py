"""The command, as a person calls it."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from handbook.pages.notebook import written
from handbook.running.console import copy_project
from handbook.site.settings import settings
from tests.conftest import ROOT, Handbook

PAGE = """\
```python
print("one")
print("two")
```

```text
one
```

```python
print("unshown")
```
"""

SECTION = (
    "new",
    "99-your-section",
    "--title-en",
    "Your section: a title",
    "--title-es",
    "Tu sección: un título",
)


def runs(handbook: Handbook) -> set[str]:
    return {file.name for file in (handbook.root / ".handbook" / "runs").iterdir()}


def test_update_writes_outputs_in_both_languages_and_shows_the_difference(handbook: Handbook) -> None:
    page = handbook.page("page", PAGE, "Hola.\n\n" + PAGE)
    assert handbook.command("check", page).returncode == 1
    updated = handbook.command("update", page)
    assert updated.returncode == 0
    assert updated.stdout.count("+two\n") == updated.stdout.count("+unshown\n") == 2
    assert "2 pages changed" in updated.stdout
    for language in ("en", "es"):
        text = (handbook.root / f"docs/{language}/page.md").read_text()
        assert "```text\none\ntwo\n```" in text
        assert "```text\nunshown\n```" in text
    assert handbook.command("check", page).returncode == 0
    assert "every output is as its block prints it" in handbook.command("update", page).stdout


def test_update_goes_on_after_a_block_that_does_not_run(handbook: Handbook) -> None:
    asks = '```python { notest data-reason="it asks a person" }\ninput()\n```\n\n'
    page = handbook.page("page", f"{asks}```python\nprint(2)\n```\n\n```text\n1\n```\n")
    assert handbook.command("update", page).returncode == 0
    assert "```text\n2\n```" in (handbook.root / page).read_text()


def test_update_leaves_a_page_alone_that_fails(handbook: Handbook) -> None:
    page = handbook.page("page", "```python\nprint(1)\n1 / 0\n```\n\n```text\n2\n```\n")
    before = (handbook.root / page).read_bytes()
    updated = handbook.command("update", page)
    assert updated.returncode == 1
    assert "docs/en/page.md:9: this block fails: ZeroDivisionError" in updated.stdout
    assert (handbook.root / page).read_bytes() == before


def test_translated_makes_a_stale_page_fresh(handbook: Handbook) -> None:
    page = handbook.page("page", "Text.\n", "Texto.\n", stamped=False)
    assert handbook.command("check", page).returncode == 1
    said = handbook.command("translated", "docs/es/page.md")
    assert said.stdout == "docs/es/page.md follows docs/en/page.md\n"
    assert handbook.command("check", page).returncode == 0
    handbook.write(page, (handbook.root / page).read_text().replace("Text.", "Other text."))
    assert "docs/es/page.md:1: the English of top" in handbook.command("check", page).stdout
    handbook.command("translated", "docs/es/page.md")
    assert handbook.command("check", page).returncode == 0


def test_a_stale_page_is_told_what_changed_where_git_remembers(handbook: Handbook) -> None:
    page = handbook.page("page", "Kept.\n\nOld words.\n", "Igual.\n\nViejo.\n")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=handbook.root, check=True)
    handbook.write(page, (handbook.root / page).read_text().replace("Old words.", "New words."))
    assert "changed after its translation: “Old words.” is now “New words.”" in handbook.command("check", page).stdout


def test_only_what_a_change_touches_is_run_again(handbook: Handbook) -> None:
    one = handbook.page("one", "```python\nx = 1\n```\n\nA word.\n")
    handbook.page("two", "```python\nx = 2\n```\n")
    first = handbook.command("check")
    assert "4 checked, 0 unchanged: nothing found" in first.stdout
    ran = runs(handbook)
    assert len(ran) == 2, "the twins of a page share one run"
    assert "0 checked, 4 unchanged" in handbook.command("check").stdout
    handbook.write(one, (handbook.root / one).read_text().replace("A word.", "A better word."))
    assert "2 checked, 2 unchanged" in handbook.command("check").stdout
    assert runs(handbook) == ran, "prose was edited; no code may run"
    handbook.write(one, (handbook.root / one).read_text().replace("x = 1", "x = 3"))
    handbook.command("check")
    assert len(runs(handbook)) == 3


def test_a_page_with_a_finding_is_looked_at_again(handbook: Handbook) -> None:
    handbook.page("page", "There are 17.\n")
    assert handbook.command("check").stdout == handbook.command("check").stdout.replace("unchanged", "unchanged")
    assert "number 17" in handbook.command("check").stdout


@pytest.fixture
def real(handbook: Handbook) -> Handbook:
    """A copy of the real handbook's sources that a section can be added to."""
    shutil.copytree(ROOT / "src", handbook.root / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for language in ("en", "es"):
        shutil.copytree(ROOT / "docs" / language / "reference", handbook.root / "docs" / language / "reference")
    return handbook


def test_a_new_section_passes_from_the_start(real: Handbook) -> None:
    made = real.command(*SECTION)
    assert made.returncode == 0, made.stderr
    assert made.stdout.split() == [
        "docs/en/handbook/99-your-section.md",
        "docs/es/handbook/99-your-section.md",
        "mkdocs.yml",
        "mkdocs.es.yml",
        "src/handbook/labs/sections.toml",
    ]
    checked = real.command("check", "docs/en/handbook")
    assert checked.returncode == 0, checked.stdout
    for file, title in (
        ("mkdocs.yml", "99 Your section: a title"),
        ("mkdocs.es.yml", "99 Tu sección: un título"),
    ):
        lines = (real.root / file).read_text().splitlines()
        entry = next(i for i, line in enumerate(lines) if "99-your-section" in line)
        assert lines[entry].strip() == f'- "{title}": handbook/99-your-section.md'
        assert "handbook/" in lines[entry - 1]


def test_a_new_section_is_listed_wherever_sections_are(handbook: Handbook) -> None:
    """The sheets, and the titles that graders know, in the order of the numbers; what is left is said."""
    for folder in ("docs", "mkdocs.yml", "mkdocs.es.yml", "src/handbook/labs/sections.toml"):
        source, target = ROOT / folder, handbook.root / folder
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)
    made = handbook.command("new", "04-a-half", "--title-en", "A half", "--title-es", "Una mitad")
    assert made.returncode == 2  # the number is taken
    for page in handbook.root.glob("docs/*/handbook/04-*.md"):
        page.unlink()
    made = handbook.command("new", "04-a-half", "--title-en", "A half", "--title-es", "Una mitad")
    assert made.returncode == 0, made.stderr
    for file in ("docs/en/practice/revision-sheet.md", "docs/es/practice/revision-sheet.md"):
        entries = re.findall(r"^/// sheet \| (\S+)", (handbook.root / file).read_text("utf-8"), re.MULTILINE)
        assert "04-a-half" in entries
        assert entries == sorted(entries)
    for language in ("en", "es"):
        home = (handbook.root / f"docs/{language}/index.md").read_text("utf-8")
        (place,) = re.findall(r"^(\d+)\. \[.*\]\(handbook/03-[\w-]+\.md\)", home, re.MULTILINE)
        assert re.search(rf"^{int(place) + 1}\. \[04 .*\]\(handbook/04-a-half\.md\)", home, re.MULTILINE)
    lists = ("docs/en/index.md", "docs/en/practice/revision-sheet.md")
    checked = handbook.command("check", *lists).stdout
    assert "changed after its translation" not in checked  # both were changed together
    assert "is not listed here" not in checked
    titles = tomllib.loads((handbook.root / "src/handbook/labs/sections.toml").read_text("utf-8"))
    assert titles["04-a-half"] == {"en": "04 A half", "es": "04 Una mitad"}
    assert list(titles) == sorted(titles)
    assert "docs/es/handbook/03-masking-in-code.md#next: let it lead to this section" in made.stdout


def test_what_the_guide_shows_of_its_example_follows_the_last_section(clone: Handbook) -> None:
    """Whoever adds the last section does not have to touch the guide; one between others leaves it as it is."""
    guides = {one: (clone.root / f"docs/{one}/contributing/index.md").read_text("utf-8") for one in ("en", "es")}
    for page in clone.root.glob("docs/*/handbook/05-*.md"):
        page.unlink()
    between = clone.command("new", "05-a-half", "--title-en", "A half", "--title-es", "Una mitad")
    assert "contributing" not in between.stdout
    last = clone.command("new", "98-the-last", "--title-en", "The last", "--title-es", "La última")
    example = clone.command(*SECTION)
    assert "contributing" not in example.stdout  # a trial
    for language, before in guides.items():
        assert f"docs/{language}/contributing/index.md\n" in last.stdout
        text = (clone.root / f"docs/{language}/contributing/index.md").read_text("utf-8")
        assert before != text
        for line in re.findall(r"^  docs/.*#next: .*$", text, re.MULTILINE):
            assert "/98-the-last.md#next" in line
            assert line in example.stdout


def test_a_section_is_never_written_over(real: Handbook) -> None:
    real.command(*SECTION)
    page = real.root / "docs/en/handbook/99-your-section.md"
    page.write_text("mine")
    again = real.command(*SECTION)
    assert again.returncode == 2
    assert "section 99 is there already" in again.stderr
    assert page.read_text() == "mine"


@pytest.mark.parametrize("name", ["4-slug", "04_slug", "04-Slug", "query", "../04-slug"])
def test_a_name_that_is_no_sections_name_is_a_wrong_call(handbook: Handbook, name: str) -> None:
    wrong = handbook.command("new", name, "--title-en", "A", "--title-es", "B")
    assert wrong.returncode == 2
    assert "is not a section's name" in wrong.stderr
    assert not (handbook.root / "docs/en").exists()


@pytest.fixture
def clone(tmp_path: Path) -> Handbook:
    """A copy of the whole handbook."""
    return Handbook(copy_project(ROOT, tmp_path / "clone"))


NOTEBOOK = ("new", "--notebook", "your-notebook", "--title-en", "Yours: a title", "--title-es", "El tuyo")


def test_a_new_notebook_passes_in_both_languages_and_stands_in_both_navigations(clone: Handbook) -> None:
    made = clone.command(*NOTEBOOK)
    assert made.returncode == 0, made.stderr
    pages = [f"docs/{language}/notebooks/your-notebook.ipynb" for language in ("en", "es")]
    assert made.stdout.splitlines()[:4] == [*pages, "mkdocs.yml", "mkdocs.es.yml"]
    assert all(f"  {page}: its description" in made.stdout for page in pages)
    checked = clone.command("check", pages[0])
    assert checked.stdout == "2 checked, 0 unchanged: nothing found\n"
    for language, title in (("en", "Yours: a title"), ("es", "El tuyo")):
        group = {"en": "Notebooks", "es": "Cuadernos"}[language]
        listed = next(one[group] for one in settings(clone.root, language)["nav"] if group in one)
        assert listed[-1] == {title: "notebooks/your-notebook.ipynb"}
        text = (clone.root / f"docs/{language}/notebooks/your-notebook.ipynb").read_text("utf-8")
        assert text == written(json.loads(text))
        assert f'"# {title}' in text
    ids = [[cell["id"] for cell in json.loads((clone.root / page).read_text("utf-8"))["cells"]] for page in pages]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0])


def test_the_translation_of_a_new_notebook_waits_until_somebody_begins_it(clone: Handbook) -> None:
    clone.command(*NOTEBOOK)
    english, spanish = (clone.root / f"docs/{language}/notebooks/your-notebook.ipynb" for language in ("en", "es"))
    english.write_text(english.read_text("utf-8").replace("Say what was seen.", "Seen: `16`."), "utf-8")
    page = "docs/en/notebooks/your-notebook.ipynb"
    assert "your-notebook.ipynb:1: not yet translated" in clone.command("check", page).stdout
    spanish.write_text(spanish.read_text("utf-8").replace("Di lo que se ha visto.", "Se vio el triángulo."), "utf-8")
    assert "changed after its translation" in clone.command("check", page).stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [("Your", "is not a notebook's name"), ("../a", "is not a notebook's name"), ("draw-your-mask", "there already")],
)
def test_a_notebook_that_cannot_be_begun_changes_nothing(clone: Handbook, name: str, said: str) -> None:
    before = {file: file.read_bytes() for file in clone.root.rglob("*.*") if file.is_file() and "docs" in file.parts}
    wrong = clone.command("new", "--notebook", name, "--title-en", "A", "--title-es", "B")
    assert wrong.returncode == 2
    assert said in wrong.stderr
    assert {file: file.read_bytes() for file in before} == before


def test_help_names_every_command_and_the_statuses(handbook: Handbook) -> None:
    said = handbook.command("--help").stdout
    assert all(command in said for command in ("check", "update", "new", "translated", "serve"))
    assert "exit status: 0 nothing found, 1 something found, 2 the command was called wrongly" in said


def test_progress_shows_on_a_terminal_and_not_when_piped(handbook: Handbook) -> None:
    handbook.page("page", "```python\nx = 1\n```\n")
    assert handbook.command("check").stderr == ""
    shutil.rmtree(handbook.root / ".handbook")
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "handbook", "check"]
    subprocess.run(command, cwd=handbook.root, stdout=subprocess.DEVNULL, stderr=slave, check=True)
    os.close(slave)
    assert b"running docs/en/page.md" in os.read(master, 1 << 16)
    os.close(master)


def test_a_reader_that_goes_away_sees_no_traceback(handbook: Handbook) -> None:
    for number in range(30):
        handbook.page(f"p{number}", "There are 17, 18, 19, 21 and 22 of them.\n")
    done = subprocess.run(
        f"{sys.executable} -m handbook check | head -n 1",
        shell=True,
        cwd=handbook.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert re.match(r"docs/en/p0\.md:7: ", done.stdout)


def test_a_console_block_is_run_and_compared(real: Handbook) -> None:
    body = "```console\n$ handbook translated docs/es/reference/bibliography.md\ndocs/es/x follows docs/en/x\n```\n"
    page = real.page("page", body)
    found = real.command("check", page)
    assert "docs/en/page.md:9: the page shows “docs/es/x follows docs/en/x”" in found.stdout
    updated = real.command("update", page)
    assert "+docs/es/reference/bibliography.md follows docs/en/reference/bibliography.md" in updated.stdout
    assert real.command("check", page).returncode == 0


def test_a_console_block_holds_only_our_own_commands(handbook: Handbook) -> None:
    page = handbook.page("page", "```console\n$ rm -rf nothing\n```\n")
    assert "rm is not a command of this project" in handbook.command("check", page).stdout


def test_what_is_remembered_is_plain_data(handbook: Handbook) -> None:
    page = handbook.page("page", "```python\nx = 1\n```\n")
    handbook.command("check", page)
    for file in Path(handbook.root / ".handbook").rglob("*.json"):
        json.loads(file.read_text())
