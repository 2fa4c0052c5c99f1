"""What the engine has to say: one place, one problem, one way to fix it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """Something on a page that is not true, or not proven.

    ``path`` is relative to the project's root and ``line`` is one-based, so that
    ``path:line`` can be clicked in an editor. ``part`` is the id of the heading whose translation
    is stale, where that is what was found.
    """

    path: str
    line: int
    problem: str
    fix: str
    part: str = ""

    def __str__(self) -> str:
        """Two lines: where and what, then how to fix it."""
        return f"{self.path}:{self.line}: {self.problem}\n    fix: {self.fix}"


class RenderError(ValueError):
    """A page cannot be rendered as it was meant; its text names the place and the fix.

    ``written`` is what the page stumbles over, as it stands there, where that is known.
    """

    def __init__(self, text: str, written: str = "") -> None:
        super().__init__(text)
        self.written = written


class CallError(Exception):
    """The command was called wrongly; its text is one line for the person who called."""
