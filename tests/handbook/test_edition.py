"""The version stands once; the changelog, the citation and the release say the same."""

import json
import os
import re
import subprocess
import tomllib
from datetime import date

import pytest
import yaml
from jsonschema import Draft7Validator, FormatChecker

from handbook.project import LANGUAGES
from handbook.site.edition import edition
from handbook.site.exports.book.names import FORMATS, addresses
from handbook.site.exports.bundle import ZIP
from handbook.site.exports.install import WHEEL
from handbook.site.gathered.cards import FILE
from tests.conftest import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
RELEASES = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
# The schema that the format publishes with version 1.2.0, under CC BY 4.0, as it is.
SCHEMA = json.loads((ROOT / "tests/handbook/site/cff-1.2.0.schema.json").read_text("utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
STEPS = WORKFLOW["jobs"]["release"]["steps"]


def test_changelog_citation_and_package_agree() -> None:
    told = edition(ROOT)
    assert RELEASES[0] == (VERSION, told.released.isoformat())
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (VERSION, project["license"])
    assert told.authors[0] in (ROOT / "LICENSE").read_text("utf-8")


def test_the_citation_file_is_valid() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    judge = Draft7Validator(SCHEMA, format_checker=FormatChecker())
    assert [error.message for error in judge.iter_errors(cited)] == []
    assert list(judge.iter_errors({**cited, "authors": []}))


def test_the_changelog_keeps_its_form() -> None:
    headings = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert headings == ["[Unreleased]", *(f"[{version}] - {day}" for version, day in RELEASES)]
    numbers = [tuple(map(int, version.split("."))) for version, _ in RELEASES]
    days = [date.fromisoformat(day) for _, day in RELEASES]
    assert (numbers, days) == (sorted(numbers, reverse=True), sorted(days, reverse=True))
    kinds = set(re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    linked = re.findall(r"^\[([^\]]*)\]: https://", CHANGELOG, re.MULTILINE)
    assert linked == ["Unreleased", *(version for version, _ in RELEASES)]


def test_no_code_and_no_setting_repeats_the_version() -> None:
    number = VERSION.replace(".", "[.]")
    ours = rf"""\b(version|VERSION)\b["']? *[=:] *["']?{number}|[tT]riangle[ -]v?{number}"""
    command = ["git", "grep", "-lE", ours, "--"]
    where = ["src", "mkdocs*.yml", "Makefile", ".github", "requirements"]
    assert subprocess.run([*command, *where], cwd=ROOT, capture_output=True, text=True).stdout == ""
    assert subprocess.run([*command, "pyproject.toml"], cwd=ROOT, capture_output=True, text=True).stdout


def test_a_release_attaches_what_a_build_writes() -> None:
    folders = {"en": "site/", "es": "site/es/"}
    assert set(folders) == set(LANGUAGES)
    expected = {f"site/{ZIP}", f"site/{WHEEL.format(version='*').replace('*-py3-none-any', '*')}"}
    for language, folder in folders.items():
        expected |= {f"{folder}{file}" for file in addresses(language, FORMATS).values()}
        expected.add(f"{folder}assets/{FILE.format(language=language)}")
    (release,) = [step["run"] for step in STEPS if step.get("name") == "Release"]
    assert set(re.findall(r"^\s*(site/[^\s\\]+)", release, re.MULTILINE)) == expected


@pytest.mark.parametrize(
    ("tag", "right"), [(f"v{VERSION}", True), ("v0.0.1", False), (VERSION.replace(".", "x"), False)]
)
def test_a_tag_that_is_not_the_version_releases_nothing(tmp_path, tag: str, right: bool) -> None:
    (script,) = [step["run"] for step in STEPS if step.get("name", "").startswith("The tag is the version")]
    for name in ("pyproject.toml", "CHANGELOG.md"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = {**os.environ, "GITHUB_REF_NAME": tag}
    done = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=False)
    assert (done.returncode == 0) == right
    if right:
        notes = (tmp_path / "notes.md").read_text("utf-8")
        assert "### Added" in notes
        assert "## [" not in notes
        assert "]: https://" not in notes


def test_every_check_passes_before_anything_is_released() -> None:
    runs = [step.get("run", "") for step in STEPS]
    assert runs.index(".ci/run") < next(n for n, run in enumerate(runs) if "gh release create" in run)
    assert WORKFLOW[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads `on` as true
