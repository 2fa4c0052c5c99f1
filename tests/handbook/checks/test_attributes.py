"""An attribute that is misspelt, or whose expression cannot be read, binds nothing, and is said."""

from __future__ import annotations

import pytest

from tests.conftest import Handbook

CODE = "```python\nx = 2\n```\n\n"


@pytest.mark.parametrize(
    ("prose", "problem", "fix"),
    [
        ('Row 2.\n{ data-say="x == 2" }', "the attribute data-say is not known", "write data-says"),
        ('Row `2`{ data-iss="x" }.', "the attribute data-iss is not known", "write data-is"),
        ("# A { #a datalevel='2' }", "the attribute datalevel is not known", "write data-level"),
        ("Row 2.\n{ data-says='x == 2' }", "the expression of data-says does not stand in", 'write { data-says="…" }'),
        ("Row `2`{ data-is='x' }.", "the expression of data-is does not stand in", 'write { data-is="…" }'),
        ("/// note | A\n    attrs: {data-saying: 'x'}\n\nB\n\n///", "the attribute data-saying", "write data-says"),
    ],
)
def test_what_nothing_reads_is_a_finding(handbook: Handbook, prose: str, problem: str, fix: str) -> None:
    (found,) = handbook.findings(handbook.page("page", CODE + prose + "\n"), check="attributes")
    assert found.problem.startswith(problem)
    assert found.fix.startswith(fix)


@pytest.mark.parametrize(
    "prose",
    [
        'Row 2.\n{ data-says="x == 2" }',
        "Row `2`{ data-is=\"{'data-x': x}['data-x'] == 2\" }.",
        "![A](a.png){ width=20 loading=lazy }",
        "## A { #a }",
        "/// note | A\n    attrs: {id: a, data-level: easy}\n\nB\n\n///",
    ],
)
def test_what_is_read_is_none(handbook: Handbook, prose: str) -> None:
    assert handbook.findings(handbook.page("page", CODE + prose + "\n"), check="attributes") == []
