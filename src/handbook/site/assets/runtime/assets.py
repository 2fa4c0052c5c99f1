"""Put the runtime on the site, as scripts that a page opened from a folder can load as well."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

from handbook.locale import table, words
from handbook.site.assets.runtime.fetch import COMPILED, HASHES, compiled_in, sources

SOURCES = "minimodel.json"
FOLDER = "assets/runtime"
NAMES = (*HASHES, SOURCES)


def write(root: Path, fetched: Path, site: Path) -> None:
    """Write every file of the runtime, and `minimodel`, as `assets/runtime/<name>.js` under `site`."""
    folder = site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    compiled = compiled_in(fetched)
    for name in HASHES:
        there = compiled if name in COMPILED else fetched
        packed = there / f"{name}.js"
        if not packed.is_file():
            packed.write_text(_script(name, (there / name).read_bytes()), encoding="ascii")
        (folder / packed.name).write_bytes(packed.read_bytes())
    (folder / f"{SOURCES}.js").write_text(_script(SOURCES, sources(root).encode()), encoding="ascii")


def page_config(language: str, path: str) -> str:
    """What a page's script needs to know, as JSON: the words of its buttons, the files to load, the page's path."""
    spoken = {**table(language, "run"), "block": words(language).block}
    return json.dumps({"words": spoken, "assets": NAMES, "path": path}, ensure_ascii=False)


def _script(name: str, content: bytes) -> str:
    """A classic script that hands over the file: base64 of its gzip."""
    packed = base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
    return f'handbookAsset("{name}","{packed}");\n'
