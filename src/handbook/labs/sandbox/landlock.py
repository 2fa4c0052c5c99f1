"""A wall that the kernel keeps, where it can (Landlock, on Linux): no way of speaking to it goes around it.

Python's audit hooks see what Python does. A library written in C opens files without telling them, and a
signal may be sent in more than one way; the kernel sees all of it.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # system calls, the same on every architecture
_VERSION, _PATH_BENEATH = 1, 1
_NO_NEW_PRIVILEGES = 38

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_SINCE_1, _REFER, _TRUNCATE = (1 << 13) - 1, 1 << 13, 1 << 14  # the second since version 2, the third since 3
_TCP, _SIGNALS = 0b11, 0b11  # since versions 4 and 6: binding and connecting; abstract sockets and signals
KNOWS_SIGNALS = 6
"""The version from which the kernel keeps signals in."""

_READ = _READ_FILE | _READ_DIR
_CHANGE = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_OF_A_FILE = _WRITE_FILE | _READ_FILE | _TRUNCATE


def version() -> int:
    """What the kernel can do: Landlock's version, below one where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    found: int = ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _VERSION)
    return found


def build(folder: str, readable: Iterable[str]) -> bool:
    """Shut this process in for good; False where the kernel has no such wall.

    From then on it changes files in ``folder`` alone, reads there and below ``readable``, starts no program,
    reaches nobody over TCP, and sends signals to nobody but itself, as far as the kernel's version goes.
    """
    known = version()
    if known < 1:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    files = _SINCE_1 | (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    rules = struct.pack("=QQQ", files, _TCP if known >= 4 else 0, _SIGNALS if known >= KNOWS_SIGNALS else 0)
    ruleset = libc.syscall(_CREATE_RULESET, rules, len(rules), 0)
    if ruleset < 0:
        return False
    try:
        for path, rights in [(folder, _CHANGE), (os.devnull, _OF_A_FILE), *((one, _READ) for one in readable)]:
            _allow(libc, ruleset, path, rights & files)
        return not (libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    """Add a rule for what lies at ``path`` and below it; nothing for what is not there."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_A_FILE
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)
