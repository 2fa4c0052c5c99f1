"""A pytest plugin for mutmut: which tests are asked about a change, and in which order.

mutmut notes which functions of its own process a test calls. What the processes call that it starts is added here
(see `child`), and they are told which change is tried, even where they are told nothing else.

Nor does a test call what an earlier one has had computed, and kept. It is asked about that, too: about what was called
for a fixture that it shares, and about what is cached; while mutmut notes, the caches are emptied before each test.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Generator
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest
from mutmut.state import state

from tests.mutation.child.sitecustomize import CALLED, TRIED

FAILED = Path("failed.txt").absolute()
"""Where that stands which fails though nothing is changed."""

SLOW = {"test_museum.py": "rows", "test_audit.py": "result"}
"""Fixtures that take minutes, and the tests that use them are not asked: the museum's matrix, and the audit."""


def pytest_configure(config: pytest.Config) -> None:
    """If mutmut takes its notes, help it."""
    if os.environ.get(TRIED) == "stats":
        called = Path("called.txt").absolute()
        os.environ[CALLED] = str(called)
        config.pluginmanager.register(_Called(called))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what a test says that fails with nothing changed: mutmut says only that one does."""
    if report.failed and os.environ.get(TRIED) in ("stats", ""):
        FAILED.write_text(f"{report.nodeid}\n{report.longreprtext}\n", "utf-8")


class _Called:
    """Adds to mutmut's notes for each test what was called for it elsewhere, or earlier."""

    def __init__(self, elsewhere: Path) -> None:
        self.elsewhere, self.round = elsewhere, 0
        self.number = os.open(f"{elsewhere}.round", os.O_WRONLY | os.O_CREAT)
        self._begin()
        self.shared: dict[tuple[str, str], set[str]] = defaultdict(set)
        """The functions that were called for a fixture, by the folder or file it belongs to and its name."""

    def _begin(self) -> None:
        self.round += 1
        self.elsewhere.write_text("", "utf-8")
        os.pwrite(self.number, self.round.to_bytes(8), 0)

    def _taken(self) -> set[str]:
        """What was called since this was last asked for."""
        taken = state()._stats | set(self.elsewhere.read_text("utf-8").split())
        state()._stats.clear()
        self._begin()
        return taken

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        if fixturedef.scope == "function":
            return (yield)
        before = self._taken()
        made = yield
        self.shared[fixturedef.baseid, fixturedef.argname] |= self._taken()
        state()._stats.update(before)
        return made

    def pytest_runtest_setup(self) -> None:
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in ("handbook", "minimodel", "tests"):
                for value in list(vars(module).values()):
                    if isinstance(value, _lru_cache_wrapper):
                        value.cache_clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Function) -> None:
        state()._stats.update(self._taken())
        for (where, name), called in self.shared.items():
            if name in item.fixturenames and item.nodeid.startswith(where):
                state()._stats.update(called)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Leave out what takes minutes; the quickest files first, for the first test that fails ends the trial."""
    items[:] = [item for item in items if SLOW.get(item.path.name) not in item.fixturenames]
    seconds: dict[str, float] = defaultdict(float)
    for item in items:
        seconds[str(item.path)] += state().duration_by_test.get(item.nodeid, 0.0)
    items.sort(key=lambda item: seconds[str(item.path)])
