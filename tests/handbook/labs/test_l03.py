"""L03: predictions that are wrong, and rules that are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import altered, failures, finished, graded


@pytest.mark.parametrize(
    ("line", "step", "bug"),
    [
        ('with_offset = ["10000", "11000"]', "masks", "top-left"),
        ('without_offset = ["00011", "00001"]', "masks", None),
        ('without_offset = ["01111", "00111"]', "masks", "polarity-swapped"),
        ('without_offset = ["00000", "10000"]', "masks", "diagonal-closed"),
        ("added = [1, 0]", "masks", "zero-one-mask"),
        ('of_integers = "ValueError"', "masks", None),
        ("row = [1, 3, 4]", "softmax", "not-divided"),
        ("raised = [nan, nan, nan]", "softmax", "not-shifted"),
        ("closed = [0.5, 0.5]", "softmax", "full-rows-filled"),
        ("over_queries = [0.25, 0.25, 0.25, 0.25]", "softmax", None),
        ("output = [3, 2, 8]", "attention", None),
        ('zeros_and_ones = "nothing"', "attention", "zero-one-mask"),
        ('all_blocked = "ValueError"', "attention", None),
        ("all_blocked = true", "attention", None),
        ("output = 3", "attention", None),
    ],
)
def test_a_wrong_prediction_is_named(line: str, step: str, bug: str | None, tmp_path: Path) -> None:
    folder = finished(lab("L03"), tmp_path)
    sheet = folder / "predictions.toml"
    name = line.split(" ")[0]
    written = re.sub(rf"^{name} = .*$", line, sheet.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert written != sheet.read_text(encoding="utf-8")
    sheet.write_text(written, encoding="utf-8")
    outcome = graded("L03", folder, "masks", "softmax", "attention")
    assert {name: one.bug for name, one in outcome.items() if not one.passed} == {step: bug}
    found = outcome[step].found
    assert found is not None
    assert found.values["name"] == name


@pytest.mark.parametrize("text", ["masks = [", "masks = 1\nsoftmax = []\nattention = ''\n", "\xff", ""])
def test_a_sheet_that_is_no_sheet_fails(text: str, tmp_path: Path) -> None:
    folder = finished(lab("L03"), tmp_path)
    (folder / "predictions.toml").write_bytes(text.encode("latin-1"))
    assert failures("L03", folder).keys() == {"masks", "softmax", "attention"}


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        ("offset + i + 1", "i + 1", "keys-in-sight", "top-left"),
        ("offset + i + 1", "offset + i", "keys-in-sight", "diagonal-closed"),
        ("min(offset + i + 1, S)", "offset + i + 1", "keys-in-sight", None),
        ("math.exp(first - second)", "first / second", "times-the-weight", "not-exponentiated"),
        ("math.exp(first - second)", "math.exp(second - first)", "times-the-weight", "read-from-the-end"),
        ("[*q[:-1], v[-1]]", "q", "shapes", None),
        ("k[-2]", "q[-2]", "shapes", None),
        ("len(mask) not in (2, len(scores))", "False", "accepted", None),
        ('kind == "int64" or ', "", "accepted", "zero-one-mask"),
        ("m in (1, s)", "m == s", "accepted", None),
        ("return all(m in (1, s) for m, s in from_the_last)", "return True", "accepted", None),
    ],
)
def test_a_wrong_rule_of_l03_is_named(old: str, new: str, step: str, bug: str | None, tmp_path: Path) -> None:
    assert failures("L03", altered("L03", "rules.py", old, new, tmp_path)) == {step: bug}
