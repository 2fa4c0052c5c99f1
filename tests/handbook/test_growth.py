"""What a learner's function takes is measured from outside: bytes and seconds, as a ratio between two sizes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from handbook.labs.bench import Bench
from handbook.labs.growth import ONCE, Cost, Growth, growth, held, seconds_of
from handbook.labs.outcome import FailError, fail
from handbook.labs.process import Subject, SubjectError

CODE = """
import time
import numpy as np

def line(n):
    return float(np.ones(n * 4096).sum())

def square(n):
    return float(np.ones(n * n).sum())

def nothing(n):
    return n

def turns(n):
    return sum(1 for _ in range(n))

def naps(n):
    time.sleep(n / 1e6)
    return 0

def raises(n):
    raise ValueError(n)

answers = {}

def remembers(n):
    answers.setdefault(n, turns(1000000))
    return 0
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    subject = Subject(tmp_path)
    yield Bench(tmp_path, subject)
    subject.stop()


def accept(arguments: Sequence[Any], value: Any) -> None:
    assert value is not None


def grown(bench: Bench, name: str, small: int, large: int, runs: tuple[int, int] = ONCE) -> Growth:
    return growth(bench, "code.py", name, lambda: [small], lambda: [large], accept, runs)


@pytest.mark.skipif(held(os.getpid()) is None, reason="this system tells no other process's memory")
def test_memory_is_the_peak_of_the_call(bench: Bench) -> None:
    assert grown(bench, "nothing", 512, 4096).memory == pytest.approx(1, abs=1)
    line, square = grown(bench, "line", 512, 4096), grown(bench, "square", 512, 4096)
    assert line.memory == pytest.approx(8, rel=0.2)
    assert square.memory == pytest.approx(64, rel=0.2)
    assert square.large.bytes == pytest.approx(8 * 4096**2, rel=0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="only there is the clock of another process known")
def test_time_is_that_of_the_processor_and_not_of_the_wall(bench: Bench) -> None:
    assert 4 < grown(bench, "turns", 100_000, 1_600_000, (12, 3)).time < 64
    assert grown(bench, "naps", 1_000, 100_000).time < 20


def test_each_run_gets_new_arguments(bench: Bench) -> None:
    drawn = iter(range(100))
    found = growth(bench, "code.py", "remembers", lambda: [next(drawn)], lambda: [next(drawn)], accept)
    assert found.time < 8
    assert found.large.seconds > 0.001


def test_a_wrong_value_and_an_error_end_the_measuring(bench: Bench) -> None:
    def refuse(arguments: Sequence[Any], value: Any) -> None:
        assert list(arguments) == [value]
        raise fail("answer", "nothing")

    with pytest.raises(FailError):
        growth(bench, "code.py", "nothing", lambda: [1], lambda: [2], refuse)
    for name in ("raises", "absent"):
        with pytest.raises(SubjectError):
            grown(bench, name, 1, 2)


def test_without_the_systems_help_time_is_of_the_wall_and_memory_unknown() -> None:
    nobody = 2**22 + 1  # above every process id
    assert held(nobody) is None
    assert seconds_of(nobody) == pytest.approx(time.perf_counter(), abs=60)
    assert Growth(Cost(1.0, None), Cost(2.0, None)).memory is None


def test_next_to_nothing_is_not_divided_by() -> None:
    assert Growth(Cost(0.0, 0), Cost(1e-5, -4096)).time == 1
    assert Growth(Cost(0.0, 0), Cost(1e-5, -4096)).memory == 1
