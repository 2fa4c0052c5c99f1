"""Python in the page: real Pyodide, with a server and with none. `make runtime` fetches it."""

import os
import zipfile

import pytest

from handbook.site.assets.runtime.fetch import COMPILED, cached, compiled_in
from handbook.site.markdown.render import ROOT
from tests import judges
from tests.browser.conftest import KEPT, PHONE, number_of_block, until
from tests.browser.serving import BriefHandler, Server

SECTION = "handbook/02-causal-mask.html"
MASK = number_of_block("docs/en/handbook/02-causal-mask.md", "T = 4")
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


def test_axe_finds_nothing_where_a_block_has_run_and_is_edited(http, tab):
    """From a server, as elsewhere: axe reads the style sheets, which a page on the disk may not."""
    with tab(http) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(http + SECTION)
        press(page, 1)
        verdict(page, 1)
        press(page, 1, "edit")
        assert list(judges.violations(page)) == []


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
    press(section, MASK)
    assert verdict(section, MASK) == "Prints what the page shows."


def test_an_edited_block_shows_what_differs_and_can_be_reset(section):
    press(section, MASK)
    verdict(section, MASK)
    rewrite(section, MASK, "T = 2\nprint(np.tril(np.ones((T, T), int)))\n")
    section.keyboard.press("Control+Enter")
    section.locator(f"#block-{MASK} ~ .lt-run__result mark").first.wait_for()
    assert verdict(section, MASK).split() == "Differs from the page: [[1 0] [1 1]]".split()
    press(section, MASK, "reset")
    assert section.locator(f"#block-{MASK} pre > code").inner_text().startswith("T = 4")
    press(section, MASK)
    assert verdict(section, MASK) == "Prints what the page shows."


def test_an_error_names_its_line(section):
    rewrite(section, MASK, "T = 4\nprint(T / 0)\n")
    press(section, MASK)
    said = verdict(section, MASK)
    assert "Fails at line 2:" in said
    assert "print(T / 0)" in said
    assert "ZeroDivisionError" in said


def test_minimodel_can_be_imported(section):
    rewrite(section, MASK, "from minimodel.masks import causal_allowed\nprint(causal_allowed(4).astype(int))\n")
    press(section, MASK)
    assert verdict(section, MASK) == "Prints what the page shows."


def test_an_endless_loop_is_stopped_and_the_page_runs_again(section):
    press(section, MASK)
    verdict(section, MASK)
    rewrite(section, MASK, "while True:\n    pass\n")
    press(section, MASK)
    stop = section.locator(f"#block-{MASK} .lt-run__button--stop")
    stop.wait_for()
    section.wait_for_timeout(500)
    stop.click()
    assert section.locator(f"#block-{MASK} .lt-run__status").inner_text() == "Stopped"
    assert section.locator(f"#block-{MASK} ~ .lt-run__result").count() == 0  # the former run's, of other code
    press(section, MASK, "reset")
    press(section, MASK)
    assert verdict(section, MASK) == "Prints what the page shows."


LOOP = "while True:\n    pass\n"


def test_run_on_another_block_waits_and_stops_nothing(section):
    press(section, MASK)
    verdict(section, MASK)
    rewrite(section, MASK, LOOP)
    press(section, MASK)
    section.locator(f"#block-{MASK} .lt-run__status", has_text="Running").wait_for()
    press(section, 1)
    waits = section.locator("#block-1 .lt-run__status")
    assert waits.inner_text() == f"Waits for block {MASK}"
    assert waits.locator("a").get_attribute("href") == f"#block-{MASK}"
    section.wait_for_timeout(300)
    assert section.locator(f"#block-{MASK} .lt-run__status").inner_text() == "Running …"
    press(section, MASK, "stop")
    assert section.locator(f"#block-{MASK} .lt-run__status").inner_text() == "Stopped"
    assert verdict(section, 1) == "Prints what the page shows."
    assert waits.inner_text() == ""


def test_a_block_that_waits_can_be_called_off(section):
    rewrite(section, MASK, LOOP)
    press(section, MASK)
    press(section, 1)
    press(section, 1, "stop")
    assert section.locator("#block-1 .lt-run__status").inner_text() == ""
    press(section, MASK, "stop")
    section.wait_for_timeout(300)
    assert section.locator("#block-1 ~ .lt-run__result").count() == 0


def test_a_reset_during_a_loop_says_what_still_runs(section):
    press(section, 1)
    verdict(section, 1)
    rewrite(section, 1, LOOP)
    press(section, MASK)
    section.locator(f"#block-{MASK} .lt-run__status", has_text="Running").wait_for()
    section.wait_for_timeout(300)
    press(section, 1, "reset")
    said = section.locator("#block-1 .lt-run__status")
    assert said.inner_text() == "The code before the reset still runs"
    assert said.locator("a").get_attribute("href") == f"#block-{MASK}"
    press(section, MASK, "stop")
    assert said.inner_text() == ""


