"""Every NumPy block of every page runs in the page's own Python, and prints the same.

That Python has integers of 32 bits and an older NumPy, so this is more than the same run again.

The twins hold the same blocks to the letter, so one language is enough.
"""

import os

import pytest

from handbook.pages.parse import parse
from handbook.project import Project
from handbook.site.assets.runtime.fetch import cached
from handbook.site.markdown.render import ROOT

PATIENCE = 300_000  # milliseconds; one section trains models
RUNS = ".lt-block:has(.lt-run__button--run)"

if cached(ROOT) is None:
    if "HANDBOOK_NEEDS_BROWSER" in os.environ:
        raise pytest.UsageError("the runtime has not been fetched: make runtime")
    pytest.skip("the runtime has not been fetched: make runtime", allow_module_level=True)


def pages_with_blocks():
    """The address and the number of the blocks of each English page that the browser can run."""
    for path in Project(ROOT).pages:
        if path.startswith("docs/en/") and path.endswith(".md"):  # a notebook runs in Jupyter
            blocks = [one for one in parse(ROOT, path).blocks if one.runs and one.language == "python"]
            if count := sum(not one.needs_torch for one in blocks):
                yield path.removeprefix("docs/en/").replace(".md", ".html"), count


@pytest.mark.parametrize(("path", "count"), list(pages_with_blocks()))
def test_every_numpy_block_prints_what_its_page_shows(http, tab, path, count):
    different = []
    with tab(http) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(http + path)
        blocks = page.locator(RUNS).all()
        assert len(blocks) == count
        for block in blocks:
            block.locator(".lt-run__button--run").dispatch_event("click")
            number = block.get_attribute("data-block")
            said = page.locator(f"#block-{number} ~ .lt-run__result").first
            said.wait_for(state="attached")
            if not said.locator(".lt-run__verdict--same").count():
                different.append(f"block {number}: {said.text_content()}")
        assert page.wrong == []
    assert different == []
