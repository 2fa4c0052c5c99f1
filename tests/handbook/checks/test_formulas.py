"""What a formula may say by itself, and what the page's code must say too."""

from __future__ import annotations

import pytest

from tests.conftest import Handbook

CODE = """\
```python
d, heads, x = 3, 2, [1, 2, 3, 4]
i = 4 * d**2 + 3 * heads
j = i + 3
k = d**3 // 6 + 2**13 + x[3]
```

"""


def untied(handbook: Handbook, formula: str, beside: str = "") -> list[str]:
    page = handbook.page("page", f"{CODE}So {formula}. {beside}\n")
    return [
        finding.problem.removeprefix("the number ").split(" of ")[0]
        for finding in handbook.findings(page, check="formulas")
    ]


@pytest.mark.parametrize(
    "formula",
    [
        "$i + 1$",
        "$T - 1$",
        "$B H T^2 / 2$",
        r"$\frac{1}{V}$",
        r"$p(x_0, x_1, \dots, x_{T-1}) = \prod_{t=0}^{T-1} p(x_t \mid x_0, \dots, x_{t-1})$",
        r"$0, \dots, i$",
        "$0$",
        "$W_q^{(0)}$",
        "$T(T+1)/2$",
        r"$\min(1, p/q)$ and $\max(0, p - q)$",
        r"$4 + 0 - 2 + 2 = 4$ and $\sqrt{4} = 2$",
        r"$e^{-\infty} = 0$",
        r"$(x + \text{i} h)^2 = x^2 - h^2 + 2 x h \, \text{i}$",
        r"$(a - b)(a + b) = a^2 - b^2$",
        r"$4\, d_{\text{model}}^2$",
        "$3H$",
        "$d^3$ and $V / 6$",
        "$2^{13}$",
        "$x_3$",
    ],
)
def test_these_are_notation_or_hold_or_stand_in_the_code(handbook: Handbook, formula: str) -> None:
    assert untied(handbook, formula) == []


@pytest.mark.parametrize(
    ("formula", "numbers"),
    [
        ("$i + 2$", ["2"]),
        ("$i + 3$", ["3"]),
        ("$4x$", ["4"]),
        ("$x^3$", ["3"]),
        ("$T^4$", ["4"]),
        ("$T / 3$", ["3"]),
        ("$5H$", ["5"]),
        (r"$\frac{2}{V}$", ["2"]),
        (r"$p(x_1, \dots)$", ["1"]),
        (r"$p(x_0, x_2)$", ["2"]),
        ("$1$", ["1"]),
        ("$x_4$", ["4"]),
        ("$2^{14}$", ["2", "14"]),
        ("$4 + 0 - 2 + 2 = 5$", ["4", "0", "2", "2", "5"]),
        (r"$(x + \text{i} h)^2 = x^2 - h^2 + 5 x h \, \text{i}$", ["5"]),
        ("$T^{0.5}$", ["0.5"]),
        (r"$\min(2, p)$", ["2"]),
    ],
)
def test_these_are_tied_to_nothing(handbook: Handbook, formula: str, numbers: list[str]) -> None:
    assert untied(handbook, formula) == numbers


def test_a_pin_of_the_same_line_ties_a_number(handbook: Handbook) -> None:
    assert untied(handbook, "$5H$", 'That is `5`{ data-is="d + 2" } times.') == []
    assert untied(handbook, "$5H$", '\n\nThat is `5`{ data-is="d + 2" } times.') == ["5"]
