"""The page's own model and its own tests: what they find is what the page says."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

ASK = Path(__file__).parents[2] / "snippets" / "ask"


@pytest.fixture
def tests(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ASK))
    for name in ("decoder", "test_decoder"):
        sys.modules.pop(name, None)
    return importlib.import_module("test_decoder")


def test_the_pages_tests_find_its_faults(tests: ModuleType) -> None:
    tests.test_nobody_sees_the_future()
    with pytest.raises(AssertionError, match="Positions begin again at zero"):
        tests.test_the_cache_changes_nothing()
    with pytest.raises(AssertionError, match="Left pads shift the positions"):
        tests.test_pads_change_no_word()
