"""The learner's command, and the teacher's."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from handbook.cli import main
from handbook.findings import CallError
from handbook.labs import learner, progress, teacher
from handbook.labs.grading.grade import grade
from handbook.labs.grading.outcome import Outcome
from handbook.labs.lab import Lab, lab, labs
from tests.handbook.labs.handed_in import finished


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder outside the repository, in which the command is called."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_labs_are_listed_by_id_and_title(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language, head in (("en", "Labs. Begin one with `"), ("es", "Laboratorios. Empieza uno con `")):
        assert main(["lab", "list", "--lang", language]) == 0
        first, *rest = capsys.readouterr().out.splitlines()
        assert first.startswith(f"{head}handbook lab start L00")
        assert rest == [f"  {one.id}  {one.title[language]}" for one in labs()]
    main(["lab", "start", "L01", "--lang", "es"])
    capsys.readouterr()
    main(["lab", "list"])
    assert capsys.readouterr().out.startswith("Laboratorios")


def test_a_lab_whose_folder_has_gone_is_said_to(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lab", "start", "L00"])
    (here / lab("L00").folder).rename(here / "elsewhere")
    assert main(["lab", "check", "L00"]) == 2
    said = capsys.readouterr().err
    assert "L00" in said
    assert str(here / lab("L00").folder) in said


def test_nothing_of_a_learners_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "start", "L02", "--lang", "es"]) == 0
    mine = here / "experiments/15-causal-mask/mask.py"
    mine.write_text("mine", encoding="utf-8")
    assert main(["lab", "start", "L02"]) == 0
    assert mine.read_text(encoding="utf-8") == "mine"
    said = capsys.readouterr().out
    assert "intacto  mask.py" in said
    for arguments in (["check", "L02"], ["hint", "L02"], ["solution", "L02", "--yes"], ["progress"]):
        main(["lab", *arguments])
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_lab_from_start_to_end(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = lab("L01")
    assert main(["lab", "start", "L01", "--into", "mine"]) == 0
    os.chdir("mine")
    assert main(["lab", "check", "l01"]) == 1
    assert "split_heads in heads.py is not written yet" in capsys.readouterr().out
    assert main(["lab", "hint", "L01"]) == 0
    assert main(["lab", "hint", "L01", "--lang", "es"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("split_heads (1 of 2)")
    assert second.startswith("split_heads (2 de 2)")
    assert main(["lab", "hint", "L01"]) == 0
    assert "no more hints" in capsys.readouterr().out
    for name, content in one.solution("en").items():
        (Path(one.folder) / name).write_bytes(content)
    assert main(["lab", "check", "L01"]) == 0
    assert "L01 is done." in capsys.readouterr().out
    os.chdir(one.folder)  # from within the lab's own folder too
    assert main(["lab", "progress"]) == 0
    said = capsys.readouterr().out
    assert "L01  4 of 4" in said
    assert "L02  not begun" in said
    assert main(["lab", "hint", "L01"]) == 0
    assert "nothing to hint at" in capsys.readouterr().out
    kept = progress.read(here / "mine").records["L01"]
    assert kept.passed == tuple(step.id for step in one.steps)
    assert kept.hints == {"split": 2}


def test_a_solution_is_shown_to_who_says_yes(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["lab", "start", "L00"])
    for answer, status in (("\n", 1), ("", 1), ("n\n", 1), ("y\n", 0)):
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        assert main(["lab", "solution", "L00"]) == status
        assert ("def softmax(row):" in capsys.readouterr().out) == (status == 0)
    assert progress.read(here).records["L00"].solution_seen


def test_the_lab_that_is_named_is_watched(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["lab", "start", "L00"])
    capsys.readouterr()
    monkeypatch.setattr(learner, "watch", lambda one, kept, say: say(f"{one.id} in {kept.root}"))
    assert main(["lab", "watch", "L00"]) == 0
    assert capsys.readouterr().out == f"L00 in {here}\n"


def test_watching_checks_on_each_save(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "PAUSE", 0.01)
    main(["lab", "start", "L00"])
    one, said = lab("L00"), []
    file = here / one.folder / "by_hand.py"

    def until() -> bool:
        checks = sum(line.endswith("steps pass") for line in said)
        if checks == 1 and not file.read_text(encoding="utf-8").endswith("# saved\n"):
            file.write_bytes(one.solution("en")["by_hand.py"] + b"# saved\n")
        return checks == 2

    learner.watch(one, learner.begun(one, here), said.append, until)
    assert [line for line in said if "steps pass" in line] == ["0 of 5 steps pass", "3 of 5 steps pass"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "L02"], "L02 is not begun here; `handbook lab start L02` writes what you need"),
        (["check", "L02", "--lang", "es"], "L02 no está empezado aquí"),
        (["start", "L99"], "there is no lab L99; there are L00, L01"),
        (["start", "L99", "--lang", "es"], "no hay ningún laboratorio L99; hay L00, L01"),
        (["grade", "nowhere"], "nowhere is not a folder"),
        (["start", "L02", "--into", "file/below"], "file/below cannot be made"),
        (["start", "L02", "--into", "file/below", "--lang", "es"], "no se puede crear file/below"),
        (["start", "L02", "--into", "blocked", "--lang", "es"], "no se puede escribir la carpeta inicial"),
        (["grade", "nowhere", "--csv", "file/below"], "the grades cannot be written to file/below"),
        (["grade", "nowhere", "--json", "."], "the grades cannot be written to ."),
        (["grade", "nowhere", "--json", "no/such/folder.json"], "the grades cannot be written to no/such"),
        (["grade", "nowhere", "--json", "notes"], "notes is there and holds no grades"),
        (["grade", "nowhere\x1b[2J\n"], "nowhere\ufffd[2J\ufffd is not a folder"),
        (["grade", "nowhere", "--lang", "es"], "nowhere no es una carpeta"),
    ],
)
def test_a_wrong_call_gets_one_line(
    arguments: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "file").write_text("", encoding="utf-8")
    (here / "notes").write_text("mine", encoding="utf-8")
    (here / "blocked").mkdir()
    (here / "blocked/experiments").write_text("mine", encoding="utf-8")
    assert main(["lab", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_progress_that_cannot_be_read_is_said_so(here: Path) -> None:
    (here / progress.NAME).write_text("passed = [", encoding="utf-8")
    with pytest.raises(CallError, match="cannot be read"):
        progress.read(here)
    (here / progress.NAME).write_text('language = "en"\n[L02]\nnothing = 1\n', encoding="utf-8")
    with pytest.raises(CallError, match="cannot be read"):
        progress.read(here)


# The teacher's ----------------------------------------------------------------


def test_grades_of_many_submissions(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finished(lab("L00"), here / "ana")
    finished(lab("L01"), here / "=cmd", heads_py="import os\nos._exit(1)\n")
    odd = here / "renamed"
    shutil.copytree(finished(lab("L01"), here / "spare"), odd)
    assert main(["lab", "grade", "ana", "=cmd"]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{teacher.versions()}; walls: ")
    assert rest == ["ana  L00  5/5", "=cmd  L01  0/4", "grades.csv, grades.json"]
    with Path("grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["submission"], row["lab"], row["passed"]) for row in rows] == [
        ("ana", "L00", "5"),
        ("'=cmd", "L01", "0"),
    ]
    data = json.loads(Path("grades.json").read_text(encoding="utf-8"))
    assert [one["passed"] for one in data] == [5, 0]
    assert data[1]["steps"][0]["found"] == "the process ended while split_heads ran"
    assert main(["lab", "grade", "renamed"]) == 2
    assert main(["lab", "grade", "renamed", "--lab", "L01", "--csv", "a.csv", "--json", "a.json"]) == 0
    assert json.loads(Path("a.json").read_text(encoding="utf-8"))[0]["passed"] == 4


def kept_in(file: str = "grades.json") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(file).read_text(encoding="utf-8"))
    return found


def test_a_round_that_was_stopped_goes_on(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        finished(lab("L00"), here / "class" / name)
    (here / "class" / "empty").mkdir()
    asked: list[str] = []

    def until(one: Lab, folder: Path, **known: Any) -> list[Outcome]:
        name = folder.relative_to(here / "class" if folder.is_absolute() else "class").parts[0]
        asked.append(name)
        if name == "b" and len(asked) == 2:
            assert [found["submission"] for found in kept_in()] == ["class/a"]
            raise KeyboardInterrupt
        return grade(one, folder, **known)

    monkeypatch.setattr(teacher, "grade", until)
    assert main(["lab", "grade", "class"]) == 130
    said = capsys.readouterr().out
    assert "class/a  L00  5/5\nstopped: 1 graded, in grades.csv and grades.json." in said
    assert main(["lab", "grade", "class"]) == 0
    said = capsys.readouterr().out
    assert "class/a  L00  5/5  (unchanged since it was graded: kept)\nclass/b  L00  5/5\nclass/c  L00  5/5\n" in said
    assert asked == ["a", "b", "b", "c"]
    assert [(one["submission"], one["passed"]) for one in kept_in()] == [
        ("class/a", 5), ("class/b", 5), ("class/c", 5), ("class/empty", 0),
    ]  # fmt: skip
    with (here / "class/a" / lab("L00").folder / "by_hand.py").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert main(["lab", "grade", "class"]) == 0
    assert asked[4:] == ["a"]
    assert main(["lab", "grade", "class/b", "--again"]) == 0
    assert asked[5:] == ["b"]


def test_a_line_is_said_as_each_is_graded_and_an_interrupt_loses_none(here: Path) -> None:
    for name in ("a", "b", "c"):
        finished(lab("L00"), here / name, **({"by_hand_py": "while True: pass\n"} if name == "c" else {}))
    command = [sys.executable, "-m", "handbook", "lab", "grade", "a", "b", "c"]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # where these tests run unattended, it is ignored
    grading = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heard)
    assert grading.stdout is not None
    try:
        said = [grading.stdout.readline() for _ in range(3)]
        grading.send_signal(signal.SIGINT)
        said += grading.communicate()[0].splitlines(keepends=True)
    finally:
        grading.kill()
    assert said[1:] == [
        "a  L00  5/5\n",
        "b  L00  5/5\n",
        "stopped: 2 graded, in grades.csv and grades.json. The same command goes on from here.\n",
    ]
    assert grading.returncode == 130
    with Path("grades.csv").open(encoding="utf-8", newline="") as stream:
        assert [(row["submission"], row["passed"]) for row in csv.DictReader(stream)] == [("a", "5"), ("b", "5")]


def test_a_grade_says_with_what_it_was_asked_and_can_be_asked_again(here: Path) -> None:
    folder = finished(
        lab("L00"), here / "ana", by_hand_py="import numpy as np\n\n\ndef scores(q, k):\n    return q @ k.T\n"
    )
    assert folder.is_dir()
    assert main(["lab", "grade", "ana"]) == 0
    (one,) = kept_in()
    assert one["version"] == teacher.versions()
    with Path("grades.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["seed"], row["version"]) == (str(one["seed"]), teacher.versions())
    for seed, same in ((one["seed"], True), (one["seed"] + 1, False)):
        assert main(["lab", "grade", "ana", "--again", "--seed", str(seed)]) == 0
        (again,) = kept_in()
        assert again["seed"] == seed
        assert (again["steps"] == one["steps"]) == same
