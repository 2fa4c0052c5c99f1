"""What a browser keeps is listed with its hash and its size, and the zip of the site holds all of it."""

import hashlib
import json
import re
import struct
import zipfile
from base64 import b64encode
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from handbook.findings import CallError
from handbook.locale import table
from handbook.site.exports import bundle, offline
from handbook.site.markdown.render import ROOT

FOLDERS = {"en": "", "es": "es/"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of two languages, of one file for each thing that is treated in its own way."""
    root = tmp_path / "site"
    names = (
        "index.html",
        "index.md",
        "a/b.html",
        "search/search_index.json",
        "search/search_index.js",
        "sitemap.xml",
        "assets/social/a/b.png",
    )
    for folder in FOLDERS.values():
        for name in (*names, "sw.js", "bundle.js.map"):
            file = root / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{folder} {name}", encoding="utf-8")
    for name in ("assets/runtime/python.js", ".hidden/index.html"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(name, encoding="utf-8")
    for language, folder in FOLDERS.items():
        offline.manifest(root / folder, language, "Name", "What it is.")
    offline.write(root, FOLDERS)
    return root


def listed(site: Path, folder: str = "") -> dict[str, object]:
    record: dict[str, object] = json.loads((site / folder / offline.LIST).read_text("utf-8"))
    return record


def test_a_list_names_what_its_pages_need_and_no_more(site: Path) -> None:
    both = {"index.html", "a/b.html", "search/search_index.json", offline.MANIFEST}
    assert set(listed(site)["files"]) == both | {"assets/runtime/python.js"}
    assert set(listed(site, "es")["files"]) == both | {"../assets/runtime/python.js"}


def test_hashes_and_sizes_are_those_of_the_files(site: Path) -> None:
    for folder in FOLDERS.values():
        record = listed(site, folder)
        contents = {path: (site / folder / path).read_bytes() for path in record["files"]}
        assert record["bytes"] == sum(map(len, contents.values()))
        for path, (digest, size) in record["files"].items():
            assert digest == b64encode(hashlib.sha256(contents[path]).digest()).decode()
            assert size == len(contents[path])


def test_a_language_that_is_not_built_gets_no_list(tmp_path: Path) -> None:
    offline.manifest(tmp_path, "en", "Name", "What it is.")
    (tmp_path / "es").mkdir()
    offline.write(tmp_path, FOLDERS)
    assert (tmp_path / offline.LIST).is_file()
    assert not (tmp_path / "es" / offline.LIST).exists()


def test_the_zip_is_told_of_and_is_the_same_for_the_same_site(site: Path) -> None:
    written = bundle.write(site, FOLDERS)
    first = written.read_bytes()
    assert listed(site)["zip"] == {"path": written.name, "bytes": len(first)}
    assert (site / "es" / listed(site, "es")["zip"]["path"]).samefile(written)
    for file in site.rglob("*.html"):
        file.touch()
    assert bundle.write(site, FOLDERS).read_bytes() == first


def test_the_zip_holds_the_site_without_itself(site: Path) -> None:
    bundle.write(site, FOLDERS)
    with zipfile.ZipFile(bundle.write(site, FOLDERS)) as archive:
        names = {name.removeprefix("lower-triangle/") for name in archive.namelist()}
        assert {"index.html", "es/index.html", "search/search_index.js", "assets/runtime/python.js"} <= names
        assert not any(name.endswith((".map", ".zip")) or name.startswith(".") for name in names)
        assert archive.read("lower-triangle/es/index.html") == (site / "es/index.html").read_bytes()
        assert "zip" not in json.loads(archive.read(f"lower-triangle/{offline.LIST}"))


def test_a_new_list_tells_of_no_zip_and_keeps_none(site: Path) -> None:
    bundle.write(site, FOLDERS)
    offline.write(site, FOLDERS)
    assert "zip" not in listed(site)
    assert offline.ZIP not in listed(site)["files"]


def test_without_a_built_site_there_is_nothing_to_pack(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="no built site in en; `make site`"):
        bundle.write(tmp_path, FOLDERS)


def test_a_list_tells_the_script_what_it_asks_for(site: Path) -> None:
    script = (ROOT / "src/handbook/site/theme/assets/javascripts/keep.js").read_text("utf-8")
    asked = set(re.findall(r"\blist\.(\w+)", script)) - {"zip"}  # which is told of when there is one
    assert asked <= set(listed(site))
    assert listed(site, "es")["words"] == table("es", "keep")


def test_a_language_that_is_not_built_does_not_keep_the_next_from_its_list(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    offline.manifest(tmp_path / "es", "es", "Nombre", "Lo que es.")
    offline.write(tmp_path, FOLDERS)
    assert not (tmp_path / offline.LIST).exists()
    assert (tmp_path / "es" / offline.LIST).is_file()


def test_an_app_s_icons_are_there_and_as_large_as_it_says(site: Path) -> None:
    record = json.loads((site / offline.MANIFEST).read_text("utf-8"))
    drawn, painted = (ROOT / "src/handbook/site/theme" / icon["src"] for icon in record["icons"])
    assert fromstring(drawn.read_text("utf-8")).tag.endswith("svg")
    wide, high = struct.unpack(">II", painted.read_bytes()[16:24])
    assert record["icons"][1]["sizes"] == f"{wide}x{high}"
