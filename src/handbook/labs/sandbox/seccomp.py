"""A second wall that the kernel keeps (seccomp, on Linux): system calls that a lab never needs fail with EPERM.

Landlock knows files, TCP and signals. It says nothing of UDP, of other processes' priority and processors, or of
processes that are started; where it is the superuser who grades, no limit of processes holds either.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterator

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_OTHER_TABLE = 0x40000000
"""A bit in the number of a call of the x32 table, which has the same calls under other numbers."""

_THREAD = 0x00010000
"""The flag of `clone` that makes a thread of this process, and no other process."""

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_NEVER = {
    "x86_64": {
        "socket": 41, "connect": 42, "sendto": 44, "sendmsg": 46, "bind": 49, "socketpair": 53, "sendmmsg": 307,
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "ptrace": 101, "setpriority": 141,
        "sched_setparam": 142, "sched_setscheduler": 144, "sched_setaffinity": 203, "sched_setattr": 314,
        "ioprio_set": 251, "migrate_pages": 256, "move_pages": 279, "process_vm_readv": 310, "process_vm_writev": 311,
        "pidfd_open": 434, "pidfd_send_signal": 424, "pidfd_getfd": 438, "unshare": 272, "setns": 308, "mount": 165,
        "chroot": 161, "pivot_root": 155, "bpf": 321, "perf_event_open": 298, "io_uring_setup": 425,
        "add_key": 248, "keyctl": 250, "shmget": 29, "msgget": 68, "semget": 64, "kcmp": 312, "process_madvise": 440,
    },
    "aarch64": {
        "socket": 198, "connect": 203, "sendto": 206, "sendmsg": 211, "bind": 200, "socketpair": 199, "sendmmsg": 269,
        "execve": 221, "execveat": 281, "ptrace": 117, "setpriority": 140,
        "sched_setparam": 118, "sched_setscheduler": 119, "sched_setaffinity": 122, "sched_setattr": 274,
        "ioprio_set": 30, "migrate_pages": 238, "move_pages": 239, "process_vm_readv": 270, "process_vm_writev": 271,
        "pidfd_open": 434, "pidfd_send_signal": 424, "pidfd_getfd": 438, "unshare": 97, "setns": 268, "mount": 40,
        "chroot": 51, "pivot_root": 41, "bpf": 280, "perf_event_open": 241, "io_uring_setup": 425,
        "add_key": 217, "keyctl": 219, "shmget": 194, "msgget": 186, "semget": 190, "kcmp": 272, "process_madvise": 440,
    },
}  # fmt: skip
"""The calls by machine, as the kernel's tables number them."""

_CLONE, _LIMIT = {"x86_64": 56, "aarch64": 220}, {"x86_64": 302, "aarch64": 261}
_CLONE3 = 435
"""Its flags lie in memory, where no filter reads; the C library makes threads by `clone` where there is no `clone3`."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def known() -> bool:
    """Whether the calls of this machine are known here."""
    return sys.platform.startswith("linux") and platform.machine() in _NEVER and sys.maxsize > 1 << 32


def build() -> bool:
    """Refuse those calls from now on, for good; False where the kernel has no such wall."""
    if not known():
        return False
    program = b"".join(_program(platform.machine()))
    instructions = ctypes.create_string_buffer(program, len(program))
    told = _Program(len(program) // 8, ctypes.cast(instructions, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    return not (
        libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(told), 0, 0)
    )


def _program(machine: str) -> Iterator[bytes]:
    """The filter: each test is followed by what is done where it holds, and skips that where it does not."""
    refuse = _step(_RETURN, _REFUSE | errno.EPERM)
    yield _step(_LOAD, _ARCHITECTURE_AT)
    yield _step(_EQUAL, _MACHINES[machine], 1, 0)
    yield refuse
    yield _step(_LOAD, _NUMBER_AT)
    yield _step(_ANY_BIT, _OTHER_TABLE, 0, 1)
    yield refuse
    for number in _NEVER[machine].values():
        yield _step(_EQUAL, number, 0, 1)
        yield refuse
    yield _step(_EQUAL, _CLONE3, 0, 1)
    yield _step(_RETURN, _REFUSE | errno.ENOSYS)
    yield _step(_EQUAL, _CLONE[machine], 0, 4)
    yield _step(_LOAD, _FIRST_ARGUMENT_AT)
    yield _step(_ANY_BIT, _THREAD, 1, 0)
    yield refuse
    yield _step(_RETURN, _ALLOW)
    yield _step(_EQUAL, _LIMIT[machine], 0, 3)  # the limits of this process may be asked for, those of others not set
    yield _step(_LOAD, _FIRST_ARGUMENT_AT)
    yield _step(_EQUAL, 0, 1, 0)
    yield refuse
    yield _step(_RETURN, _ALLOW)


def _step(code: int, value: int, holds: int = 0, fails: int = 0) -> bytes:
    return struct.pack("=HBBI", code, holds, fails, value)
