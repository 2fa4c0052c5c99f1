"""Python in the page: real Pyodide, with a server and with none. `make runtime` fetches it."""

import os
import zipfile

import pytest

from handbook.site.assets.runtime.fetch import COMPILED, cached, compiled_in
from handbook.site.markdown.render import ROOT
from tests.browser.conftest import KEPT, until
from tests.browser.serving import BriefHandler, Server

SECTION = "handbook/02-causal-mask.html"
PATIENCE = 120_000  # milliseconds; Python starts in a few seconds on an idle machine

if cached(ROOT) is None:
    if "HANDBOOK_NEEDS_BROWSER" in os.environ:
        raise pytest.UsageError("the runtime has not been fetched: make runtime")
    pytest.skip("the runtime has not been fetched: make runtime", allow_module_level=True)


@pytest.fixture
def section(base, tab):
    with tab(base) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(base + SECTION)
        yield page
        assert page.wrong == []


def press(page, block, button="run"):
    page.locator(f"#block-{block} .lt-run__button--{button}").click()


def verdict(page, block):
    """What is said under a block once it has run; the output stands between the two."""
    result = page.locator(f"#block-{block} ~ .lt-run__result").first
    result.wait_for()
    return result.inner_text()


def rewrite(page, block, code):
    press(page, block, "edit")
    page.locator(f"#block-{block} pre > code").fill(code)


def test_nothing_is_fetched_before_the_first_click(section):
    assert section.locator(".lt-run__button--run").count() > 3
    assert (
        section.evaluate("performance.getEntriesByType('resource').map((one) => one.name).join()").count("runtime") == 0
    )


def test_what_each_page_imports_is_compiled_and_the_rest_is_source():
    stdlib, numpy = (zipfile.ZipFile(compiled_in(cached(ROOT)) / name).namelist() for name in COMPILED)
    for names, started, seldom in (stdlib, "json/decoder", "wave"), (numpy, "numpy/_core/numeric", "numpy/ma/core"):
        assert [name for name in names if name.startswith(f"{started}.py")] == [f"{started}.pyc"]
        assert [name for name in names if name.startswith(f"{seldom}.py")] == [f"{seldom}.py"]


def test_a_block_runs_after_those_above_it_and_prints_what_the_page_shows(section):
    press(section, 3)
    assert verdict(section, 3) == "Prints what the page shows."


def test_an_edited_block_shows_what_differs_and_can_be_reset(section):
    press(section, 3)
    verdict(section, 3)
    rewrite(section, 3, "T = 2\nprint(np.tril(np.ones((T, T), int)))\n")
    section.keyboard.press("Control+Enter")
    section.locator("#block-3 ~ .lt-run__result mark").first.wait_for()
    assert verdict(section, 3).split() == "Differs from the page: [[1 0] [1 1]]".split()
    press(section, 3, "reset")
    assert section.locator("#block-3 pre > code").inner_text().startswith("T = 4")
    press(section, 3)
    assert verdict(section, 3) == "Prints what the page shows."


def test_an_error_names_its_line(section):
    rewrite(section, 3, "T = 4\nprint(T / 0)\n")
    press(section, 3)
    said = verdict(section, 3)
    assert "Fails at line 2:" in said
    assert "print(T / 0)" in said
    assert "ZeroDivisionError" in said


def test_minimodel_can_be_imported(section):
    rewrite(section, 3, "from minimodel.masks import causal_allowed\nprint(causal_allowed(4).astype(int))\n")
    press(section, 3)
    assert verdict(section, 3) == "Prints what the page shows."


def test_an_endless_loop_is_stopped_and_the_page_runs_again(section):
    press(section, 3)
    verdict(section, 3)
    rewrite(section, 3, "while True:\n    pass\n")
    press(section, 3)
    stop = section.locator("#block-3 .lt-run__button--stop")
    stop.wait_for()
    section.wait_for_timeout(500)
    stop.click()
    assert section.locator("#block-3 .lt-run__status").inner_text() == "Stopped"
    press(section, 3, "reset")
    press(section, 3)
    assert verdict(section, 3) == "Prints what the page shows."


def test_spanish_pages_speak_spanish(base, tab):
    with tab(base) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"{base}es/{SECTION}")
        press(page, 3)
        assert verdict(page, 3) == "Imprime lo que muestra la página."
        assert page.wrong == []


def test_torch_blocks_say_where_they_run(section):
    bar = section.locator(".lt-run:has(.lt-run__local)").first
    assert "handbook check docs/en/handbook/02-causal-mask.md" in bar.get_attribute("title")


def test_the_second_visit_needs_no_server(site, browser):
    server = Server(site, BriefHandler)
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(server.address + SECTION)
    press(page, 1)
    verdict(page, 1)
    until(page, KEPT)
    server.stop()
    page.reload()
    press(page, 1)
    assert verdict(page, 1) == "Prints what the page shows."
    context.close()
