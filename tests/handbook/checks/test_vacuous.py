"""What claims and cannot fail."""

from __future__ import annotations

import pytest

from handbook.checks.vacuous import empty
from tests.conftest import Handbook

TUPLE = "this assertion cannot fail: it asserts a tuple"
DROPPED = "is compared and its answer is dropped"
TRY = "try:\n    assert x == 2\nexcept {}:\n    {}"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("assert (x == 2, 'two')", (1, TUPLE)),
        ("assert x, x == 2", (1, "after the comma stands the message, and x == 2 is not asserted")),
        ("assert 1 + 1 == 2", (1, "this assertion cannot fail: 1 + 1 == 2 names no value")),
        ("y = 1\nassert y[0] == y[0]", (2, "this assertion cannot fail: y[0] == y[0] compares a value with itself")),
        ("assert a and b and x == x", (1, "this assertion cannot fail: x == x compares a value with itself")),
        ("assert np.allclose(a, a, atol=0)", (1, "this assertion cannot fail: np.allclose(a, a, atol=0) compares")),
        ("assert (x == y).all, 'all'", (1, "this assertion cannot fail: (x == y).all is not called")),
        ("assert lambda: x == 2", (1, "this assertion cannot fail: lambda: x == 2 is not called")),
        ("x == 2", (1, f"x == 2 {DROPPED}")),
        ("if x:\n    np.array_equal(x, y)", (2, f"np.array_equal(x, y) {DROPPED}")),
        (TRY.format("Exception", "pass"), (3, "an assertion fails here without a word")),
        (TRY.format("(ValueError, AssertionError)", "pass"), (3, "an assertion fails here without a word")),
        (TRY.replace("except {}", "except").format("..."), (3, "an assertion fails here without a word")),
    ],
)
def test_what_cannot_fail_is_said(code: str, found: tuple[int, str]) -> None:
    ((line, problem, fix),) = empty(code)
    assert line == found[0]
    assert problem.startswith(found[1])
    assert fix


@pytest.mark.parametrize(
    "code",
    [
        "assert x == 2, 'two'",
        "assert x == 2 and y == 3",
        "assert x != x",  # not a number, say
        "assert draw() == draw()",
        "assert np.array_equal(f(a), f(a))",
        "assert False, 'nothing comes here'",
        "assert not problems",
        "assert all(rows) and report.all_there",
        "same = np.allclose(a, b)\nassert same",
        "print(x == 2)",
        TRY.format("ValueError", "pass"),
        TRY.format("AssertionError as error", "print(error)"),
        "try:\n    x = 1\nexcept Exception:\n    pass\nassert x",
        "assert (",
    ],
)
def test_what_can_fail_is_left_alone(code: str) -> None:
    assert empty(code) == ()


def test_it_is_said_at_its_line(handbook: Handbook) -> None:
    page = handbook.page("page", "```python\nx = 1\nassert (x == 2, 'two')\n```\n")
    assert [(one.line, one.problem) for one in handbook.findings(page, check="vacuous")] == [(9, TUPLE)]


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        ('`x == x`{ data-holds="x == x" }', "this pin cannot fail: x == x compares a value with itself"),
        ('Two is 2.\n{ data-says="x == 2 and x >= x" }', "this pin cannot fail: x >= x compares a value with itself"),
        ('`x == 2`{ data-holds="x == 2" }', ""),
        ('`2`{ data-is="x" }', ""),
    ],
)
def test_a_pin_that_compares_a_value_with_itself_is_said(handbook: Handbook, claim: str, problem: str) -> None:
    found = handbook.findings(handbook.page("page", f"```python\nx = 2\n```\n\n{claim}\n"), check="vacuous")
    assert [(one.line, one.problem) for one in found] == ([(11 + claim.count("\n"), problem)] if problem else [])
