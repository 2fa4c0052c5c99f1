"""What is called by a number: names, widths and lists, labels of links, and lists that are announced by a number."""

from __future__ import annotations

import pytest

from tests.conftest import Handbook

CODE = "```python\nx_3 = 1\nprint('GPTX9')\n```\n\n```text\nGPTX9\n```\n\n"
BIBLIOGRAPHY = (
    "# Bibliography\n\n## Maker of H100, 2022 { #maker-2022 }\n\nThe H100. Cited for: in 2021 it was planned, "
    "with 10 bits.\n\n## No year { #no-year }\n\nIn 2021.\n"
)


def problems(handbook: Handbook, prose: str, check: str, *, spanish: str = "") -> list[str]:
    for language in ("en", "es"):
        handbook.write(f"docs/{language}/reference/bibliography.md", BIBLIOGRAPHY)
    handbook.page("labs/L02-causal-mask", "Text.\n")
    page = handbook.page("page", f"{CODE}{prose}\n", f"{CODE}{spanish or prose}\n")
    if spanish:
        page = page.replace("/en/", "/es/")
    return [finding.problem for finding in handbook.findings(page, check=check)]


@pytest.mark.parametrize(
    "prose",
    [
        "In float32, bfloat16 and int8, on the H100, as `x_3` has it and GPTX9 says; L02 is a lab, on A4.",
        "Numbers of 16 bits, or 8-bit ones, and [10 bits](reference/bibliography.md#maker-2022).",
        "Rows 0, 1 and 2; tokens 3 and 1; the scores 5, 0, 0, 0; row 2 and row 2.",
    ],
)
def test_these_are_called_by_their_names(handbook: Handbook, prose: str) -> None:
    assert problems(handbook, prose, "names") == []


@pytest.mark.parametrize("name", ["float33", "bfloat17", "H101", "x_4", "GPTX8", "L03", "A5"])
def test_a_name_that_nothing_knows_is_a_finding(handbook: Handbook, name: str) -> None:
    assert problems(handbook, f"It is {name}.", "names") == [
        f"the name {name} stands neither in the page's code nor in the bibliography"
    ]


@pytest.mark.parametrize(
    ("prose", "problem"),
    [
        ("Numbers of 17 bits.", "17 is no width of numbers in bits"),
        ("Numbers of 9-bit words.", "9 is no width of numbers in bits"),
        ("Rows 1, 1 and 2 are open.", "“Rows 1, 1 and 2” names 1 twice"),
        ("Leen los tokens 2 y 2.", "“tokens 2 y 2” names 2 twice"),
    ],
)
def test_a_width_that_is_none_and_a_thing_that_is_listed_twice(handbook: Handbook, prose: str, problem: str) -> None:
    assert problems(handbook, prose, "names") == [problem]


def test_the_label_of_a_link_is_that_of_its_place(handbook: Handbook) -> None:
    source, lab = "reference/bibliography.md", "labs/L02-causal-mask.md"
    true = (
        f"[Maker, 2022, section 2]({source}#maker-2022), [planned in 2021]({source}#maker-2022), "
        f"[No year, 2021]({source}#no-year), [L02 Mask]({lab}), [after L03](page.md)."
    )
    assert problems(handbook, true, "labels") == []
    assert problems(handbook, f"[Maker, 2021]({source}#maker-2022) and [L03 Mask]({lab}).", "labels") == [
        "2021 is not the year of the source that this links to (Maker of H100, 2022)",
        f"L03 is not the lab that this links to ({lab})",
    ]


LIST = "- One.\n\n  And more of it.\n\n- Two.\n- Three.\n\nEnd.\n\n- Another list.\n"


def test_a_list_has_as_many_items_as_are_announced(handbook: Handbook) -> None:
    for announced in ("Three things to try:", "So. Three are left:", "The two of them differ in this:", "Lists:"):
        assert problems(handbook, f"{announced}\n\n{LIST}", "counts") == [], announced
    assert problems(handbook, "Four. It has no list:\n\nText.", "counts") == []
    assert problems(handbook, f"Four things to try:\n\n{LIST}", "counts") == ["“four” announces a list of 3"]
    assert problems(handbook, "Text.", "counts", spanish=f"Hay dos cosas:\n\n{LIST}") == ["“dos” announces a list of 3"]


def test_twins_say_the_same_number_word_unless_one_of_them_says_it_in_another_way(handbook: Handbook) -> None:
    english = "It has three keys, and four heads: three times as many."
    for spanish in ("Tiene tres claves y cuatro cabezas: el triple.", "Tiene tres claves y otras tantas cabezas."):
        assert problems(handbook, english, "twins", spanish=spanish) == []
    divided = "Tiene cinco claves. Y cuatro cabezas: el triple."
    assert problems(handbook, english, "twins", spanish=divided) == []
    assert problems(handbook, english, "twins", spanish="Tiene cinco claves y cuatro cabezas: el triple.") == [
        "“cinco” stands here, where “three” stands in docs/en/page.md:16"
    ]
