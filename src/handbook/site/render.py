"""One page's Markdown to the HTML that the site shows, with the extensions that mkdocs.yml lists.

Needs neither MkDocs nor Material.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from markdown import Markdown

from handbook.site.settings import settings

ROOT = Path(__file__).resolve().parents[3]


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
    renderer = _renderer(language, root)
    try:
        return renderer.convert(text)
    finally:
        renderer.reset()


@cache
def _renderer(language: str, root: Path) -> Markdown:
    configured = settings(root, language)["markdown_extensions"]
    options = {name: dict(chosen or {}) for name, chosen in configured.items()}
    options["pymdownx.snippets"]["base_path"] = [str(root)]
    return Markdown(extensions=list(options), extension_configs=options)
