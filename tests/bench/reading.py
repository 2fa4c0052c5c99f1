"""What a reader waits for and downloads: from a click to a block's output, and the first load of every kind of page."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from handbook.site.assets.runtime.fetch import cached
from tests.bench.building import FONTS, SECTION, first_load
from tests.bench.measure import BRIEF, ROOT, Row, built
from tests.browser.conftest import CHROMIUM, KEPT, chromium, until
from tests.browser.serving import BriefHandler, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

KINDS = {
    "home": "index.html",
    "section 02": SECTION,
    "lab L02": "labs/L02-causal-mask.html",
    "exam": "practice/exam.html",
    "interview bank": "practice/interview-bank.html",
    "revision sheet": "practice/revision-sheet.html",
    "glossary": "reference/glossary.html",
    "bug museum": "reference/bug-museum.html",
    "contributing": "contributing/index.html",
}

ROUNDS = 1 if BRIEF else 3
CLICK = """() => new Promise((done, fail) => {
  const block = document.querySelector(".lt-block:has(.lt-run__button--run)");
  const begin = performance.now();
  const isOutput = (node) => node.matches?.(".lt-run__result:has(.lt-run__verdict--same)");
  new MutationObserver((changes, observer) => {
    if (!changes.some(({ addedNodes }) => [...addedNodes].some(isOutput))) return;
    observer.disconnect();
    done((performance.now() - begin) / 1000);
  }).observe(block.parentElement, { childList: true });
  setTimeout(fail, 120_000, new Error("the block printed nothing, or something else than the page shows"));
  block.querySelector(".lt-run__button--run").click();
})"""
"""Run the first block that runs here; the seconds until its output stands in the page."""


def weight(page: Path) -> int:
    """The bytes of a page's first load, gzipped, its typefaces apart."""
    return sum(size for name, size in first_load(page).items() if name != FONTS)


def weighing() -> Iterator[Row]:
    """The first load of each kind of page in both languages, and of the heaviest section and lab."""
    site = built()
    spanish = site / "es"
    for kind, path in KINDS.items():
        goal = "≤ 110 kB" if path == SECTION else "–"
        twin = f"in Spanish {weight(spanish / path) / 1000:.0f} kB"
        yield Row(f"first load, gzip: {kind}", twin, f"{weight(site / path) / 1000:.0f} kB", goal)
    section, heaviest = weight(site / SECTION), {}
    for kind, folder in (("section", "handbook"), ("lab", "labs")):
        page = max([*site.glob(f"{folder}/*.html"), *spanish.glob(f"{folder}/*.html")], key=weight)
        heaviest[kind] = weight(page)
        name = page.relative_to(site).with_suffix("")
        goal = "≤ 110 kB" if kind == "section" else "–"
        yield Row(f"first load, gzip: the heaviest {kind}", str(name), f"{heaviest[kind] / 1000:.0f} kB", goal)
    yield Row("the heaviest lab", f"section 02 ({section / 1000:.0f} kB)", f"{heaviest['lab'] / section:.2f}", "≤ 2")


def clicking() -> Iterator[Row]:
    """From a click to the output of a NumPy block, in Chromium. The server is near: no time goes into downloading."""
    what = "from a click to the first output"
    if CHROMIUM is None or cached(ROOT) is None:
        lacking = "Chromium is not installed" if CHROMIUM is None else "the runtime is not fetched: make runtime"
        yield Row(what, "–", lacking, "≤ 3 s")
        return
    with chromium() as browser:
        rounds = [over_http(browser) + from_disk(browser) for _ in range(ROUNDS)]
    cold, again, warm, cold_file, again_file, warm_file = map(statistics.median, zip(*rounds, strict=True))
    yield Row(f"{what}, http", "nothing cached", f"{cold:.1f} s", "≤ 3 s")
    yield Row(f"{what}, http", "second visit, the server stopped", f"{warm:.1f} s", "≤ 2 s")
    yield Row(f"{what}, file://", "nothing cached", f"{cold_file:.1f} s", "≤ 3 s")
    yield Row(f"{what}, file://", "second visit", f"{warm_file:.1f} s", "≤ 2 s")
    for address, taken in (("http", again), ("file://", again_file)):
        yield Row(f"a later run in the same page, {address}", "–", f"{taken * 1000:.0f} ms", "10 ms")


def over_http(browser: Browser) -> tuple[float, float, float]:
    """Seconds to the output: of the first run, of a later one, and of the first after the server has stopped."""
    server = Server(built(), BriefHandler)
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.address + SECTION)
    cold, again = page.evaluate(CLICK), page.evaluate(CLICK)
    until(page, KEPT)
    server.stop()
    return cold, again, second_visit(page)


def from_disk(browser: Browser) -> tuple[float, float, float]:
    """The same of a page that is opened from its folder."""
    page = browser.new_context().new_page()
    page.goto((built() / SECTION).as_uri())
    return page.evaluate(CLICK), page.evaluate(CLICK), second_visit(page)


def second_visit(page: Page) -> float:
    """Leave the page, open it anew in the same browser, and run the block."""
    address, context = page.url, page.context
    page.close()
    page = context.new_page()
    page.goto(address)
    taken: float = page.evaluate(CLICK)
    context.close()
    return taken
