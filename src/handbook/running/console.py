"""Run the commands that a page shows, in a scratch copy of the project."""

from __future__ import annotations

import math
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from handbook.running.transcript import Ran
from handbook.running.worker_process import (
    TIME_UP,
    block_seconds,
    computed_too_long,
    environment,
    waited_too_long,
    wall_seconds,
)

OURS = ("handbook", "perl")
"""The commands that a console block may hold: ours, and `perl -pi -e` for the edit one would make by hand."""

LEFT_OUT = frozenset({".git", ".venv", ".handbook", "site", "mutants", "node_modules"})
"""What stands at the root and is not copied; caches are left out wherever they stand."""

_CACHES = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*_cache", ".hypothesis", ".#*", "*~")


def split(code: str) -> list[tuple[int, str, str]]:
    """The commands of a console block: line within the block, command, output shown."""
    commands: list[tuple[int, str, str]] = []
    for number, line in enumerate(code.splitlines(), 1):
        if line.startswith("$ "):
            commands.append((number, line[2:], ""))
        elif commands:
            start, command, shown = commands[-1]
            commands[-1] = (start, command, f"{shown}{line}\n")
    return commands


def copy_project(root: Path, target: Path) -> Path:
    """Copy the sources at ``root`` to ``target``, without what was built or installed; returns ``target``."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        at_root = LEFT_OUT if Path(folder) == root else frozenset()
        return _CACHES(folder, names) | at_root.intersection(names)

    shutil.copytree(root, target, ignore=ignored, ignore_dangling_symlinks=True)
    return target


class _ComputedTooLongError(Exception):
    """A command's CPU time is up."""


class Console:
    """A page's console: its blocks share one scratch copy of the project, made at the first command."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def run(self, code: str) -> Ran:
        """Run a block; ``stdout`` is the session as it should stand on the page."""
        session: list[str] = []
        for number, command, _ in split(code):
            words = shlex.split(command)
            if not words or words[0] not in OURS:
                error = f"{words[0] if words else 'nothing'} is not a command of this project"
                return Ran("".join(session), error, number)
            try:
                session.append(f"$ {command}\n{self._output(words)}")
            except subprocess.TimeoutExpired:
                return Ran("".join(session), waited_too_long(block_seconds()), number)
            except _ComputedTooLongError:
                return Ran("".join(session), computed_too_long(block_seconds()), number)
        return Ran("".join(session))

    def _output(self, words: list[str]) -> str:
        program = [sys.executable, "-P", "-m"] if words[0] == "handbook" else []
        limited = ["/bin/sh", "-c", 'ulimit -S -t "$0" && exec "$@"', str(math.ceil(block_seconds()))]
        done = subprocess.run(
            [*limited, *program, *words],
            cwd=self._folder(),
            env={**environment(), "PYTHONPATH": str(self._folder() / "src"), "NO_COLOR": "1", "COLUMNS": "80"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=wall_seconds(block_seconds()),
            check=False,
        )
        if -done.returncode in TIME_UP:
            raise _ComputedTooLongError
        return done.stdout

    def _folder(self) -> Path:
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="handbook-")
            copy_project(self.root, Path(self._scratch.name) / "handbook")
        return Path(self._scratch.name) / "handbook"

    def close(self) -> None:
        """Delete the scratch copy."""
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None
