"""One page's Markdown to the HTML that the site shows, with the extensions that mkdocs.yml lists.

Needs neither MkDocs nor Material.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from markdown import Markdown

from handbook.pages.model import Page
from handbook.project import Project
from handbook.site.settings import settings

ROOT = Path(__file__).resolve().parents[4]


def html(text: str, language: str, *, root: Path = ROOT) -> str:
    """Render the Markdown of a page, without its front matter.

    Args:
        text: what stands below the front matter.
        language: `en` or `es`.
        root: the folder of mkdocs.yml; snippets are looked up below it.

    Raises:
        SiteError: a formula, a figure or a quiz that cannot be rendered as it was meant.
        pymdownx.snippets.SnippetMissingError: a snippet, or a section of one, that does not exist.
    """
    kept = _kept(language, root)
    try:
        return kept.convert(text)
    finally:
        kept.reset()


def of_page(project: Project, page: Page) -> str:
    """Render a page as the site shows it."""
    return html(page.body, project.language_of(page.path), root=project.root)


def renderer(language: str, root: Path = ROOT) -> Markdown:
    """A renderer with the extensions that mkdocs.yml lists; call its `reset` after each text."""
    configured = settings(root, language)["markdown_extensions"]
    options = {name: dict(chosen or {}) for name, chosen in configured.items()}
    options["pymdownx.snippets"]["base_path"] = [str(root)]
    return Markdown(extensions=list(options), extension_configs=options)


_kept = cache(renderer)
