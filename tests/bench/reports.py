"""What others say of the built site: Lighthouse's scores, and what axe, the HTML validator and EPUBCheck find."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from handbook.project import LANGUAGES
from handbook.site.build import folder_of
from handbook.site.exports.book import epub
from handbook.site.exports.book.chapters import read
from tests import judges
from tests.bench.building import SECTION
from tests.bench.measure import BRIEF, ROOT, Row, built, missing
from tests.browser.conftest import ARGUMENTS, CHROMIUM, chromium
from tests.browser.serving import GzipHandler, Server

LIGHTHOUSE = "lighthouse@12.8.2"  # the last that runs on Node 20
PAGES = ("index.html", SECTION, f"es/{SECTION}", "labs/L02-causal-mask.html", "practice/exam.html")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
SECONDS = {
    "FCP": "first-contentful-paint",
    "LCP": "largest-contentful-paint",
    "SI": "speed-index",
    "TBT": "total-blocking-time",
}
ROUNDS = 1 if BRIEF else 3


def judging() -> Iterator[Row]:
    """How much axe, the HTML validator and EPUBCheck find."""
    no_browser = None if CHROMIUM else "Chromium is not installed"
    pages, kinds = sorted(built().rglob("*.html")), len(judges.KINDS)
    if BRIEF:
        pages = pages[:1]
    yield counted("axe, violations", f"{kinds} pages of every kind, light and dark", no_browser or missing("npm"), axe)
    yield counted(
        "Nu HTML validator, errors",
        f"all {len(pages)} pages",
        missing("npm", "java"),
        lambda: judges.validator(pages),
    )
    yield counted("EPUBCheck, errors and warnings", "the EPUB of each language", missing("java"), epubcheck)


def counted(what: str, of: str, lacking: str | None, found: Callable[[], list[str]]) -> Row:
    """The number of findings, or what is missing to find any."""
    return Row(what, of, lacking or str(len(found())), "0")


def axe() -> list[str]:
    """The violations in light and in dark."""
    server, found = Server(built()), []
    with chromium() as browser:
        for scheme in judges.RULES:
            found += judges.axe(browser.new_context(color_scheme=scheme).new_page(), server.address, scheme)
    server.stop()
    return found


def epubcheck() -> list[str]:
    """The findings in the books of both languages."""
    found = []
    for language in LANGUAGES:
        own = built() / folder_of(ROOT, language)
        book = own / f"{language}.epub"
        epub.write(read(ROOT, language, own), book, datetime.now(UTC))
        found += judges.epubcheck(book)
        book.unlink()
    return found


def lighthouse() -> Iterator[Row]:
    """The scores of Lighthouse's simulated phone: of several runs the median one by performance, with its times.

    The phone is this machine, slowed four times; beside the scores stands how fast Lighthouse found the machine.
    """
    lacking = missing("npx") if CHROMIUM else "Chromium is not installed"
    server = Server(built(), GzipHandler)
    for path in PAGES[:1] if BRIEF else PAGES:
        what, goal = f"Lighthouse, mobile: {path}", "≥ 98 / 100 / 100 / 100"
        if lacking:
            yield Row(what, "–", lacking, goal)
            continue
        run = median_run(server.address + path)
        yield Row(what, f"benchmark index {run['environment']['benchmarkIndex']:,.0f}", told(run), goal)
    server.stop()


def median_run(address: str) -> dict:
    """The middle one, by performance, of several reports on a page."""
    runs = [report(address) for _ in range(ROUNDS)]
    middle = statistics.median_low(performance(run) for run in runs)
    return next(run for run in runs if performance(run) == middle)


def report(address: str) -> dict:
    """Lighthouse's report on a page; ends the bench, with Lighthouse's own words, where it gives none."""
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--no-enable-error-reporting", "--output=json"]
    options = [f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={' '.join(ARGUMENTS)}"]
    environment = {**os.environ, "CHROME_PATH": str(CHROMIUM)}
    ended = subprocess.run([*command, *options], env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{LIGHTHOUSE} ended with {ended.returncode}:\n{ended.stderr}")
    return json.loads(ended.stdout)


def performance(report: dict) -> float:
    return report["categories"]["performance"]["score"]


def told(report: dict) -> str:
    """The four scores, what the first is made of, and the bytes that the page fetched by itself, typefaces and all."""
    scores = " / ".join(f"{report['categories'][name]['score'] * 100:.0f}" for name in CATEGORIES)
    value = {name: audit.get("numericValue") for name, audit in report["audits"].items()}
    times = ", ".join(f"{short} {value[name] / 1000:.2f} s" for short, name in SECONDS.items())
    fetched = f"{value['total-byte-weight'] / 1000:.0f} kB fetched"
    return f"{scores}; CLS {value['cumulative-layout-shift']:.3f}, {times}, {fetched}"
