"""L10: what a pool of pages does, told apart from each mistake, and said with the calls that led to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from handbook.labs.bug_names import bugs
from handbook.labs.grading import l10
from handbook.labs.grading.bench import Bench
from handbook.labs.lab import lab
from handbook.labs.reference.paging import MISTAKES, Paged, Scenario, Seen, explains, wanted
from handbook.labs.sandbox.process import Subject
from minimodel.paging import PagedCache, PagePool
from tests.handbook.labs.handed_in import altered, failures, graded
from tests.handbook.labs.in_process import in_process

__all__ = ["in_process"]


def drawn(seed: int, tmp_path: Path) -> list[Scenario]:
    bench = Bench(tmp_path, Subject(tmp_path), seed)
    return [l10._drawn(bench) for _ in range(l10.ORDERS)]


def seen(kind: type[Paged], scenario: Scenario) -> list[Seen]:
    paged = kind(scenario.n_pages, scenario.page_size, oldest=True)
    return [paged.run(step) for step in scenario.steps]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_wanted_is_what_minimodel_does(seed: int, tmp_path: Path) -> None:
    for scenario in drawn(seed, tmp_path):
        pool = PagePool(scenario.n_pages, scenario.page_size, n_kv_heads=1, d_head=1)
        texts: dict[str, PagedCache] = {}
        appended = 0
        for step, right in zip(scenario.steps, wanted(scenario), strict=True):
            text, refused = texts.setdefault(step.text, PagedCache(pool)), False
            numbers = np.arange(appended, appended + step.tokens, dtype=float)[None, :, None]
            appended += step.tokens
            if step.kind == "fork":
                texts[step.other] = text.fork()
            elif step.kind == "free":
                text.truncate(0)
            else:
                try:
                    text.append(numbers, numbers)
                except MemoryError:
                    refused = True
            assert (refused, pool.n_free) == (right.refused, right.n_free)
            for name, one in texts.items():
                assert one.gather(pool.keys).ravel().tolist() == right.tokens[name]


@pytest.mark.parametrize("seed", range(4))
def test_orders_by_chance_show_every_mistake_and_tell_it_from_the_others(seed: int, tmp_path: Path) -> None:
    scenarios = drawn(seed, tmp_path)
    for name, kinds in MISTAKES.items():
        for kind in kinds:
            runs = [seen(kind, scenario) for scenario in scenarios]
            explained = (zip(scenarios, runs, strict=True) for _ in MISTAKES)
            found = [
                one
                for one, pairs in zip(MISTAKES, explained, strict=True)
                if all(explains(one, scenario, run) for scenario, run in pairs)
            ]
            assert found == [name], kind


def test_every_mistake_has_a_name() -> None:
    assert MISTAKES.keys() <= bugs().keys()


def said(folder: Path, step: str, language: str = "en") -> tuple[str, str]:
    outcome = graded("L10", folder, step, seed=7)[step]
    assert outcome.expected is not None
    assert outcome.found is not None
    return outcome.expected.in_(language, lab("L10").texts), outcome.found.in_(language, lab("L10").texts)


@pytest.mark.usefixtures("in_process")
def test_a_failed_step_says_which_calls_led_to_it(tmp_path: Path) -> None:
    folder = altered("L10", "pages.py", "half and pool.holders[text.table[-1]] > 1", "False", tmp_path)
    assert said(folder, "write") == (
        "after append(a, 4); b = fork(a); append(b, 1), in a Pool(n_pages=3, page_size=3): "
        "different pages in all tables together: 3",
        "different pages in all tables together: 2",
    )
    assert said(folder, "write", "es")[0].startswith("después de append(a, 4); b = fork(a); append(b, 1), en una Pool(")


@pytest.mark.usefixtures("in_process")
def test_a_call_that_was_refused_as_it_must_be_is_shown_as_refused(tmp_path: Path) -> None:
    folder = altered("L10", "pages.py", "copied + more > n_free(pool)", "False", tmp_path)
    expected, found = said(folder, "full")
    assert expected.endswith("append(a, 2) -> MemoryError, in a Pool(n_pages=3, page_size=1): n_free(pool) = 1")
    assert found == "n_free(pool) = 0"


@pytest.mark.usefixtures("in_process")
def test_a_function_that_is_not_written_is_named_where_another_calls_it(tmp_path: Path) -> None:
    take = '    if not pool.free:\n        raise MemoryError("no page is free")\n'
    folder = altered("L10", "pages.py", take, "    raise NotImplementedError\n", tmp_path)
    for step in ("pool", "append", "orders"):
        assert said(folder, step)[1] == "take in pages.py is not written yet"


@pytest.mark.usefixtures("in_process")
def test_what_was_changed_is_named_as_the_starter_has_it(tmp_path: Path) -> None:
    folder = altered("L10", "pages.py", "    text.length = end", "    text.length = end\n    v += 1", tmp_path)
    assert said(folder, "append")[1] == "append changes what it is given: v"


def test_an_answer_that_writes_over_the_grader_in_its_process_has_gained_nothing(tmp_path: Path) -> None:
    code = """
from handbook.labs.sandbox import page_calls

def nothing(module, *given):
    return [False, 0, [], [], np.zeros((2, 1, 2, 1, 3))]

page_calls.append = page_calls.fork = page_calls.free = nothing

if __name__ == "__main__":"""
    wrong = altered("L10", "pages.py", "copied = half and", "copied = False and", tmp_path / "wrong")
    attacks = tmp_path / "attacks"
    shutil.copytree(wrong, attacks)
    written = (attacks / "pages.py").read_text(encoding="utf-8")
    (attacks / "pages.py").write_text(written.replace('if __name__ == "__main__":', code), encoding="utf-8")
    failed = failures("L10", wrong, "append", "write", "orders")
    assert "write" in failed
    assert failures("L10", attacks, "append", "write", "orders") == failed
