"""Where a link of a page leads, as a path of the project."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from handbook.pages.model import Page

_ELSEWHERE = re.compile(r"[A-Za-z][\w+.-]*:|//")


def link_target(page: str, link: str) -> tuple[str, str] | None:
    """The file that a link of ``page`` names, relative to the project's root, and the anchor; None if it leads out.

    What leads to an address with a scheme or a host of its own is nothing of ours.
    """
    if _ELSEWHERE.match(link):
        return None
    path, _, anchor = link.partition("#")
    path = unquote(path.partition("?")[0])
    file = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    return file, unquote(anchor)


def linked_files(page: Page) -> Iterator[str]:
    """The files of the project that a page leads to, names as needed, or gathers into a revision sheet."""
    for link in page.links:
        target = link_target(page.path, link.target)
        if target is not None:
            yield target[0]
    needs = page.meta.get("needs")
    gathered = [one.argument for one in page.containers if one.kind == "sheet"]
    for name in (*(needs if isinstance(needs, list) else ()), *gathered):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(page.path), "..", "handbook", f"{name}.md"))
