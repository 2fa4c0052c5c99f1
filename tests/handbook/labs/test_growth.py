"""What a learner's function takes is measured from outside: bytes and seconds, as a ratio between two sizes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from handbook.labs.grading import growth
from handbook.labs.grading.bench import Bench
from handbook.labs.grading.growth import RUNS, SMALL_RUNS, Peaks, held, memory_growth, seconds_of, time_growth
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.sandbox.process import Subject, SubjectError

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
    yield Bench(tmp_path, subject, seed=0)
    subject.stop()


def accept(arguments: Sequence[Any], value: Any) -> None:
    assert value is not None


def in_time(bench: Bench, name: str, small: int, large: int) -> float:
    return time_growth(bench, "code.py", name, lambda: [small], lambda: [large], accept)


def in_memory(bench: Bench, name: str, small: int, large: int) -> Peaks:
    peaks = memory_growth(bench, "code.py", name, lambda: [small], lambda: [large], accept)
    assert peaks is not None
    return peaks


@pytest.mark.skipif(held(os.getpid()) is None, reason="this system tells no other process's memory")
def test_memory_is_the_peak_of_the_call(bench: Bench) -> None:
    assert in_memory(bench, "nothing", 512, 4096).ratio == pytest.approx(1, abs=1)
    line, square = in_memory(bench, "line", 512, 4096), in_memory(bench, "square", 512, 4096)
    assert line.ratio == pytest.approx(8, rel=0.2)
    assert square.ratio == pytest.approx(64, rel=0.2)
    assert square.large == pytest.approx(8 * 4096**2, rel=0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="only there is the clock of another process known")
def test_time_is_that_of_the_processor_and_not_of_the_wall(bench: Bench) -> None:
    assert 4 < in_time(bench, "turns", 100_000, 1_600_000) < 64
    assert in_time(bench, "naps", 1_000, 100_000) < 20


def test_each_run_gets_new_arguments(bench: Bench) -> None:
    drawn, seen = iter(range(100)), []

    def draw() -> list[int]:
        seen.append(next(drawn))
        return [seen[-1]]

    assert 1 / 8 < time_growth(bench, "code.py", "remembers", draw, draw, accept) < 8
    assert seen == list(range(1 + RUNS * (SMALL_RUNS + 1)))


def test_a_wrong_value_and_an_error_end_the_measuring(bench: Bench) -> None:
    def refuse(arguments: Sequence[Any], value: Any) -> None:
        assert list(arguments) == [value]
        raise fail("answer", "nothing")

    with pytest.raises(FailError):
        time_growth(bench, "code.py", "nothing", lambda: [1], lambda: [2], refuse)
    with pytest.raises(FailError):
        memory_growth(bench, "code.py", "nothing", lambda: [1], lambda: [2], refuse)
    for name in ("raises", "absent"):
        for measured in (in_time, in_memory):
            with pytest.raises(SubjectError):
                measured(bench, name, 1, 2)


def test_without_the_systems_help_time_is_of_the_wall_and_memory_unknown() -> None:
    nobody = 2**22 + 1  # above every process id
    assert held(nobody) is None
    assert seconds_of(nobody) == pytest.approx(time.perf_counter(), abs=60)


def test_next_to_nothing_is_not_divided_by(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Peaks(0, -4096).ratio == 1
    monkeypatch.setattr(growth, "seconds_of", lambda pid: 0.0)
    assert in_time(bench, "nothing", 1, 2) == 1
