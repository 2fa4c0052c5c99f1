"""A site that is written page by page is the one that a whole build writes."""

import json
from pathlib import Path

import pytest
import yaml

from handbook.site.errors import BuildError
from handbook.site.live import LiveSite
from handbook.site.markdown.render import ROOT
from handbook.site.settings import FILES, settings

ADDRESS = "http://127.0.0.1:8000/"
SECTION = """\
---
level: easy
needs: []
---
# 00 First

Prose.

/// question | Which token sees itself?
    attrs: {id: q-itself, data-level: easy, data-topic: masks}

Each one.
///
"""
PAGES = {
    "index.md": "# Home\n\n[First](handbook/00-first.md)\n",
    "handbook/00-first.md": SECTION,
    "handbook/01-second.md": "---\nlevel: easy\nneeds: [00-first]\n---\n# 01 Second\n\nProse.\n",
    "practice/flashcards.md": "# Cards\n\n/// cards\n///\n",
}
FIRST = "docs/en/handbook/00-first.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    for language, file in FILES.items():
        chosen = {**settings(ROOT, language), "nav": [{Path(path).stem: path} for path in PAGES]}
        chosen["theme"] = {**chosen["theme"], "custom_dir": str(ROOT / "src/handbook/site/theme")}
        (root / file).write_text(yaml.safe_dump({**chosen, "watch": []}, allow_unicode=True), "utf-8")
        for path, text in PAGES.items():
            page = root / "docs" / language / path
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, "utf-8")
    return root


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
