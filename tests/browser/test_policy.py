"""Every page lives within its policy, over http and from the disk, and what is slipped into it does not run."""

import pytest

from tests.browser.conftest import until

# One of each kind: what it does is done, since a policy is broken by what a script loads rather than by the page.
KINDS = (
    "index.html",
    "handbook/02-causal-mask.html",
    "labs/L00-scores-and-softmax.html",
    "practice/revision-sheet.html",
    "practice/interview-bank.html",
    "practice/flashcards.html",
    "practice/exam.html",
    "practice/progress.html",
    "reference/glossary.html",
    "reference/bug-museum.html",
    "reference/minimodel.html",
    "contributing/index.html",
)
LISTEN = """
  window.refused = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
    window.refused.push(`${violatedDirective}: ${blockedURI} ${sample}`));
"""


@pytest.fixture
def page(base, tab):
    with tab(base) as page:
        page.set_default_timeout(120_000)
        page.add_init_script(LISTEN)
        yield page


@pytest.mark.parametrize("folder", ["", "es/"])
def test_no_page_of_any_kind_breaks_its_policy(base, page, folder):
    broken = []
    for path in KINDS:
        page.goto(base + folder + path)
        if path == KINDS[0]:
            field = page.locator(".md-search__input")
            field.click()
            field.press_sequentially("softmax")
            page.wait_for_selector(".md-search-result__item a")
            page.keyboard.press("Escape")
        for start in page.locator(".lt-explorer__start").all():
            element = start.locator("..")
            start.click()
            element.locator(".lt-explorer__panel").wait_for()
        for begin in page.locator(".lt-practice form button:visible").all():
            begin.click()
        broken += [f"{path}: {one}" for one in page.evaluate("window.refused")]
    assert broken == []
    assert page.wrong == []


# What is slipped in, by what the policy says of it.
SLIPPED = {
    "script-src-elem": "document.body.append(Object.assign(document.createElement('script'), { text: 'ran = true' }))",
    "script-src-attr": "document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"ran = true\">')",
    "script-src": "setTimeout('ran = true')",
    "style-src-attr": "document.body.setAttribute('style', 'display: none')",
    "connect-src": "fetch('https://elsewhere.invalid/').catch(() => {})",
    "img-src": "new Image().src = 'https://elsewhere.invalid/a.png'",
    "frame-src": "document.body.insertAdjacentHTML('beforeend', '<iframe src=https://elsewhere.invalid></iframe>')",
}


def test_what_is_slipped_in_is_refused(base, page):
    """One after the other, on one page: each is refused for what it is, before the next is slipped in."""
    page.goto(f"{base}handbook/02-causal-mask.html")
    page.evaluate("() => { window.ran = false; }")
    for number, (directive, slipped) in enumerate(SLIPPED.items(), 1):
        page.evaluate(f"() => {{ {slipped}; }}")
        until(page, f"window.refused.length >= {number}")
        assert [said.split(":")[0] for said in page.evaluate("window.refused")] == list(SLIPPED)[:number], directive
        assert page.evaluate("window.ran") is False, directive
        assert page.locator("article").is_visible(), directive
