"""What stands around the code for contributors: the dev container and the README's badge name what there is."""

from __future__ import annotations

import json
import re

import yaml

from handbook.site.markdown.render import ROOT

WORKFLOWS = ROOT / ".github/workflows"


def test_the_container_has_a_python_that_the_workflow_tests() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    (version,) = re.findall(r"python:(3\.\d+)", container["image"])
    workflow = yaml.safe_load((WORKFLOWS / "site.yml").read_text("utf-8"))
    assert version in workflow["jobs"]["versions"]["strategy"]["matrix"]["python"]


def test_the_container_installs_what_ci_would() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    (packages,) = (one["packages"].split(",") for one in container["features"].values() if "packages" in one)
    named = set(re.findall(r"missing\+=\(([^)]*)\)", (ROOT / ".ci/run").read_text("utf-8")))
    needed = {package for group in named for package in group.split()} - {"make", "nodejs", "npm"}
    assert set(packages) == needed
    assert any("node" in feature for feature in container["features"])


def test_the_container_begins_with_a_target_of_make() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    command, target = container["postCreateCommand"].split()
    assert command == "make"
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_badge_is_of_a_workflow_that_there_is() -> None:
    names = re.findall(r"workflows/([\w.-]+)/badge", (ROOT / "README.md").read_text("utf-8"))
    assert names
    assert all((WORKFLOWS / name).is_file() for name in names)
