"""What a learner's function takes, read from outside its process, and how that grows with its input.

Seconds and bytes depend on the machine, so neither is judged. How many times more a longer input takes does
not: that is judged, between two sizes far apart. The function's own process is asked nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from handbook.labs.grading.bench import Bench

RUNS, SMALL_RUNS = 5, 4
"""How often the large size is run, and before each time the small one, whose fastest run counts: it is over so soon
that a disturbance meets several. The two take turns, so that a slow moment of the machine meets both."""

LEAST_SECONDS, LEAST_BYTES = 1e-4, 1 << 20
"""What is taken for less than these, so that nothing is divided by next to nothing."""

_RESET_PEAK = "5"


@dataclass(frozen=True)
class Cost:
    """The seconds of a call, and the bytes that it held at most; None where the system does not tell."""

    seconds: float
    bytes: int | None


@dataclass(frozen=True)
class Peaks:
    """The bytes that a small and a large input held at most."""

    small: int
    large: int

    @property
    def ratio(self) -> float:
        """How many times more the large one held."""
        return max(self.large, LEAST_BYTES) / max(self.small, LEAST_BYTES)


class Gauge:
    """A meter for `Subject.measured`, which keeps what each call took."""

    def __init__(self) -> None:
        self.costs: list[Cost] = []

    @contextmanager
    def __call__(self, pid: int) -> Iterator[None]:
        """Measure the process from here on."""
        before, since = held(pid), seconds_of(pid)
        yield
        until, most = seconds_of(pid), held(pid, peak=True)
        self.costs.append(Cost(until - since, None if before is None or most is None else most - before))


def seconds_of(pid: int) -> float:
    """The processor's time that a process has had; where the system keeps that to itself, the time of day."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # Linux: the clock of another process, as clock_getcpuclockid makes it
    except (OSError, AttributeError):
        return time.perf_counter()


def held(pid: int, *, peak: bool = False) -> int | None:
    """The bytes that a process holds, from where its peak is counted anew; or that peak. None without `/proc`."""
    try:
        if not peak:
            Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").split()
    except OSError:
        return None
    return int(status[status.index("VmHWM:") + 1]) * 1024


Draw = Callable[[], Sequence[Any]]
"""Draws new arguments at each call, so that no answer can be kept from the last."""
Judge = Callable[[Sequence[Any], Any], None]
"""Gets the arguments and the value of a run, and raises ``FailError`` where that is wrong, however fast."""


def time_growth(bench: Bench, file: str, name: str, small: Draw, large: Draw, judge: Judge) -> float:
    """How many times more time a function of the learner's takes for large arguments than for small ones.

    Each large run is compared with the small ones just before it, and the median counts. Raises ``SubjectError`` as
    ``Subject.call`` does.
    """
    bench.subject.call(file, name, *small())  # what is loaded at the first call is not counted
    ratios = []
    for _ in range(RUNS):
        quick = min(_cost(bench, file, name, small, judge).seconds for _ in range(SMALL_RUNS))
        slow = _cost(bench, file, name, large, judge).seconds
        ratios.append(max(slow, LEAST_SECONDS) / max(quick, LEAST_SECONDS))
    return median(ratios)


def memory_growth(bench: Bench, file: str, name: str, small: Draw, large: Draw, judge: Judge) -> Peaks | None:
    """The bytes that a function of the learner's holds at most, or None where the system does not tell.

    Raises ``SubjectError`` as ``Subject.call`` does.
    """
    peaks = []
    for draw in (small, large):
        bench.subject.stop()  # a new process: what an earlier call has freed would hide what this one takes
        bench.subject.call(file, name, *small())
        peaks.append(_cost(bench, file, name, draw, judge).bytes)
    before, after = peaks
    return None if before is None or after is None else Peaks(before, after)


def _cost(bench: Bench, file: str, name: str, draw: Draw, judge: Judge) -> Cost:
    gauge, arguments = Gauge(), draw()
    judge(arguments, bench.subject.measured(gauge, file, name, *arguments))
    return gauge.costs[0]
