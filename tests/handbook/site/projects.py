"""A project small enough to be built in a second: a home page, two sections and the cards, in both languages."""

from pathlib import Path

import yaml

from handbook.site.markdown.render import ROOT
from handbook.site.settings import FILES, settings

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


def small_project(root: Path) -> Path:
    """Write the pages with the real settings; returns `root`."""
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


def one_page_project(folder: Path, text: str, name: str = "index.md") -> Path:
    """A project of one page in each language, with the real settings."""
    (folder / "src").symlink_to(ROOT / "src")
    for language, file in FILES.items():
        loaded = settings(ROOT, language)
        loaded["nav"] = [{"Page": name}]
        (folder / file).write_text(yaml.safe_dump(loaded, allow_unicode=True), "utf-8")
        page = folder / f"docs/{language}/{name}"
        page.parent.mkdir(parents=True)
        page.write_text(text, "utf-8")
    return folder
