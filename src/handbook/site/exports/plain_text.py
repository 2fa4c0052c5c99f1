"""The handbook as plain text: each page's Markdown with its snippets expanded, and a list of them all (llms.txt)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from handbook.site.gathered.sections import section_at

LIST = "llms.txt"


class Leaf(NamedTuple):
    """A page, as the list names it."""

    group: str
    title: str
    description: str
    path: str
    """Below docs/<language>/, as in `handbook/02-causal-mask.md`; below the site as well."""


def write(root: Path, language: str, site: Path, name: str, summary: str, leaves: Iterable[Leaf]) -> None:
    """Write every page's text beside the page, and the list at the site's root.

    Args:
        root: the folder of mkdocs.yml.
        language: `en` or `es`.
        site: where the language's site is.
        name: of the site.
        summary: what it is, in a sentence.
        leaves: the pages, in the order of the navigation.
    """
    lines, group = [f"# {name}", "", f"> {summary}"], ""
    for leaf in leaves:
        if leaf.group != group:
            group = leaf.group
            lines += ["", f"## {group}", ""] if group else [""]
        elif not lines[-1].startswith("- "):
            lines.append("")
        path = str(Path(leaf.path).with_suffix(".md").as_posix())
        lines.append(f"- [{leaf.title}]({path}): {leaf.description}")
        write_page(site, path, section_at(root, language, leaf.path).lines)
    (site / LIST).write_text("\n".join([*lines, ""]), encoding="utf-8")


def write_page(site: Path, path: str, lines: list[str]) -> None:
    """Write a page's text, its snippets expanded, at its path below the site."""
    page = site / path
    page.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines).strip("\n")
    page.write_text(f"{text}\n", encoding="utf-8")
