"""Both languages, built by MkDocs as its own command would: English first, Spanish inside it."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException

from handbook.site.errors import BuildError, SiteError
from handbook.site.settings import FILES, settings

_OBJECTS = 100_000
"""How many objects are made between two looks; the build then takes 20 MB more."""


def folder_of(root: Path, language: str) -> Path:
    """Where a language's site lies inside the whole one."""
    return Path(settings(root, language)["site_dir"]).relative_to(settings(root, "en")["site_dir"])


def configuration(
    root: Path,
    language: str,
    into: Path,
    *,
    address: str | None = None,
    strict: bool = True,
    books: tuple[str, ...] = (),
) -> MkDocsConfig:
    """Read the configuration of a language; the arguments are those of `build_sites`."""
    # Material says at every build that MkDocs 2 will break it; the pin in pyproject.toml has heard it.
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    options: dict[str, Any] = {"site_dir": str(into / folder_of(root, language)), "strict": strict}
    if address is not None:
        options["site_url"] = address
    # MkDocs has one instance of a plugin for all configurations of a process; each language needs its own.
    plugins: Any = MkDocsConfig.plugins
    plugins.plugin_cache.clear()
    config = load_config(config_file=str(root / FILES[language]), **options)
    config.plugins["handbook"].config["books"] = list(books)
    return config


def build_site(config: MkDocsConfig, *, live: bool = False) -> None:
    """Build one language.

    Raises:
        BuildError: a page or a link is wrong, or, with `strict`, MkDocs has warned of something.
    """
    config.plugins.on_startup(command="serve" if live else "build", dirty=False)
    try:
        with in_words(config):
            build(config)
    finally:
        config.plugins.on_shutdown()


@contextmanager
def in_words(config: MkDocsConfig) -> Iterator[None]:
    """Turn whatever ends MkDocs' work into a `BuildError` that says what it warned of, too."""
    with _warnings() as said, _seldom_collected():
        try:
            yield
        except (MkDocsException, SiteError) as error:
            lines = said if said and str(error) in said[-1] else [*said, str(error)]
            docs = Path(config.docs_dir).relative_to(Path(config.config_file_path).parent)
            raise BuildError("\n".join(f"{docs.as_posix()}: {line}" for line in lines)) from error


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
        BuildError: a page or a link is wrong; the message names the page and what is wrong with it.
    """
    for language in FILES:
        build_site(configuration(root, language, into, address=address, strict=strict, books=books), live=live)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cyclic garbage seldom: rendering makes many objects and few cycles, and looking took a tenth of it."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Collect what MkDocs warns of; in a strict build it says only how much that was."""
    said: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    collector, logger = Collector(logging.WARNING), logging.getLogger("mkdocs")
    logger.addHandler(collector)
    try:
        yield said
    finally:
        logger.removeHandler(collector)
