"""What a block may not do, a pin may not either, nor a thread that a block has left behind; and no secret is told."""

from __future__ import annotations

import os

import pytest

from handbook.checks.session import Session
from handbook.project import Project
from handbook.running.transcript import Transcript
from tests.conftest import Handbook

REFUSED = {
    "ends the check": "os.kill(os.getppid(), 9)",
    "ends its group": "os.killpg(0, 9)",
    "another mode": "os.chmod('mkdocs.yml', 0o600)",
    "another time": "os.utime('mkdocs.yml', (0, 0))",
    "a datagram": "socket.socket(2, 2).sendto(b'x', ('127.0.0.1', 9))",
    "a datagram in parts": "socket.socket(2, 2).sendmsg([b'x'], [], 0, ('127.0.0.1', 9))",
    "a port": "socket.socket().bind(('127.0.0.1', 0))",
    "a program": "os.system('touch harm')",
    "a file": "open('harm', 'w')",
}


def run(handbook: Handbook, body: str) -> Transcript:
    session = Session(Project(handbook.root))
    try:
        return session.transcript(handbook.page("page", body))
    finally:
        session.close()


@pytest.mark.parametrize("what", REFUSED)
def test_a_block_and_a_pin_are_refused_the_same(what: str, handbook: Handbook) -> None:
    imports = "```python\nimport os, socket\n```\n"
    block = run(handbook, f"{imports}\n```python\n{REFUSED[what]}\n```\n").ran[1]
    assert block.error is not None
    assert "may not do this" in block.error
    assert len(block.trespasses) == 1
    pin = f"[{REFUSED[what]}, 1][1]"
    (value,) = run(handbook, f'{imports}\nIt is `1`{{ data-is="{pin}" }}.\n').values.values()
    assert value.error is not None
    assert not (handbook.root / "harm").exists()


def test_a_pin_that_changes_what_others_read_is_said_to(handbook: Handbook) -> None:
    body = '```python\nimport numpy as np\n```\n\nIt is `1`{ data-is="[np.random.seed(0), 1][1]" }.\n'
    (value,) = run(handbook, body).values.values()
    assert value.error is not None
    assert "NumPy's global random state" in value.error


def test_a_thread_that_outlives_its_block_is_refused(handbook: Handbook) -> None:
    late = "import threading, time\n\n\ndef later():\n    time.sleep(0.3)\n    open('harm', 'w')\n\n\n"
    start = "threading.Thread(target=later, daemon=True).start()"
    ran = run(handbook, f"```python\n{late}{start}\n```\n\n```python\ntime.sleep(1)\n```\n").ran
    assert [one.what for one in ran[1].trespasses] == ["writes the file harm"]
    assert not (handbook.root / "harm").exists()


def test_no_secret_of_whoever_checks_is_told(handbook: Handbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "hunter2")
    assert "hunter2" in os.environ.values()
    ran = run(
        handbook, "```python\nimport os\n\nprint('hunter2' in os.environ.values(), 'PATH' in os.environ)\n```\n"
    ).ran
    assert ran[0].stdout == "False True\n"
