"""What keeps a submission in: the kernel's wall, the fence of audit hooks, and a round that ends for all others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from handbook.cli import main
from handbook.labs import teacher
from handbook.labs.grading.grade import grade, taken_in
from handbook.labs.grading.outcome import Outcome
from handbook.labs.intake import MOST_FILES, intake
from handbook.labs.lab import Lab, lab
from handbook.labs.sandbox import bubblewrap, landlock
from handbook.labs.sandbox.process import clear, scratch, walls
from tests.handbook.labs.handed_in import finished

BEHIND_THE_WALL = """
import os, pathlib, signal, socket, sqlite3, sys
from handbook.labs.sandbox import landlock
from handbook.labs.sandbox.readable import readable

folder, elsewhere = sys.argv[1:]
print("wall", landlock.build(folder, readable()))
ATTEMPTS = {
    "write": lambda: pathlib.Path(elsewhere, "harm").write_text("x"),
    "read": lambda: pathlib.Path(elsewhere, "kept").read_text(),
    "remove": lambda: os.remove(pathlib.Path(elsewhere, "kept")),
    "database": lambda: sqlite3.connect(str(pathlib.Path(elsewhere, "harm"))).execute("create table t (x)"),
    "link": lambda: os.symlink(elsewhere, pathlib.Path(folder, "link")),
    "program": lambda: os.execv("/bin/true", ["true"]),
    "environment": lambda: pathlib.Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "signal": lambda: os.kill(os.getppid(), 0),
    "handle": lambda: signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0),
    "connection": lambda: socket.create_connection(("127.0.0.1", 9)),
    "inside": lambda: pathlib.Path(folder, "mine").write_text("x"),
}
for name, attempt in ATTEMPTS.items():
    try:
        attempt()
    except Exception as error:
        print(name, type(error).__name__)
    else:
        print(name, "done")
"""
"""Without the fence, so that what is refused here is refused by the kernel."""


def behind_the_wall(tmp_path: Path) -> dict[str, str]:
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    for path in (folder, elsewhere):
        path.mkdir()
    (elsewhere / "kept").write_text("kept", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", BEHIND_THE_WALL, str(folder), str(elsewhere)], capture_output=True, text=True, check=True
    )
    told = dict(line.split() for line in ran.stdout.splitlines())
    assert (told.pop("wall") == "True") == (landlock.version() >= 1)
    if landlock.version() < 1:
        pytest.skip("this kernel has no Landlock")
    assert [file.name for file in elsewhere.iterdir()] == ["kept"]
    return told


def test_the_kernel_refuses_what_leads_out(tmp_path: Path) -> None:
    told = behind_the_wall(tmp_path)
    assert told["inside"] == "done"
    for name in ("write", "read", "remove", "link", "program", "environment"):
        assert told[name] == "PermissionError", name
    assert told["database"] == "OperationalError"


def test_a_newer_kernel_refuses_signals_and_connections_too(tmp_path: Path) -> None:
    told = behind_the_wall(tmp_path)
    if landlock.version() < landlock.KNOWS_SIGNALS:
        pytest.skip("this kernel's Landlock knows no signals")
    assert {told[name] for name in ("signal", "handle", "connection")} == {"PermissionError"}


WRAPPED = """
import os, pathlib, signal, socket, sys

elsewhere, parent = pathlib.Path(sys.argv[1]), int(sys.argv[2])
ATTEMPTS = {
    "write": lambda: (elsewhere / "harm").write_text("x"),
    "read": lambda: (elsewhere / "kept").read_text(),
    "signal": lambda: os.kill(parent, 0),
    "connection": lambda: socket.create_connection(("127.0.0.1", 9)),
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9)),
    "inside": lambda: pathlib.Path("mine").write_text("x"),
}
for name, attempt in ATTEMPTS.items():
    try:
        attempt()
    except OSError as error:
        print(name, type(error).__name__)
    else:
        print(name, "done")
"""


def test_what_is_wrapped_sees_nothing_of_others(tmp_path: Path) -> None:
    """Without the other walls, so that what is refused here is refused by bubblewrap."""
    bwrap = bubblewrap.program()
    if bwrap is None:
        pytest.skip("bubblewrap is not installed here, or may not do its work")
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    for path in (folder, elsewhere):
        path.mkdir()
    (elsewhere / "kept").write_text("kept", encoding="utf-8")
    command = [sys.executable, "-c", WRAPPED, str(elsewhere), str(os.getpid())]
    told, tell = os.pipe()
    ran = subprocess.run(
        bubblewrap.around(bwrap, command, folder, tell), capture_output=True, text=True, check=True, pass_fds=(tell,)
    )
    os.close(tell)
    assert bubblewrap.process_inside(told) not in (None, os.getpid())
    said = dict(line.split() for line in ran.stdout.splitlines())
    assert said.pop("inside") == "done"
    assert "done" not in said.values()
    assert [file.name for file in elsewhere.iterdir()] == ["kept"]


@pytest.mark.parametrize("installed", [None, bubblewrap.program()])
def test_with_and_without_bubblewrap_a_lab_is_graded_and_measured(
    installed: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "program", lambda: installed)
    assert ("bubblewrap" in walls()) == (installed is not None)
    assert all(one.passed for one in grade(lab("L01"), finished(lab("L01"), tmp_path / "L01")))
    (outcome,) = grade(lab("L04"), finished(lab("L04"), tmp_path / "L04"), ("memory",))
    assert outcome.passed
    assert outcome.note is None


# The fence, which stands on every system ----------------------------------------


def handed_in(code: str, into: Path) -> Path:
    folder = into / "submission"
    folder.mkdir()
    (folder / "heads.py").write_text(code, encoding="utf-8")
    return folder


def said_of(code: str, into: Path) -> str:
    """What the grader found of a submission to L01 that is only this code."""
    (outcome,) = grade(lab("L01"), handed_in(code, into), ("split",))
    assert outcome.found is not None
    return outcome.found.in_("en", lab("L01").texts)


def test_what_belongs_to_others_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2", encoding="utf-8")
    for number, path in enumerate((str(secret), "../../../../../../etc/passwd", f"/proc/{os.getpid()}/environ")):
        (tmp_path / str(number)).mkdir()
        said = said_of(f"raise ValueError(open({path!r}).read())", tmp_path / str(number))
        assert "a lab reads only its own folder" in said


def test_what_python_needs_is_read(tmp_path: Path) -> None:
    code = """
