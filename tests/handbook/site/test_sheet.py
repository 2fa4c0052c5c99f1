"""The revision sheet holds every section in teaching order, and what it gathers stands in the section."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from handbook.pages import source
from handbook.pages.parse import parse
from handbook.project import LANGUAGES
from handbook.site.errors import SiteError
from handbook.site.gathered.sheet import gather, opening
from handbook.site.markdown import render
from handbook.site.markdown.render import ROOT

SHEET = "docs/{}/practice/revision-sheet.md"


def slugs(language: str) -> list[str]:
    return [file.stem for file in sorted((ROOT / "docs" / language / "handbook").glob("*.md"))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_on_the_sheet_in_order(language: str) -> None:
    containers = parse(ROOT, SHEET.format(language)).containers
    assert [one.argument for one in containers if one.kind == "sheet"] == slugs(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_gathered_stands_in_the_section(language: str) -> None:
    for slug in slugs(language):
        taken = gather(ROOT, language, slug)
        page = source.read(ROOT, f"docs/{language}/handbook/{slug}.md")
        assert f"# {taken.title}" in page.lines
        assert any(line.endswith(f"details | {taken.check}") for line in page.lines)
        assert taken.title.split()[0] == slug.split("-")[0]
        if any("/// question |" in line for line in page.lines):
            assert f"//// question | {taken.ask}" in page.lines
            assert len(taken.answer) >= 40
            assert taken.trap[0] in '"«'


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_entry_shows_its_parts_in_order(language: str) -> None:
    shown = BeautifulSoup(render.html("/// sheet | 02-causal-mask\nThe idea.\n///\n", language), "html.parser")
    entry = shown.select_one("section.lt-sheet")
    taken = gather(ROOT, language, "02-causal-mask")
    title, idea, ask, trap, check = entry.find_all(["p", "div"], recursive=False)
    assert title["class"] == ["lt-sheet__title"]
    assert idea.text.strip() == "The idea."
    assert ask.strong.text == taken.ask
    assert trap["class"] == ["lt-sheet__trap"]
    assert check["class"] == ["lt-sheet__check"]
    assert entry.select_one(".lt-sheet__about").text.endswith(": 01")
    assert "[" not in entry.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# 22 X\n", "has no part {#recall}"),
        ("# 22 X\n\n## Recall { #recall }\n", "asks nothing under {#recall}"),
        (
            "# 22 X\n\n/// question | Why?\nSo.\n///\n\n## Recall {#recall}\n\n/// details | What?\nIt.\n///\n",
            "a question without a /// trap",
        ),
    ],
)
def test_a_section_that_lacks_a_part_is_told_which(tmp_path: Path, text: str, said: str) -> None:
    page = tmp_path / "docs/en/handbook/22-x.md"
    page.parent.mkdir(parents=True)
    page.write_text(text, "utf-8")
    with pytest.raises(SiteError, match=re.escape(said)):
        gather(tmp_path, "en", "22-x")


@pytest.mark.parametrize("heading", ["{#recall}", "{ #recall }"])
def test_an_id_may_stand_with_spaces_as_the_template_writes_it(tmp_path: Path, heading: str) -> None:
    page = tmp_path / "docs/en/handbook/22-x.md"
    page.parent.mkdir(parents=True)
    page.write_text(f"# 22 X\n\n## Recall {heading}\n\n/// details | What?\nIt.\n///\n", "utf-8")
    assert gather(tmp_path, "en", "22-x").check == "What?"


def test_an_opening_is_whole_sentences_without_pins_and_links() -> None:
    lines = ['No. It reads `3`{ data-is="x" } keys, as in [03 Masking](03.md#a).', "", "It ends here. And goes on."]
    assert opening(lines) == "No. It reads `3` keys, as in 03 Masking."
    assert opening(['"It is." It is not.', "More."], sentences=2) == '"It is." It is not. More.'


def test_a_section_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="there is no section 99-nothing"):
        gather(tmp_path, "en", "99-nothing")
