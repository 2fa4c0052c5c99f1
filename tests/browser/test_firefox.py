"""A second browser: what a reader with Firefox can run, over http and from a folder."""

import os

import pytest

from handbook.site.assets.runtime.fetch import cached
from handbook.site.markdown.render import ROOT
from tests.browser.conftest import number_of_block
from tests.browser.firefox import FIREFOX, firefox

SECTION = "handbook/02-causal-mask.html"
BLOCK = f"#block-{number_of_block('docs/en/handbook/02-causal-mask.md', 'T = 4')}"

if FIREFOX is None or cached(ROOT) is None:
    if "HANDBOOK_NEEDS_BROWSER" in os.environ:
        raise pytest.UsageError("Firefox (apt install firefox-esr) or the runtime (make runtime) is missing")
    pytest.skip("Firefox is not installed, or the runtime has not been fetched", allow_module_level=True)


@pytest.fixture(scope="module")
def window():
    with firefox() as tab:
        yield tab


@pytest.fixture
def section(base, window):
    window.wrong.clear()
    window.goto(base + SECTION)
    yield window
    assert window.wrong == []


def click(tab, selector):
    tab.evaluate(f"document.querySelector({selector!r}).click()")


def verdict(tab):
    return tab.wait(f"document.querySelector('{BLOCK} ~ .lt-run__result')?.innerText")


def write(tab, code):
    click(tab, f"{BLOCK} .lt-run__button--edit")
    tab.evaluate(f"document.querySelector('{BLOCK} pre > code').textContent = {code!r}")


def test_a_block_runs_is_edited_fails_is_stopped_and_runs_again(section):
    run = f"{BLOCK} .lt-run__button--run"
    click(section, run)
    assert verdict(section) == "Prints what the page shows."
    write(section, "T = 4\nprint(T / 0)\n")
    click(section, run)
    failed = section.wait(f"document.querySelector('{BLOCK} ~ .lt-run__result .lt-run__error')?.innerText")
    assert "ZeroDivisionError" in failed
    assert "Fails at line 2:" in verdict(section)
    write(section, "while True:\n    pass\n")
    click(section, run)
    click(section, f"{BLOCK} .lt-run__button--stop")
    assert section.wait(f"document.querySelector('{BLOCK} .lt-run__status').innerText") == "Stopped"
    click(section, f"{BLOCK} .lt-run__button--reset")
    click(section, run)
    assert verdict(section) == "Prints what the page shows."


def test_the_search_finds(base, window):
    window.goto(base + "index.html?q=triangle")
    assert window.wait("document.querySelectorAll('.md-search-result__item').length")


def test_an_explorer_starts(section):
    click(section, "mask-explorer .lt-explorer__start")
    assert section.wait("document.querySelectorAll('mask-explorer .lt-explorer__panel button').length")