import decimal, json, numpy.polynomial, sqlite3, zoneinfo
open("mine", "w").write("kept")
raise ValueError(open("mine").read())
"""
    assert "ValueError: kept" in said_of(code, tmp_path)


def test_files_without_end_come_to_an_end(tmp_path: Path) -> None:
    code = """
count = 0
try:
    while True:
        open(str(count), "w")
        count += 1
except PermissionError as error:
    raise ValueError(f"{count} files, {error}")
"""
    assert "256 files, a lab writes no more than 256 times" in said_of(code, tmp_path)


# What is handed in ---------------------------------------------------------------


def test_only_plain_files_are_taken_in(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "heads.py").mkdir(parents=True)
    (folder / "kept.py").write_text("kept", encoding="utf-8")
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to(tmp_path)
    (folder / "round").symlink_to(folder / "round")
    (folder / "large").write_bytes(bytes(5 << 20))
    with scratch(intake(folder)) as copy:
        assert sorted(file.name for file in copy.rglob("*")) == ["heads.py", "kept.py"]
    (outcome,) = grade(lab("L01"), folder, ("split",))
    assert outcome.found is not None
    assert outcome.found.key == "no-file"


def test_many_files_do_not_hide_the_lab(tmp_path: Path) -> None:
    folder = finished(lab("L01"), tmp_path)
    for where in (".venv/lib", ".git", "env", "a/b", "node_modules"):
        (folder / where).mkdir(parents=True)
        for i in range(210):
            (folder / where / f"{i}.py").touch()
    (folder / "env/pyvenv.cfg").touch()
    for i in range(210):
        (folder / f"a{i}.txt").touch()
    (folder / "a.bin").write_bytes(bytes(5 << 20))
    found = taken_in(lab("L01"), folder)
    assert found.files[0] == Path("heads.py")
    assert len(found.files) + len(found.folders) <= MOST_FILES
    assert {".venv", ".git", "env", "node_modules", "a", "a.bin"} <= set(found.left_out)
    assert all(one.passed for one in grade(lab("L01"), folder))


def test_what_was_left_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["lab", "start", "L02"])
    folder = tmp_path / lab("L02").folder
    (folder / "mask_visual.png").write_bytes(bytes(5 << 20))
    (folder / "x\x1b[2J").symlink_to(folder)
    capsys.readouterr()
    for language, said in (
        ("en", "not looked at: mask_visual.png, x\ufffd[2J (2 in all"),
        ("es", "sin mirar: mask_visual.png"),
    ):
        main(["lab", "check", "L02", "--lang", language])
        assert said in capsys.readouterr().out


def deep(folder: Path, levels: int) -> None:
    """A chain of folders, deeper than any path can name: the chain so far is moved into a new folder each time."""
    folder.mkdir()
    for _ in range(levels):
        (folder / "new").mkdir()
        if (folder / "d").exists():
            (folder / "d").rename(folder / "new/d")
        (folder / "new").rename(folder / "d")


def test_a_chain_of_folders_is_cut_off_and_cleared_away(tmp_path: Path) -> None:
    deep(tmp_path / "folder", 3000)
    try:
        with scratch(intake(tmp_path / "folder")) as copy:
            assert 0 < len(list(copy.rglob("*"))) <= MOST_FILES
    finally:
        clear(tmp_path / "folder")
    assert list((tmp_path / "folder").iterdir()) == []


# A round of grading --------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("ana", "berta"):
        folder = tmp_path / name / lab("L01").folder
        folder.mkdir(parents=True)
        for file, content in lab("L01").solution("en").items():
            (folder / file).write_bytes(content)
    return tmp_path


def grades() -> dict[str, tuple[int, str]]:
    return {one["submission"]: (one["passed"], one["error"]) for one in json.loads(Path("grades.json").read_bytes())}


def test_a_link_to_the_work_of_another_is_not_graded_as_ones_own(here: Path) -> None:
    (here / "copycat").mkdir()
    (here / "copycat/experiments").symlink_to(here / "ana/experiments")
    (here / "empty").mkdir()
    assert main(["lab", "grade", "copycat", "empty", "ana"]) == 0
    found = grades()
    assert found["ana"] == (4, "")
    assert found["copycat"][0] == 0
    assert "holds no lab" in found["copycat"][1]
    assert "holds no lab" in found["empty"][1]
    assert main(["lab", "grade", "copycat", "empty"]) == 2


def test_a_submission_that_breaks_the_grader_breaks_no_other_grade(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(one: Lab, folder: Path, **known: Any) -> list[Outcome]:
        if "ana" in folder.parts:
            raise AttributeError("\udcff is not what was thought of")
        return grade(one, folder, **known)

    monkeypatch.setattr(teacher, "grade", breaks)
    assert main(["lab", "grade", "ana", "berta"]) == 0
    assert grades() == {"ana": (0, "AttributeError: \ufffd is not what was thought of"), "berta": (4, "")}
