"""The step before a site is built: what is gathered for it from elsewhere. It knows nothing of what builds the site."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from handbook.site.assets.runtime import assets
from handbook.site.assets.runtime.fetch import cached
from handbook.site.exports.downloads import FOLDER, downloads

_PRACTICE = re.compile(r"^/{3,} (?:cards|exam|progress)\b", re.MULTILINE)


def files(root: Path, language: str, pages: Iterable[str], address: str) -> list[tuple[str, bytes]]:
    """Make the files that the site has beside its pages: path and content of each lab's downloads.

    Writing a notebook runs its page, where no run is remembered.

    Args:
        root: the folder of mkdocs.yml.
        language: of the pages.
        pages: all pages of the language, below its folder, as in `labs/L02-causal-mask.md`.
        address: where the language's site will be served.

    Raises:
        SiteError: a block of a lab fails, or prints something else than its page shows.
    """
    return list(downloads(root, language, [page for page in pages if page.startswith(FOLDER)], address))


def variables(root: Path, language: str, page: str, markdown: str) -> dict[str, Any]:
    """Find what the templates ask about a page: whether it is one of practice, and how its code is run.

    Args:
        root: the folder of mkdocs.yml.
        language: of the page.
        page: its path below the language's folder.
        markdown: its text, without its front matter.
    """
    found: dict[str, Any] = {"practice": bool(_PRACTICE.search(markdown))}
    if "```python" in markdown and cached(root):
        found["runtime"] = assets.page_config(language, f"docs/{language}/{page}")
    return found
