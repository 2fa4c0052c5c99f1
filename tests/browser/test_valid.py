"""The Nu validator finds no error on any page; it comes from npm and needs Java."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

VALIDATOR = "vnu-jar@26.9.27"


@pytest.mark.skipif(shutil.which("java") is None, reason="no Java is installed")
def test_every_page_is_valid_html(site, tmp_path):
    subprocess.run(["npm", "pack", "--silent", VALIDATOR], cwd=tmp_path, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    pages = sorted(site.rglob("*.html"))
    command = ["java", "-jar", *map(str, tmp_path.rglob("vnu.jar")), "--errors-only", "--format", "json"]
    said = subprocess.run([*command, *map(str, pages)], capture_output=True, text=True).stderr
    found = json.loads(said)["messages"]
    assert [f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']}" for one in found] == []
