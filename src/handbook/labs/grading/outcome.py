"""What a grader says of one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handbook.labs.texts import Say, say


@dataclass(frozen=True)
class Outcome:
    """A step's verdict. ``note`` is for a step that passes and still has something to show."""

    step: str
    passed: bool
    expected: Say | None = None
    found: Say | None = None
    bug: str | None = None
    note: Say | None = None


class FailError(Exception):
    """Raised by a grader: what was expected, what was found, and the likely bug."""

    def __init__(self, expected: Say, found: Say, bug: str | None = None) -> None:
        super().__init__(expected.key)
        self.expected, self.found, self.bug = expected, found, bug


def fail(expected: str, found: str, /, *, bug: str | None = None, **values: Any) -> FailError:
    """A failure whose two texts share their values."""
    return FailError(say(expected, **values), say(found, **values), bug)
