"""What a reader's browser needs to show the whole handbook with no connection: a list of files, and an app's manifest.

The list is asked for when a reader wants to keep the handbook; the service worker (`theme/sw.js`) fetches what it
names, checks each file's hash, and follows the list when a new build has another one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from handbook.locale import table
from handbook.site.assets.runtime import assets

LIST = "offline.json"
MANIFEST = "app.webmanifest"
ZIP = "lower-triangle.zip"
_COLOURS = {"background_color": "#fdfcf9", "theme_color": "#fdfcf9"}
# What a page neither shows nor asks for: the same text in other forms, and what is for search engines and debuggers.
_LEFT_OUT = {".map", ".md", ".txt", ".xml", ".gz", ".pdf", ".epub", ".whl"}
_NOT_ASKED_FOR = {LIST, ZIP, "sw.js", "search_index.js"}
SOCIAL = "assets/social"
"""The images that networks show beside a link to a page."""


def manifest(site: Path, language: str, name: str, description: str) -> None:
    """Write what makes the language's site an app that can be installed."""
    icons = [
        {"src": "assets/images/mark.svg", "type": "image/svg+xml", "sizes": "any"},
        {"src": "assets/images/mark-512.png", "type": "image/png", "sizes": "512x512"},
    ]
    record = {
        "name": name,
        "short_name": name,
        "description": description,
        "lang": language,
        "start_url": "index.html",
        "scope": "./",
        "display": "standalone",
        **_COLOURS,
        "icons": icons,
    }
    _write(site / MANIFEST, record)


def write(root: Path, languages: dict[str, str]) -> None:
    """Write the list of each language that is built.

    Args:
        root: of the site, where the first language lies and the runtime, which serves all of them.
        languages: the folder of each, below the root, as in `es/`; empty for the first.
    """
    for language, folder in languages.items():
        site, up = root / folder, "../" * len(Path(folder).parts)
        if not (site / MANIFEST).is_file():
            continue
        others = [root / other for other in languages.values() if other and other != folder]
        own = [file for file in present(site) if not any(map(file.is_relative_to, others))]
        shared = sorted((root / assets.RUNTIME).rglob("*.js")) if folder else []
        files = {file.relative_to(site).as_posix(): _entry(file) for file in own if _wanted(site, file)}
        files |= {f"{up}{file.relative_to(root).as_posix()}": _entry(file) for file in shared}
        record = {
            "words": table(language, "keep"),
            "worker": f"{up}sw.js",
            "bytes": sum(size for _, size in files.values()),
            "files": files,
        }
        _write(site / LIST, record)


def present(site: Path) -> Iterator[Path]:
    """Every file of a built site, in order; what begins with a dot is not of it."""
    for file in sorted(site.rglob("*")):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(site).parts):
            yield file


def _wanted(site: Path, file: Path) -> bool:
    """Whether a page shows the file, or asks for it."""
    if file.suffix in _LEFT_OUT or file.name in _NOT_ASKED_FOR:
        return False
    return not file.is_relative_to(site / SOCIAL)


def _entry(file: Path) -> tuple[str, int]:
    """A file's hash, as the browser computes it, and its size."""
    content = file.read_bytes()
    return base64.b64encode(hashlib.sha256(content).digest()).decode(), len(content)


def _write(file: Path, record: dict[str, Any]) -> None:
    file.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
