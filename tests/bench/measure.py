"""What every measurement needs: a clock, rounds in turn, a scratch copy, a line of the table."""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handbook.project import Project
from handbook.running.console import copy_project
from handbook.site.build import build_sites

ROOT = Path(__file__).resolve().parents[2]
BRIEF = "BRIEF" in os.environ
"""Each measurement once, of the smallest sizes: whether it ends is all that is asked, as CI does."""
ROUNDS = 1 if BRIEF else 5


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    against: str
    measured: str
    goal: str


def seconds(action: Callable[[], object]) -> float:
    """How long ``action`` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turn(*actions: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The median time of each action; the rounds of all are interleaved."""
    times = [[seconds(action) for action in actions] for _ in range(min(rounds, ROUNDS))]
    return [statistics.median(each) for each in zip(*times, strict=True)]


def python(folder: Path, *arguments: str, fine: tuple[int, ...] = (0,)) -> None:
    """Run this interpreter in ``folder``, in silence; end the bench where it fails, since its time means nothing."""
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode not in fine:
        raise SystemExit(f"{' '.join(arguments)} ended with {ended.returncode}:\n{ended.stderr}")


def check(folder: Path, *paths: str) -> None:
    """``handbook check`` in a process of its own. A page with findings is no reason to stop."""
    python(folder, "-m", "handbook", "check", *paths, fine=(0, 1))


@contextmanager
def scratch() -> Iterator[Path]:
    """A copy of the project that may be edited."""
    with tempfile.TemporaryDirectory(prefix="handbook-bench-") as folder:
        yield copy_project(ROOT, Path(folder) / "handbook")


@cache
def built() -> Path:
    """The site of both languages, built once, with Python for the browser where it has been fetched."""
    folder = tempfile.TemporaryDirectory(prefix="handbook-site-")
    atexit.register(folder.cleanup)
    build_sites(ROOT, Path(folder.name))
    return Path(folder.name)


def missing(*programs: str) -> str | None:
    """The first of the programs that this machine lacks, as a row says it; None where it has them all."""
    lacking = next((one for one in programs if shutil.which(one) is None), None)
    return lacking and f"{lacking} is not installed"


def docs(project: Project) -> list[str]:
    """The pages of the site."""
    return [path for path in project.pages if path.startswith("docs/")]
