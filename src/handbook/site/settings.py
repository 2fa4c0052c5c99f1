"""mkdocs.yml as the single truth about extensions, read without MkDocs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILES = {"en": "mkdocs.yml", "es": "mkdocs.es.yml"}


class _Loader(yaml.SafeLoader):
    """YAML with MkDocs' `!ENV`, of which only the default matters here."""


def _default(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)[-1]
    return None


_Loader.add_constructor("!ENV", _default)


def settings(root: Path, language: str) -> dict[str, Any]:
    """The settings of one language's site: its file, laid over what it inherits as MkDocs lays it."""
    return _inherit(root / FILES[language])


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=_Loader)
    return loaded


def _inherit(path: Path) -> dict[str, Any]:
    own = dict(_read(path, path.stat().st_mtime_ns))
    parent = own.pop("INHERIT", None)
    return _merged(_inherit(path.parent / parent), own) if parent else own


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
