"""LaTeX to MathML: what comes out, and what is refused."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from handbook.site.errors import SiteError
from handbook.site.markdown.maths import mathml

Page = Callable[..., BeautifulSoup]


def test_inline_and_display_formulas_become_mathml_without_script(page: Page) -> None:
    made = page("Let $x_i < 1$ & so on.\n\n$$\n\\frac{a}{b} \\quad\\text{when } j \\le i\n$$\n")
    inline, display = made.find_all("math")
    assert inline.msub.text == "xi"
    assert inline.find("mo").text == "<"
    assert not inline.has_attr("display")
    assert display["display"] == "block"
    assert len(display.mfrac.find_all(recursive=False)) == 2
    assert made.find("script") is None
    assert "\\" not in made.text


def test_dollars_in_code_are_no_formula(page: Page) -> None:
    assert page("`$x$` costs \\$2 or \\$3").find("math") is None


def test_a_formula_in_an_option_and_in_a_heading(page: Page) -> None:
    made = page("## The row $i$ {#row}\n\nText.")
    assert made.h2["id"] == "row"
    assert made.h2.find("math") is not None


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"\frac{1}", "lacks an argument"),
        (r"x_{i", "never closed"),
        (r"x}", "closes nothing"),
        (r"\softmax(x)", r"unknown command \\softmax"),
        (r"\begin{pmatrix} 1 & 0", "missing end"),
        (r"\left( x", "right"),
        (r"x^2^3", "superscript"),
        (r"a & b", "outside a table"),
        ("", "no available tokens"),
    ],
)
def test_invalid_latex_is_an_error_that_names_the_formula(latex: str, reason: str) -> None:
    with pytest.raises(SiteError, match=reason) as caught:
        mathml(latex)
    assert f"${latex}$" in str(caught.value)


@pytest.mark.parametrize(
    "latex",
    [
        r"\operatorname{softmax}\!\left(\frac{Q K^\top \odot M}{\sqrt{d_{\text{head}}}}\right)",
        r"p(x) = \prod_{t=1}^{T} p(x_t \mid x_{<t})",
        r"\begin{cases} 0 & j \le i \\ -\infty & j > i \end{cases}",
        r"\sum_j e^{x_j}, \qquad \hat{y} \in \mathbb{R}^{T \times d_{\mathrm{model}}}",
        r"\{0, \dots, T - 1\}",
    ],
)
def test_what_the_pages_write_is_understood(latex: str) -> None:
    made = BeautifulSoup(mathml(latex, "block"), "html.parser")
    assert made.math["display"] == "block"
    assert "\\" not in made.text


def test_a_named_function_stands_off_from_what_follows_but_not_from_its_bracket() -> None:
    assert '<mi>log</mi><mspace width="0.167em"></mspace><mi>p</mi>' in mathml(r"\log p")
    assert "mspace" not in mathml(r"\log(p)")


def test_infinity_is_set_as_a_symbol_and_not_spaced_as_an_operator() -> None:
    assert "<mi>∞</mi>" in mathml(r"e^{-\infty}", "inline")
