"""L00 and L01: the usual mistakes by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import altered, failures, finished

TRIANGLE = "scores = np.where(np.tril(np.ones(scores.shape[-2:])), scores, -np.inf)"


@pytest.mark.parametrize(
    ("line", "bug"),
    [
        ("scores = [3.0, 4.0, 8.0, 8.0]", "not-scaled"),
        ("scores = [0.75, 1.0, 2.0, 2.0]", "scaled-without-root"),
        ("weights = [0.0370, 0.0610, 0.4510, 0.4510]", "not-masked"),
        ("weights = [0.0370, 0.0610, 0.4510, 0.0]", "mask-after-softmax"),
        ("weights = [0.0821, 0.1353, 1.0, 0.0]", "not-divided"),
        ("weights = [1, 2, 3]", None),
        ("weights = [nan, nan, nan, nan]", None),
    ],
)
def test_a_wrong_number_on_the_worksheet_is_named(line: str, bug: str | None, tmp_path: Path) -> None:
    folder = finished(lab("L00"), tmp_path)
    sheet = folder / "worksheet.toml"
    name = line.split(" ")[0]
    written = re.sub(rf"^{name} = .*$", line, sheet.read_text(encoding="utf-8"), flags=re.MULTILINE)
    sheet.write_text(written, encoding="utf-8")
    assert failures("L00", folder) == {f"sheet-{name}": bug}


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        ("np.exp(row - row.max())", "np.exp(row)", "softmax", "not-shifted"),
        ("exps / exps.sum()", "exps", "softmax", "not-divided"),
        (" / np.sqrt(q.shape[-1])", "", "scores", "not-scaled"),
        ("row[i + 1 :]", "row[i + 2 :]", "weights", "diagonal-ahead"),
        ("row[i + 1 :]", "row[:i]", "weights", "read-from-the-end"),
    ],
)
def test_a_wrong_function_of_l00_is_named(old: str, new: str, step: str, bug: str, tmp_path: Path) -> None:
    assert failures("L00", altered("L00", "by_hand.py", old, new, tmp_path))[step] == bug


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        (".reshape(T, n_heads, -1).swapaxes(0, 1)", ".reshape(n_heads, T, -1)", "attention", "view-without-transpose"),
        ("heads.swapaxes(0, 1).reshape", "heads.reshape", "merge", "merged-without-transpose"),
        ("np.sqrt(q.shape[-1])", "np.sqrt(len(W_q))", "attention", "scaled-by-model-width"),
        (") @ W_o", ")", "attention", "not-projected"),
        ("scores = scores + mask", "pass", "attention", "not-masked"),
        ("scores = scores + mask", TRIANGLE, "attention", "mask-not-read"),
        ("scores = scores + mask", "scores = scores + np.triu(mask, 1)", "attention", None),
        ("scores = scores + mask", "scores = np.where(mask < 0, -np.inf, scores)", "attention", None),
        ("scores = scores + mask", "scores = scores + np.where(mask == 0, 0, -np.inf)", "attention", None),
        ("scores = scores + mask", "scores = scores + mask[:8, :8]", "attention", None),
    ],
)
def test_a_wrong_function_of_l01_is_named(old: str, new: str, step: str, bug: str, tmp_path: Path) -> None:
    assert failures("L01", altered("L01", "heads.py", old, new, tmp_path))[step] == bug


def test_a_mask_changed_in_place_is_named(tmp_path: Path) -> None:
    in_place = "mask[0, -1] = 1\n        scores += mask"
    folder = altered("L01", "heads.py", "scores = scores + mask", in_place, tmp_path)
    assert failures("L01", folder)["attention"] == "masked-in-place"
