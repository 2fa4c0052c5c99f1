"""L02: what its grader must not be satisfied by."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handbook.labs.grading.bench import numbers
from handbook.labs.lab import lab
from handbook.labs.panels import read_panels, save_panels
from tests.handbook.labs.handed_in import HEAD, altered, failures, finished, graded, run_verify

EXACT = "np.array_equal(influence(f, x), np.tril(np.ones((mask.T, mask.T), dtype=bool)))"
RENORMALISED = """
def correct(x, std=0.25):
    weights, v, W_o = kept(x, std)
    return merge_heads(weights / weights.sum(axis=-1, keepdims=True) @ v) @ W_o
"""

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


def filled(fill: str) -> str:
    return f"def build_mask(T, dtype=np.float64):\n    return np.triu(np.full((T, T), {fill}), 1).astype(dtype)\n"


def test_the_lowest_number_as_a_fill_fails_by_name(tmp_path: Path) -> None:
    folder = finished(lab("L02"), tmp_path, mask_py=HEAD + filled("np.finfo(dtype).min"))
    assert failures("L02", folder, "mask") == {"mask": "full-rows-filled"}


def test_a_large_finite_fill_in_a_lab_that_is_right_passes_and_is_told_of(tmp_path: Path) -> None:
    folder = finished(lab("L02"), tmp_path, mask_py=HEAD + filled("-1e9"))
    run_verify(folder)
    outcomes = graded("L02", folder)
    assert all(one.passed for one in outcomes.values())
    note = outcomes["mask"].note
    assert note is not None
    assert "-1e+09 where -inf was asked for" in note.in_("en", lab("L02").texts)


def test_a_model_that_draws_anew_at_each_call_is_said_to(tmp_path: Path) -> None:
    code = "def correct(x, std=0.25):\n    return x + np.random.default_rng().normal(size=x.shape)\n"
    outcome = graded("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), "correct")["correct"]
    assert outcome.found is not None
    assert outcome.found.key == "random"


def test_a_renormalised_model_passes_and_is_shown_where_it_breaks(tmp_path: Path) -> None:
    outcome = graded("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + RENORMALISED), "correct")["correct"]
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


@pytest.mark.parametrize(
    "body",
    [
        "largest_difference(f) == 0",
        "largest_difference(f) < 1e-3",
        "not np.triu(influence(f, x), 1).any()",
        "not largest_difference(mask.broken) == 0",
        "np.allclose(f(changed)[:-1], f(x)[:-1])",
        "influence(f, x)[-1].all()",
        "np.triu(influence(f, x), 1).sum() == 0 and largest_difference(f) == 0",
        "(influence(f, x)[:, 1:] == np.tril(np.ones((mask.T, mask.T)))[:, 1:]).all()",
        "(influence(f, x)[1:] == np.tril(np.ones((mask.T, mask.T)))[1:]).all()",
    ],
)
def test_a_test_that_misses_a_model_fails(body: str, tmp_path: Path) -> None:
    folder = altered("L02", "verify.py", EXACT, f"bool({body})", tmp_path)
    assert "verify" in failures("L02", folder, "verify")


@pytest.mark.parametrize(
    "body",
    [
        "(influence(f, x) == np.tril(np.ones((mask.T, mask.T)))).all()",
        "not (influence(f, x) ^ np.tril(np.ones((mask.T, mask.T), dtype=bool))).any()",
        "influence(f, x).astype(int).tolist() == np.tril(np.ones((mask.T, mask.T), int)).tolist()",
    ],
)
def test_a_test_of_the_whole_matrix_passes(body: str, tmp_path: Path) -> None:
    assert failures("L02", altered("L02", "verify.py", EXACT, f"bool({body})", tmp_path), "verify") == {}


def test_a_renormalised_model_can_be_finished(tmp_path: Path) -> None:
    """Its own exact test ends with 1, and is right to; one that complains of every model is not."""
    folder = finished(lab("L02"), tmp_path, mask_py=HEAD + RENORMALISED)
    run_verify(folder)
    outcomes = graded("L02", folder)
    assert [one.step for one in outcomes.values() if not one.passed] == []
    note = outcomes["verify"].note
    assert note is not None
    assert note.key == "notices-bits"
    text = (folder / "verify.py").read_text(encoding="utf-8")
    (folder / "verify.py").write_text(text.replace("sys.exit(0 if is_causal(mask.correct) else 1)", "sys.exit(1)"))
    assert "verify" in failures("L02", folder, "verify")


@pytest.mark.parametrize("model", ["correct", "broken"])
def test_a_model_that_ignores_the_scale_fails(model: str, tmp_path: Path) -> None:
    code = f"\n\n_plain = {model}\n\n\ndef {model}(x, std=0.25):\n    return _plain(x)\n"
    assert failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), model) == {model: None}


def test_a_mask_of_zero_times_infinity_is_named(tmp_path: Path) -> None:
    code = """
def build_mask(T, dtype=np.float64):
    return np.triu(np.ones((T, T)), 1).astype(dtype) * -np.inf

def correct(x, std=0.25):
    scores, v = parts(x, std)
    return merge_heads(softmax(scores + build_mask(len(x))) @ v) @ MultiHeadAttention(16, 2, std=std).W_o
"""
    failed = failures("L02", finished(lab("L02"), tmp_path, mask_py=HEAD + code), "mask", "correct")
    assert failed == dict.fromkeys(("mask", "correct"), "zero-times-minus-infinity")
    half = code.replace("* -np.inf", "* np.array(-1e9).astype(dtype)")
    failed = failures("L02", finished(lab("L02"), tmp_path / "half", mask_py=HEAD + half), "mask")
    assert failed == {"mask": "half-precision-fill"}


@pytest.mark.parametrize(
    "number",
    [
        *"5.0e-06 5,0e-06 5e-6 5E−06 5·10⁻⁶ 5,0·10⁻⁶ 0,000005 0.000005 .000005 5*10**-6 5×10^-6".split(),
        *("$5\\cdot10^{-6}$", "5 x 10^-6", "5 · 10⁻⁶", "$5 \\times 10^{-6}$", "0,000\u202f005", "(5e-06)"),
        "0,000005, así",
    ],
)
def test_a_number_is_read_as_people_write_it(number: str) -> None:
    assert any(abs(found - 5e-6) < 1e-12 for found in numbers(f"Es de unos {number}."))


@pytest.mark.parametrize("text", ["10-6", "1, 2", "v5.0e-06", "1,2,3", "5 10", "x10^-6y"])
def test_what_is_another_number_is_not_read_as_one(text: str) -> None:
    assert all(abs(found) >= 1 for found in numbers(text))


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
