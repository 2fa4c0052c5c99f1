"""What is wider than a phone says so and can be read; lines break where they may; nothing covers the text."""

from io import BytesIO

import pytest
from PIL import Image

from tests.browser.conftest import DESKTOP, PHONE, until
from tests.judges import LAID_OUT

TABLES = ["handbook/01-next-token.html", "handbook/17-kv-cache.html", "reference/conventions.html"]
BROKEN_BEFORE = ["handbook/02-causal-mask.html", "handbook/06-shapes-as-types.html", "handbook/07-one-block.html"]
PROSE = [*BROKEN_BEFORE, "reference/minimodel.html", "practice/revision-sheet.html"]
LINKED = ["handbook/02-causal-mask.html", "reference/glossary.html", "reference/bug-museum.html"]
SMALL = (320, 640)

OPEN_ALL = "document.querySelectorAll('details').forEach((one) => (one.open = true))"
# The boxes of tables and code that can be scrolled sideways, and hide more than the room that a cell has at its edge.
WIDE = """[...document.querySelectorAll(
    "article :is(.md-typeset__scrollwrap, .lt-museum--matrix, .lt-math--block, pre > code)")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 8)"""
FIRST_COLUMN = f"""{WIDE}.filter((one) => !one.matches("code")).flatMap((box) => {{
  box.scrollLeft = box.scrollWidth;
  const {{ left, width }} = box.getBoundingClientRect();
  return [...box.querySelectorAll("tr > :first-child:not([colspan])")].map((cell) => {{
    const at = cell.getBoundingClientRect();
    return [cell.textContent, Math.round(at.left - left), at.width / width];
  }});
}})"""
# Code of a word or a shape, and formulas: those on two lines, and those whose comma stands at the head of the next.
BROKEN = """[...document.querySelectorAll("article :not(pre) > code, article .lt-math:not(.lt-math--block)")]
  .filter((one) => one.textContent.length <= 24 && one.checkVisibility() && one.getClientRects().length > 1)
  .map((one) => one.textContent)"""
BROKEN_CELLS = """[...document.querySelectorAll("article td")].filter((one) => {
  const text = document.createRange();
  text.selectNodeContents(one);
  return one.textContent.trim() === "-inf" && new Set([...text.getClientRects()].map(({ top }) => top)).size > 1;
}).length"""
PARTED = """[...document.querySelectorAll("article :not(pre) > code, article .lt-math:not(.lt-math--block)")]
  .filter((one) => {
    let next = one;
    while (!next.nextSibling && getComputedStyle(next.parentElement).display === "inline") next = next.parentElement;
    next = next.nextSibling;
    if (next?.nodeType !== Node.TEXT_NODE || !/^[,.;:)?!]/.test(next.data)) return false;
    const comma = document.createRange();
    comma.setStart(next, 0);
    comma.setEnd(next, 1);
    const at = comma.getClientRects()[0];
    return at && at.left < [...one.getClientRects()].at(-1).left;
  })
  .map((one) => one.textContent)"""
# What floats above the text, wherever one has scrolled to.
COVERS = """[...document.querySelectorAll("body *")].filter((one) => {
  if (one.closest(".md-header, .md-sidebar, .md-search")) return false;
  if (getComputedStyle(one).position !== "fixed") return false;
  const { width, height, bottom } = one.getBoundingClientRect();
  return one.checkVisibility({ opacityProperty: true }) && width > 1 && height > 1 && bottom > 0;
}).map((one) => one.className)"""
IDS = """[...document.querySelectorAll("article :is(h2, h3, details, .lt-quiz, .lt-block, .lt-exhibit)[id]")]
  .filter((one) => !one.parentElement.closest("details") && one.checkVisibility()).map((one) => one.id)"""
# Where a place begins, and with a block the row above it, which has its number and its buttons.
BEGINS = """(id) => {
  const place = document.getElementById(id);
  const parts = [place, ...place.querySelectorAll(":scope > .lt-run, :scope .md-code__nav")];
  const row = place.matches(".lt-block") ? 1.75 * parseFloat(getComputedStyle(place, "::before").fontSize) : 0;
  const tops = parts.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().top);
  return Math.min(tops[0] - row, ...tops) - document.querySelector(".md-header").getBoundingClientRect().bottom;
}"""


