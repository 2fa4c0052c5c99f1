"""Where a number may come from, and what is said of one that comes from nowhere."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Handbook

CODE = """\
```python
import numpy as np

T = 4
weights = np.array([0.25, 0.5, 0.25])
print(weights.sum())
```

```text
1.0
```

"""

BIBLIOGRAPHY = "# Bibliography\n\n## Vaswani et al., 2017 { #vaswani-2017 }\n\nEight heads, 512 wide.\n"


def problems(handbook: Handbook, prose: str) -> list[str]:
    handbook.write("docs/en/reference/bibliography.md", BIBLIOGRAPHY)
    page = handbook.page("02-page", CODE + prose + "\n")
    return [finding.problem for finding in handbook.findings(page, check="numbers")]


@pytest.mark.parametrize(
    "prose",
    [
        "With 4 tokens.",
        'The middle weight is `0.50`{ data-is="weights[1]" }.',
        'All: `[0.25, 0.5, 0.25]`{ data-is="weights" }, shape `[3]`{ data-is="weights.shape" }.',
        'A claim: `sum < 1.1`{ data-holds="weights.sum() < 1.1" }.',
        "The code says `T = 4`.",
        "[Vaswani et al., 2017](reference/bibliography.md#vaswani-2017)",
        "They used [512](reference/bibliography.md#vaswani-2017).",
        "See [02 This page](02-page.md).",
        "A formula: $x_1 + x_2$ over $T^2$.",
        "Names such as float32, GPT-2 and W_4 are not numbers.",
        'Item 1 of 3\nweighs `0.5`{ data-is="weights[1]" }.\n{ data-says="weights[1] > 0 and weights.size == 3" }',
        '- Item 1\n  of 3\n  { data-says="weights.size == 3 and weights.argmax() == 1" }\n- `T = 4`',
        "/// note | Item 1 leads\n    attrs: {data-says: 'weights.argmax() == 1'}\n\nIt does.\n\n///",
        '| w { data-row="weights" } | 0.25 | 0.5 | 0.25 |\n|---|---|---|---|\n',
    ],
)
def test_these_numbers_have_a_source(handbook: Handbook, prose: str) -> None:
    assert problems(handbook, prose) == []


@pytest.mark.parametrize(
    ("prose", "problem"),
    [
        ("With 5 tokens.", "number 5 is not computed on this page (nearest: 4 = T)"),
        ("It is 0.5 there.", "number 0.5 is that of weights[1], and nothing here binds it to it"),
        ("It is `0.5` there.", "number 0.5 is that of weights[1], and nothing here binds it to it"),
        ('It is `0.51`{ data-is="weights[1]" }.', "0.51 is not weights[1], which is 0.50"),
        ('It is `3`{ data-is="weights.size + 1" }.', "3 is not weights.size + 1, which is 4"),
        (
            'So `sum < 0.9`{ data-holds="weights.sum() < 0.9" }.',
            "sum < 0.9 does not hold: weights.sum() < 0.9 is False",
        ),
        (
            'So `sum < 1.2`{ data-holds="weights.sum() < 1.1" }.',
            "sum < 1.2 is not what weights.sum() < 1.1 shows: 1.2 is not in it",
        ),
        (
            'So `sum > 1.1`{ data-holds="weights.sum() < 1.1" }.',
            "sum > 1.1 is not what weights.sum() < 1.1 shows: the sign > is not in it",
        ),
        (
            'Item 2 of 3 leads.\n{ data-says="weights.size == 3 and weights.argmax() == 1" }',
            "the words say 2 more often than weights.size == 3 and weights.argmax() == 1, which they rest on",
        ),
        (
            "/// note | Item 2 leads\n    attrs: {data-says: 'weights.argmax() == 1'}\n\nIt does.\n\n///",
            "the words say 2 more often than weights.argmax() == 1, which they rest on",
        ),
        (
            'Item 2 leads.\n{ data-says="weights.argmax() == 2" }',
            "what the words with 2 rest on does not hold: weights.argmax() == 2 is False",
        ),
        (
            'Item 1 leads, not 1.\n{ data-says="weights.argmax() == 1" }',
            "the words say 1 more often than weights.argmax() == 1, which they rest on",
        ),
        (
            'It leads.\n{ data-says="weights.argmax() == 1" }',
            "data-says binds the integers in the words above it, and there is none",
        ),
        (
            'Of 4.\n{ data-says="4 == 4" }',
            "the pin 4 == 4 names no value of the page, so it proves nothing",
        ),
        ("Set `T = 5`.", "`T = 5` holds a number and stands neither in the page's code nor in its output"),
        (
            "Use `float16`.",
            "`float16` holds a number and stands neither in the page's code nor in its output",
        ),
        (
            "[Vaswani et al., 2018](reference/bibliography.md#vaswani-2017)",
            "2018 does not stand in the bibliography's entry vaswani-2017",
        ),
        ("See [04 This page](02-page.md).", "number 04 is not that of the section it links to (02-page.md)"),
        ("| a | b |\n|---|---|\n| c | 4 |\n", "number 4 is that of T, and nothing here binds it to it"),
        (
            '| w { data-row="weights" } | 0.25 | 0.6 | 0.25 |\n|---|---|---|---|\n',
            "0.6 is not in weights, which holds 0.5 there",
        ),
        ('| w { data-row="weights" } | 0.25 |\n|---|---|\n', "the row holds 1 numbers, weights has 3"),
    ],
)
def test_these_are_findings(handbook: Handbook, prose: str, problem: str) -> None:
    assert problems(handbook, prose) == [problem]


@pytest.mark.parametrize(("name", "said"), [("handbook/27-a", "26"), ("labs/L02-a", "L03")])
def test_a_title_has_the_number_of_its_file(handbook: Handbook, name: str, said: str) -> None:
    number = name.rpartition("/")[2].partition("-")[0]
    page = handbook.page(name, "")
    for title in (said, number):
        text = (handbook.root / page).read_text(encoding="utf-8")
        handbook.write(page, re.sub("^# .*$", f"# {title} Page", text, flags=re.MULTILINE))
        problems = [found.problem for found in handbook.findings(page, check="numbers")]
        wrong = f"the title says {said}, and the page is {number} by the name of its file"
        assert problems[:1] == ([wrong] if title == said else [])


def test_a_source_that_is_missing_is_one_finding(handbook: Handbook) -> None:
    """However many numbers its citation holds; of a page that the site does not show, no link is followed."""
    handbook.write("docs/en/reference/bibliography.md", BIBLIOGRAPHY)
    cited = "See [Nobody 33, 2017](docs/en/reference/bibliography.md#nobody).\n"
    page = handbook.page("page", cited.replace("docs/en/", ""))
    (found,) = handbook.findings(page)
    assert "has no #nobody" in found.problem
    handbook.write("README.md", f"# Read me\n\n{cited}")
    (found,) = handbook.findings("README.md")
    assert found.problem == "the bibliography has no entry nobody"


def test_a_pin_sees_what_stands_above_it_and_not_what_comes_below(handbook: Handbook) -> None:
    page = handbook.page(
        "page",
        'Too early: `2`{ data-is="x" }.\n\n```python\nx = 2\n```\n\nNow: `2`{ data-is="x" }.\n\n'
        '```python\nx = 3\n```\n\nLater: `3`{ data-is="x" }.\n',
    )
    assert [str(finding).split("\n")[0] for finding in handbook.findings(page, check="numbers")] == [
        "docs/en/page.md:7: the pin x raises NameError: name 'x' is not defined"
    ]


def test_an_option_must_be_ticked_exactly_when_it_is_true(handbook: Handbook) -> None:
    quiz = (
        "/// quiz | Which?\n    attrs: {id: z-a}\n\n"
        '- [x] Four { data-true="T == 4" }\n- [x] Five { data-true="T == 5" }\n'
        '- [ ] Six { data-true="T == 6" }\n\n///\n'
    )
    assert problems(handbook, quiz) == ["this option is ticked, but T == 5 is False"]


def test_an_option_claims_no_number_that_its_expression_does_not_settle(handbook: Handbook) -> None:
    quiz = (
        "/// quiz | Which?\n    attrs: {id: z-a}\n\n"
        '- [x] It is 4 { data-true="T == 4" }\n- [ ] It is 6 { data-true="T == 5" }\n\n///\n'
    )
    page = handbook.page("page", CODE + quiz)
    assert [finding.problem for finding in handbook.findings(page, check="questions")] == [
        "the number 6 of this option does not stand in its expression T == 5, or not in this order"
    ]
