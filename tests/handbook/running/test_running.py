"""A page is one script, run once; pages and blocks cannot disturb one another."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time

import pytest

from handbook.checks import CHECKS
from handbook.checks.session import Session
from handbook.pages.parse import parse
from handbook.project import Project
from handbook.running.page_run import PageRun
from handbook.running.worker_process import WorkerLostError, WorkerProcess
from handbook.site.markdown import render
from tests.conftest import ROOT, Handbook

PROBE = """\
```python
import os, random, warnings
import numpy as np
import minimodel.softmax

print(np.array([1 / 3]), np.geterr()["divide"], os.environ.get("LEFT"), os.path.basename(os.getcwd()) != "tmp")
print(len(warnings.filters) == FILTERS, "left" in globals(), hasattr(minimodel.softmax, "left"), np.exp(0.0))
```
"""

DISTURB = """\
```python
import os, random, warnings
import numpy as np
import minimodel.softmax

left = True
np.set_printoptions(precision=1)
np.seterr(divide="raise")
os.environ["LEFT"] = "here"
os.chdir("/tmp")
warnings.simplefilter("error")
minimodel.softmax.left = True
np.exp = np.log
random.seed(0)
np.random.seed(0)
```
"""


def test_a_page_leaves_nothing_behind(handbook: Handbook) -> None:
    probe = PROBE.replace("len(warnings.filters) == FILTERS", "warnings.filters[0][0] != 'error'")
    before, disturb, after = (handbook.page(name, body) for name, body in (("1", probe), ("2", DISTURB), ("3", probe)))
    session = Session(Project(handbook.root))
    try:
        first = session.transcript(before).ran[0]
        disturbed = session.transcript(disturb).ran[0]
        last = session.transcript(after).ran[0]
    finally:
        session.close()
    assert first.error is None
    assert "[0.33333333] warn None True" in first.stdout
    assert first.stdout == last.stdout
    assert len(disturbed.trespasses) == 8


def test_a_page_imports_from_the_project_that_it_belongs_to(handbook: Handbook) -> None:
    handbook.write("src/only_here.py", "answer = 42\n")
    page = handbook.page("page", "```python\nimport only_here\n\nprint(only_here.answer)\n```\n")
    session = Session(Project(handbook.root))
    try:
        assert session.transcript(page).ran[0].stdout == "42\n"
    finally:
        session.close()


def test_blocks_share_a_namespace_and_run_once(handbook: Handbook) -> None:
    page = handbook.page("page", "```python\nruns = []\n```\n\n" + "```python\nruns.append(len(runs))\n```\n\n" * 40)
    handbook.write("docs/en/page.md", (handbook.root / page).read_text() + '`40`{ data-is="len(runs)" }\n')
    assert handbook.findings(page, check="numbers") == []


def test_asking_for_a_late_block_first_runs_those_above_it_once(handbook: Handbook) -> None:
    page = handbook.page("page", "```python\nx = [1]\n```\n\n```python\nx.append(2)\n```\n\n```python\nprint(x)\n```\n")
    session = Session(Project(handbook.root))
    try:
        assert session.run(page).ensure(2).stdout == "[1, 2]\n"
        assert session.run(page).ensure(1).stdout == ""
        assert session.run(page).ensure(2).stdout == "[1, 2]\n"
    finally:
        session.close()


CODE = "```python\nx = [1]\nx.append(2)\n```\n"


@pytest.mark.parametrize(
    ("spanish", "is_shared"),
    [
        (CODE, True),
        ("Otra.\n\n" + CODE, True),
        (CODE.replace("2", "3"), False),
        (CODE + '`2`{ data-is="len(x)" }', False),
    ],
)
def test_twins_share_a_run_where_they_share_their_code(handbook: Handbook, spanish: str, is_shared: bool) -> None:
    page = handbook.page("page", CODE, spanish, stamped=False)
    session = Session(Project(handbook.root))
    try:
        run = session.run(page)
        assert (session.run("docs/es/page.md") is run) == is_shared
        assert session.transcript(page).ran == session.transcript("docs/es/page.md").ran
        assert len(session.transcript("docs/es/page.md").values) == spanish.count("data-is")
    finally:
        session.close()


def test_a_lost_interpreter_loses_only_its_page(handbook: Handbook) -> None:
    bad = handbook.page("1", "```python\nimport os\nos._exit(1)\n```\n\n```python\nprint(1)\n```\n")
    good = handbook.page("2", "```python\nprint(1)\n```\n")
    session = Session(Project(handbook.root))
    try:
        lost = session.transcript(bad).ran
        assert lost[0].error == "ends the interpreter"
        assert lost[1].skipped is not None
        assert session.transcript(good).ran[0].stdout == "1\n"
    finally:
        session.close()


@pytest.mark.parametrize(
    ("pin", "lost"),
    [("sum(iter(int, 1))", r"does not end \(stopped after .*\)"), ("os._exit(0)", "ends the interpreter")],
)
def test_a_pin_that_loses_the_interpreter_is_a_finding(
    handbook: Handbook, monkeypatch: pytest.MonkeyPatch, pin: str, lost: str
) -> None:
    monkeypatch.setenv("HANDBOOK_BLOCK_SECONDS", "0.5")
    body = f'```python\nimport os\n```\n\nIt is `2`{{ data-is="{pin}" }}.\n\n```python\nassert False\n```\n'
    page = handbook.page("page", body)
    (found,) = handbook.findings(page)
    assert found.line == 11
    assert re.search(rf"the pin {re.escape(pin)} raises WorkerLostError: {lost}$", found.problem)


ENDLESS = {
    "in Python": "while True: pass",
    "catches all": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "in C": "sum(iter(int, 1))",
    "handles the signal": "import signal\n\nsignal.signal(signal.SIGPROF, lambda *_: None)\nwhile True: pass",
    "sleeps": "import time\n\ntime.sleep(1e6)",
    "waits for a lock": "import threading\n\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
}


@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS)
def test_a_block_that_never_ends_is_stopped_and_said(
    handbook: Handbook, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setenv("HANDBOOK_BLOCK_SECONDS", "0.2")
    (found,) = handbook.findings(handbook.page("page", f"```python\n{code}\n```\n"))
    assert re.search(
        r"this block does not end \(stopped after (0\.2 s of computing|11 s by the clock)\)", found.problem
    )


def test_a_block_that_takes_long_by_the_clock_alone_is_left_to_end(
    handbook: Handbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine every block does; here it waits, for longer than it may compute."""
    monkeypatch.setenv("HANDBOOK_BLOCK_SECONDS", "1")
    page = handbook.page("page", "```python\nimport time\n\ntime.sleep(2)\nprint(1)\n```\n\n```text\n1\n```\n")
    assert handbook.findings(page) == []


