"""What is said of an answer: the right name or none, in one language, and right answers are not refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from handbook.cli import main
from handbook.labs import progress
from handbook.labs.grading.outcome import Outcome
from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import altered, failures, finished, graded


def in_language(outcome: Outcome, name: str, language: str) -> tuple[str, str]:
    assert outcome.expected is not None
    assert outcome.found is not None
    return outcome.expected.in_(language, lab(name).texts), outcome.found.in_(language, lab(name).texts)


def sheet_with(line: str, into: Path) -> Path:
    """L00 with another line in its worksheet."""
    folder = finished(lab("L00"), into)
    sheet = folder / "worksheet.toml"
    name = line.split(" ")[0]
    lines = [line if one.startswith(f"{name} =") else one for one in sheet.read_text(encoding="utf-8").splitlines()]
    sheet.write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "line", ["weights = [0.0674, 0.1111, 0.8214, 0.0]", "weights = [0.06744, 0.11114, 0.82142, 0]", "sum = [1.2174]"]
)
def test_what_follows_from_the_numbers_on_the_sheet_is_right(line: str, tmp_path: Path) -> None:
    assert failures("L00", sheet_with(line, tmp_path), "sheet-scores", "sheet-weights") == {}


@pytest.mark.parametrize("line", ["weights = [0.0674, 0.1108, 0.8214, 0.0]", "sum = 1.2190", "sum = nan"])
def test_what_follows_from_nothing_is_not(line: str, tmp_path: Path) -> None:
    assert failures("L00", sheet_with(line, tmp_path), "sheet-scores", "sheet-weights") == {"sheet-weights": None}


def test_a_nan_on_the_sheet_is_named_at_its_place(tmp_path: Path) -> None:
    outcome = graded("L00", sheet_with("scores = [1.5, nan, 4, 4]", tmp_path), "sheet-scores")["sheet-scores"]
    assert in_language(outcome, "L00", "en") == ("scores, number 1: 2.0000", "scores, number 1: nan")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_read_over(encoding: str, tmp_path: Path) -> None:
    for name, file in (("L00", "worksheet.toml"), ("L02", "verify_output.txt"), ("L02", "README.md")):
        folder = finished(lab(name), tmp_path / file)
        (folder / file).write_text((folder / file).read_text(encoding="utf-8"), encoding=encoding)
        steps = {"worksheet.toml": "sheet-weights", "verify_output.txt": "output", "README.md": "readme"}
        assert failures(name, folder, steps[file]) == {}


@pytest.mark.parametrize("answer", ["np.bool_(plain(*given))", "np.array(plain(*given))", "bool(plain(*given))"])
def test_the_truth_of_numpy_is_as_good_as_pythons(answer: str, tmp_path: Path) -> None:
    code = f"\n\nimport numpy as np\nplain = accepted\n\n\ndef accepted(*given):\n    return {answer}\n"
    folder = finished(lab("L03"), tmp_path)
    (folder / "rules.py").write_text((folder / "rules.py").read_text(encoding="utf-8") + code, encoding="utf-8")
    assert failures("L03", folder, "accepted") == {}


@pytest.mark.parametrize(
    "answer", ["np.array(plain(*given))", "[np.array(s) for s in plain(*given)]", "tuple(plain(*given))"]
)
def test_shapes_may_be_of_numpy(answer: str, tmp_path: Path) -> None:
    code = f"\n\nimport numpy as np\nplain = shapes\n\n\ndef shapes(*given):\n    return {answer}\n"
    folder = finished(lab("L03"), tmp_path)
    (folder / "rules.py").write_text((folder / "rules.py").read_text(encoding="utf-8") + code, encoding="utf-8")
    failed = failures("L03", folder, "shapes")
    assert failed == {}


def test_a_text_of_numpy_is_a_name(tmp_path: Path) -> None:
    code = "\n\nplain = diagnose\n\n\ndef diagnose(*given):\n    return np.array([plain(*given)])[0]\n"
    folder = finished(lab("L07"), tmp_path)
    (folder / "probe.py").write_text((folder / "probe.py").read_text(encoding="utf-8") + code, encoding="utf-8")
    assert failures("L07", folder, "diagnose") == {}


LOUD = "return softmax(np.where(allowed, scores, -np.inf)) @ v"


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "step", "bug"),
    [
        ("L00", "by_hand.py", "np.exp(row - row.max())", "np.exp(row)", "weights", "not-shifted"),
        (
            "L05",
            "kv_cache.py",
            LOUD,
            "e = np.exp(np.where(allowed, scores, -np.inf))\n    return e / e.sum(-1, keepdims=True) @ v",
            "attend",
            "not-shifted",
        ),
        (
            "L05",
            "kv_cache.py",
            LOUD,
            "e = softmax(scores) * allowed\n    return e / e.sum(-1, keepdims=True) @ v",
            "attend",
            "renormalised",
        ),
        ("L04", "blocks.py", "shrink * draft + exps", "draft + exps", "absorb", "not-rescaled"),
        ("L04", "blocks.py", "shrink * draft + exps", "draft + exps", "equal", "not-rescaled"),
        ("L04", "blocks.py", "shrink * total + exps", "total + exps", "absorb", "not-rescaled"),
        ("L04", "blocks.py", "shrink * total + exps", "total + exps", "equal", "not-rescaled"),
        (
            "L00",
            "by_hand.py",
            "    exps = np.exp(row - row.max())",
            "    row -= row.max()\n    exps = np.exp(row)",
            "softmax",
            None,
        ),
    ],
)
def test_a_bug_has_its_own_name(
    name: str, file: str, old: str, new: str, step: str, bug: str | None, tmp_path: Path
) -> None:
    assert failures(name, altered(name, file, old, new, tmp_path), step) == {step: bug}


@pytest.mark.parametrize(
    ("code", "en", "es"),
    [
        (
            "def scores(q, k:\n    return q\n",
            "by_hand.py cannot be imported: SyntaxError: '(' was never closed (line 1)",
            "by_hand.py no se puede importar: SyntaxError: '(' was never closed (línea 1)",
        ),
        (
            "def scores(q):\n    return q\n",
            "scores raises TypeError: scores() takes 1 positional argument but 2 were given",
            "scores lanza TypeError: scores() takes 1 positional argument but 2 were given",
        ),
    ],
)
def test_a_line_is_said_once_and_only_where_there_is_one(code: str, en: str, es: str, tmp_path: Path) -> None:
    outcome = graded("L00", finished(lab("L00"), tmp_path, by_hand_py=code), "scores")["scores"]
    assert in_language(outcome, "L00", "en")[1] == en
    assert in_language(outcome, "L00", "es")[1] == es


def test_what_was_changed_is_said(tmp_path: Path) -> None:
    code = "    row -= row.max()\n    exps = np.exp(row)"
    folder = altered("L00", "by_hand.py", "    exps = np.exp(row - row.max())", code, tmp_path)
    outcome = graded("L00", folder, "softmax")["softmax"]
    assert in_language(outcome, "L00", "en") == (
        "softmax leaves what it is given as it is",
        "softmax changes what it is given: row",
    )
    assert in_language(outcome, "L00", "es") == (
        "softmax deja como está lo que recibe",
        "softmax cambia lo que recibe: row",
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("'hola'", "scores da un valor de tipo str, y no un array de números"),
        ("{}", "scores da un valor de tipo dict, y no un array de números"),
        ("[[1], [2, 3]]", "scores da una lista cuyas filas tienen longitudes distintas, y no un array de números"),
        ("np.array([1j])", "scores da un array de dtype complex128, y no un array de números"),
        ("np.array(['hola'])", "scores da un array de dtype <U4, y no un array de números"),
        ("np.zeros(1 << 21)", "scores da un array de 2097152 elementos, y no un array de números"),
    ],
)
def test_an_answer_of_another_kind_is_described_in_one_language(answer: str, said: str, tmp_path: Path) -> None:
    code = f"import numpy as np\n\n\ndef scores(q, k):\n    return {answer}\n"
    outcome = graded("L00", finished(lab("L00"), tmp_path, by_hand_py=code), "scores")["scores"]
    assert in_language(outcome, "L00", "es")[1] == said


@pytest.mark.parametrize(
    "line",
    [
        'language = "fr"',
        "language = 1",
        'language = "en"\n[L00]\npassed = []\nhints = ["a"]',
        'language = "en"\n[L00]\npassed = []\nhints = { scores = "two" }',
        'language = "en"\n[L00]\npassed = "all"',
        'language = "en"\n[L00]\npassed = [1]',
        'language = "en"\n[L00]\npassed = []\nstarted = 3',
        'language = "en"\n[L00]\npassed = []\nsolution_seen = "no"',
        'language = "en"\nL00 = 3',
    ],
)
@pytest.mark.parametrize("asked", ["check", "hint", "progress"])
def test_progress_that_was_edited_is_said_to_be(
    line: str, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["lab", "start", "L00"]) == 0
    (tmp_path / progress.NAME).write_text(f"{line}\n", encoding="utf-8")
    assert main(["lab", asked, *([] if asked == "progress" else ["L00"])]) == 2
    error = capsys.readouterr().err
    assert "cannot be read" in error
    assert error.count("\n") == 1
