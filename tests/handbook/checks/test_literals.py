"""A literal agrees with a value when it is the value rounded to the decimals shown, and with no other."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handbook.checks.literals import agrees

floats = st.floats(-1e6, 1e6, allow_nan=False)


@given(floats, st.integers(1, 8))
def test_a_value_rounded_to_its_decimals_agrees(value: float, decimals: int) -> None:
    assert agrees(f"{value:.{decimals}f}", value, {})


@given(floats, st.integers(1, 6), st.data())
def test_any_changed_digit_disagrees(value: float, decimals: int, data: st.DataObject) -> None:
    literal = f"{value:.{decimals}f}"
    places = [i for i, sign in enumerate(literal) if sign.isdigit()]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != literal[place]]))
    changed = literal[:place] + other + literal[place + 1 :]
    assume(float(changed) != float(literal))
    assert not agrees(changed, value, {})


@given(st.integers(-(10**9), 10**9))
def test_integers_are_exact_with_or_without_thousands(value: int) -> None:
    assert agrees(str(value), value, {})
    assert agrees(f"{value:,}", value, {})
    assert not agrees(str(value + 1), value, {})


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("0.8438", 0.84379),
        ("-0.5", -0.5),
        ("−0.5", -0.5),
        ("0.0000", -1e-9),
        ("1", 1.0),
        ("-inf", float("-inf")),
        ("nan", float("nan")),
        ("1e-16", 1.1e-16),
        ("1.4e-17", 1.39e-17),
        ("179,481,600", 179481600),
        ("True", True),
        ("float32", "float32"),
        ("[0.1142, 0.0420, 0.8438, 0]", [0.114195, 0.04201, 0.84379, 0.0]),
        ("[[1, 0], [-inf, 1]]", [[1, 0], [float("-inf"), 1]]),
        ("(2, 3)", [2, 3]),
        ("[1, 1, T, T]", [1, 1, 4, 4]),
    ],
)
def test_these_agree(literal: str, value: object) -> None:
    assert agrees(literal, value, {"T": 4})


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("1", 0.9999),
        ("0.8439", 0.84379),
        ("0.84", 0.8499),
        ("-0.5", 0.5),
        ("1", True),
        ("inf", float("-inf")),
        ("2e-16", 1.1e-16),
        ("[1, 2]", [1, 2, 3]),
        ("[1, 2]", [2, 1]),
        ("[1, T]", [1, 5]),
        ("four", 4),
        ("12", [1, 2]),
    ],
)
def test_these_do_not(literal: str, value: object) -> None:
    assert not agrees(literal, value, {"T": 4})
