"""The switch leads to the same page in the other language, wherever the site lies."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE


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
