"""Each check alone, on a page and on what its run showed: nothing is run here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbook.checks import CHECKS, freshness
from handbook.checks.context import Context, Library
from handbook.checks.questions import unheld
from handbook.pages import source
from handbook.pages.model import Page
from handbook.pages.parse import from_source
from handbook.project import Project
from handbook.running.transcript import Ran, Transcript, Trespass, Value
from handbook.site.markdown import render
from tests.conftest import ROOT

EN, ES = "docs/en/page.md", "docs/es/page.md"
UPDATE = f"run `handbook update {EN}` and read the difference"
CONTROL = "print the repr of it, or leave it out"
SHOWN = "Text.\n\n```python\nx = 1\nprint(x)\n```\n\n```text\n1\n```\n"
SILENT = "```python\nx = 1\n```\n"


def page_of(text: str, path: str = EN) -> Page:
    return from_source(source.from_text(ROOT, path, text))


def said(check: str, text: str, *ran: Ran, path: str = EN, twin: str | None = None) -> list[tuple[int, str, str]]:
    """What one check says of a page whose blocks did ``ran``: line, problem, fix."""
    page = page_of(text, path)
    other = None if twin is None else page_of(twin, ES if path == EN else EN)
    library = Library(Project(ROOT), lambda path: page)
    context = Context(page, Transcript(dict(enumerate(ran))), library, other, lambda: "")
    found = list(CHECKS[check](context))
    assert {finding.path for finding in found} <= {path}
    return [(finding.line, finding.problem, finding.fix) for finding in found]


# Output -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ran", "found"),
    [
        (SHOWN, Ran("1\n"), []),
        (SHOWN, Ran(skipped="why"), []),
        (SHOWN, Ran("2\n"), [(9, "the page shows “1”, the block prints “2”", UPDATE)]),
        (SHOWN, Ran("1\n2\n"), [(10, "the page shows no further line, the block prints “2”", UPDATE)]),
        (SHOWN, Ran(""), [(9, "the page shows “1”, the block prints no further line", UPDATE)]),
        (SHOWN, Ran("1\r\n"), [(3, "this block prints '\\r', which a page cannot show", CONTROL)]),
        (SHOWN, Ran("y" * 72 + "\n"), [(9, f"the page shows “1”, the block prints “{'y' * 72}”", UPDATE)]),
        (SHOWN, Ran("y" * 73 + "\n"), [(9, f"the page shows “1”, the block prints “{'y' * 71}…”", UPDATE)]),
        (SILENT, Ran(""), []),
        (SILENT, Ran("\n1\n2\n"), [(1, "this block prints “1” and the page does not show it", UPDATE)]),
        (SILENT, Ran(trespasses=(Trespass("does harm", "undo it"),)), [(1, "this block does harm", "undo it")]),
    ],
)
def test_an_output_is_compared_to_the_letter(text: str, ran: Ran, found: list[tuple[int, str, str]]) -> None:
    assert said("output", text, ran) == found


@pytest.mark.parametrize(
    ("error", "verb", "fix"),
    [
        ("prints too much", "", "print less: a page shows a few lines"),
        ("does not end (stopped)", "", "make it end, or make it smaller: a page is checked in a second"),
        ("calls sys.exit", "", "let the block run to its end"),
        ("ends the interpreter", "", "let the block run to its end"),
        ("KeyError: 'x'", "raises ", "correct the code; to show an error, catch it and print it"),
    ],
)
def test_an_error_stands_at_its_line_and_is_all_that_is_said(error: str, verb: str, fix: str) -> None:
    failed = Ran("2\n", error, 2, ("does harm\nundo it",))
    assert said("output", SHOWN, failed) == [(5, f"this block {verb}{error}", fix)]
    assert said("output", SHOWN, Ran(error=error)) == [(4, f"this block {verb}{error}", fix)]


def test_a_console_block_is_compared_from_its_first_line_on() -> None:
    text = "```console\n$ handbook lab list\none\ntwo\n```\n"
    session = "$ handbook lab list\none\n2\n"
    assert said("output", text, Ran(session.replace("2", "two"))) == []
    assert said("output", text, Ran(session)) == [(4, "the page shows “two”, the command prints “2”", UPDATE)]


# Form and questions -----------------------------------------------------------


def test_headings_need_ids_of_their_own() -> None:
    assert said("form", "# T\n\n## A { #a }\n\n## B { #b }\n\n## C\n\n## D { #a }\n") == [
        (7, "the heading “C” has no id", "end it with { #a-short-english-id }, the same in both languages"),
        (9, "the id a is taken (line 3)", "give it another id"),
    ]
    assert said("form", "## C\n", path="README.md") == []


QUESTION = """\
/// question | Why?
    attrs: {id: q-none-such, data-level: easy, data-topic: masks}

