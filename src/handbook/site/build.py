"""Both languages, built by MkDocs as its own command would: English first, Spanish inside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config

from handbook.site.exports.book.names import addresses
from handbook.site.settings import FILES, settings


def folder_of(root: Path, language: str) -> Path:
    """Where a language's site lies inside the whole one."""
    return Path(settings(root, language)["site_dir"]).relative_to(settings(root, "en")["site_dir"])


def build_sites(
    root: Path,
    into: Path,
    *,
    address: str | None = None,
    strict: bool = True,
    live: bool = False,
    books: tuple[str, ...] = (),
) -> None:
    """Build every language.

    Args:
        root: the folder of mkdocs.yml.
        into: where the site goes; what is there is replaced.
        address: where the site will be served, in the place of the configured `site_url`.
        strict: whether a warning ends the build.
        live: whether MkDocs will serve the pages and add the script that reloads them, which no policy foresees.
        books: the endings of the books that will be put into the site; the site links to them.

    Raises:
        mkdocs.exceptions.MkDocsException: a page or a link is wrong; MkDocs has logged which.
    """
    # Material says at every build that MkDocs 2 will break it; the pin in pyproject.toml has heard it.
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    for language, file in FILES.items():
        folder = folder_of(root, language)
        options: dict[str, Any] = {"site_dir": str(into / folder), "strict": strict}
        if address is not None:
            options["site_url"] = f"{address}{folder.as_posix()}/" if folder.parts else address
        config = load_config(config_file=str(root / file), **options)
        config.extra["books"] = addresses(language, books)
        config.plugins.on_startup(command="serve" if live else "build", dirty=False)
        try:
            build(config)
        finally:
            config.plugins.on_shutdown()
