"""Front matter that the site would misread: what is said of each key, and where."""

from __future__ import annotations

import pytest

from tests.conftest import Handbook

GOOD = "title: Case\ndescription: A case.\nlevel: easy\nneeds: [02-causal-mask]\ntopics: [masks, overview]\n"


def said(handbook: Handbook, front: str, path: str = "docs/en/handbook/23-case.md") -> list[tuple[int, str, str]]:
    handbook.write("docs/en/handbook/02-causal-mask.md", f"---\n{GOOD}---\n\n# 02\n")
    handbook.write(path, f"---\n{front}---\n\n# 23 Case\n\nText.\n")
    return [(one.line, one.problem, one.fix) for one in handbook.findings(path, check="front matter")]


def test_a_section_says_all_of_it_and_a_page_its_title_and_description(handbook: Handbook) -> None:
    assert said(handbook, GOOD) == []
    assert said(handbook, "title: Case\ndescription: A case.\nhide: [toc]\n", "docs/en/page.md") == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("level: easy", "level: easi", (4, "there is no level easi", "write one of easy, medium, hard")),
        (
            "needs: [02-causal-mask]",
            "needs: 02-causal-mask",
            (5, "the front matter's needs is '02-causal-mask', not a list", "write `needs: [02-causal-mask]`"),
        ),
        (
            "needs: [02-causal-mask]",
            "needs: [02-casual-mask]",
            (5, "needs: there is no section 02-casual-mask", "write 02-causal-mask, the nearest there is"),
        ),
        (
            "needs: [02-causal-mask]",
            "needs: [nothing]",
            (5, "needs: there is no section nothing", "name a section by its file: 02-causal-mask"),
        ),
        ("[masks, overview]", "[maks]", (6, "there is no topic maks", "write masks, the nearest there is")),
        ("topics: [masks, overview]\n", "", (1, "the front matter has no topics", "add `topics: [masks]`")),
        (
            "description: A case.\n",
            "",
            (1, "the front matter has no description", "add `description: What the page shows, in one sentence`"),
        ),
        (
            "title: Case",
            "title: 23",
            (2, "the front matter's title is 23, not words", "write `title: …` in quotes"),
        ),
        ("level: easy", "levle: easy\nlevel: easy", (4, "the front matter's levle is read by nothing", "write level")),
    ],
)
def test_what_the_site_would_misread_is_said_at_its_line(
    handbook: Handbook, old: str, new: str, finding: tuple[int, str, str]
) -> None:
    """mkdocs-material#7960 and mkdocs#1961: keys of the wrong kind."""
    assert said(handbook, GOOD.replace(old, new)) == [finding]


def test_a_topic_is_named_in_the_language_of_the_page(handbook: Handbook) -> None:
    spanish = GOOD.replace("[02-causal-mask]", "[]").replace("[masks, overview]", "[máscaras, masks]")
    assert [problem for _, problem, _ in said(handbook, spanish, "docs/es/handbook/23-case.md")] == [
        "there is no topic masks"
    ]


def test_a_key_that_nothing_resembles_is_told_which_there_are(handbook: Handbook) -> None:
    found = said(handbook, GOOD + "nonsense: 1\n")
    assert found[0][:2] == (7, "the front matter's nonsense is read by nothing")
    assert found[0][2].startswith("delete it; the keys are title, description, level")
