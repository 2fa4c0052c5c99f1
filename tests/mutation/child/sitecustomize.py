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

MAIN = sys.orig_argv[sys.orig_argv.index("-m") + 1] if "-m" in sys.orig_argv else None
"""The module that this process runs as `__main__`: by that name its functions look for their change."""


def named(function: str, here: str | None, there: str | None) -> str:
    """The function's name where the module is called otherwise."""
    module, _, name = function.rpartition(".")
    return f"{there}.{name}" if module == here else function


def with_us(path: str) -> str:
    """A search path on which this file is found first."""
    return os.pathsep.join(dict.fromkeys([str(Path(__file__).parent), *filter(None, path.split(os.pathsep))]))


def tell(event: str, arguments: tuple[object, ...]) -> None:
    """Before a process is started: tell it what this one was told, even if it is to be told nothing else."""
    if event == "subprocess.Popen" and isinstance(told := arguments[3], MutableMapping):
        told.update({name: named(os.environ[name], "__main__", MAIN) for name in (TRIED, CALLED) if name in os.environ})
        told["PYTHONPATH"] = with_us(told.get("PYTHONPATH", ""))


def kept(path: str, flags: int) -> int:
    """Open a file for good, before the process may shut itself in; its number is none that others count on."""
    opened = os.open(path, flags)
    try:
        return fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, 50)
    finally:
        os.close(opened)


if TRIED in os.environ:
    os.environ[TRIED] = named(os.environ[TRIED], MAIN, "__main__")
sys.addaudithook(tell)
os.environ["PYTHONPATH"] = with_us(os.environ.get("PYTHONPATH", ""))  # for those that are told all

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
            os.write(NAMES, f"{named(name, '__main__', MAIN)}\n".encode())

    trampoline.record_trampoline_hit = note
