"""What the commands have in common in a terminal: a line of progress, and findings as text."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from handbook.findings import Finding


class ProgressLine:
    """One line on a terminal that says how far it is; nothing when piped."""

    def __init__(self, doing: str = "running") -> None:
        self.doing = doing
        self.terminal = sys.stderr if sys.stderr.isatty() else None

    def __call__(self, page: str) -> None:
        """Say which page it is at."""
        if self.terminal:
            room = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{_cut(f'{self.doing} {page}', room)}", end="", file=self.terminal, flush=True)

    def done(self) -> None:
        """Clear the line."""
        if self.terminal:
            print("\r\x1b[K", end="", file=self.terminal, flush=True)


def _cut(line: str, room: int) -> str:
    """The end of a line that is too long for the terminal: a line that wraps cannot be cleared."""
    return line if len(line) <= room else f"…{line[len(line) - room + 1 :]}"


def say(findings: Sequence[Finding]) -> None:
    """Print findings, each with its place and its fix."""
    for finding in findings:
        print(finding)


def counted(number: int, thing: str) -> str:
    """A number and what it counts, in the plural where it is one."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
