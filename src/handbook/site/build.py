"""Both languages, built by MkDocs as its own command would: English first, Spanish inside it."""

from __future__ import annotations

from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config

from handbook.site.settings import FILES, settings


def build_sites(root: Path, into: Path) -> None:
    """Build every language, strictly.

    Args:
        root: the folder of mkdocs.yml.
        into: where the site goes; what is there is replaced.

    Raises:
        mkdocs.exceptions.MkDocsException: a page or a link is wrong; MkDocs has logged which.
    """
    for language, file in FILES.items():
        folder = Path(settings(root, language)["site_dir"]).relative_to(settings(root, "en")["site_dir"])
        config = load_config(config_file=str(root / file), site_dir=str(into / folder))
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build(config)
        finally:
            config.plugins.on_shutdown()
