"""What a lab's page offers beside itself: the notebook, and the starter folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from handbook.labs.lab import labs
from handbook.labs.starter import zipped
from handbook.site.exports.install import install
from handbook.site.exports.notebook import notebook

FOLDER = "labs/"


def downloads(root: Path, language: str, pages: Iterable[str], address: str) -> Iterator[tuple[str, bytes]]:
    """The path on the site and the content of each download.

    Args:
        root: the folder of mkdocs.yml.
        language: of the pages.
        pages: their paths below the language's folder, as in `labs/L02-causal-mask.md`.
        address: of the site in that language, ending in a slash; a notebook's links lead there.
    """
    first = install(root, language, address)
    known = {lab.page: lab for lab in labs()}
    for page in sorted(pages):
        path = Path(page)
        if path.stem in known:
            content = notebook(root, f"docs/{language}/{page}", partial(absolute, address, page), first)
            yield f"{FOLDER}{path.stem}.ipynb", content
            yield f"{FOLDER}{path.stem}.zip", zipped(known[path.stem], language)


def absolute(address: str, page: str, target: str) -> str:
    """Where a link of the page leads on the site; one that leads off it, or stays on the page, is left alone."""
    if "://" in target or target.startswith(("#", "mailto:")):
        return target
    path, sign, anchor = target.partition("#")
    below = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
    is_page = below.endswith((".md", ".ipynb"))
    return f"{address}{posixpath.splitext(below)[0] + '.html' if is_page else below}{sign}{anchor}"
