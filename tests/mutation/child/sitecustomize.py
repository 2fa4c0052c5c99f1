"""Python runs this first in every process that a test of `make mutate` starts, and in those that they start.

mutmut changes and notes what its own process calls. Much of the handbook runs elsewhere: pages in a worker, commands in
a process of their own, a learner's code behind a wall. So each process is told which change is tried. While mutmut
takes its notes, each writes the names of the functions that it calls into one file, once in each round; `asked.py`
begins a round for each test and reads what was written.
"""

import fcntl
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

TRIED, CALLED = "MUTANT_UNDER_TEST", "MUTATION_CALLED"
"""The variables that say which change is tried, and which file the names are written to; its round stands beside it."""


def tell(event: str, arguments: tuple[object, ...]) -> None:
    """Before a process is started: tell it what this one was told, even if it is to be told nothing else."""
    if event != "subprocess.Popen":
        return
    told = os.environ if arguments[3] is None else arguments[3]
    assert isinstance(told, MutableMapping)
    told.update({name: os.environ[name] for name in (TRIED, CALLED) if name in os.environ})
    path = [str(Path(__file__).parent), *told.get("PYTHONPATH", "").split(os.pathsep)]
    told["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, path)))


def kept(path: str, flags: int) -> int:
    """Open a file for good, before the process may shut itself in; its number is none that others count on."""
    opened = os.open(path, flags)
    try:
        return fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, 50)
    finally:
        os.close(opened)


sys.addaudithook(tell)

if CALLED in os.environ:
    from mutmut.mutation import trampoline

    NAMES = kept(os.environ[CALLED], os.O_WRONLY | os.O_APPEND)
    ROUND = kept(f"{os.environ[CALLED]}.round", os.O_RDONLY)
    seen: set[str] = set()
    seen_in = b""

    def note(name: str, caller: str | None = None) -> None:
        """Write a function's name, unless this round has it from us."""
        global seen_in
        if seen_in != (now := os.pread(ROUND, 8, 0)):
            seen_in = now
            seen.clear()
        if name not in seen:
            seen.add(name)
            os.write(NAMES, f"{name}\n".encode())

    trampoline.record_trampoline_hit = note
