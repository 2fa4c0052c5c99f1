"""A run of prose is taken apart into pins, numbers, links and formulas, each with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbook.pages.inline import Reading, numbers_in, pin_in, plain
from handbook.pages.model import Link, Number, Pin, Place
from handbook.pages.syntax import Tie

LINES = [10, 20, 30, 40]


def read(text: str) -> Reading:
    reading = Reading()
    reading.read(text, LINES, after=3)
    return reading


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,024 tokens and 3", ["1,024", "3"]),
        ("12,34", ["12", "34"]),
        ("-3 and −4", ["-3", "-4"]),
        ("1e-5, 2.5E+3 or 1e−5", ["1e-5", "2.5E+3", "1e-5"]),
        ("7. Then (8), 9% and [1, 2]", ["7", "8", "9", "1", "2"]),
        ("version 3.14.15", ["3.14.15"]),
        ("x-1, float32, GPT-2, W_4, 2x, a.5", []),
    ],
)
def test_a_number_is_what_prose_writes_as_one_and_no_part_of_a_name(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_as_it_was_written(number: float) -> None:
    assert numbers_in(f"so {number} it is") == [str(number)]
    assert plain(str(number).replace("-", "−")) == str(number)


def test_each_kind_of_claim_gets_its_line_its_place_and_the_block_above() -> None:
    text = (
        'One 1\nTwo `2`{ data-is="x" }\n[three 3](page.md#a), $4^2$\n`T = 5`, ``8 ` 8``{ data-holds="y" } ![10](i.svg)'
    )
    reading = read(text)
    assert reading.pins == [Pin(Tie.IS, "2", "x", 20, 3), Pin(Tie.HOLDS, "8 ` 8", "y", 40, 3)]
    assert reading.numbers == [
        Number("1", 10, Place.PROSE),
        Number("3", 30, Place.LINK, "page.md#a"),
        Number("4", 30, Place.MATH, "$4^2$"),
        Number("2", 30, Place.MATH, "$4^2$"),
        Number("T = 5", 40, Place.CODE),
        Number("10", 40, Place.LINK, "i.svg"),
    ]
    assert reading.links == [Link("page.md#a", 30, "three 3"), Link("i.svg", 40, "10")]
    assert reading.formulas == [("$4^2$", 30)]
    wherever = [("1", 10), ("2", 20), ("3", 30), ("4", 30), ("2", 30), ("5", 40), ("8", 40), ("8", 40), ("10", 40)]
    assert reading.all_numbers == wherever


def test_a_code_span_in_a_links_label_knows_the_link() -> None:
    assert read("[`T = 5`](page.md)").numbers == [Number("T = 5", 10, Place.CODE, "page.md")]


def test_what_is_no_claim_is_passed_over() -> None:
    assert read('\\6 <b data-x="7"> <!-- 8 --> { #id-9 } `x` $x$').numbers == []


def test_a_claim_below_the_last_line_that_is_known_stands_on_that_line() -> None:
    assert read("\n" * 9 + "5").numbers == [Number("5", 40, Place.PROSE)]


def test_a_formula_is_compared_without_its_words_and_spaces() -> None:
    assert read("$a \\text{if so} + b$").formulas == read("$a \\text{si es así} +b$").formulas == [("$a+b$", 10)]


def test_a_bound_row_is_one_pin_with_all_its_numbers() -> None:
    reading = Reading()
    reading.row(["0.25", "**−3** { .a1 }", "inf and ∞, nan"], 7, 2, "w")
    assert reading.pins == [Pin(Tie.ROW, "0.25 -3 inf ∞ nan", "w", 7, 2)]
    assert reading.all_numbers == [("0.25", 7), ("-3", 7), ("inf", 7), ("∞", 7), ("nan", 7)]
    assert reading.numbers == []


@pytest.mark.parametrize("tie", Tie)
def test_an_attribute_list_may_hold_a_tie(tie: Tie) -> None:
    assert pin_in(f'{{ .c {tie} = "x > 1" #id }}') == (tie, "x > 1")
    assert pin_in("{ .c #id }") is None
