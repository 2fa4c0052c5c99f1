"""Submissions that mean harm lose only themselves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from handbook.labs.grading.grade import grade
from handbook.labs.lab import Lab, lab, labs
from handbook.labs.report import lines
from handbook.labs.sandbox import landlock, process, seccomp
from tests.handbook.labs.handed_in import failures, finished

TALKS = """
import os
for fd in (3, 4):  # the pipes that its answers go through
    try:
        while True: os.write(fd, {line})
    except OSError: pass
"""
HARM = {
    "endless": "while True: pass",
    "forks": "import os\nwhile True: os.fork()",
    "daemon": "import os\nos.setsid()\nos.fork()",
    "spawns": "import subprocess\nsubprocess.Popen(['sleep', '60'])",
    "shell": "import os\nos.system('touch {outside}/harm')",
    "writes": "open('{outside}/harm', 'w').write('x')",
    "climbs": "open('../../../harm', 'w').write('x')",
    "links": "import os\nos.symlink('{outside}', 'link')\nopen('link/harm', 'w')",
    "swaps": "import os\nos.remove('mask.py')\nos.mkdir('mask.py')\nraise SystemExit(3)",
    "renames": "import os\nos.rename('{outside}/kept', 'mine')",
    "removes": "import os\nos.remove('{outside}/kept')",
    "library": "import ctypes\nctypes.CDLL(None).system(b'touch {outside}/harm')",
    "connects": "import socket\nsocket.create_connection(('127.0.0.1', 9))",
    "kills": "import os\nos.kill(os.getppid(), 9)",
    "kills by a handle": "import os, signal\nsignal.pidfd_send_signal(os.pidfd_open(os.getppid()), 9)",
    "kills by a limit": "import os, resource\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))",
    "kills by a datagram": "import socket\nsocket.socket(2, 2).sendmsg([b'x'], [], 0, ('127.0.0.1', 9))",
    "slows": "import os\nos.setpriority(os.PRIO_PROCESS, os.getppid(), 7)",
    "pins": "import os\nos.sched_setaffinity(os.getppid(), {{0}})",
    "library in use": "import ctypes\nctypes.pythonapi.system(b'touch {outside}/harm')",
    "database": "import sqlite3\nsqlite3.connect('{outside}/harm').execute('create table t (x)')",
    "memory": "x = bytearray(1 << 36)",
    "file": "with open('big', 'wb') as f:\n    f.write(bytes(1 << 28))",
    "files": "for i in range(1 << 20):\n    open(str(i), 'wb').write(bytes(1 << 20))",
    "burrows": "import os\nwhile True:\n    os.makedirs('d', exist_ok=True)\n    os.chdir('d')",
    "exits": "import os\nos._exit(0)",
    "leaves": "import sys\nsys.exit(0)",
    "floods": "while True: print('x' * 10000)",
    "answers": "import os\nfor fd in (3, 4):\n    try: os.write(fd, b'{{\"value\": 1}}\\n')\n    except OSError: pass",
    "never stops answering": TALKS.format(line="b'{{{{\"value\": 1}}}}\\n' * 1000"),
    "never ends a line": TALKS.format(line="b'x' * (1 << 20)"),
    "nests": TALKS.format(line="b'[' * (1 << 20) + b'\\n'"),
    "asks nobody": TALKS.format(line="b'{{{{\"ask\": []}}}}\\n'"),
    "objects": "def build_mask(T, dtype): return [object()]\ndef correct(x): return {{}}\ndef broken(x): return 'x'",
    "recursion": "def build_mask(T, dtype): return build_mask(T, dtype)\ncorrect = broken = build_mask",
}


@pytest.mark.parametrize("harm", HARM)
def test_harm_stays_where_it_is(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if harm == "kills by a handle" and landlock.version() < landlock.KNOWS_SIGNALS:
        pytest.skip("this kernel would let it: its Landlock knows no signals")
    monkeypatch.setenv("HANDBOOK_LAB_SECONDS", "2")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept", encoding="utf-8")
    code = HARM[harm].format(outside=outside)
    folder = finished(lab("L02"), tmp_path / "learner", mask_py=code, verify_py=code)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    since = time.monotonic()
    failed = failures("L02", folder)
    assert {"mask", "correct", "broken", "verify"} <= failed.keys()
    assert time.monotonic() - since < 60
    assert [file.name for file in outside.iterdir()] == ["kept"]
    assert not list(tmp_path.rglob("harm"))
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


ODD = (
    "None",
    "'text'",
    "{'a': 1}",
    "[[1], [2, 3]]",
    "np.zeros(300)",
    "np.array(['a'])",
    "np.ones((3, 3)) * 1j",
    "10**400",
)
ODD_IN_LISTS = (
    "[]",
    "[object()]",
    "[(1, 2), (3, np.zeros(2))]",
    "(np.zeros(2), 1)",
    "[np.zeros((2, 2))] * 7",
    "['a', 'b']",
)


@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
@pytest.mark.parametrize("answer", [*ODD, *ODD_IN_LISTS])
def test_no_answer_breaks_a_comparison(one: Lab, answer: str, tmp_path: Path) -> None:
    """Whatever each function gives, what is said of it is a sentence that was written for it."""
    folder = finished(one, tmp_path)
    for file in folder.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        names = re.findall(r"^def ([a-z]\w*)", text, re.MULTILINE)
        answers = [f"def {name}(*_, **__):\n    return {answer}\n" for name in names]
        file.write_text("\n\n".join([text, "import numpy as np", *answers]), encoding="utf-8")
    assert failures(one.id, folder)


def test_nothing_of_a_submission_runs_before_the_limits_stand(tmp_path: Path) -> None:
    folder = finished(lab("L01"), tmp_path / "learner")
    for home in (folder, folder / ".local"):
        packages = home / f"lib/python3.{sys.version_info.minor}/site-packages"
        packages.mkdir(parents=True)
        (packages / "early.pth").write_text(f"import pathlib; pathlib.Path({str(tmp_path)!r}, 'harm').touch()\n")
    for name in ("sitecustomize.py", "usercustomize.py", "handbook.py", "numpy.py", "json.py"):
        (folder / name).write_text(f"import pathlib; pathlib.Path({str(tmp_path)!r}, 'harm').touch()\n")
    assert failures("L01", folder, "split") == {}
    assert not (tmp_path / "harm").exists()


def test_a_process_that_left_its_group_is_found_by_its_mark() -> None:
    marked = {**os.environ, process._MARK: "a mark"}
    code = "print('here', flush=True)\ninput()"
    left = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=marked,
        start_new_session=True,
    )
    assert left.stdout is not None
    try:
        left.stdout.readline()  # while a process still becomes another program, its environment is empty
        process._sweep("another mark")
        assert left.poll() is None
        process._sweep("a mark")
    finally:
        left.communicate()  # whoever was not killed reads to the end of its input, and ends by itself
    assert left.returncode == -signal.SIGKILL


def test_links_and_secrets_are_not_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHERS_TOKEN", "hunter2")
    secret = tmp_path / "secret.md"
    secret.write_text("## 1\n\nhunter2 denominator\n", encoding="utf-8")
    code = "import os\nraise ValueError(f'{os.path.exists(\"README.md\")} {os.environ}')"
    folder = finished(lab("L02"), tmp_path / "learner", mask_py=code)
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to(secret)
    outcomes = grade(lab("L02"), folder)
    said = "\n".join(lines(lab("L02"), outcomes, "en"))
    assert "hunter2" not in said
    assert "False" in said
    assert "missing or empty: README.md" in said


def test_a_message_commands_no_terminal(tmp_path: Path) -> None:
    folder = finished(lab("L02"), tmp_path, mask_py="raise ValueError('\\x1b[2Jgone')")
    said = "\n".join(lines(lab("L02"), grade(lab("L02"), folder), "en"))
    assert "\x1b" not in said


REFUSED = {
    "a pair of sockets": "socket.socketpair()",
    "a socket for datagrams": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "the grader's priority": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 7)",
    "the grader's processors": "os.sched_setaffinity(os.getppid(), {0})",
    "the grader's scheduler": "os.sched_setscheduler(os.getppid(), os.SCHED_BATCH, os.sched_param(0))",
    "a process": "forked()",
}
FORKED = """
import os, socket
def forked():
    import _posixsubprocess
    r, w = os.pipe()
    true = [b"/bin/true"]
    args = [true, true, True, (w,), None, None, -1, -1, -1, -1, -1, -1, r, w, False, False, -1, None, None, None, -1]
    try:
        _posixsubprocess.fork_exec(*args, lambda: os._exit(0))
    except TypeError:
        _posixsubprocess.fork_exec(*args, lambda: os._exit(0), False)
