"""Every lab: its solution passes, its starter passes nothing, and what it says is there in both languages."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

import pytest

from handbook.labs import learner
from handbook.labs.bug_names import bugs, sections
from handbook.labs.grading.grade import grade
from handbook.labs.lab import Lab, lab, labs
from handbook.labs.reference.attention import WRONG
from handbook.labs.report import lines
from handbook.labs.texts import common
from handbook.project import LANGUAGES
from tests.handbook.labs.handed_in import ROOT, failures, finished


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
def test_a_solution_passes_its_own_lab(one: Lab, language: str, tmp_path: Path) -> None:
    assert failures(one.id, finished(one, tmp_path, language)) == {}


@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
def test_a_starter_passes_no_step(one: Lab, tmp_path: Path) -> None:
    list(learner.start(one, tmp_path, "en"))
    failed = set(failures(one.id, tmp_path / one.folder))
    if one.drawn:  # most of what it gives is right: four bugs, and functions that are not written
        assert failed
    else:
        assert failed == {step.id for step in one.steps}


@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
def test_the_solution_fills_in_the_starter(one: Lab) -> None:
    """A learner who follows the starter arrives at the solution: same files, same functions."""
    for language in LANGUAGES:
        starter, solution = one.starter(language), one.solution(language)
        assert starter.keys() == solution.keys()
        for name in starter:
            defined = re.compile(rb"^def (\w+)\(", re.MULTILINE)
            assert set(defined.findall(starter[name])) <= set(defined.findall(solution[name]))


def test_every_file_of_the_labs_is_installed_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = ROOT / "src/handbook"
    installed = {
        file for glob in project["tool"]["setuptools"]["package-data"]["handbook"] for file in package.glob(glob)
    }
    data = {file for file in (package / "labs").rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert {file for file in data if file.suffix != ".py" or file.parent.parent.name.startswith("L")} <= installed


# What the labs say -----------------------------------------------------------


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_there_in_both_languages_with_the_same_values() -> None:
    for texts in (common(), *(one.texts for one in labs())):
        for key, text in texts.items():
            assert text.keys() == {"en", "es"}, key
            assert fields(text["en"]) == fields(text["es"]), key


def test_every_key_that_a_grader_says_is_a_text() -> None:
    source = {one.id: f"src/handbook/labs/grading/{one.id.lower()}.py" for one in labs()}
    for one in labs():
        code = (ROOT / source[one.id]).read_text(encoding="utf-8")
        said = set(re.findall(r'\bsay\(\s*"([\w-]+)"', code))
        for pair in re.findall(r'\bfail\(\s*"([\w-]+)",\s*"([\w-]+)"', code):
            said.update(pair)
        assert said <= one.texts.keys() | (one.numpy.texts.keys() if one.numpy else set())
        named = set(re.findall(r'bug="([\w-]+)"', code))
        assert named <= bugs().keys()


def test_every_model_with_a_bug_has_its_name() -> None:
    assert WRONG.keys() <= bugs().keys()


def test_steps_hints_and_bugs_lead_to_sections_that_exist_under_their_titles() -> None:
    used = {step.section for one in labs() for step in one.steps} | {bug.section for bug in bugs().values()}
    assert used <= sections().keys()
    for slug, titles in sections().items():
        for language in LANGUAGES:
            page = (ROOT / f"docs/{language}/handbook/{slug}.md").read_text(encoding="utf-8")
            assert f"\n# {titles[language]}\n" in page
    for one in labs():
        assert all(step.hints for step in one.steps)
        assert all(hint.keys() == {"en", "es"} for step in one.steps for hint in step.hints)


def test_the_spanish_report_is_spanish(tmp_path: Path) -> None:
    one = lab("L02")
    folder = finished(one, tmp_path, "es", mask_py="def build_mask(T, dtype):\n    return T\n")
    said = list(lines(one, grade(one, folder), "es"))
    assert "✗ La máscara" in said
    assert any(line.startswith("    se esperaba: ") for line in said)
    assert not any("expected" in line for line in said)
