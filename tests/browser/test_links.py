"""Every internal link and anchor resolves, by the word of LinkChecker."""

import csv
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

PROGRAM = shutil.which("linkchecker", path=str(Path(sys.executable).parent)) or shutil.which("linkchecker")


@pytest.mark.skipif(PROGRAM is None, reason="LinkChecker is not installed")
def test_every_internal_link_and_anchor_resolves(http, pages, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    settings = Path(folder, "linkchecker.ini")
    settings.write_text("[AnchorCheck]\n", "utf-8")
    command = [PROGRAM, f"--config={settings}", "--no-status", "--output=csv", "--verbose", http + "index.html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    links = list(csv.DictReader(StringIO("\n".join(lines)), delimiter=";"))
    assert links, done.stderr
    broken = [
        f"{link['parentname']}: {link['urlname']}: {link['result']} {link['warningstring'][:80]}"
        for link in links
        if link["valid"] != "True" or link["warningstring"]
    ]
    assert broken == []
    visited = {link["url"].removeprefix(http).partition("#")[0] for link in links}
    assert set(pages) <= visited
