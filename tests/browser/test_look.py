"""How the site looks, to those who see it and those who use it otherwise: typefaces, movement, widths, the keyboard."""

import json
import time

import pytest
from bs4 import BeautifulSoup

from tests.browser.conftest import DESKTOP, PHONE, until
from tests.browser.serving import BriefHandler, Server
from tests.judges import LAID_OUT

KINDS = ["index.html", "handbook/02-causal-mask.html", "labs/L02-causal-mask.html", "practice/exam.html"]
NARROW = (320, 640)  # also what 1280 pixels are at a zoom of 400 %
# Tables before a paragraph, a heading and a figure, below a heading and a fold, behind a tab and in the museum.
TABLES = [
    "handbook/03-masking-in-code.html",
    "handbook/24-smaller-caches.html",
    "reference/conventions.html",
    "reference/bug-museum.html",
]
# Signs that no text face has, and that say nothing a word does not say too.
SYSTEM = set("🟢🟡🔴⚠✓✗●○☐")
SHIFTS = """new Promise((done) => {
  const seen = [];
  new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(seen.map((one) => [one.value, ...one.sources.map((source) => source.node?.className)])), 300);
})"""
AT_ONCE = "document.documentElement.classList.remove('lt-later')"
ALL_BOXED = "!document.querySelector('article table:not([class]):not(.md-typeset__scrollwrap *)')"
ENDS = """[...document.querySelectorAll("article > :not(script), .tabbed-block > *")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.textContent.slice(0, 40), one.getBoundingClientRect().bottom + scrollY])"""
TIMELINE = ["devtools.timeline", "disabled-by-default-devtools.timeline.stack"]
MOVING = """[...document.querySelectorAll("*")].filter((one) => {
  const { transitionDuration, animationName } = getComputedStyle(one);
  return animationName !== "none" || transitionDuration.split(", ").some((time) => parseFloat(time) > 0.01);
}).map((one) => one.className)"""
OVERLAP = """[...document.querySelectorAll(".highlight")].filter((block) => {
  const button = block.querySelector(".md-code__nav")?.getBoundingClientRect();
  if (!button?.height) return false;
  const range = document.createRange();
  range.selectNodeContents(block.querySelector("code"));
  const lines = [...range.getClientRects()].filter((line) => line.width > 0);
  return Math.min(...lines.map((line) => line.top)) < button.bottom - 1;
}).map((block) => block.textContent.slice(0, 40))"""

HEADER = """[...document.querySelectorAll(".md-header__inner > *")].map((one) => {
  const { left, width } = one.getBoundingClientRect();
  return [one.className, left, width];
})"""
STILL_WAITING = """[...document.querySelector("article").children]
  .filter((one) => getComputedStyle(one).contentVisibility === "auto").map((one) => one.outerHTML)"""

FARTHEST_PIN = """() => {
  const top = (one) => one.getBoundingClientRect().top;
  const far = (pin) => top(pin) - top(document.querySelector(pin.hash));
  const pins = [...document.querySelectorAll("article > p > .lt-pin")];
  return pins.reduce((found, pin) => (far(pin) > far(found) ? pin : found));
}"""


def signs(site, pages):
    """What the pages set in the text's face and in the code's."""
    text, code = set(), set()
    for path in pages:
        page = BeautifulSoup((site / path).read_text("utf-8"), "html.parser")
        for silent in page.select("math, script, style, head"):
            silent.decompose()
        for listing in page.select("code, pre, .lt-number"):
            code.update(listing.get_text())
            listing.decompose()
        text.update(page.get_text())
    return {kind: "".join(sorted(found - SYSTEM - set("\n\t"))) for kind, found in (("p", text), ("code", code))}


