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
from typing import Any

from handbook.labs.bench import Bench

RUNS, ONCE = (20, 5), (1, 1)
"""How often the small and the large size are run. The fastest counts, because whatever disturbs a run makes it longer;
the small one is over so soon that one disturbance meets several runs. For the memory alone one run is enough."""

LEAST_SECONDS, LEAST_BYTES = 1e-4, 1 << 20
"""What is taken for less than these, so that nothing is divided by next to nothing."""

_RESET_PEAK = "5"


@dataclass(frozen=True)
class Cost:
    """The seconds of a call, and the bytes that it held at most; None where the system does not tell."""

    seconds: float
    bytes: int | None


@dataclass(frozen=True)
class Growth:
    """What a small and a large input took."""

    small: Cost
    large: Cost

    @property
    def time(self) -> float:
        """How many times more time the large one took."""
        return max(self.large.seconds, LEAST_SECONDS) / max(self.small.seconds, LEAST_SECONDS)

    @property
    def memory(self) -> float | None:
        """How many times more memory it held, or None."""
        if self.small.bytes is None or self.large.bytes is None:
            return None
        return max(self.large.bytes, LEAST_BYTES) / max(self.small.bytes, LEAST_BYTES)


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


def growth(
    bench: Bench,
    file: str,
    name: str,
    small: Callable[[], Sequence[Any]],
    large: Callable[[], Sequence[Any]],
    judge: Callable[[Sequence[Any], Any], None],
    runs: tuple[int, int] = RUNS,
) -> Growth:
    """What a function of the learner's takes for small and for large arguments.

    ``small`` and ``large`` draw new arguments at each call, so that no answer can be kept from the last.
    ``judge`` gets the arguments and the value of each run and raises ``FailError`` where that is wrong: fast
    and wrong is not fast. ``runs`` says how often each size is run. Raises ``SubjectError`` as ``Subject.call`` does.
    """
    small_runs, large_runs = runs
    return Growth(
        _cost(bench, file, name, small, small, judge, small_runs),
        _cost(bench, file, name, small, large, judge, large_runs),
    )


def _cost(
    bench: Bench,
    file: str,
    name: str,
    warm: Callable[[], Sequence[Any]],
    drawn: Callable[[], Sequence[Any]],
    judge: Callable[[Sequence[Any], Any], None],
    runs: int,
) -> Cost:
    bench.subject.stop()  # a new process: what an earlier call has freed would hide what this one takes
    bench.subject.call(file, name, *warm())  # what is loaded at the first call is not counted
    gauge = Gauge()
    for _ in range(runs):
        arguments = drawn()
        judge(arguments, bench.subject.measured(gauge, file, name, *arguments))
    return Cost(min(cost.seconds for cost in gauge.costs), gauge.costs[0].bytes)
