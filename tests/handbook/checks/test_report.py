"""What stands at the end of a check, to the letter."""

from __future__ import annotations

import pytest

from handbook.checks.report import Report, Tally, summary
from handbook.findings import Finding

FOUND = Finding("docs/en/index.md", 3, "is not so", "write it as it is")

COUNTED = """\
          pages   sections     blocks    outputs       pins  questions    quizzes
en           32         22        469        261        807        127         68
es            1          0          0          0          0          0          0
not run: 4 blocks, without torch (pip install torch==2.13.0)
64 checked, 1 unchanged: nothing found"""


@pytest.mark.parametrize(("found", "said"), [(0, "nothing found"), (1, "1 finding"), (2, "2 findings")])
def test_a_check_ends_with_how_much_was_found(found: int, said: str) -> None:
    report = Report([FOUND] * found, checked=2, unchanged=10, tallies={"en": Tally(pages=1)})
    assert summary(report, whole=False) == f"2 checked, 10 unchanged: {said}"


def test_a_check_of_everything_counts_what_there_is() -> None:
    counts = Tally(31, 22, 469, 261, 807, 127, 68)
    counts.add({"pages": 1, "quizzes": 0})
    report = Report([], checked=64, unchanged=1, without_torch=4, tallies={"en": counts, "es": Tally(pages=1)})
    assert summary(report, whole=True) == COUNTED


def test_a_finding_can_be_clicked_and_says_how_to_fix_it() -> None:
    assert str(FOUND) == "docs/en/index.md:3: is not so\n    fix: write it as it is"
