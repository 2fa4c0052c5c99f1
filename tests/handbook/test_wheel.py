"""The built wheel, where there is nothing but Python and NumPy: what it gives, and what it does not bring."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy
import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the files that git knows: a build leaves its own folders in the tree."""
    sources, built = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    known = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, known.split("\0")):
        if name.startswith("src/") or "/" not in name:
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            (sources / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--wheel-dir", str(built), str(sources)], check=True, cwd=built)
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory):
    """Call Python with the wheel's files and NumPy, and no other package, in an empty folder."""
    packages, empty = tmp_path_factory.mktemp("packages"), tmp_path_factory.mktemp("empty")
    zipfile.ZipFile(wheel).extractall(packages)
    libraries = Path(numpy.__file__).parents[1]
    for name in ("numpy", "numpy.libs"):
        if (libraries / name).exists():
            (packages / name).symlink_to(libraries / name)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PYTHONPATH": str(packages), "PATH": os.environ["PATH"], "HOME": str(empty)}
        command = [sys.executable, "-S", *arguments]  # without -S the environment's own packages would be there
        return subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True, check=False)

    return call


def test_nothing_else_is_there(run):
    assert "No module named 'markdown'" in run("-c", "import markdown").stderr


def test_the_labs_can_be_done(run):
    listed = run("-m", "handbook", "lab", "list")
    assert listed.returncode == 0, listed.stderr
    assert "L02" in listed.stdout
    started = run("-m", "handbook", "lab", "start", "L01")
    assert started.returncode == 0, started.stderr
    checked = run("-m", "handbook", "lab", "check", "L01")
    assert checked.returncode == 1, checked.stderr
    assert "✗" in checked.stdout


def test_a_model_can_be_asked(run):
    asked = run("-m", "handbook", "causality", "minimodel.softmax:softmax")  # each row for itself: no token is read
    assert asked.stderr == ""
    assert asked.returncode == 1, asked.stdout


def test_minimodel_is_there(run):
    computed = run("-c", "import numpy; from minimodel.softmax import softmax; print(softmax(numpy.zeros(2)))")
    assert computed.stdout == "[0.5 0.5]\n", computed.stderr


def test_what_a_clone_alone_can_do_says_so(run):
    said = run("-m", "handbook", "check")
    assert said.returncode == 2, said.stderr
    assert "Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_what_attacks_the_handbook_is_not_in_it(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if name.startswith("tests")]
    assert {"handbook", "minimodel"} <= {name.split("/")[0] for name in names}
