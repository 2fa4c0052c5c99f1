"""The switch leads to the same page in the other language, and to the same place on it, wherever the site lies."""

import pytest
from bs4 import BeautifulSoup

from tests.browser.conftest import DESKTOP, PHONE, until
from tests.judges import LAID_OUT

PLACES = "article :is(h2, h3, h4, details, section, .lt-quiz, .lt-block, .lt-exhibit)[id]"
# How far below the header a place begins.
BELOW = """(id) => document.getElementById(id).getBoundingClientRect().top
  - document.querySelector(".md-header").getBoundingClientRect().bottom"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ["index.html", "handbook/02-causal-mask.html", "reference/glossary.html"])
def test_the_switch_stays_on_the_page(base, tab, path, size):
    with tab(base, size=size) as page:
        page.goto(base + path)
        page.locator("a.lt-language").click()
        page.wait_for_url(f"{base}es/{path}")
        assert page.locator("html").get_attribute("lang") == "es"
        page.locator("a.lt-language").click()
        page.wait_for_url(base + path)
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.wrong == []


def there_and_back(page, address, other, id):
    """Switch twice; say what is in the address, and how far below the header the place stands, each time."""
    for expected in (other, address):
        page.locator("a.lt-language").click()
        page.wait_for_url(f"{expected}*")
        until(page, f"document.getElementById('{id}').getBoundingClientRect().top < innerHeight", 10)
        page.wait_for_timeout(200)
        yield page.evaluate("location.hash"), page.evaluate(BELOW, id)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_switch_keeps_the_heading(base, tab, size):
    path = "handbook/17-kv-cache.html"
    with tab(base, size=size) as page:
        page.goto(base + path)
        until(page, LAID_OUT)
        page.evaluate("document.getElementById('used').scrollIntoView()")
        page.mouse.wheel(0, 40)  # a little into its text
        page.wait_for_timeout(300)
        for hash, below in there_and_back(page, base + path, f"{base}es/{path}", "used"):
            assert hash == "#used"
            assert 0 <= below < 60
        assert page.wrong == []


@pytest.mark.parametrize("path", ["handbook/17-kv-cache.html", "handbook/03-masking-in-code.html"])
def test_the_switch_keeps_an_open_question_open(base, tab, path):
    with tab(base, size=PHONE) as page:
        page.goto(base + path)
        until(page, LAID_OUT)
        question = page.locator("article > .lt-question").nth(1)
        question.locator("> summary").click()
        page.wait_for_timeout(300)
        id = question.get_attribute("id")
        for hash, _ in there_and_back(page, base + path, f"{base}es/{path}", id):
            assert hash == f"#{id}"
            assert page.evaluate(f"document.getElementById('{id}').open")
        assert page.wrong == []


def test_a_page_that_is_read_from_its_beginning_opens_at_its_beginning(base, tab):
    path = "handbook/02-causal-mask.html"
    with tab(base) as page:
        page.goto(base + path)
        until(page, LAID_OUT)
        page.locator("a.lt-language").click()
        page.wait_for_url(f"{base}es/{path}*")
        assert page.evaluate("[location.hash, scrollY]") == ["", 0]


def test_every_place_has_the_same_name_in_both_languages(site, pages):
    for path in (one for one in pages if not one.startswith("es/")):
        names = [
            [place["id"] for place in BeautifulSoup((site / file).read_text("utf-8"), "html.parser").select(PLACES)]
            for file in (path, f"es/{path}")
        ]
        assert names[0] == names[1], path


def test_the_page_says_where_its_twin_is_once_the_scripts_have_run(base, tab):
    with tab(base) as page:
        page.goto(f"{base}handbook/02-causal-mask.html")
        links = page.eval_on_selector_all(
            "link[rel=alternate][hreflang]",
            "links => Object.fromEntries(links.map(l => [l.hreflang, l.getAttribute('href')]))",
        )
        assert links == {
            "en": f"{base}handbook/02-causal-mask.html",
            "es": f"{base}es/handbook/02-causal-mask.html",
            "x-default": f"{base}handbook/02-causal-mask.html",
        }
