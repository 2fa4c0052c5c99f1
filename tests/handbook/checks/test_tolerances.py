"""What an assertion may forgive."""

from __future__ import annotations

import pytest

from handbook.checks.tolerances import unusual
from tests.conftest import Handbook


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("assert np.allclose(a, b, rtol=0, atol=1e-12)", ()),
        ("assert math.isclose(a, b, rel_tol=0.01)", ()),
        ("assert error < 1e-9", ()),
        ("assert x < 0.3", ()),
        ("assert np.allclose(a, b, atol=tolerance)", ()),
        ("print(np.allclose(a, b, atol=2e-12))", ()),
        ("x = 1\nassert np.allclose(a, b, rtol=0, atol=2e-12)", ((2, "2e-12"),)),
        ("assert np.allclose(a, b, rtol=1, atol=1e-3)", ((1, "1"),)),
        ("assert np.isclose(a, b, rtol=0.2)", ((1, "0.2"),)),
        ("assert error < 2e-9", ((1, "2e-9"),)),
        ("assert 1e-4 < error <= 3e-5", ((1, "3e-5"),)),
        ("assert (", ()),
    ],
)
def test_a_tolerance_is_nothing_or_a_power_of_ten(code: str, found: tuple[tuple[int, str], ...]) -> None:
    assert unusual(code) == found


def test_it_is_said_at_its_line(handbook: Handbook) -> None:
    page = handbook.page("page", "```python\nx = 1.0\nassert abs(x - 1) < 2e-9\n```\n")
    assert [(one.line, one.problem) for one in handbook.findings(page, check="tolerances")] == [
        (9, "the tolerance 2e-9 is no power of ten")
    ]