Because.

//// trap
No.
////

//// proof
```python
assert x
```
////
///
"""
CANNOT_FAIL = "the proof of q-none-such cannot fail"
LEVELS = "q-none-such has no data-level that the interview bank could list it by"


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "fix"),
    [
        ("| Why?", "", 1, "this question asks nothing", "write it after the bar: /// quiz | …"),
        ("Because.\n", "", 1, "q-none-such has no answer", "write it right below the question"),
        ("//// trap\nNo.\n////\n", "", 1, "q-none-such has no trap", "say the common wrong answer in a /// trap"),
        ("assert x", "assert 1 < 2", 10, CANNOT_FAIL, "let it assert something that the page computed"),
        ("assert x", "x = 1", 10, CANNOT_FAIL, "let it assert something that the page computed"),
        ("assert x", "assert (", 10, CANNOT_FAIL, "let it assert something that the page computed"),
        ("easy", "simple", 1, LEVELS, "write data-level: with one of easy, medium, hard"),
    ],
)
def test_a_question_has_all_its_parts(old: str, new: str, line: int, problem: str, fix: str) -> None:
    assert said("questions", QUESTION) == []
    assert said("questions", QUESTION.replace(old, new)) == [(line, problem, fix)]


def test_a_question_without_a_proof_or_an_id_is_told_so() -> None:
    without = QUESTION[: QUESTION.index("//// proof")] + "///\n"
    assert said("questions", without) == [(1, "q-none-such has no proof", "prove the answer in a /// proof")]
    nameless = said("questions", QUESTION.replace("id: q-none-such, ", ""))
    assert nameless == [(1, "this question has no id", "give it one: attrs: {id: q-02-…}")]


SETTLE = 'end it with { data-true="…" }, an expression that is True exactly when the option is right'


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ('- [x] a { data-true="x" }\n- [ ] b { data-true="y" }\n', []),
        (
            '- [x] a { data-true="x" }\n',
            [(1, "z-none-such offers no choice", "list at least two options and tick the right one: - [x]")],
        ),
        (
            '- [ ] a { data-true="x" }\n- [ ] b { data-true="y" }\n',
            [(1, "z-none-such offers no choice", "list at least two options and tick the right one: - [x]")],
        ),
        (
            '- [x] a { data-true="x" }\n- [X] b { data-true="y" }\n',
            [(1, "z-none-such has no wrong option", "list one that is false: - [ ]")],
        ),
        ('- [x] a\n- [ ] b { data-true="y" }\n', [(4, "nothing shows whether this option is true", SETTLE)]),
        (
            '- [x] 3 of 4.5 and `7` { data-true="x == 3" }\n- [ ] b { data-true="y" }\n',
            [
                (
                    4,
                    "the number 4.5 of this option does not stand in its expression x == 3, or not in this order",
                    "let the expression hold the numbers that the option claims, one after the other, or pin them",
                )
            ],
        ),
    ],
)
def test_a_quiz_offers_a_choice_and_settles_each_option(options: str, found: list[tuple[int, str, str]]) -> None:
    assert said("questions", f"/// quiz | Which?\n    attrs: {{id: z-none-such}}\n\n{options}\n///\n") == found


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.data())
def test_the_numbers_of_an_option_stand_in_its_expression_in_their_order(
    numbers: list[int], data: st.DataObject
) -> None:
    expression = f"x == {numbers}"

    def says(numbers: list[int]) -> str:
        return f"keys {' and '.join(map(str, numbers))}"

    at = data.draw(st.integers(0, len(numbers) - 1))
    assert unheld(says(numbers), expression) is None
    assert unheld(says([*numbers[:at], 100, *numbers[at + 1 :]]), expression) == "100"
    assert (unheld(says(numbers[::-1]), expression) is None) == (numbers[::-1] == numbers)


@pytest.mark.parametrize(
    ("text", "expression", "found"),
    [
        ("keys 1 and 1", "x == [1, 2]", "1"),
        ("$T(T - 1)/2$", "x == n * (n - 1) / 2", None),
        ("$T / 2 + 1$", "x == 1 + n / 2", None),
        ("$T / 3$", "x == n / 2", "3"),
        ("`7` of 2", "x == 2", None),
        ('`7`{ data-is="y" } of 2', "x == 2", None),
        ("float32, GPT-2", "x", None),
    ],
)
def test_an_option_may_hold_formulas_names_and_pins(text: str, expression: str, found: str | None) -> None:
    assert unheld(text, expression) == found


# Bibliography -------------------------------------------------------------------

BIBLIOGRAPHY = "docs/en/reference/bibliography.md"
ENTRY = """\
## Someone issue 7, 2023 { #someone-7 }

