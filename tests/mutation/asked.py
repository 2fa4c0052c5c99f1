"""A pytest plugin for mutmut: which tests are asked about a change, and in which order.

mutmut notes which functions of its own process a test calls. Much of the handbook runs elsewhere: pages in a
worker, commands in a process of their own. A test that starts such a process is asked about all that runs there.

Nor does a test call what an earlier one has had computed, and kept. It is asked about that, too: about what was called
for a fixture that it shares, and about what is cached; while mutmut notes, the caches are emptied before each test.
"""

import os
import re
import sys
from collections import defaultdict
from collections.abc import Generator, Sequence
from functools import _lru_cache_wrapper

import pytest
from mutmut.state import state

STARTED = {
    "handbook.run.worker": r"handbook\.(run\.(worker|guards|values|pipes)|torch_use)\.x",
    "handbook": r"handbook\.((page|checks|run)\.)?\w+\.x",  # the commands, and what they check with
    "pytest": r"handbook\.pytest_plugin\.x",
}
"""What runs in the process of each module: a pattern of mutmut's names."""

SLOW = {"test_museum.py": "rows", "test_audit.py": "result"}
"""Fixtures that take minutes, and the tests that use them are not asked: the museum's matrix, and the audit."""


def pytest_configure(config: pytest.Config) -> None:
    """Note the processes that are started, and keep mutmut's notes out of them: it could not read them."""
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        del os.environ["MUTANT_UNDER_TEST"]  # here, mutmut remembers it
        sys.addaudithook(_note)
        config.pluginmanager.register(_Shared())


class _Shared:
    """Notes for every test what was computed for all of them."""

    def __init__(self) -> None:
        self.called: dict[str, set[str]] = defaultdict(set)
        """The functions that a fixture called, by its name; those of one name are taken together."""

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        before = set(state()._stats)
        state()._stats.clear()
        made = yield
        self.called[fixturedef.argname] |= state()._stats
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
        for name in item.fixturenames:
            state()._stats.update(self.called[name])


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen" and isinstance(arguments[1], Sequence):
        words = [str(word) for word in arguments[1]]
        if "-m" in words[:-1] and (pattern := STARTED.get(words[words.index("-m") + 1])):
            functions = state().current_function_hashes
            state()._stats.update(name for name in functions if re.match(pattern, name))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Leave out what takes minutes; the quickest files first, for the first test that fails ends the trial."""
    items[:] = [item for item in items if SLOW.get(item.path.name) not in item.fixturenames]
    seconds: dict[str, float] = defaultdict(float)
    for item in items:
        seconds[str(item.path)] += state().duration_by_test.get(item.nodeid, 0.0)
    items.sort(key=lambda item: seconds[str(item.path)])
