"""The matrix of answers: what people write, right and wrong, and what the grader must say of each.

`answers/L00.toml` and its neighbours hold one answer a table: the solution with `old` written as `new`, or with `add`
at its end. Of a wrong answer, `fails` names each step that must not pass, with the bug that is named, or none; or
`says` names them, with the text that tells the symptom, where no bug is named. A right one passes. What is measured
with a clock has tests of its own.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import ROOT, finished, graded
from tests.handbook.labs.in_process import in_process, one_thread

__all__ = ["in_process", "one_thread"]

SEED = 7

ANY = "*"
"""In the place of a bug: what is named depends on which question comes first, and is right for that question."""


def _answers() -> list[Any]:
    found = []
    for file in sorted((ROOT / "tests/handbook/labs/answers").glob("*.toml")):
        matrix = tomllib.loads(file.read_text(encoding="utf-8"))
        for kind in ("right", "wrong"):
            for answer in matrix[kind]:
                says = answer.get("says", {})
                given = {"file": matrix["file"], "steps": matrix["steps"], "fails": dict.fromkeys(says), **answer}
                found.append(pytest.param(file.stem, given, id=f"{file.stem}-{kind}-{answer['name']}"))
    return found


def handed_in(name: str, answer: dict[str, Any], into: Path) -> Path:
    """The solution, changed as the answer says."""
    folder = finished(lab(name), into)
    file = folder / answer["file"]
    text = file.read_text(encoding="utf-8")
    if "old" in answer:
        assert answer["old"] in text, f"{answer['old']!r} does not stand in {answer['file']}"
        text = text.replace(answer["old"], answer["new"])
    file.write_text(text + "\n" + answer.get("add", ""), encoding="utf-8")
    return folder


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(("name", "answer"), _answers())
def test_an_answer_is_judged_as_it_must_be(
    name: str, answer: dict[str, Any], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if lab(name).package:
        pytest.importorskip(lab(name).package)
        request.getfixturevalue("one_thread")
    outcomes = graded(name, handed_in(name, answer, tmp_path), *answer["steps"], seed=SEED)
    found = {step: one.bug for step, one in outcomes.items() if not one.passed}
    wanted = {step: found.get(step) if bug == ANY else bug or None for step, bug in answer["fails"].items()}
    assert found == wanted
    said = {step: one.found.key for step, one in outcomes.items() if step in answer.get("says", {}) and one.found}
    assert said == answer.get("says", {})
