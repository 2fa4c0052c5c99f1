"""The list of pages and their plain texts, to the letter."""

from handbook.site.exports import plain_text
from handbook.site.exports.plain_text import Leaf


def test_the_list_names_each_page_under_its_group(tmp_path):
    (tmp_path / "mkdocs.yml").write_text("docs_dir: docs\n", "utf-8")
    leaves = [
        Leaf("", "Home", "What it is.", "index.md"),
        Leaf("Sections", "01 One", "The first.", "a/01.md"),
        Leaf("Sections", "02 Two", "The second.", "a/02.md"),
        Leaf("", "About", "Who wrote it.", "about.md"),
    ]
    for leaf in leaves:
        file = tmp_path / "docs/en" / leaf.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\nlevel: easy\n---\n\n# {leaf.title}\n\nText.\n\n", "utf-8")
    plain_text.write(tmp_path, "en", tmp_path / "site", "Name", "A summary.", leaves)
    assert (tmp_path / "site/llms.txt").read_text("utf-8") == (
        "# Name\n"
        "\n"
        "> A summary.\n"
        "\n"
        "- [Home](index.md): What it is.\n"
        "\n"
        "## Sections\n"
        "\n"
        "- [01 One](a/01.md): The first.\n"
        "- [02 Two](a/02.md): The second.\n"
        "\n"
        "- [About](about.md): Who wrote it.\n"
    )
    assert (tmp_path / "site/a/02.md").read_text("utf-8").endswith("# 02 Two\n\nText.\n")
