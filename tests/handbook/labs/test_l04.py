"""L04: what is right in every number, and still holds or computes too much."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from handbook.labs.grading import growth, l04, l05
from handbook.labs.grading.outcome import FailError, Outcome
from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import altered, failures, finished, graded, told

OUT_OF_SIGHT = "columns.start > latest or (window is not None and columns.stop <= earliest - window + 1)"


def test_a_count_that_is_claimed_is_not_believed(tmp_path: Path) -> None:
    folder = altered("L04", "blocks.py", f"if {OUT_OF_SIGHT}:", "if False:", tmp_path)
    file = folder / "blocks.py"
    claimed = f"computed += scores.size * (not ({OUT_OF_SIGHT}))"
    file.write_text(file.read_text(encoding="utf-8").replace("computed += scores.size", claimed), encoding="utf-8")
    assert failures("L04", folder, "equal", "count") == {"count": "nothing-skipped"}


@pytest.mark.parametrize(
    ("shape", "bug"),
    [("(L, S)", "square-held"), ("(L, S), dtype=bool", "square-held"), ("(min(L, block), S)", "row-held")],
)
def test_what_is_held_is_measured(shape: str, bug: str, tmp_path: Path) -> None:
    start = "    output, computed = np.empty((L, d_v)), 0\n"
    folder = altered("L04", "blocks.py", start, f"{start}    held = np.ones({shape})\n", tmp_path)
    assert failures("L04", folder, "equal", "count", "memory") == {"memory": bug}


def test_where_memory_cannot_be_measured_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "held", lambda pid, peak=False: None)
    outcome = graded("L04", finished(lab("L04"), tmp_path), "memory")["memory"]
    assert outcome.passed
    assert outcome.note is not None
    assert "unmeasured" in outcome.note.in_("en", lab("L04").texts)


@pytest.mark.parametrize(
    ("grader", "step", "most", "bug"),
    [
        (l04, "memory", l04.MOST_KEYS, "row-held"),
        (l04, "time", l04.MOST_WINDOWED, "nothing-skipped"),
        (l05, "cost", l05.MOST, "all-again"),
        (l05, "ring", l05.MOST_RING, "kept-too-long"),
    ],
)
def test_what_grows_faster_than_it_may_is_named(
    grader: ModuleType, step: str, most: float, bug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without running anything: the growth is given, and only what is above the limit fails."""
    unmeasured = SimpleNamespace(rng=np.random.default_rng(0))
    grown = most

    if step == "memory":
        monkeypatch.setattr(grader, "memory_growth", lambda *_: growth.Peaks(1 << 30, int(grown * (1 << 30))))
    else:
        monkeypatch.setattr(grader, "time_growth", lambda *_: grown)
    vars(grader)[step](unmeasured)
    grown = most * 1.01
    with pytest.raises(FailError) as failed:
        vars(grader)[step](unmeasured)
    assert failed.value.bug == bug
    told(lab(grader.__name__[-3:].upper()), Outcome(step, False, failed.value.expected, failed.value.found, bug))


def test_what_is_looked_at_and_not_used_costs_time(tmp_path: Path) -> None:
    folder = altered("L04", "blocks.py", OUT_OF_SIGHT, "columns.start > latest", tmp_path)
    assert failures("L04", folder, "time") == {"time": "nothing-skipped"}


def test_fast_and_wrong_is_not_fast(tmp_path: Path) -> None:
    start = "    output, computed = np.empty((L, d_v)), 0\n"
    folder = altered("L04", "blocks.py", start, f"{start}    if S > 64:\n        return output * 0, 0\n", tmp_path)
    assert failures("L04", folder) == {"memory": None, "time": None}