def ground(page, box, at):
    """The colour that most of a box has in the column of pixels `at` from its left edge, or from its right one."""
    frame = box.bounding_box()
    top, bottom = max(frame["y"], 60), min(frame["y"] + frame["height"], page.viewport_size["height"])
    column = frame["x"] + (at if at >= 0 else frame["width"] + at)
    clip = {"x": column, "y": top, "width": 1, "height": bottom - top}
    picture = Image.open(BytesIO(page.screenshot(clip=clip))).convert("L")
    return max(picture.getcolors(picture.width * picture.height))[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", TABLES)
def test_what_continues_beyond_the_edge_says_so(http, tab, path, scheme):
    with tab(http, size=PHONE, scheme=scheme) as page:
        page.goto(http + path)
        until(page, LAID_OUT)
        count = page.evaluate(f"{WIDE}.length")
        assert count
        for n in range(count):
            box = page.evaluate_handle(f"{WIDE}[{n}]").as_element()
            box.scroll_into_view_if_needed()
            edge = ground(page, box, -2)
            box.evaluate("(one) => (one.scrollLeft = one.scrollWidth)")
            page.wait_for_timeout(50)
            end = ground(page, box, -2)
            assert abs(edge - end) > 15, box.inner_text()[:60]  # of 255
        assert page.wrong == []


# The museum's matrix is wider than the narrowest phones alone.
@pytest.mark.parametrize(
    ("path", "size"), [*((path, PHONE) for path in TABLES), ("reference/bug-museum.html", SMALL)], ids=str
)
def test_the_first_column_stays_and_leaves_room_for_the_others(http, tab, path, size):
    with tab(http, size=size) as page:
        page.goto(http + path)
        until(page, LAID_OUT)
        cells = page.evaluate(FIRST_COLUMN)
        assert cells
        assert [cell for cell in cells if cell[1] < -1 or cell[2] > 0.55] == []


@pytest.mark.parametrize("folder", ["", "es/"], ids=["en", "es"])
def test_short_code_and_formulas_are_neither_broken_nor_parted_from_their_comma(http, tab, folder):
    with tab(http, size=PHONE) as page:
        for path in PROSE:
            for size in (PHONE, SMALL):
                page.set_viewport_size({"width": size[0], "height": size[1]})
                page.goto(f"{http}{folder}{path}")
                until(page, LAID_OUT)
                page.evaluate(OPEN_ALL)
                assert page.evaluate(BROKEN) == [], path
                assert page.evaluate(BROKEN_CELLS) == 0, path
                assert page.evaluate(PARTED) == [], path
                assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path


@pytest.mark.parametrize("folder", ["", "es/"], ids=["en", "es"])
def test_long_lines_of_code_are_wrapped_for_who_asks_and_on_the_next_page_too(base, tab, folder):
    with tab(base, size=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto(f"{base}{folder}handbook/02-causal-mask.html")
        until(page, LAID_OUT)
        code = f"{WIDE}.filter((one) => one.matches('code')).length"
        assert page.evaluate(code)
        page.locator("article > .lt-block .lt-wide").first.scroll_into_view_if_needed()
        switch = page.locator(".lt-wrap").first
        switch.scroll_into_view_if_needed()
        assert switch.get_attribute("aria-pressed") == "false"
        before = switch.bounding_box()["y"]
        switch.tap()
        assert page.evaluate(code) == 0
        assert abs(switch.bounding_box()["y"] - before) < 2
        page.goto(f"{base}{folder}handbook/03-masking-in-code.html")
        until(page, LAID_OUT)
        assert page.evaluate(code) == 0
        page.locator("#block-2").scroll_into_view_if_needed()
        switch = page.locator(".lt-wrap[aria-pressed=true]").first
        switch.scroll_into_view_if_needed()
        switch.tap()
        assert page.evaluate(code)
        page.reload()
        until(page, LAID_OUT)
        assert page.evaluate(code)
        assert page.wrong == []


def test_a_listing_that_fits_has_nothing_to_wrap(http, tab):
    with tab(http, size=DESKTOP) as page:
        page.goto(http + "handbook/02-causal-mask.html")
        until(page, LAID_OUT)
        for listing in page.locator("article > .lt-block").all()[:5]:
            listing.scroll_into_view_if_needed()
            listing.locator(".md-code__nav").wait_for(state="attached")
            page.wait_for_timeout(100)
            wide = listing.evaluate(
                "(one) => [one, one.nextElementSibling].some((part) => part.matches('.lt-block, .language-text') &&"
                " [...part.querySelectorAll('code')].some((code) => code.scrollWidth > code.clientWidth + 1))"
            )
            assert (listing.locator(".lt-wrap").count() > 0) == wide


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_covers_the_text_and_the_foot_leads_to_the_top(http, tab, size):
    with tab(http, size=size) as page:
        page.goto(http + "handbook/02-causal-mask.html")
        until(page, LAID_OUT)
        for way in (2000, 1500, -300, -300):
            page.mouse.wheel(0, way)
            page.wait_for_timeout(300)
            assert page.evaluate(COVERS) == []
        page.locator(".lt-top a").click()
        until(page, "scrollY === 0", 5)
        assert page.wrong == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", LINKED)
def test_what_a_link_leads_to_stands_below_the_header_whole(http, tab, path, size):
    with tab(http, size=size) as page:
        page.goto(http + path)
        until(page, LAID_OUT)
        ids = page.evaluate(IDS)
        assert len(ids) >= 10
        for one in ids[:: max(1, len(ids) // 15)]:
            page.evaluate(f"location.hash = '{one}'")
            page.wait_for_timeout(100)
            assert page.evaluate(BEGINS, one) >= 0, one
        assert page.wrong == []
