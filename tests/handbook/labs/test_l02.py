"""L02: what its grader must not be satisfied by."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handbook.labs.lab import lab
from handbook.labs.panels import read_panels, save_panels
from tests.handbook.labs.handed_in import HEAD, failures, finished, graded

MASKED = """
def correct(x, std=0.25):
    i, j = np.arange(len(x))[:, None], np.arange(len(x))
    return MultiHeadAttention(16, 2, std=std).forward(x, {allowed})
"""
HOSTILE = {
    "constant": "def correct(x, std=0.25):\n    return np.full((len(x), 16), 0.5)\n",
    "identity": MASKED.format(allowed="i == j"),
    "window": MASKED.format(allowed="(j <= i) & (i - j < 3)"),
    "open-start": MASKED.format(allowed="(j <= i) | ((i < 4) & (j < 4))"),
    "mask-after-softmax": "correct = broken\n",
    "not-masked": MASKED.format(allowed="i == i + 0 * j"),
    "read-from-the-end": MASKED.format(allowed="j >= i"),
}


@pytest.mark.parametrize("bug", HOSTILE)
def test_a_hostile_model_fails_by_its_name(bug: str, tmp_path: Path) -> None:
    failed = failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + HOSTILE[bug]), "correct")
    assert failed["correct"] == bug


@pytest.mark.parametrize(
    ("bug", "allowed"),
    [
        ("identity", "np.eye(T)"),
        ("window", "np.tril(np.ones((T, T))) - np.tril(np.ones((T, T)), -3)"),
        ("open-start", "np.tril(np.ones((T, T))) + np.outer(np.arange(T) < 4, np.arange(T) < 4)"),
        ("polarity-swapped", "1 - np.tril(np.ones((T, T)))"),
    ],
)
def test_a_hostile_mask_fails_by_its_name(bug: str, allowed: str, tmp_path: Path) -> None:
    mask = f"def build_mask(T, dtype=np.float64):\n    return np.where({allowed}, 0.0, -np.inf).astype(dtype)\n"
    failed = failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + mask), "mask")
    assert failed["mask"] == bug


@pytest.mark.parametrize("fill", ["-1e9", "np.finfo(dtype).min"])
def test_a_finite_fill_fails_by_name(fill: str, tmp_path: Path) -> None:
    mask = f"def build_mask(T, dtype=np.float64):\n    return np.triu(np.full((T, T), {fill}), 1).astype(dtype)\n"
    named = failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + mask), "mask")["mask"]
    assert named in ("finite-fill", "full-rows-filled")


def test_a_model_that_draws_anew_at_each_call_is_said_to(tmp_path: Path) -> None:
    code = "def correct(x, std=0.25):\n    return x + np.random.default_rng().normal(size=x.shape)\n"
    outcome = graded("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), "correct")["correct"]
    assert outcome.found is not None
    assert outcome.found.key == "random"


def test_a_renormalised_model_passes_and_is_shown_where_it_breaks(tmp_path: Path) -> None:
    code = """
def correct(x, std=0.25):
    weights, v, W_o = kept(x, std)
    return merge_heads(weights / weights.sum(axis=-1, keepdims=True) @ v) @ W_o
"""
    outcome = graded("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), "correct")["correct"]
    assert outcome.passed
    assert outcome.note is not None
    assert outcome.note.key == "renormalised-breaks"
    assert "0 / 0" in outcome.note.in_("es", lab("L02").texts)


def test_a_renormalised_model_is_not_the_broken_one(tmp_path: Path) -> None:
    code = """
def broken(x, std=0.25):
    weights, v, W_o = kept(x, std)
    return merge_heads(weights / weights.sum(axis=-1, keepdims=True) @ v) @ W_o
"""
    assert failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), "broken")["broken"] == "renormalised"


def test_claims_are_measured_again(tmp_path: Path) -> None:
    folder = finished(lab("L02"), tmp_path)
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for change in (
        {"max_difference": {"correct": 0.0, "broken": 0.5}},
        {"max_difference": {"correct": 1e-12, "broken": told["max_difference"]["broken"]}},
        {"max_difference": {"correct": float("nan"), "broken": float("nan")}},
        {"config": {"T": 4, "d_model": 16, "n_heads": 2}},
        {"seed": 1},
        {"seed": -1},
        {"date": "2999-01-01"},
        {"versions": {"python": "yes"}},
    ):
        (folder / "manifest.json").write_text(json.dumps({**told, **change}), encoding="utf-8")
        assert "manifest" in failures("L02", folder, "manifest"), change


@pytest.mark.parametrize(
    ("verify", "bug"),
    [
        ("print('correct 0.0')\nprint('broken 0.277796')\n", "cannot-fail"),
        ("print('all well')\n", None),
        ("raise SystemExit(1)\n", None),
    ],
)
def test_a_verify_that_measures_nothing_fails(verify: str, bug: str | None, tmp_path: Path) -> None:
    failed = failures("L02", finished(lab("L02"), tmp_path, verify_py=verify), "verify", "output")
    assert failed["verify"] == bug
    assert "output" in failed


def test_the_picture_is_read(tmp_path: Path) -> None:
    folder = finished(lab("L02"), tmp_path)
    left, right = read_panels((folder / "mask_visual.png").read_bytes())
    assert np.array_equal(left, np.tril(np.ones((8, 8))))
    save_panels(folder / "mask_visual.png", 1 - left, right)
    assert failures("L02", folder, "picture") == {"picture": "polarity-swapped"}
    save_panels(folder / "mask_visual.png", left, np.full((8, 8), 0.125))
    assert failures("L02", folder, "picture") == {"picture": None}
    (folder / "mask_visual.png").write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    assert failures("L02", folder, "picture") == {"picture": None}


def test_an_answer_without_the_reason_or_the_number_fails(tmp_path: Path) -> None:
    words = "word " * 30
    folder = finished(lab("L02"), tmp_path)
    for first, second in ((words, f"{words} 5.0e-06"), (f"{words} the denominator", words), ("the sum", "5.0e-06")):
        (folder / "README.md").write_text(f"# L02\n\n## 1\n\n{first}\n\n## 2\n\n{second}\n", encoding="utf-8")
        assert failures("L02", folder, "readme").keys() == {"readme"}
