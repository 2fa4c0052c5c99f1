"""What git, where there is one, knows of the pages: what they said before, and when they were last committed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path

REVISIONS = 50
"""How many revisions of a page are looked through."""


def versions(root: Path, path: str) -> Iterator[str]:
    """The texts that ``path`` has had, newest first; none where git does not know it."""
    listed = _git(root, "log", "--format=%H", f"-n{REVISIONS}", "--", path)
    for revision in (listed or "").split():
        text = _git(root, "show", f"{revision}:./{path}")
        if text is not None:
            yield text


def committed(root: Path) -> datetime | None:
    """When all that stands in ``root`` was committed; None where git does not know, or something was changed since."""
    if _git(root, "status", "--porcelain", "--", ".") != "":
        return None
    told = _git(root, "log", "-1", "--format=%ct", "--", ".")
    return datetime.fromtimestamp(int(told), UTC) if told else None


def moment(root: Path) -> datetime:
    """When what is made of the sources says it was made: the same sources give the same bytes on any day.

    It is SOURCE_DATE_EPOCH, as reproducible builds have it; without it, when the sources were committed; today for
    sources that are not, since what is made later passes for a newer edition.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return datetime.fromtimestamp(int(given), UTC)
    return committed(root) or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def is_changed(root: Path, path: str) -> bool | None:
    """Whether a file differs from the last commit, or is in none; None where there is no git to ask."""
    told = _git(root, "status", "--porcelain", "--", path)
    return None if told is None else told != ""


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, encoding="utf-8", check=False
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def first_change(old: str, new: str) -> tuple[str, str]:
    """The first lines in which two texts differ, as they were and as they are."""
    before = [line for line in old.splitlines() if line.strip()]
    after = [line for line in new.splitlines() if line.strip()]
    for operation, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation != "equal":
            return " ".join(before[a:b]), " ".join(after[c:d])
    return "", ""