Someone. *A title*. Issue 7 of something, May 2023. Read it at [github.com](https://github.com/a/b/issues/7).

Cited for: 5 of 9.

## Thinker, 2021 { #thinker-2021 }

Thinker. arXiv 2012.01234, 2021. Read it at [arxiv.org](https://arxiv.org/abs/2012.01234).
"""


@pytest.mark.parametrize(
    ("was", "becomes", "line", "problem"),
    [
        ("", "", 0, ""),
        (
            "issue 7, 2023 {",
            "issue 8, 2023 {",
            1,
            "the heading of someone-7 says 8, and the reference below it does not",
        ),
        ("7, 2023 {", "7, 2024 {", 1, "the heading of someone-7 says 2024, and the reference below it does not"),
        ("May 2023", "May 2024", 1, "the heading of someone-7 says 2023, and the reference below it does not"),
        ("Issue 7", "Issue 8", 1, "the address in someone-7 leads to 7, and the reference does not say so"),
        (
            "arXiv 2012",
            "arXiv 2013",
            7,
            "the address in thinker-2021 leads to 2012.01234, and the reference does not say so",
        ),
        (
            "Thinker, 2021",
            "Thinker, 2022",
            7,
            "the heading of thinker-2021 says 2022, and the reference below it does not",
        ),
    ],
)
def test_an_entry_says_year_and_number_twice_and_they_agree(was: str, becomes: str, line: int, problem: str) -> None:
    found = said("bibliography", ENTRY.replace(was, becomes) if was else ENTRY, path=BIBLIOGRAPHY)
    assert [one[:2] for one in found] == ([(line, problem)] if line else [])
    assert said("bibliography", ENTRY.replace("2023", "2024", 1)) == []  # another page is no bibliography


def test_the_entries_stand_in_the_order_of_the_alphabet() -> None:
    above, _, below = ENTRY.partition("## Thinker")
    ((line, problem, _),) = said("bibliography", f"## Thinker{below}\n{above}", path=BIBLIOGRAPHY)
    assert (line, problem) == (5, "the entry “Someone issue 7, 2023” stands below “Thinker, 2021”")


# Twins ------------------------------------------------------------------------

TWO = "# T\n\n## A { #a }\n\n/// note\n    attrs: {id: n}\nSee [x](a.md), $y$ and 7.\n///\n\n## B { #b }\n"


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        (TWO, []),
        (
            TWO.replace("\n## B { #b }\n", ""),
            [(1, f"the heading ## #b of {EN}:10 is missing here", "translate it too")],
        ),
        (
            TWO + "\n### C { #c }\n",
            [(12, f"the heading ### #c does not stand in {EN}", "write it there too, or delete it")],
        ),
        (
            TWO.replace("#a", "#x").replace("#b", "#a").replace("#x", "#b"),
            [(3, f"## #b stands where {EN}:3 has ## #a", "keep the same order")],
        ),
        (
            TWO.replace("note\n", "tip\n"),
            [
                (1, f"the block note n of {EN}:5 is missing here", "translate it too"),
                (5, f"the block tip n does not stand in {EN}", "write it there too, or delete it"),
            ],
        ),
        (
            TWO.replace("a.md", "b.md"),
            [
                (1, f"the link a.md of {EN}:7 is not on this page", "say the same on both pages"),
                (7, f"the link b.md is not in {EN}", "say the same on both pages"),
            ],
        ),
        (
            TWO.replace("and 7", "7 and 7"),
            [(7, f"the number 7 stands here 2×, in {EN}:7 1×", "say the same on both pages")],
        ),
        (
            TWO.replace("and 7", "and 7 `x7`"),
            [(7, f"the name x7 is not in {EN}", "say the same on both pages")],
        ),
        (
            TWO.replace("$y$", "y"),
            [(1, f"the formula $y$ of {EN}:7 is not on this page", "say the same on both pages")],
        ),
        (TWO + SILENT, [(11, f"this block is not in {EN}", "give both pages the same blocks")]),
    ],
)
def test_a_translation_is_built_like_its_original(ours: str, found: list[tuple[int, str, str]]) -> None:
    assert sorted(said("twins", ours, path=ES, twin=TWO)) == sorted(found)


def test_blocks_of_twins_agree_in_code_and_output() -> None:
    assert said("twins", SILENT, path=ES, twin=SILENT) == []
    missing = said("twins", "Text.\n", path=ES, twin=SILENT)
    assert missing == [(1, f"the block of {EN}:1 is missing here", "copy it over")]
    behind = SILENT.replace("x", "z")
    for ours, first in (("x = 1\ny = 3\n", "“y = 3” stands here"), ("x = 1\n", "the block ends here")):
        there = f"```python\nx = 1\ny = 2\n```\n\n{behind}"
        ((line, problem, _),) = said("twins", f"Text.\n\n```python\n{ours}```\n\n{behind}", path=ES, twin=there)
        assert problem == f"{first}, where “y = 2” stands in {EN}:3"
        assert line == (5 if "y" in ours else 4)
    ((line, problem, _),) = said("twins", SILENT.replace("python", "python { notest }"), path=ES, twin=SILENT)
    assert problem == f"this block is that of {EN}:1 in another language, or with other flags"
    other = said("twins", SHOWN.replace("\n1\n", "\n 1\n"), path=ES, twin=SHOWN)
    assert (3, f"its output differs from {EN}:3", "run `handbook update`") in other


@pytest.mark.parametrize(("ours", "theirs"), [("bfloat16", "bfloat32"), ("L2", "L3"), ("GPT2Model", "GPT3Model")])
@pytest.mark.parametrize("form", ["{}", "`{}`"])
def test_names_of_twins_have_the_same_digits(ours: str, theirs: str, form: str) -> None:
    ours, theirs = (f"It is {form.format(name)}.\n" for name in (ours, theirs))
    assert said("twins", ours, path=ES, twin=ours) == []
    assert {line for line, _, _ in said("twins", ours, path=ES, twin=theirs)} == {1}


def test_pins_options_and_front_matter_of_twins_agree() -> None:
    pinned = said("twins", '`7`{ data-is="x" }\n', path=ES, twin='`7`{ data-is="y" }\n')
    assert sorted(pinned) == [
        (1, f"the pin data-is=x is not in {EN}", "say the same on both pages"),
        (1, f"the pin data-is=y of {EN}:1 is not on this page", "say the same on both pages"),
    ]
    quiz = '/// quiz | Q\n    attrs: {id: z}\n\n- [x] a { data-true="x" }\n- [ ] b { data-true="y" }\n///\n'
    turned = said("twins", quiz.replace("[x] a", "[ ] a"), path=ES, twin=quiz)
    assert turned[0] == (4, f"the options of z differ from {EN}", "same order, ticks and expressions")
    levels = said("twins", "---\nlevel: hard\n---\n\nA.\n", path=ES, twin="---\nlevel: easy\n---\n\nA.\n")
    assert levels == [(1, f"the front matter's level differs from {EN}", "copy it over")]


def test_the_original_is_not_compared_and_a_page_without_a_twin_is_told_so() -> None:
    assert said("twins", TWO, twin="Otra cosa.\n") == []
    assert said("twins", TWO, path="README.md") == []
    assert said("twins", TWO, path=ES) == [
        (1, f"the page has no twin: {EN} is missing", "write it, in the same change"),
    ]


# Freshness --------------------------------------------------------------------


def stamped(text: str, record: dict[str, str]) -> str:
    return "---\ntranslates:\n" + "".join(f'  {name}: "{what}"\n' for name, what in record.items()) + f"---\n\n{text}"


def test_a_translation_that_records_what_it_translates_is_fresh_until_that_moves() -> None:
    record = freshness.stamp(page_of(TWO))
    assert list(record) == ["front", "top", "a", "b"]
    ours = stamped(TWO, record)
    assert said("freshness", ours, path=ES, twin=TWO) == []
    moved = TWO.replace("See", "Look at")
    (line, problem, fix) = said("freshness", ours, path=ES, twin=moved)[0]
    assert line == ours[: ours.index("## A")].count("\n") + 1
    assert problem == f"the English of a ({EN}:3) changed after its translation"
    assert fix == f"carry the change over, then run `handbook translated {ES}`"


@given(st.sampled_from([" ", "\n", "  ", "\n\n"]))
def test_white_space_does_not_make_a_translation_stale(space: str) -> None:
    assert freshness.stamp(page_of(f"One{space}two.\n")) == freshness.stamp(page_of("One two.\n"))


def test_a_translation_without_a_record_is_told_so() -> None:
    assert said("freshness", TWO, path=ES, twin=TWO) == [
        (
            1,
            "nothing records which English text this page translates",
            f"compare it with {EN}, then run `handbook translated {ES}`",
        )
    ]
    assert said("freshness", TWO, twin=TWO) == []
    assert said("freshness", TWO, path=ES) == []


def test_a_section_that_is_gone_from_the_original_is_stale() -> None:
    record = {**freshness.stamp(page_of(TWO)), "gone": "00000000"}
    (found,) = said("freshness", stamped(TWO, record), path=ES, twin=TWO)
    assert found[:2] == (1, f"the English of gone ({EN}:1) changed after its translation")


def test_a_stale_section_shows_what_moved_where_the_history_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = stamped(TWO, freshness.stamp(page_of(TWO)))
    monkeypatch.setattr("handbook.history.versions", lambda root, path: ["# Other\n", TWO])
    reworded = said("freshness", ours, path=ES, twin=TWO.replace("See", "Look at"))
    assert reworded[0][1].endswith(
        " changed after its translation: “See [x](a.md), $y$ and 7.” is now “Look at [x](a.md), $y$ and 7.”"
    )
    (gone,) = said("freshness", ours, path=ES, twin=TWO.replace("\n## B { #b }\n", ""))
    assert gone[1] == f"the English of b ({EN}:1) changed after its translation: “## B {{ #b }}” is gone"


# Coverage, numbers, terms -----------------------------------------------------


def rendered(html: Callable[[], str], text: str, *ran: Ran) -> list[tuple[int, str, str]]:
    library = Library(Project(ROOT), page_of)
    context = Context(page_of(text), Transcript(dict(enumerate(ran))), library, None, html)
    return [(finding.line, finding.problem, finding.fix) for finding in CHECKS["coverage"](context)]


def too_deep() -> str:
    raise RecursionError


def test_a_page_that_cannot_be_rendered_or_was_not_run_is_told_so() -> None:
    html = render.html(SILENT, "en")
    assert rendered(lambda: html, SILENT, Ran()) == []
    assert rendered(lambda: html, SILENT) == [(1, "this block was not run", "report this: it is a fault of the engine")]
    assert rendered(too_deep, SILENT, Ran()) == [
        (1, "the page nests too deeply to be rendered", "take out some of its lists or quotes")
    ]
    plain = "write it as a plain ```python fence at the margin, closed by ```"
    assert rendered(lambda: "", SILENT, Ran()) == [(1, "this block runs but is not shown as Python: x = 1", plain)]


def test_a_name_that_a_failed_block_would_have_made_is_no_second_finding() -> None:
    page = page_of('```python\nx = y\n```\n\nIt is `2`{ data-is="x" }.\n')
    values = {Transcript.key(0, "x"): Value(error="NameError: name 'x' is not defined")}
    library = Library(Project(ROOT), page_of)
    for ran, findings in ((Ran(error="NameError: y"), 0), (Ran(skipped="no torch"), 0), (Ran(), 1)):
        context = Context(page, Transcript({0: ran}, values), library, None, lambda: "")
        assert len(list(CHECKS["numbers"](context))) == findings


def test_a_page_without_a_number_in_its_name_lends_none() -> None:
    ((line, problem, _),) = said("numbers", SILENT + "\nThere are 4, and 1.\n", Ran())
    assert (line, problem) == (5, "number 4 is not computed on this page")


def test_a_term_is_reported_at_its_line() -> None:
    glossary = page_of("# G\n\n## clave { #key }\n\nEn inglés: *key*\n", "docs/es/reference/glossary.md")
    page = page_of("# T\n\nLa *key*.\n\nLa key.\n", ES)
    context = Context(page, Transcript(), Library(Project(ROOT), lambda path: glossary), None, lambda: "")
    (found,) = CHECKS["terms"](context)
    assert (found.line, found.problem) == (5, "“key” stands in the prose; the glossary's word is “clave”")
    assert found.fix == "write it so, or *key* in italics where the English word itself is meant"
