"""An embedded function on its page: one line of its docstring, and the rest one link away."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from handbook.site.markdown.embedded import REFERENCE as REFERENCE_PAGE
from handbook.site.markdown.render import ROOT, html
from handbook.site.settings import FILES

Page = Callable[..., BeautifulSoup]
EMBEDDED = '```python\n--8<-- "src/minimodel/masks.py:causal_allowed"\n```\n'
REFERENCE = f"../{REFERENCE_PAGE}#masks.causal_allowed"


def test_a_page_shows_one_line_of_the_docstring_and_links_to_the_rest(page: Page) -> None:
    for language in ("en", "es"):
        block = page(EMBEDDED, language).select_one(".lt-block")
        assert block.code.text.count('"""') == 2
        assert "def causal_allowed(" in block.code.text
        assert "Args:" not in block.code.text
        (link,) = block.select(".lt-block__reference > a")
        assert link["href"] == REFERENCE
        assert link.text == "minimodel.masks.causal_allowed"


def test_the_reference_has_the_entry_that_a_link_leads_to(page: Page) -> None:
    reference = page("/// api | minimodel.masks\n///\n")
    assert reference.find(id=REFERENCE.partition("#")[2]) is not None


def test_a_listing_of_several_functions_names_their_module_once(page: Page) -> None:
    part = '--8<-- "src/minimodel/attention.py:split_heads"\n'
    both = page(f"```python\n{part}\n\n{part.replace('split', 'merge')}```\n")
    assert both.select_one(".lt-block__reference").text == "minimodel.attention.split_heads, merge_heads"


def test_code_that_a_page_writes_itself_stays_as_it_is(page: Page) -> None:
    own = 'def causal_allowed():\n    """One.\n\n    Two.\n    """\n'
    made = page(f"```python\n{own}```\n")
    assert made.code.text == own
    assert made.select("a") == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for file in FILES.values():
        shutil.copy(ROOT / file, tmp_path)
    package = tmp_path / "src/minimodel"
    package.mkdir(parents=True)
    for name in ("listed", "unlisted"):
        part = f'# --8<-- [start:f]\ndef {name}():\n    """One.\n\n    Two.\n    """\n# --8<-- [end:f]\n'
        (package / f"{name}.py").write_text(part, "utf-8")
    reference = tmp_path / "docs/en" / REFERENCE_PAGE
    reference.parent.mkdir(parents=True)
    reference.write_text("# R\n\n/// api | minimodel.listed\n///\n", "utf-8")
    return tmp_path


def test_only_a_function_that_the_reference_lists_has_a_link(project: Path) -> None:
    text = "".join(f'```python\n--8<-- "src/minimodel/{name}.py:f"\n```\n\n' for name in ("listed", "unlisted"))
    made = BeautifulSoup(html(text, "en", root=project), "html.parser")
    assert [link.text for link in made.select("a")] == ["minimodel.listed.listed"]
    assert [block.code.text.count("Two.") for block in made.select(".lt-block")] == [0, 0]


def test_what_is_embedded_from_elsewhere_stays_as_it_is(project: Path) -> None:
    (project / "src/minimodel/listed.py").rename(project / "src/elsewhere.py")
    made = BeautifulSoup(html('```python\n--8<-- "src/elsewhere.py:f"\n```\n', "en", root=project), "html.parser")
    assert "Two." in made.code.text
    assert made.select("a") == []