def test_every_sign_on_the_pages_is_in_a_typeface_of_ours(site, http, pages, tab):
    with tab(http) as page:
        page.goto(http)
        tools = page.context.new_cdp_session(page)
        tools.send("DOM.enable")
        tools.send("CSS.enable")
        root = tools.send("DOM.getDocument")["root"]["nodeId"]
        for tag, found in signs(site, pages).items():
            page.evaluate(
                "([tag, text]) => Object.assign(document.querySelector('article').appendChild("
                "document.createElement(tag)), { id: `all-${tag}`, textContent: text })",
                [tag, found],
            )
            probe = tools.send("DOM.querySelector", {"nodeId": root, "selector": f"#all-{tag}"})["nodeId"]
            used = tools.send("CSS.getPlatformFontsForNode", {"nodeId": probe})["fonts"]
            assert [font["familyName"] for font in used if not font["isCustomFont"]] == [], found


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_while_a_page_loads(http, tab, size):
    with tab(http, size=size) as page:
        for path in KINDS:
            page.goto(http + path)
            assert page.evaluate(SHIFTS) == [], path


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", TABLES)
def test_nothing_moves_where_a_table_gets_its_box(http, tab, path, size):
    """Material's script puts each table into a box; where it never comes, all stands where it does with it."""
    with tab(http, size=size) as page:
        page.route("**/bundle.*", lambda asked: asked.abort())
        page.goto(http + path)
        page.evaluate(AT_ONCE)
        early = page.evaluate(ENDS)
        page.unroute("**/bundle.*")
        page.goto(http + path)
        page.evaluate(AT_ONCE)
        until(page, "document.querySelectorAll('article table:not([class])').length > 0 && " + ALL_BOXED)
        late = page.evaluate(ENDS)
        assert len(early) == len(late) > 5
        moved = [(one, now - then) for (one, then), (_, now) in zip(early, late, strict=True) if abs(now - then) > 0.5]
        assert moved == []


class HaltingHandler(BriefHandler):
    """A page comes as far as the language switch in its header, and the rest of it a moment later."""

    def copyfile(self, source, outputfile):
        content = source.read()
        halt = content.find(b"</a>", content.find(b"lt-language__name")) if self.path.endswith(".html") else 0
        outputfile.write(content[:halt])
        time.sleep(1 if halt else 0)
        outputfile.write(content[halt:])


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_where_half_a_header_comes_first(site, tab, size):
    server = Server(site, HaltingHandler)
    with tab(server.address, size=size) as page:
        page.goto(server.address + KINDS[1])
        assert page.evaluate(SHIFTS) == []
    server.stop()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_header_has_room_for_what_scripts_put_there(http, tab, size):
    with tab(http, size=size) as page:
        page.route("**/bundle.*", lambda asked: asked.abort())
        page.goto(http)
        early = page.evaluate(HEADER)
        page.unroute("**/bundle.*")
        page.goto(http)
        until(page, "document.querySelector('.md-header__option').offsetHeight > 0")
        assert page.evaluate(HEADER) == early


def test_our_scripts_have_nothing_laid_out_while_a_page_loads(http, tab):
    """An element's size that is asked for too early has the page laid out, once for each block of code."""
    with tab(http, size=PHONE) as page:
        browser = page.context.browser
        browser.start_tracing(page=page, categories=TIMELINE)
        page.goto(http + KINDS[1])
        seen = json.loads(browser.stop_tracing())["traceEvents"]
    script = f"{http}assets/javascripts/handbook.js"
    ran = next(event for event in seen if event["args"].get("data", {}).get("url") == script)
    own = [event for event in seen if event["pid"] == ran["pid"]]  # the browser's own pages are laid out, too
    loaded = min(event["ts"] for event in own if event["name"] == "MarkLoad" and event["ts"] > ran["ts"])
    layouts = [event for event in own if event["name"] == "Layout" and event["ts"] < loaded]
    assert layouts
    asking = [frames[0]["url"] for one in layouts if (frames := one["args"]["beginData"].get("stackTrace"))]
    assert [one for one in asking if "/bundle." not in one] == []


def test_all_of_a_page_is_laid_out_in_the_end(http, tab):
    with tab(http, size=PHONE) as page:
        for path in [*KINDS, "reference/conventions.html"]:  # where tables get a wrapper meanwhile
            page.goto(http + path)
            until(page, LAID_OUT)
            assert page.evaluate(STILL_WAITING) == [], path


def test_a_page_fits_a_narrow_screen(http, tab):
    with tab(http, size=NARROW) as page:
        for path in [*KINDS, "es/index.html", "reference/bug-museum.html", "practice/flashcards.html"]:
            page.goto(http + path)
            page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= NARROW[0], path


def test_what_copies_a_block_covers_none_of_it(http, tab):
    with tab(http, size=PHONE, has_touch=True, is_mobile=True) as page:
        for path in KINDS[:3]:
            page.goto(http + path)
            for listing in page.locator(".highlight:visible").all()[:6]:  # each gets its button when it comes into view
                listing.scroll_into_view_if_needed()
                listing.locator(".md-code__nav").wait_for(state="attached")
            assert page.evaluate(OVERLAP) == [], path