"""


@pytest.mark.skipif(not seccomp.known(), reason="this machine has no such wall")
@pytest.mark.parametrize("what", REFUSED)
def test_what_reaches_others_is_refused_by_the_kernel(what: str, tmp_path: Path) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0)
    code = f"{FORKED}\ntry:\n    {REFUSED[what]}\nexcept OSError as error:\n    raise ValueError(error.errno)\n"
    (outcome,) = grade(lab("L00"), finished(lab("L00"), tmp_path, by_hand_py=code), ("scores",))
    assert (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0)) == before
    assert outcome.found is not None
    assert outcome.found.values["text"] in ("1", "None")  # EPERM; None where Python's own hook was first


SLOWS = """
import os
for slow in (lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 7), lambda: os.sched_setaffinity(os.getppid(), {0})):
    try:
        slow()
    except OSError:
        pass
"""


def test_whoever_is_graded_next_is_not_slowed(tmp_path: Path) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0)
    first = finished(lab("L00"), tmp_path / "a")
    with (first / "by_hand.py").open("a", encoding="utf-8") as file:
        file.write(SLOWS)
    grade(lab("L00"), first, ("scores",))
    asks = "import os\nraise ValueError(f'{os.getpriority(os.PRIO_PROCESS, 0)} {sorted(os.sched_getaffinity(0))}')\n"
    (outcome,) = grade(lab("L00"), finished(lab("L00"), tmp_path / "b", by_hand_py=asks), ("scores",))
    assert outcome.found is not None
    assert outcome.found.values["text"] == f"{before[0]} {sorted(before[1])}"


@pytest.mark.skipif(not seccomp.known(), reason="this machine has no such wall")
def test_threads_are_no_processes(tmp_path: Path) -> None:
    code = (
        "import threading\none = threading.Thread(target=print)\none.start()\none.join()\nraise ValueError('threads')"
    )
    (outcome,) = grade(lab("L00"), finished(lab("L00"), tmp_path, by_hand_py=code), ("scores",))
    assert outcome.found is not None
    assert outcome.found.values["text"] in ("threads", "can't start new thread")