def test_the_editor_indents_and_gives_the_keyboard_back(section):
    code = section.locator(f"#block-{MASK} pre > code")
    rewrite(section, MASK, "")
    keys = section.locator(f"#block-{MASK} .lt-run__keys")
    assert keys.inner_text().startswith("Tab indents. To leave: Escape, then Tab.")
    assert code.get_attribute("aria-describedby") == keys.get_attribute("id")
    until(section, "Boolean(window.handbookEditor)")
    for typed in ("def f(x):", "Enter", "if x:", "Enter", "return 1", "Enter", "Shift+Tab", "return 2"):
        section.keyboard.press(typed) if typed in ("Enter", "Shift+Tab") else section.keyboard.type(typed)
    section.keyboard.press("Enter")
    section.keyboard.press("Shift+Tab")
    section.keyboard.type("print(f(0))")
    expected = "def f(x):\n    if x:\n        return 1\n    return 2\nprint(f(0))"
    assert code.evaluate("code => code.textContent").rstrip("\n") == expected
    section.keyboard.press("Home")
    section.keyboard.press("Shift+ArrowUp")
    section.keyboard.press("Shift+ArrowUp")
    section.keyboard.press("Tab")
    lines = expected.split("\n")
    moved = [*lines[:2], f"    {lines[2]}", f"    {lines[3]}", lines[4]]
    assert code.evaluate("code => code.textContent").rstrip("\n").split("\n") == moved
    section.keyboard.press("Shift+Tab")
    assert code.evaluate("code => code.textContent").rstrip("\n") == expected
    section.keyboard.press("Escape")
    section.keyboard.press("Tab")
    assert section.evaluate("document.activeElement.className").startswith("lt-run__button")
    press(section, MASK)
    assert verdict(section, MASK).split()[-1] == "2"


def test_input_says_that_it_is_not_available_here(section):
    rewrite(section, MASK, "x = 1\nname = input('Your name? ')\n")
    press(section, MASK)
    said = verdict(section, MASK)
    assert "Fails at line 2:" in said
    assert "input() is not available in the browser" in said


def test_a_failure_above_is_a_link_to_it(section):
    rewrite(section, 1, "print(nothing)\n")
    press(section, MASK)
    link = section.locator(f"#block-{MASK} .lt-run__status a")
    link.wait_for()
    assert link.inner_text() == "Block 1, above, fails."
    link.click()
    assert section.url.endswith("#block-1")
    assert section.locator("#block-1").evaluate("one => one.getBoundingClientRect().top") >= 0


@pytest.mark.parametrize("seen", [100, 24], ids=["the block's head", "the button alone"])
def test_the_verdict_is_announced_and_in_sight_on_a_phone(base, tab, seen):
    """Pressed at the foot of the screen, where all that it prints is still below."""
    with tab(base, size=PHONE, has_touch=True) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(base + SECTION)
        page.locator("#block-2 .lt-run__button--run").evaluate(
            "(one, seen) => scrollTo(0, one.getBoundingClientRect().top + scrollY - innerHeight + seen)", seen
        )
        press(page, 2)
        verdict(page, 2)
        box = page.locator("#block-2 ~ .lt-run__result .lt-run__verdict").first.bounding_box()
        assert 0 <= box["y"] <= PHONE[1] - box["height"]
        spoken = page.get_by_role("status").filter(has_text="Block 2: Prints what the page shows.")
        assert spoken.count() == 1
        assert page.wrong == []


def test_spanish_pages_speak_spanish(base, tab):
    with tab(base) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"{base}es/{SECTION}")
        press(page, MASK)
        assert verdict(page, MASK) == "Imprime lo que muestra la página."
        assert page.wrong == []


def test_torch_blocks_say_where_they_run(section):
    bar = section.locator(".lt-run:has(.lt-run__local)").first
    assert "handbook check docs/en/handbook/02-causal-mask.md" in bar.get_attribute("title")


STARTED = """caches.open("lower-triangle-1").then(async (cache) => {
  const address = (await cache.keys()).find(({ url }) => url.endsWith("/started"));
  return { cache, address, kept: await cache.match(address) };
})"""
"""Where the memory of Python's start is kept, and what is kept there."""
MARK = f"""async (spoil) => {{
  const {{ cache, address, kept }} = await {STARTED};
  const memory = await kept.arrayBuffer();
  const marked = new Response(spoil ? new Uint8Array(memory.byteLength) : memory, {{ headers: {{ "X-Mark": "yes" }} }});
  await cache.put(address, marked);
}}"""
MARKED = f"{STARTED}.then(({{ kept }}) => kept.headers.has('X-Mark'))"


@pytest.fixture
def visited(site, browser):
    """A page whose first block has run, and all that it needs for a visit without the server has been kept."""
    server = Server(site, BriefHandler)
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(server.address + SECTION)
    press(page, 1)
    verdict(page, 1)
    until(page, KEPT)
    yield page, server
    context.close()
    server.stop()


def run_again(page):
    page.reload()
    press(page, 1)
    assert verdict(page, 1) == "Prints what the page shows."


def test_the_second_visit_needs_no_server(visited):
    page, server = visited
    server.stop()
    run_again(page)


def test_the_second_visit_begins_from_what_the_first_has_kept(visited):
    page, _ = visited
    page.evaluate(MARK, False)
    run_again(page)
    until(page, KEPT)
    assert page.evaluate(MARKED)  # a start of its own would have been kept in its place
    press(page, MASK)
    assert verdict(page, MASK) == "Prints what the page shows."


def test_a_runtime_of_another_edition_is_kept_no_longer(visited):
    page, _ = visited
    older = "new URL('../assets/runtime/older/pyodide.js.js', location.href)"
    page.evaluate(f"caches.open('lower-triangle-1').then((cache) => cache.put({older}, new Response('old')))")
    run_again(page)
    until(page, f"caches.match({older}).then((kept) => !kept)")
    assert page.evaluate(KEPT)


def test_where_what_was_kept_is_spoilt_python_starts_anew_and_that_is_kept(visited):
    page, _ = visited
    page.evaluate(MARK, True)
    run_again(page)
    until(page, f"{MARKED}.then((marked) => !marked)")
