"""Every place that the site makes can be linked to, and no other."""

from __future__ import annotations

from tests.conftest import Handbook

PLACES = """\
## First { #first }

<a id="raw"></a>Text.

A paragraph with a place.
{ #listed }

/// note
    attrs: {id: a-note}

Text.
///

```python
x = 1
```

/// api | code
///
"""


def said(handbook: Handbook, links: str, *, page: str = "folder/page") -> list[tuple[str, str]]:
    handbook.write("src/code.py", '"""A module."""\n\n\ndef f():\n    """Give nothing."""\n\n\ndef _g():\n    pass\n')
    handbook.write("docs/en/image.svg", "<svg/>")
    handbook.page("places", PLACES)
    handbook.page("labs/L02-mask", "Text.\n")
    path = handbook.page(page, links)
    return [(finding.problem, finding.fix) for finding in handbook.findings(path, check="links")]


def test_these_lead_somewhere(handbook: Handbook) -> None:
    places = ("first", "raw", "listed", "a-note", "block-1", "code", "code.f", "page")
    links = "".join(f"[to](../places.md#{place})\n" for place in places)
    beside = (
        "[a](../places.md) [b](#own) ![c](../image.svg) [d](../labs/L02-mask.ipynb) [e](../labs/L02-mask.zip) "
        "[f](https://example.org/#x) [g](mailto:a@example.org) <https://example.org> [h](../places.md?x#first) "
        "[i][there] <img src='../image.svg'>\n\n[there]: ../places.md#first\n\n## Own { #own }\n"
    )
    assert said(handbook, links + beside) == []


def test_a_source_that_is_missing_is_to_be_added(handbook: Handbook) -> None:
    handbook.write("docs/en/reference/bibliography.md", "# Bibliography\n\n## Chen et al., 2023 { #chen-2023 }\n")
    nowhere = "leads nowhere: docs/en/reference/bibliography.md has no"
    add = "add the entry to docs/en/reference/bibliography.md"
    for anchor, fix in (("chan-2023", f"{add}, or write #chen-2023, the nearest there is"), ("zipf", add)):
        target = f"../reference/bibliography.md#{anchor}"
        assert said(handbook, f"[A source]({target})\n") == [(f"{target} {nowhere} #{anchor}", fix)]


def test_these_lead_nowhere_and_the_nearest_is_named(handbook: Handbook) -> None:
    assert said(handbook, "[a](../places.md#frist) [b](places.md#first) [c](#page-1) [d]() [e](../labs/L03.zip)\n") == [
        ("../places.md#frist leads nowhere: docs/en/places.md has no #frist", "write #first, the nearest there is"),
        (
            "places.md#first leads nowhere: there is no docs/en/folder/places.md",
            "write ../places.md#first, the nearest there is",
        ),
        ("#page-1 leads nowhere: docs/en/folder/page.md has no #page-1", "write #page, the nearest there is"),
        ("this link leads nowhere", "name a file, as seen from the folder of this page"),
        (
            "../labs/L03.zip leads nowhere: there is no docs/en/labs/L03.zip",
            "write ../labs/L02-mask.md, the nearest there is",
        ),
    ]
    assert said(handbook, "[a](../places.md#code._g) [b](../places.md#block-2)\n", page="folder/other") == [
        (
            "../places.md#code._g leads nowhere: docs/en/places.md has no #code._g",
            "write #code, the nearest there is",
        ),
        (
            "../places.md#block-2 leads nowhere: docs/en/places.md has no #block-2",
            "write #block-1, the nearest there is",
        ),
    ]


def test_the_readme_leads_to_files_of_the_repository(handbook: Handbook) -> None:
    handbook.page("places", PLACES)
    handbook.write("README.md", "# It is\n\n[a](docs/en) [b](docs/fr) [c](#it-is) [d](#it-was)\n")
    assert [finding.problem for finding in handbook.findings("README.md", check="links")] == [
        "docs/fr leads nowhere: there is no docs/fr",
        "#it-was leads nowhere: no heading makes #it-was",
    ]


def test_a_page_is_looked_at_again_when_what_it_leads_to_has_changed(handbook: Handbook) -> None:
    handbook.page("places", "## First { #first }\n\nText.\n")
    handbook.page("page", "[to](places.md#first)\n")
    assert handbook.command("check").returncode == 0
    handbook.page("places", "## Second { #second }\n\nText.\n")
    said = handbook.command("check")
    assert "docs/en/page.md:7: places.md#first leads nowhere" in said.stdout
