"""A site that is written page by page is the one that a whole build writes."""

import json
from pathlib import Path

import pytest

from handbook.site.errors import BuildError
from handbook.site.live import LiveSite
from tests.handbook.site.projects import small_project

ADDRESS = "http://127.0.0.1:8000/"
FIRST = "docs/en/handbook/00-first.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "project")


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text("utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), "utf-8")


def contents(site: Path) -> dict[str, object]:
    """Every file but the decks, which hold the moment they were made; the order of a search index means nothing."""
    found: dict[str, object] = {}
    for file in site.rglob("*"):
        if file.name == "search_index.json":
            docs = json.loads(file.read_text("utf-8"))["docs"]
            found[str(file.relative_to(site))] = sorted(docs, key=lambda one: one["location"])
        elif file.is_file() and file.suffix not in (".apkg", ".gz") and file.name != "search_index.js":
            found[str(file.relative_to(site))] = file.read_bytes()
    return found


def test_a_save_renders_its_page_and_what_is_gathered_from_it(project: Path, tmp_path: Path) -> None:
    site = LiveSite(project, tmp_path / "site", ADDRESS)
    assert site.refresh() == ["en", "es"]
    assert site.refresh() == []
    edit(project, FIRST, "Prose.", "Prose that was saved.\n\n## A part\n\nMore of it.")
    assert site.refresh() == [FIRST]
    edit(project, FIRST, "Each one.", "Each one, and no later one.")
    assert site.refresh() == [FIRST, "docs/en/practice/flashcards.md"]
    edit(project, "docs/es/index.md", "# Home\n", "# Home\n\nOtro texto.\n")
    assert site.refresh() == ["docs/es/index.md"]
    LiveSite(project, tmp_path / "whole", ADDRESS).refresh()
    assert contents(tmp_path / "site") == contents(tmp_path / "whole")
    for index in (tmp_path / "site").rglob("search_index.json"):
        assert "<" not in index.read_text("utf-8")  # the search shows what is there, letter by letter


def test_what_other_pages_show_is_followed_by_a_whole_build(project: Path, tmp_path: Path) -> None:
    site = LiveSite(project, tmp_path / "site", ADDRESS)
    site.refresh()
    edit(project, FIRST, "# 00 First", "# 00 The first")
    assert site.refresh() == ["en"]
    (project / "docs/es/handbook/02-third.md").write_text("# 02 Third\n", "utf-8")
    assert site.refresh() == ["es"]
    (project / "snippets").mkdir()
    assert site.refresh() == []
    (project / "snippets/one.py").write_text("x = 1\n", "utf-8")
    assert site.refresh() == ["en", "es"]


def test_what_an_editor_leaves_beside_a_page_is_no_change(project: Path, tmp_path: Path) -> None:
    site = LiveSite(project, tmp_path / "site", ADDRESS)
    site.refresh()
    for name in (".00-first.md.swp", "00-first.md~", ".#00-first.md"):
        (project / "docs/en/handbook" / name).write_text("half a page", "utf-8")
    assert site.refresh() == []


def test_a_page_that_cannot_be_rendered_is_tried_again_until_it_can(project: Path, tmp_path: Path) -> None:
    site = LiveSite(project, tmp_path / "site", ADDRESS)
    site.refresh()
    edit(project, FIRST, "Prose.", "$\\frac{1}$")
    for _ in range(2):
        with pytest.raises(BuildError, match=r"00-first\.md': invalid formula"):
            site.refresh()
    edit(project, FIRST, "$\\frac{1}$", "Prose again.")
    assert site.refresh() == [FIRST]
    assert "Prose again." in (tmp_path / "site/handbook/00-first.html").read_text("utf-8")
