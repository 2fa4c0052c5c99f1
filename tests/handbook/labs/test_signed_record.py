"""The record of a learner: it says what passes, shows when it was changed, and is graded again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handbook.cli import main
from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import finished
from tests.handbook.labs.in_process import in_process

__all__ = ["in_process"]
pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder with a finished L00, and a course's key beside it."""
    monkeypatch.chdir(tmp_path)
    finished(lab("L00"), tmp_path)
    assert main(["lab", "start", "L00"]) == 0
    (tmp_path / "key").write_text("of this course\n", encoding="utf-8")
    return tmp_path


def changed(**values: Any) -> None:
    record = json.loads(Path("lab-record.json").read_bytes())
    record["labs"][0].update(values)
    Path("lab-record.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_record_says_what_passes_and_holds_when_it_is_graded_again(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", "record", "--key", "key"]) == 0
    (one,) = json.loads(Path("lab-record.json").read_bytes())["labs"]
    assert one["passed"] == one["steps"] == [step.id for step in lab("L00").steps]
    page = Path("lab-record.html").read_text(encoding="utf-8")
    assert str(one["seed"]) in page
    assert "does not show who wrote the answers" in page
    capsys.readouterr()
    assert main(["lab", "record-check", "lab-record.json", ".", "--key", "key"]) == 0
    said = capsys.readouterr().out
    assert "signed with this key" in said
    assert "the same files, the same steps pass" in said


def test_a_record_that_was_changed_is_said_to_be(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / lab("L00").folder / "by_hand.py").write_text("", encoding="utf-8")
    assert main(["lab", "record", "--key", "key"]) == 0
    changed(passed=[step.id for step in lab("L00").steps])
    assert main(["lab", "record-check", "lab-record.json", ".", "--key", "key"]) == 1
    said = capsys.readouterr().out
    assert "changed since it was written" in said
    assert "2 of 5  graded again, and the record says 5" in said


def test_files_that_are_others_now_are_noticed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "record"]) == 0
    with (here / lab("L00").folder / "by_hand.py").open("a", encoding="utf-8") as file:
        file.write("# later\n")
    assert main(["lab", "record-check", "lab-record.json", "."]) == 1
    assert "other files, and the same steps pass" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("made", "checked", "said", "status"),
    [
        ((), (), "It is not signed", 0),
        ((), ("--key", "key"), "not signed, although a key is given", 1),
        (("--key", "key"), (), "which has to be given", 1),
        (("--key", "key"), ("--key", "other"), "signed with another key", 1),
    ],
)
def test_a_signature_is_asked_with_the_key(
    made: tuple[str, ...],
    checked: tuple[str, ...],
    said: str,
    status: int,
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (here / "other").write_text("of another course", encoding="utf-8")
    assert main(["lab", "record", *made]) == 0
    assert main(["lab", "record-check", "lab-record.json", *checked]) == status
    out = capsys.readouterr().out
    assert said in out
    assert "Not graded again" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["record", "--key", "nowhere"], "the key nowhere cannot be read"),
        (["record", "--key", "empty"], "empty holds no key"),
        (["record", "--json", "no/such.json"], "the record cannot be written to no/such.json"),
        (["record-check", "key"], "key is no record of labs"),
        (["record-check", "key", "nowhere"], "nowhere is not a folder"),
        (["record-check", "key", "--lang", "es"], "key no es un registro de laboratorios"),
    ],
)
def test_a_wrong_call_gets_one_line(
    arguments: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "empty").write_text("\n", encoding="utf-8")
    assert main(["lab", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
