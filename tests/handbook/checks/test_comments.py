"""Comments in the code of pages: shapes are compared with the run, other numbers with the code beside them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbook.checks.comments import fits
from handbook.pages.comments import comments_in, shapes_in
from tests.conftest import Handbook

CLEAN = """\
```python
import numpy as np

T, H = 4, 2
rows = np.arange(T)[:, None]  # [T, 1] one row a query
q, k = np.zeros((2, H, T, 3))  # [H, T, 3] each
pair = np.zeros((T - 1, 5))  # [T - 1, V]


def double(x):  # [T, 9] -> [T, 9]: inside a function no run is asked
    return 2 * x  # 2 of each


listed = [rows]  # [1, 9, 9] is no array
later = np.zeros(3)  # [9] and another one in the end
later = np.zeros(2)  # [2]
```
"""


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("# [T, 1] one", "# [T, 2] one", "the comment says [T, 2], and the shape of rows is [4, 1]"),
        ("# [T, 1] one", "# [T] one", "the comment says [T], and the shape of rows is [4, 1]"),
        ("# [H, T, 3] each", "# [H, T, 4] each", "the comment says [H, T, 4], and the shape of q is [2, 4, 3]"),
        ("# [T - 1, V]", "# [T - 2, V]", "the comment says [T - 2, V], and the shape of pair is [3, 5]"),
        ("# 2 of each", "# 3 of each", "the number 3 of this comment does not stand in the code beside it"),
    ],
)
def test_what_a_comment_says_in_numbers_is_so(handbook: Handbook, was: str, becomes: str, problem: str) -> None:
    page = handbook.page("page", CLEAN)
    assert handbook.findings(page, check="comments") == []
    page = handbook.page("page", CLEAN.replace(was, becomes))
    line = 1 + next(n for n, text in enumerate((handbook.root / page).read_text().split("\n")) if becomes in text)
    found = handbook.findings(page, check="comments")
    assert (found[0].line, found[0].problem) == (line, problem)


@given(st.lists(st.integers(1, 9), max_size=4), st.data())
def test_an_array_has_its_own_shape_and_no_other(sizes: list[int], data: st.DataObject) -> None:
    shape = str(list(np.zeros(sizes).shape))
    assert fits(shape, sizes, {})
    assert fits(f"[..., {shape[1:]}" if sizes else "[...]", [7, *sizes], {})
    assert not fits(shape, [*sizes, 1], {})
    if sizes:
        at = data.draw(st.integers(0, len(sizes) - 1))
        assert not fits(shape, [size + (n == at) for n, size in enumerate(sizes)], {})


@pytest.mark.parametrize(
    ("shape", "names", "found"),
    [
        ("[T, d_model]", {}, True),
        ("[T, d_model]", {"T": 9}, True),  # a name by itself is notation
        ("[T + 1, 3 * d]", {"T": 3, "d": 2}, True),
        ("[T + 1, 3 * d]", {"T": 4, "d": 2}, False),
        ("[T + 1, 3 * d]", {"d": 2}, True),
        ("[T / 2, 6]", {"T": 8}, True),
        ("[how many, 6]", {}, True),
        ("[..., 6]", {}, True),
        ("[..., 5]", {}, False),
        ("[..., 1, 4, 6]", {}, False),
    ],
)
def test_a_shape_fits_by_its_numbers(shape: str, names: dict[str, int], found: bool) -> None:
    assert fits(shape, [4, 6], names) is found


def test_a_comment_stands_beside_its_whole_statement_or_the_next() -> None:
    code = "x = f(\n    1,  # 1 of these\n    2,\n)  # [3] both\n# 3 more\ny = 3\n# at the end\n"
    assert [(one.line, one.words.strip(" #"), "2" in one.beside, "3" in one.beside) for one in comments_in(code)] == [
        (2, "1 of these", True, False),
        (4, "both", True, False),
        (5, "3 more", False, True),
        (7, "at the end", False, False),
    ]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("x = f()  # [2, 3]", [("x", "[2, 3]")]),
        ("x, y = f()  # [2], [3]", [("x", "[2]"), ("y", "[3]")]),
        ("x, y = f()  # [2] each", [("x", "[2]"), ("y", "[2]")]),
        ("x, y = f()  # [2]", []),
        ("x = f()  # [2] each", []),
        ("x[0] = f()  # [2]", []),
        ("x = f()  # [2]\nx = g()", []),
        ("x = f()  # words [2]", []),
        ("x = (", []),
    ],
)
def test_a_shape_is_that_of_the_names_which_the_line_assigns(code: str, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.shape) for one in shapes_in(code)] == found
