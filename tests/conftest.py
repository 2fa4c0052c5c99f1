"""A small handbook of its own for each test, and the command run in it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from functools import partial
from pathlib import Path

import pytest

from handbook.checks import CHECKS
from handbook.checks.session import Session
from handbook.findings import CallError, Finding
from handbook.project import Project
from handbook.site.markdown import render
from handbook.translated import record

ROOT = Path(__file__).resolve().parents[1]
FIX = r"[a-z`].*[^.]"
"""How a fix is worded: a clause, which begins small and ends without a stop."""
Once = Callable[[str, Callable[[Path], object]], Path]
"""What the fixture `once` gives: the path of what has a name, made by the function where it is not there."""


class Handbook:
    """A handbook in a temporary folder, with the configuration of the real one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("mkdocs.yml", "mkdocs.es.yml"):
            shutil.copy(ROOT / name, root / name)
        (root / "docs").mkdir(exist_ok=True)

    def write(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def page(self, name: str, body: str, spanish: str | None = "", *, stamped: bool = True) -> str:
        """Write a page and its twin (the same body unless another is given, none for None)."""
        path = f"docs/en/{name}.md"
        self.write(path, f"---\ntitle: Page\ndescription: A page.\n---\n# Page\n\n{body}")
        if spanish is not None:
            twin = f"docs/es/{name}.md"
            self.write(twin, f"---\ntitle: Page\ndescription: A page.\n---\n# Page\n\n{spanish or body}")
            if stamped:
                self.stamp(twin)
        return path

    def stamp(self, twin: str) -> None:
        try:
            record(Project(self.root), twin)
        except CallError as error:
            raise AssertionError(str(error)) from None

    def findings(self, *paths: str, check: str | None = None) -> list[Finding]:
        """What the checks find on the pages, without the command around them."""
        session = Session(Project(self.root), render.of_page)
        try:
            found = [
                finding
                for path in paths
                for name in ([check] if check else CHECKS)
                for finding in session.findings(path, name)
            ]
        finally:
            session.close()
        assert [finding.fix for finding in found if not re.fullmatch(FIX, finding.fix)] == []
        return found

    def command(self, *arguments: str, seconds: float = 20) -> subprocess.CompletedProcess[str]:
        """Run ``handbook`` here, in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "handbook", *arguments],
            cwd=self.root,
            env={**os.environ, "HANDBOOK_BLOCK_SECONDS": str(seconds)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


@pytest.hookimpl(optionalhook=True)  # the tests of changed code run without pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: some tests wait for a clock, a browser or a process of their own."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The audit comes last: by then the pages have run, and it begins from what they showed."""
    items.sort(key=lambda item: item.path.is_relative_to(ROOT / "tests/audit"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the one command that repeats the first failure."""
    failed = [report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])]
    if failed:
        terminalreporter.write_line(f"To repeat the first failure: .venv/bin/pytest {shlex.quote(failed[0].nodeid)}")


@pytest.fixture
def handbook(tmp_path: Path) -> Handbook:
    return Handbook(tmp_path)


@pytest.fixture(scope="session")
def make_handbook(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Handbook]:
    return lambda: Handbook(tmp_path_factory.mktemp("handbook"))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make a file or a folder once for all processes of this run: xdist spreads a module's tests over several.

    It is only to be read.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def get(name: str, make: Callable[[Path], object]) -> Path:
        there, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            flock(lock, LOCK_EX)  # let go when the file is closed
            if not done.exists():
                make(there)
                done.touch()
        return there

    return get


@pytest.fixture(scope="session")
def site(once: Once) -> Path:
    """The built site of both languages."""
    from handbook.site.build import build_sites  # most tests need no MkDocs

    return once("site", partial(build_sites, ROOT))
