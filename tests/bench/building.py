"""How long building takes, and what a reader's first page weighs."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from handbook.checks.session import Session
from handbook.project import LANGUAGES, Project
from tests.bench.measure import ROOT, Row, docs, in_turn, python, scratch

SECTION = "handbook/02-causal-mask.html"
FONTS = "fonts.css"
"""The style sheet that the typefaces stand in, as text."""

STOCK = """\
site_name: Stock
use_directory_urls: false
theme: {name: material}
plugins: [search]
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
    """Stock Material over the same pages, snippets expanded, one configuration a language."""
    session = Session(Project(ROOT))
    for path in docs(session.project):
        page = folder / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(session.page(path).text, encoding="utf-8")
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
