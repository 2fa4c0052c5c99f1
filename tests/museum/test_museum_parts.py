"""The museum's parts, one at a time: each check with and without a bug, the record, the table; the whole takes long."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings

from handbook.bugs import record
from handbook.bugs.exhibit import Exhibit, Group, Patch, exhibit
from handbook.bugs.plant import planted
from handbook.bugs.row import Kind, Row
from handbook.pages.parse import parse
from handbook.project import Project
from handbook.running.store import Store
from tests.conftest import ROOT, Handbook
from tests.museum import checks, matrix, questions
from tests.museum.inside import UnhealthyError, ask_healthy, healthy_findings, row
from tests.museum.matrix import survivors, table

PROJECT = Project(ROOT)
CAUGHT = Row("1\n", "2\n", {kind: kind is Kind.PAGE for kind in Kind})
MISSED = Row("1\n", "3\n", {kind: None if kind is Kind.JACOBIAN else False for kind in Kind})
IN_TORCH = exhibit("diagonal-ahead")
NOT_IN_TORCH = exhibit("half-precision-fill")


QUIET: dict[Kind, bool | None] = {asking.kind: False for asking in questions.askings()}
"""What the questions answer where nothing is wrong."""


# The checks -------------------------------------------------------------------


def test_models_in_order_are_as_expected_and_a_future_that_is_seen_is_not() -> None:
    with planted(()):
        assert checks.models() == (False, False)
    with planted(IN_TORCH.patches):
        assert checks.models() == (True, False)


def test_a_model_that_minimodel_refuses_was_caught_by_its_contracts() -> None:
    bug = exhibit("batch-over-heads")
    with planted(bug.patches):
        seen, refused = checks.models()
    known = record.read(ROOT)[bug.id].noticed
    assert (seen, refused) == (known[Kind.INFLUENCE], known[Kind.CONTRACTS])


def test_a_healthy_minimodel_answers_every_question_and_rightly() -> None:
    with planted(()):
        assert questions.answers() == QUIET
    assert set(QUIET) == set(Kind) - {Kind.PAGE, Kind.TESTS, Kind.JACOBIAN, Kind.ENTROPY, Kind.CONTRACTS}


@pytest.fixture(scope="module")
def healthy() -> list[questions.Healthy]:
    return questions.ask_healthy()


def test_every_question_goes_through_minimodel_and_each_part_of_it_is_left_out_by_some(
    healthy: list[questions.Healthy],
) -> None:
    assert len(healthy) == len(list(questions.askings()))
    assert all(one.through for one in healthy)
    assert not frozenset.intersection(*(one.through for one in healthy)) - {"minimodel"}


@pytest.mark.parametrize("name", ["tile-across-a-border", "experts-choose-tokens", "diagonal-ahead"])
def test_what_a_bug_cannot_reach_answers_as_before(healthy: list[questions.Healthy], name: str) -> None:
    """So nothing is missed where only what is reached is asked again."""
    bug = exhibit(name)
    with planted(bug.patches):
        assert questions.answers(bug.modules, healthy) == questions.answers()


def test_a_question_that_cannot_be_put_is_not_answered_with_no() -> None:
    with planted(exhibit("polarity-swapped").patches):  # the last row is NaN, and nothing can be compared with it
        (asking,) = [one for one in questions.askings() if one.kind is Kind.PACKING]
        assert questions.answered(asking) == [None]
        assert questions.answers()[Kind.PACKING] is None


def test_derivatives_are_asked_of_bugs_in_torch_alone() -> None:
    pytest.importorskip("torch")
    with planted(()):
        assert checks.jacobian(IN_TORCH) is False
    with planted(IN_TORCH.patches):
        assert checks.jacobian(IN_TORCH) is True
    assert not NOT_IN_TORCH.in_torch
    assert checks.jacobian(NOT_IN_TORCH) is None


def test_training_gets_below_the_floor_with_a_leak_and_not_without() -> None:
    with planted(()):
        assert checks.entropy(IN_TORCH) is False
    with planted(IN_TORCH.patches):
        assert checks.entropy(IN_TORCH) is True
    windows = exhibit("window-off-by-one")
    assert not checks.TRAINED & set(windows.modules)
    assert checks.entropy(windows) is None


def test_a_page_that_embeds_the_patched_file_is_changed_and_others_are_not(handbook: Handbook) -> None:
    handbook.write("src/minimodel/mine.py", "# --8<-- [start:f]\ndef f():\n    return 1\n# --8<-- [end:f]\n")
    with_it = handbook.page("with", '```python\n--8<-- "src/minimodel/mine.py:f"\n```\n')
    without = handbook.page("without", "```python\ndef f():\n    return 1\n```\n")
    patch = Patch(("mine",), "return 1", "return 2")
    for path, said in ((with_it, "return 2"), (without, "return 1")):
        page = checks.with_patches(parse(handbook.root, path), (patch,))
        assert [block.code.splitlines()[-1].strip() for block in page.blocks] == [said]


def test_what_a_bug_changes_on_a_page_is_found(handbook: Handbook) -> None:
    handbook.write("src/minimodel/mine.py", "# --8<-- [start:f]\ndef f():\n    return 1\n# --8<-- [end:f]\n")
    code = '```python\n--8<-- "src/minimodel/mine.py:f"\nprint(f())\n```\n\n```text\n1\n```\n'
    path = handbook.page("page", code)
    project = Project(handbook.root)
    assert checks.findings(project, path, ()) == set()
    found = checks.findings(project, path, (Patch(("mine",), "return 1", "return 2"),))
    assert ["prints “2”" in finding.problem for finding in found] == [True]


def test_tests_that_fail_are_told_from_tests_that_pass(handbook: Handbook) -> None:
    profile = settings.get_current_profile_name()
    try:
        for name, holds in (("good", True), ("bad", False)):
            one = Exhibit("mine", Group.FUTURE, ("99-page",), "", (Patch((name,), "1", "2"),), "", {})
            handbook.write(f"tests/minimodel/test_{name}.py", f"def test_it():\n    assert {holds}\n")
            assert checks.tests(Project(handbook.root), one) is not holds
    finally:
        settings.load_profile(profile)


# A row ------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Checks that answer at once, and what they answer."""
    answers: dict[str, object] = {"models": (False, False), "jacobian": None, "entropy": False, "tests": True}
    monkeypatch.setattr(checks, "models", lambda: answers["models"])
    monkeypatch.setattr(checks, "jacobian", lambda _: answers["jacobian"])
    monkeypatch.setattr(checks, "entropy", lambda _: answers["entropy"])
    monkeypatch.setattr(checks, "tests", lambda *_: answers["tests"])
    monkeypatch.setattr(questions, "ask_healthy", list)
    monkeypatch.setattr(questions, "answers", lambda *_: dict(QUIET))
    return answers