def test_nothing_moves_for_those_who_want_less_motion(http, tab):
    with tab(http, reduced_motion="reduce") as page:
        page.goto(http + KINDS[1])
        assert page.evaluate(MOVING) == []


def test_the_keyboard_alone_skips_to_the_text_and_follows_a_number(http, tab):
    with tab(http) as page:
        page.goto(http)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.classList.contains('md-skip')")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.lt-opening__words') !== null")
        for _ in range(12):
            if page.evaluate("document.activeElement.classList.contains('lt-pin')"):
                break
            page.keyboard.press("Tab")
        assert page.locator("#lt-tip").inner_text().startswith("weights[2]")
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#block-1"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_link_leads_to_its_place_though_what_lies_between_is_laid_out_late(http, tab, size):
    page_of_pins = http + "handbook/17-kv-cache.html"
    with tab(http, size=size) as page:
        page.goto(page_of_pins)
        ids = page.evaluate("[...document.querySelectorAll('article :is(h2, h3, .lt-block)')].map((one) => one.id)")
        open_ids = [one for one in ids if page.evaluate(f"!document.getElementById('{one}').closest('details')")]
        assert len(open_ids) > 20
        for one in [*open_ids[::3], *open_ids[::-4]]:
            page.evaluate(f"location.hash = '{one}'")
            page.wait_for_timeout(150)
            top = page.evaluate(f"document.getElementById('{one}').getBoundingClientRect().top")
            end = page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 1")
            assert 0 <= top < 160 or end, f"{one} is at {top}"


def test_a_closed_drawer_is_out_of_reach_and_an_open_one_is_not(http, tab):
    with tab(http, size=PHONE) as page:
        page.goto(http + KINDS[1])
        link = page.locator(".md-nav--primary .md-nav__link[href*='03-masking']").first
        shown = "element => element.checkVisibility({ contentVisibilityAuto: true })"
        assert not link.evaluate(shown)
        page.locator(".md-header__button[for=__drawer]").click()
        page.wait_for_timeout(400)
        assert link.evaluate(shown)
        link.click()
        page.wait_for_url("**/03-masking-in-code.html")


@pytest.mark.parametrize("wait", [0, 1500], ids=["at once", "later"])
def test_the_way_back_from_a_followed_number_leads_to_the_number(http, tab, wait):
    with tab(http) as page:
        page.goto(http + "handbook/17-kv-cache.html")
        page.wait_for_timeout(wait)
        farthest = page.evaluate_handle(FARTHEST_PIN)
        farthest.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        before = page.evaluate("scrollY")
        farthest.click()
        page.wait_for_url("**#block-*")
        assert abs(page.evaluate("scrollY") - before) > 50
        page.go_back()
        page.wait_for_timeout(300)
        assert abs(page.evaluate("scrollY") - before) < 10


def test_what_a_block_prints_is_as_wide_as_the_block(http, tab):
    with tab(http, size=PHONE) as page:
        page.goto(http + "handbook/13-windows-and-sinks.html")
        edges = page.evaluate(
            "[...document.querySelectorAll('.lt-block + .language-text')].filter((one) => one.checkVisibility()).map("
            "(one) => [one.previousElementSibling.querySelector('pre'), one].map((box) => box.getBoundingClientRect())"
            ".map(({ left, right }) => [left, right]))"
        )
        assert len(edges) > 5
        assert [pair for pair in edges if pair[0] != pair[1]] == []


CUT = """(titles) => {
  const topics = [...document.querySelectorAll(".md-header__topic .md-ellipsis")];
  return titles.filter((title) => topics.some((topic) => {
    topic.textContent = title;
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = topic;
    const below = topic.getBoundingClientRect().bottom > document.querySelector(".md-header").offsetHeight;
    return scrollWidth > clientWidth || scrollHeight > clientHeight || below;
  }));
}"""


@pytest.mark.parametrize("folder", ["", "es/"], ids=["en", "es"])
def test_no_title_is_cut_in_the_header_of_a_phone(site, pages, http, tab, folder):
    own = [path for path in pages if path.startswith("es/") == bool(folder)]
    soups = [BeautifulSoup((site / path).read_text("utf-8"), "html.parser") for path in own]
    titles = {one.get_text(" ", strip=True) for soup in soups for one in soup.select(".md-header__topic .md-ellipsis")}
    assert len(titles) > 20
    with tab(http, size=PHONE) as page:
        page.goto(f"{http}{folder}handbook/02-causal-mask.html")
        assert page.evaluate(CUT, sorted(titles)) == []
