"""Put the runtime on the site, as scripts that a page opened from a folder can load as well."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from pathlib import Path

from handbook.locale import table, words
from handbook.site.assets.runtime.fetch import COMPILED, EDITION, HASHES, NUMPY, compiled_in, sources

SOURCES = "minimodel.json"
UNZIPPED = "numpy.files"
"""NumPy's wheel as the reader's Python lays it out: to unzip it there takes half a second."""
RUNTIME = "assets/runtime"
FOLDER = f"{RUNTIME}/{EDITION}"
"""What readers keep is never asked for again, so another edition has another address."""
NAMES = (*(name for name in HASHES if name != NUMPY), UNZIPPED, SOURCES)


def write(root: Path, fetched: Path, site: Path) -> None:
    """Write every file of the runtime, and `minimodel`, as `assets/runtime/<name>.js` under `site`."""
    folder = site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    compiled = compiled_in(fetched)
    for name in HASHES:
        there = compiled if name in COMPILED else fetched
        handed = UNZIPPED if name == NUMPY else name
        packed = there / f"{handed}.js"
        if not packed.is_file():
            content = (there / name).read_bytes()
            packed.write_text(_script(handed, _unzipped(content) if name == NUMPY else content), encoding="ascii")
        (folder / packed.name).write_bytes(packed.read_bytes())
    (folder / f"{SOURCES}.js").write_text(_script(SOURCES, sources(root).encode()), encoding="ascii")


def page_config(language: str, path: str) -> str:
    """What a page's script needs, as JSON: the words of its buttons, the files to load and where, the page's path."""
    spoken = {**table(language, "run"), "block": words(language).block}
    return json.dumps({"words": spoken, "folder": FOLDER, "assets": NAMES, "path": path}, ensure_ascii=False)


def _unzipped(wheel: bytes) -> bytes:
    """The files of a wheel one after the other; before them a JSON of their sizes, and in four bytes its own."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        files = {one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()}
    names = json.dumps({name: len(content) for name, content in files.items()}).encode()
    return b"".join([len(names).to_bytes(4, "little"), names, *files.values()])


def _script(name: str, content: bytes) -> str:
    """A classic script that hands over the file: base64 of its gzip."""
    packed = base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
    return f'handbookAsset("{name}","{packed}");\n'
