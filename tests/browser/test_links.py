"""Every internal link and anchor resolves, by the word of linkinator (npm)."""

import json
import re
import shutil
import subprocess

import pytest

LINKINATOR = "linkinator@7.6.1"
NPX = shutil.which("npx")


@pytest.mark.skipif(NPX is None, reason="npx is not installed, and linkinator comes from npm")
def test_every_internal_link_and_anchor_resolves(http, pages):
    elsewhere = f"^https?://(?!{re.escape(http.split('/')[2])})"
    # By default it asks a hundred things at once, and gives up those that a busy machine does not answer soon.
    options = ["--recurse", "--check-fragments", "--concurrency", "8", "--format", "json", "--skip", elsewhere]
    command = [NPX, "--yes", LINKINATOR, *options, http]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("{"), done.stderr
    links = json.loads(done.stdout)["links"]
    broken = [f"{link['parent']}: {link['url']} ({link['status']})" for link in links if link["state"] == "BROKEN"]
    assert broken == []
    visited = {link["url"].removeprefix(http) for link in links if link["state"] == "OK"}
    assert set(pages) <= visited
