"""axe finds nothing, in light and in dark, on a page of every kind; its script comes from npm."""

import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.browser.conftest import until

AXE = "axe-core@4.14.1"
KINDS = [
    "index.html",
    "handbook/02-causal-mask.html",
    "es/handbook/13-windows-and-sinks.html",
    "es/handbook/17-kv-cache.html",
    "labs/L04-attention-in-blocks.html",
    "es/practice/exam.html",
    "practice/interview-bank.html",
    "practice/revision-sheet.html",
    "reference/glossary.html",
    "reference/conventions.html",
    "reference/bug-museum.html",
    "es/reference/minimodel.html",
    "contributing/index.html",
]
UNFOLD = "document.querySelectorAll('article details').forEach(fold => fold.open = true)"


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("axe")
    subprocess.run(["npm", "pack", "--silent", AXE], cwd=folder, check=True, capture_output=True)
    with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


# What the dark changes is colours alone.
OF_COLOURS = "{runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}}"


@pytest.mark.parametrize(("scheme", "rules"), [("light", "{}"), ("dark", OF_COLOURS)], ids=["light", "dark"])
def test_axe_finds_nothing(http, tab, axe, scheme, rules):
    found = []
    with tab(http, scheme=scheme) as page:
        for path in KINDS:
            page.goto(http + path)
            until(page, "document.readyState === 'complete'")
            page.evaluate(UNFOLD)
            page.wait_for_timeout(300)  # Material's script adds its buttons to what has just come into view
            page.evaluate(axe)
            for violation in page.evaluate(f"axe.run({rules})")["violations"]:
                targets = [node["target"] for node in violation["nodes"][:3]]
                found.append(f"{path}: {violation['id']}, {len(violation['nodes'])} times, as in {targets}")
    assert found == []