def test_a_row_holds_both_outputs_and_every_answer(quick: dict[str, object], handbook: Handbook) -> None:
    code = "from minimodel.masks import causal_allowed\nprint(causal_allowed(2).sum())\n"
    one = Exhibit("mine", Group.FUTURE, ("no-such-page",), "", IN_TORCH.patches, code, {})
    assert row(handbook.root, one, {}) == Row(
        "3\n",
        "4\n",
        {
            Kind.PAGE: None,
            Kind.TESTS: True,
            **QUIET,
            Kind.JACOBIAN: None,
            Kind.ENTROPY: False,
            Kind.CONTRACTS: False,
        },
    )


def test_a_check_that_speaks_up_with_nothing_planted_ends_the_round(
    quick: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_healthy([IN_TORCH, NOT_IN_TORCH])
    quick["models"] = (True, False)
    with pytest.raises(UnhealthyError, match=r"^influence speaks up with nothing planted"):
        ask_healthy([NOT_IN_TORCH])
    quick["models"] = (False, False)
    monkeypatch.setattr(checks, "jacobian", lambda one: one.in_torch)
    ask_healthy([NOT_IN_TORCH])
    with pytest.raises(UnhealthyError, match=r"^jacobian speaks up with nothing planted"):
        ask_healthy([NOT_IN_TORCH, IN_TORCH])


def test_what_is_found_on_a_page_with_nothing_planted_is_not_laid_to_the_bug(
    quick: dict[str, object], handbook: Handbook
) -> None:
    path = handbook.page("handbook/99-page", "```python\nprint(1)\n```\n\n```text\n2\n```\n")
    one = Exhibit("mine", Group.FUTURE, ("99-page",), "", (), "print(1)", {})
    before = healthy_findings(handbook.root, path)
    assert before
    assert row(handbook.root, one, {path: before}).noticed[Kind.PAGE] is False
    assert row(handbook.root, one, {path: set()}).noticed[Kind.PAGE] is True


# The matrix and its record ----------------------------------------------------


def test_the_table_has_a_column_for_each_kind_and_a_line_for_each_bug() -> None:
    head, *lines = table({"a-bug": CAUGHT, "b": MISSED}).splitlines()
    assert head.split() == list(Kind)
    assert lines[0].split() == ["a-bug", "caught", *["passes"] * (len(Kind) - 1)]
    assert lines[1].split() == ["b", *["-" if kind is Kind.JACOBIAN else "passes" for kind in Kind]]
    assert len({len(line) for line in (head, *lines)}) == 1


def test_what_nothing_notices_is_a_finding_by_name() -> None:
    (found,) = survivors({"a-bug": CAUGHT, "b": MISSED})
    assert (found.path, found.problem) == ("src/handbook/bugs/exhibits/b.toml", "nothing notices this bug")


def test_the_record_tells_what_it_does_not_hold_as_computed(handbook: Handbook) -> None:
    project = Project(handbook.root)
    (handbook.root / record.PATH).parent.mkdir(exist_ok=True)
    assert record.read(handbook.root) == {}
    record.write(project, {"a": CAUGHT, "b": MISSED})
    assert record.read(handbook.root) == {"a": CAUGHT, "b": MISSED}
    assert (handbook.root / record.PATH).read_text("utf-8").endswith("}\n")
    assert record.differences(project, {"a": CAUGHT, "b": MISSED}) == []
    found = record.differences(project, {"a": MISSED, "c": CAUGHT})
    assert [(one.path, one.line, one.problem.split()[3]) for one in found] == [
        (record.PATH, 1, "a"),
        (record.PATH, 1, "c"),
        (record.PATH, 1, "b"),
    ]


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """In the place of fresh processes, one that answers at once; what it was asked."""
    asked: list[str] = []

    class Answer:
        def result(self) -> Row:
            return CAUGHT

    class Pool:
        def submit(self, function: object, *arguments: object) -> Answer:
            if function is row:
                asked.append(arguments[1].id)
            return Answer()

        def shutdown(self, *, cancel_futures: bool) -> None:
            assert cancel_futures

    @contextmanager
    def processes(number: int) -> Iterator[Pool]:
        yield Pool()

    monkeypatch.setattr(matrix, "_processes", processes)
    return asked


def test_a_bug_is_asked_once_and_again_when_what_it_depends_on_changes(
    no_process: list[str], handbook: Handbook
) -> None:
    pytest.importorskip("torch")
    project, seen = Project(handbook.root), []
    one = Exhibit("mine", Group.FUTURE, ("99-page",), "", (Patch(("mine",), "1", "2"),), "print(1)", {})
    assert matrix.matrix(project, [one], seen.append) == {"mine": CAUGHT}
    assert matrix.matrix(project, [one], seen.append) == {"mine": CAUGHT}
    assert no_process == seen == ["mine"]
    handbook.write("docs/en/handbook/99-page.md", "# A page\n\n```python\nx = 1\n```\n")
    assert matrix.matrix(Project(handbook.root), [one]) == {"mine": CAUGHT}
    handbook.write("tests/minimodel/test_mine.py", "x = 1\n")
    assert matrix.matrix(Project(handbook.root), [one]) == {"mine": CAUGHT}
    assert no_process == ["mine"] * 3
    file = handbook.root / ".handbook" / "museum" / "mine.json"
    assert json.loads(file.read_text("utf-8"))["row"] == CAUGHT.to_json()
    file.write_text("{}", "utf-8")
    assert matrix.matrix(Project(handbook.root), [one]) == {"mine": CAUGHT}
    assert no_process == ["mine"] * 4
    assert Store(project).read(file)["row"] == CAUGHT.to_json()
