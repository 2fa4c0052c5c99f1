"""How long building takes, and what a reader's first page weighs."""

from __future__ import annotations

import gzip
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import yaml

from handbook.checks.session import Session
from handbook.pages.notebook import is_notebook
from handbook.project import LANGUAGES, Project
from tests.bench.measure import ROOT, ROUNDS, Row, docs, in_turn, python, scratch, seconds

SECTION = "handbook/02-causal-mask.html"
FONTS = "fonts.css"
"""The style sheet that the typefaces stand in, as text."""

STOCK = """\
site_name: Stock
use_directory_urls: false
theme: {name: material}
plugins:
  search: {}
  mkdocs-jupyter: {include: ["*.ipynb"], ignore: ["*.md"], cache: false}
markdown_extensions:
  - attr_list
  - md_in_html
  - tables
  - toc: {permalink: true}
  - pymdownx.superfences
  - pymdownx.highlight: {pygments_lang_class: true}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.blocks.admonition
  - pymdownx.blocks.details
  - pymdownx.blocks.tab: {alternate_style: true}
"""


def stock_project(folder: Path) -> None:
    """Stock Material over the same pages, snippets expanded, one configuration a language; notebooks as they are."""
    session = Session(Project(ROOT))
    for path in docs(session.project):
        page = folder / path
        page.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / path).read_text(encoding="utf-8") if is_notebook(path) else session.page(path).text
        page.write_text(text, encoding="utf-8")
    for language in LANGUAGES:
        options = {"docs_dir": f"docs/{language}", "site_dir": f"site-{language}"}
        (folder / f"{language}.yml").write_text(STOCK + yaml.safe_dump(options), encoding="utf-8")


def building() -> Iterator[Row]:
    """Building both languages against stock Material, then the weight of a section's first load."""
    with scratch() as ours, tempfile.TemporaryDirectory(prefix="handbook-stock-") as name:
        stock = Path(name)
        stock_project(stock)

        def build_stock() -> None:
            for language in LANGUAGES:
                python(stock, "-m", "mkdocs", "build", "--quiet", "-f", f"{language}.yml")

        # As `make site` does it: one process for both languages, which colours a listing that both show once.
        handbook, plain = in_turn(lambda: python(ours, "-m", "handbook.site"), build_stock)
        yield Row(
            "building both languages",
            f"stock Material on the same expanded pages ({plain:.2f} s)",
            f"{handbook / plain:.2f} ({handbook:.2f} s)",
            "≤ 1.25",
        )
        for language, page in (("en", ours / "site" / SECTION), ("es", ours / "site" / "es" / SECTION)):
            bare = sum(first_load(stock / f"site-{language}" / SECTION).values())
            weights = first_load(page)
            fonts = weights.pop(FONTS)
            yield Row(
                f"first load of section 02 ({language}), gzip",
                f"stock Material {bare / 1000:.0f} kB",
                f"{sum(weights.values()) / 1000:.0f} kB",
                "≤ 110 kB",
            )
            yield Row(f"its fonts ({language}), gzip", "–", f"{fonts / 1000:.0f} kB", "≤ 60 kB")
        others = sorted({address for page in (ours / "site").rglob("*.html") for address in off_site(page)})
        yield Row("third-party requests, all pages", "–", str(len(others)), "0")


def saving() -> Iterator[Row]:
    """From the save of a page until the server that watches it shows it: its prose, then a question others gather."""
    with scratch() as folder, _served(folder) as address:
        page = folder / "docs/en" / SECTION.replace(".html", ".md")
        text = page.read_text(encoding="utf-8")
        recall = text.index("{#recall}")
        question = text.index("\n\n", text.index("\n\n", text.index("/ question | ")) + 2)
        for what, at in (("prose", text.rindex("\n## ", 0, recall)), ("an answer that others gather", question)):
            times = []
            for number in range(ROUNDS):
                mark = f"Saved {what} {number}."
                page.write_text(f"{text[:at]}\n\n{mark}\n{text[at:]}", encoding="utf-8")
                times.append(seconds(lambda mark=mark: _wait_for(mark, address + SECTION)))
            yield Row(
                f"one save in `make serve` until the page is new ({what})", "–", f"{median(times):.1f} s", "≤ 2 s"
            )


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The address of `handbook serve` over a project, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    command = [sys.executable, "-m", "handbook", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        if not any("The handbook is at" in line for line in process.stdout):
            raise SystemExit("handbook serve ended before it served")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def _wait_for(text: str, address: str) -> None:
    while True:
        with urlopen(address, timeout=60) as answer:
            if text in answer.read().decode("utf-8"):
                return
        time.sleep(0.1)  # to ask more often would take the server's time


_LOADED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*?\bsrc=[\"']?([^\"'\s>]+)"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|icon|preload))[^>]*?\bhref=[\"']?([^\"'\s>]+)"
)


def loaded(page: Path) -> list[str]:
    """What a browser fetches for a page besides the page."""
    return [script or link for script, link in _LOADED.findall(page.read_text(encoding="utf-8"))]


def off_site(page: Path) -> list[str]:
    """What it would fetch from elsewhere."""
    return [address for address in loaded(page) if re.match(r"(?:[a-z]+:)?//", address)]


def first_load(page: Path) -> dict[str, int]:
    """Bytes of a page and of each file that it fetches from its own site, gzipped, by the file's name."""
    own = [address.split("?")[0] for address in loaded(page) if "//" not in address and not address.startswith("data:")]
    files = {page, *((page.parent / address).resolve() for address in own)}
    return {file.name: len(gzip.compress(file.read_bytes())) for file in files}
