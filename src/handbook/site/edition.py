"""Which edition the pages are: the version that pyproject.toml names, and who wrote it when, as CITATION.cff says."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.metadata import version as installed
from pathlib import Path
from typing import NamedTuple

import yaml

from handbook.site.errors import SiteError

PROJECT = "lower-triangle"
CITATION = "CITATION.cff"


class Edition(NamedTuple):
    """What a citation needs besides the page."""

    version: str
    released: date
    authors: tuple[str, ...]
    licence: str
    """By its SPDX identifier."""


def version(root: Path) -> str:
    """The project's version, as pyproject.toml below ``root`` says it; that of this package where there is none."""
    file = root / "pyproject.toml"
    return str(tomllib.loads(file.read_text("utf-8"))["project"]["version"]) if file.is_file() else installed(PROJECT)


def edition(root: Path) -> Edition | None:
    """The edition in the folder of mkdocs.yml; None where no CITATION.cff says who wrote it.

    Raises:
        SiteError: CITATION.cff lacks what a citation needs.
    """
    file = root / CITATION
    if not file.is_file():
        return None
    try:
        said = yaml.safe_load(file.read_text("utf-8"))
        released = date.fromisoformat(str(said["date-released"]))
        authors = tuple(_name(author) for author in said["authors"])
        return Edition(version(root), released, authors, said["license"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise SiteError(f"{CITATION}: {_problem(error)}; compare it with the format's guide") from error


def _name(author: dict[str, str]) -> str:
    """A person's name, or an entity's."""
    return author.get("name") or f"{author['given-names']} {author['family-names']}"


def _problem(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]}"
    return str(error).splitlines()[0]
