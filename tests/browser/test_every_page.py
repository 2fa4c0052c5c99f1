"""Every page, over http and from the disk, on a phone and on a desktop, in light and in dark."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE, until

WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('details').forEach(fold => fold.open = true)"


# Every two of address, size and scheme meet once; all eight together would show little more, in twice the time.
@pytest.mark.parametrize(
    ("served", "size", "scheme"),
    [(True, PHONE, "dark"), (False, DESKTOP, "light")],
    ids=["http-phone-dark", "file-desktop-light"],
)
def test_every_page_is_whole(site, http, pages, tab, served, size, scheme):
    base = http if served else f"{site.as_uri()}/"
    found = []
    with tab(base, size=size, scheme=scheme) as page:
        for path in pages:
            page.goto(base + path, wait_until="load")
            until(page, "document.readyState === 'complete'")
            page.evaluate(UNFOLD)
            if (excess := page.evaluate(WIDER_THAN_THE_SCREEN)) > 0:
                found.append(f"{path}: {excess} pixels wider than the screen")
            shown = page.evaluate("document.body.getAttribute('data-md-color-scheme')")
            if shown != {"light": "default", "dark": "slate"}[scheme]:
                found.append(f"{path}: shown in {shown}")
            found += [f"{path}: {problem}" for problem in page.wrong]
            page.wrong.clear()
    assert found == []


def test_a_missing_page_is_answered_in_both_languages(http, tab):
    with tab(http) as page:
        response = page.goto(f"{http}no/such/page.html")
        assert response.status == 404
        assert page.locator("article [lang=en] a").is_visible()
        page.locator("article [lang=es] a").click()
        assert page.url == f"{http}es/index.html"
        assert [problem for problem in page.wrong if "404" not in problem] == []
