"""Build the site once, serve it on a sub-path, and drive Debian's Chromium."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unicodedata import normalize

import pytest

from handbook.pages.parse import parse
from tests.browser.serving import Server
from tests.conftest import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# For its address bar Chromium loads two pages with every context, in a process of their own; nobody sees them here, and
# they took half of the CPU time of a new context. The switch takes the place of playwright's own, so it names what
# playwright 1.65 disables, too.
DISABLED = """
    WebUIOmniboxPopup WebUIOmniboxAimPopup WebUIOmniboxFullPopup
    AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable
    LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect
    TcpPortRandomizationWin OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch
""".split()
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    f"--disable-features={','.join(DISABLED)}",
]
DESKTOP, PHONE = (1280, 800), (360, 740)
# True once a page that has run a block, and all that it loaded, can be had again with no server.
KEPT = """(async () => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const own = loaded.filter((one) => one.startsWith(location.origin) && !one.endsWith("/offline.json"));
  const kept = await Promise.all([location.href, ...own].map((one) => caches.match(one, { ignoreSearch: true })));
  return kept.every(Boolean);
})()"""


def number_of_block(path: str, first_line: str) -> int:
    """The number of the Python block of a page that begins so, which is another where a block is added above."""
    return [block.code.split("\n")[0] for block in parse(ROOT, path).python].index(first_line) + 1


def squeezed(text: str) -> str:
    """Words without spaces, and with the letters of a ligature."""
    return "".join(normalize("NFKC", text).split())


def until(page: object, expression: str, seconds: float = 60) -> None:
    """Wait until an expression is true there; `wait_for_function` would `eval` it, which the page's policy refuses."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(50)


@contextmanager
def chromium() -> Iterator[object]:
    """The system's Chromium, driven by playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium; skipped where there is none")
    if CHROMIUM is None and "HANDBOOK_NEEDS_BROWSER" in os.environ:
        raise pytest.UsageError("no Chromium is installed; on Debian: apt install chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"))


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """Every page, as a path from the site's root."""
    return [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html")) if path.name != "404.html"]


@pytest.fixture(scope="session")
def http(site: Path) -> Iterator[str]:
    """The site's address over http, on a sub-path."""
    server = Server(site)
    yield server.address
    server.stop()


@pytest.fixture(params=["http", "file"])
def base(request: pytest.FixtureRequest, site: Path, http: str) -> str:
    """The site's address: once over http, once with no server at all."""
    return http if request.param == "http" else f"{site.as_uri()}/"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with chromium() as started:
        yield started


@pytest.fixture
def tab(browser: object) -> Callable[..., object]:
    """A fresh page that remembers what went wrong: `with tab(base, size=PHONE) as page`."""

    @contextmanager
    def opened(base: str, *, size: tuple[int, int] = DESKTOP, scheme: str = "light", **options: object) -> Iterator:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, **options)
        page = context.new_page()
        wrong: list[str] = []
        page.on(
            "console",
            lambda said: said.type in ("error", "warning") and wrong.append(f"console: {said.text}"),
        )
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        # Leaving a page aborts what it was still loading, and nothing is wrong with that.
        page.on(
            "requestfailed",
            lambda request: "ABORTED" in (request.failure or "") or wrong.append(f"failed: {request.url}"),
        )
        page.on(
            "request",
            lambda request: (
                request.url.startswith((base, "data:", "blob:")) or wrong.append(f"off the site: {request.url}")
            ),
        )
        page.wrong = wrong
        yield page
        context.close()

    return opened