def test_a_command_that_never_ends_is_stopped_and_said(handbook: Handbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDBOOK_BLOCK_SECONDS", "1")
    (found,) = handbook.findings(handbook.page("page", "```console\n$ perl -e '1 while 1'\n```\n"), check="output")
    assert re.search(r"does not end \(stopped after (1 s of computing|15 s by the clock)\)", found.problem)


class Lost(WorkerProcess):
    """A worker that never gets as far as a page."""

    def ask(self, do: str, *, seconds: float, **arguments: object) -> dict[str, object]:
        raise WorkerLostError("ends the interpreter")


def test_an_interpreter_lost_before_the_first_block_is_said_once(handbook: Handbook) -> None:
    path = handbook.page("page", "```python\nx = 1\n```\n\n```python\nx = 2\n```\n")
    ran = PageRun(parse(handbook.root, path), Lost(handbook.root)).finish().ran
    assert [one.error for one in ran.values()] == ["WorkerLostError: ends the interpreter", None]
    assert ran[1].skipped == "the page's interpreter was lost (ends the interpreter)"


def test_the_worker_is_of_the_package_that_asks(handbook: Handbook) -> None:
    """A copy of the package that is not the installed one, as in a mutation run, tests itself."""
    for room in ("running", "pages"):
        shutil.copytree(ROOT / "src" / "handbook" / room, handbook.root / "elsewhere" / "handbook" / room)
    shutil.copy(ROOT / "src" / "handbook" / "__init__.py", handbook.root / "elsewhere" / "handbook")
    asks = (
        "import handbook; from pathlib import Path; from handbook.running.worker_process import WorkerProcess;"
        "worker = WorkerProcess(Path.cwd()); worker.ask('page', seconds=60);"
        "worker.ask('block', seconds=60, name='b', code='import handbook');"
        "found = worker.ask('values', seconds=60, expressions=['handbook.__file__'])['values'];"
        "print(found['handbook.__file__']['value'] == handbook.__file__, 'elsewhere' in handbook.__file__);"
        "worker.stop()"
    )
    environment = {**os.environ, "PYTHONPATH": str(handbook.root / "elsewhere")}
    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=handbook.root, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_what_a_block_writes_below_python_reaches_nobody(handbook: Handbook) -> None:
    page = handbook.page("page", '```python\nimport os\nos.write(1, b"{}\\n")\nos.write(2, b"x")\nprint("seen")\n```\n')
    session = Session(Project(handbook.root))
    try:
        ran = session.transcript(page).ran[0]
        assert (ran.stdout, ran.error) == ("seen\n", None)
    finally:
        session.close()


def test_torch_draws_from_a_generator_of_the_pages_own(handbook: Handbook) -> None:
    pytest.importorskip("torch")
    page = handbook.page(
        "page",
        "```python\nimport torch\n\nprint(torch.rand(1, generator=torch.Generator().manual_seed(0)).shape)\n```\n\n"
        "```python\ntorch.rand(1)\n```\n\n```python\nwith torch.random.fork_rng():\n    torch.rand(1)\n```\n",
    )
    session = Session(Project(handbook.root))
    try:
        ran = session.transcript(page).ran
    finally:
        session.close()
    assert [len(one.trespasses) for one in ran.values()] == [0, 1, 0]
    assert "torch's global random state" in ran[1].trespasses[0].what


TORCH_PAGE = """\
```python
x = 1
```

/// tab | PyTorch

```python
import torch

y = torch.tensor(x).item()
print(y)
```

```text
1
```

The tab computes `1`{ data-is="y" }.

///

```python
print(x + 1)
```

```text
2
```
"""


def test_without_torch_its_tabs_are_skipped_and_nothing_else(
    handbook: Handbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = handbook.page("page", TORCH_PAGE)
    monkeypatch.setattr("handbook.running.page_run.has_torch", lambda: False)
    session = Session(Project(handbook.root), render.of_page)
    try:
        ran = session.transcript(page).ran
        assert [one.skipped for one in ran.values()] == [None, "torch is not installed", None]
        assert ran[2].stdout == "2\n"
        assert [finding for check in CHECKS for finding in session.findings(page, check)] == []
    finally:
        session.close()


def test_a_numpy_page_never_imports_torch(handbook: Handbook) -> None:
    page = handbook.page("page", '```python\nimport sys\n\nprint("torch" in sys.modules)\n```\n')
    session = Session(Project(handbook.root))
    try:
        assert session.transcript(page).ran[0].stdout == "False\n"
    finally:
        session.close()


def test_a_worker_ends_with_its_parent_even_inside_a_block_that_never_ends(handbook: Handbook) -> None:
    handbook.page("page", "```python\nwhile True: pass\n```\n")
    parent = subprocess.Popen([sys.executable, "-m", "handbook", "check"], cwd=handbook.root)
    deadline = time.monotonic() + 30
    while not (workers := children(parent.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    while any(map(alive, workers)):
        assert time.monotonic() < deadline, "the worker outlived its parent"
        time.sleep(0.1)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]
