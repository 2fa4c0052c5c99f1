"""A wall around the whole process where bubblewrap is installed: other processes, the network and the disk are out.

The process has a network, processes and mounts of its own: it sees no other process, whatever it starts ends with it,
and all but its folder is read-only, homes and other temporary files not even there. Landlock and seccomp stand inside.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from handbook.labs.sandbox.readable import readable

_HIDDEN = ("/home", "/root", "/tmp", "/var/tmp", "/run")
_LONGEST = 10.0
"""Seconds that a trial may take."""


@cache
def program() -> str | None:
    """Where bubblewrap is, if it is installed and may do here what it has to; in many containers it may not."""
    found = shutil.which("bwrap") if sys.platform.startswith("linux") else None
    if found is None:
        return None
    trial = [found, *_options(), sys.executable, "-c", ""]
    try:
        done = subprocess.run(trial, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found if done.returncode == 0 else None


def around(bwrap: str, command: Sequence[str], folder: Path, told: int) -> list[str]:
    """The command inside the wall; ``told`` is the descriptor on which bubblewrap says which process that is."""
    return [bwrap, "--info-fd", str(told), *_options(), *_own(folder), *command]


def _options() -> list[str]:
    """In the order in which it is mounted: everything read-only, what of it is hidden, what of that is needed."""
    hidden = [option for one in _HIDDEN if Path(one).is_dir() for option in ("--tmpfs", one)]
    needed = [option for one in readable() if one.startswith(_HIDDEN) for option in ("--ro-bind-try", one, one)]
    walls = ["--unshare-all", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL"]
    return [*walls, "--ro-bind", "/", "/", *hidden, *needed, "--dev", "/dev", "--proc", "/proc"]


def _own(folder: Path) -> list[str]:
    return ["--bind", str(folder), str(folder), "--chdir", str(folder)]


def process_inside(told: int) -> int | None:
    """The process that bubblewrap has said to have started; None where it has not come to that."""
    with os.fdopen(told, encoding="utf-8") as stream:
        try:
            found: int = json.loads(stream.read())["child-pid"]
        except (ValueError, KeyError):
            return None
    return found
