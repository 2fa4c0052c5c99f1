"""Every notebook and every lab's download runs outside the clone: from the site over http, and from the unzipped zip.

The environment is empty in this sense: a virtual environment of its own, in which pip and NumPy can be imported, torch
as well where a cell imports it, and nothing else, not even this project. What is there is linked from the tests' own
environment, so that no index is asked. Whatever runs in it may connect to the site's port alone, or to nothing.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.request import urlopen

import pytest
from packaging.requirements import Requirement

from handbook.pages.notebook import MEASURED, outline, shown
from handbook.running.page_run import has_torch
from handbook.site.build import build_sites
from handbook.site.edition import version
from handbook.site.exports import bundle
from handbook.site.exports.install import WHEEL, cell
from handbook.site.markdown.render import ROOT
from handbook.site.settings import settings
from tests.browser.serving import Server
from tests.conftest import Once
from tests.handbook.site.projects import one_page_project

FOLDERS = {"en": "", "es": "es/"}
KINDS = ("notebooks", "labs")
OURS = ("minimodel", "causality", "handbook", "lower_triangle-*")

# Imported by Python itself wherever it starts in the environment: the cells, and pip.
GUARD = """
import os, socket, sys

def only_the_site(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host, port = arguments[1][:2]
        if f"{host}:{port}" != os.environ.get("ONLY"):
            raise OSError(f"{host}:{port} is not the site")

sys.addaudithook(only_the_site)
"""

RUN = """
import ast, contextlib, importlib.util, io, json, sys
assert not any(importlib.util.find_spec(one) for one in ("minimodel", "causality", "handbook", "mkdocs", "yaml"))
names, found = {"__name__": "__main__"}, []
for code in json.load(sys.stdin):
    tree, said, picture = ast.parse(code), io.StringIO(), ""
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(said):
        exec(compile(tree, "<cell>", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None
    found.append([said.getvalue(), value._repr_svg_() if hasattr(value, "_repr_svg_") else ""])
print(json.dumps(found))
"""


def linked(folder: Path, *names: str) -> Path:
    """A folder to import those distributions from, and what they need, with what pip knows them by."""
    folder.mkdir()
    wanted, seen = list(names), set[str]()
    while wanted:
        name = wanted.pop()
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        if found.name in seen:
            continue
        seen.add(found.name)
        needs = map(Requirement, found.requires or [])
        wanted += [one.name for one in needs if not one.marker or one.marker.evaluate({"extra": ""})]
        for top in {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}:
            if not (folder / top).is_symlink():
                (folder / top).symlink_to(found.locate_file(top))
    return folder


class Environment:
    """A virtual environment with pip and NumPy alone, and torch for who asks."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([Path(sys.base_prefix, "bin", "python3"), "-m", "venv", folder / "env"], check=True)
        self.python = folder / "env" / "bin" / "python"
        (self.packages,) = (folder / "env" / "lib").glob("python3*/site-packages")
        (self.packages / "given.pth").write_text(str(linked(folder / "numpy", "numpy")))
        (self.packages / "sitecustomize.py").write_text(GUARD)
        self.torch = linked(folder / "torch", "torch") if has_torch() else None

    def run(self, codes: list[str], where: Path, *, torch: bool, only: str) -> list[list[str]]:
        """What each cell prints and draws, run in the folder ``where``; the environment is then as it was."""
        told = {"PATH": os.environ["PATH"], "HOME": str(where), "ONLY": only, "PIP_NO_INDEX": "1"}
        told |= {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_CACHE_DIR": "1",
            "PIP_NO_COMPILE": "1",
        }
        told |= {"OMP_NUM_THREADS": "1"} | ({"PYTHONPATH": str(self.torch)} if torch else {})
        command = [self.python, "-c", RUN]
        try:
            ran = subprocess.run(command, cwd=where, env=told, input=json.dumps(codes), capture_output=True, text=True)
        finally:
            for ours in (path for pattern in OURS for path in self.packages.glob(pattern)):
                shutil.rmtree(ours)
        assert ran.returncode == 0, ran.stderr
        found: list[list[str]] = json.loads(ran.stdout)
        return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[tuple[Path, str]]:
    """The site's folder, and the address that it is served at."""
    running = Server(site)
    yield site, running.address
    running.stop()


@pytest.fixture(scope="module")
def unzipped(site: Path, once: Once) -> Path:
    """The folder that the zip of the site holds."""

    def unzip(folder: Path) -> None:
        packed = folder / "packed"  # a copy, for the zip is written beside what it holds
        shutil.copytree(site, packed)
        with zipfile.ZipFile(bundle.write(packed, FOLDERS)) as archive:
            archive.extractall(folder / "unzipped")

    (root,) = (once("anywhere", unzip) / "unzipped").iterdir()
    return root


def documents(site: Path, kind: str) -> list[str]:
    """The notebooks, or the labs' downloads, of every language, by their path on the site."""
    found = [file for folder in FOLDERS.values() for file in sorted((site / folder / kind).glob("*.ipynb"))]
    return [file.relative_to(site).as_posix() for file in found]


class Document:
    """A notebook: its cells of code, and what they show."""

    def __init__(self, text: str) -> None:
        cells = [one for one in json.loads(text)["cells"] if one["cell_type"] == "code"]
        self.codes = tuple("".join(one["source"]) for one in cells)
        self.measured = tuple(bool(one["metadata"].get(MEASURED)) for one in cells)
        self.shown = tuple(tuple(shown(one)) for one in cells)

    @property
    def said(self) -> tuple[object, ...]:
        """All that a run depends on and is compared with; the twins of a document have it in common."""
        return self.codes, self.measured, self.shown

    def differs(self, environment: Environment, where: Path, source: str, only: str) -> str:
        """What it does otherwise than it shows, or nothing."""
        torch = any(re.search(r"^import torch\b", code, re.MULTILINE) for code in self.codes)
        if torch and environment.torch is None:
            return ""
        began = time.monotonic()
        try:
            first, *ran = environment.run(list(self.codes), where, torch=torch, only=only)
        except AssertionError as error:
            return str(error)
        if first[0] != f"installing minimodel from {source}\n":
            return f"the first cell says {first[0]!r}"
        for number, found in enumerate(ran, 1):
            expected = list(self.shown[number])
            if self.measured[number]:
                expected, found = ([outline(part) for part in both] for both in (expected, found))
            if found != expected:
                return f"cell of code {number + 1} shows {found}, and not {expected}"
        print(f"{len(self.codes):3} cells, {time.monotonic() - began:5.1f} s, from {source}")
        return ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_download_runs_from_the_site_where_nothing_is_installed(kind, server, environment, tmp_path):
    """What is the same in both languages to the letter is run once."""
    site, address = server
    names = documents(site, kind)
    assert {name.startswith("es/") for name in names} == {True, False}
    published, ran, wrong = settings(ROOT, "en")["site_url"], {}, {}
    for name in names:
        print(name)
        with urlopen(address + name) as answer:
            text = answer.read().decode("utf-8")
        assert text.count(f'site = \\"{published}\\"') == 1  # it is for this address that the site was built
        document = Document(text.replace(published, address))
        if document.said not in ran:
            source = address + WHEEL.format(version=version(ROOT))
            ran[document.said] = document.differs(environment, tmp_path, source, address.split("/")[2])
        wrong[name] = ran[document.said]
    assert {name: problem for name, problem in wrong.items() if problem} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_download_runs_from_the_unzipped_site_without_a_network(kind, site, unzipped, environment):
    """Each finds the wheel from the folder that it lies in, and the first of each folder runs to its end there.

    Nothing but the first cell looks around itself, and it is the same in a folder: from the site over http, all of
    every document runs in an empty folder, and the zip holds the same documents.
    """
    ran, wrong = {}, {}
    for name in documents(unzipped, kind):
        print(name)
        text, folder = (unzipped / name).read_text("utf-8"), (unzipped / name).parent
        assert text == (site / name).read_text("utf-8")
        document, up = Document(text), "/".join([".."] * (len(Path(name).parts) - 1))
        if (folder, document.codes[0]) not in ran:
            source = f"{up}/{WHEEL.format(version=version(ROOT))}"
            ran[folder, document.codes[0]] = document.differs(environment, folder, source, "")
        wrong[name] = ran[folder, document.codes[0]]
    assert {name: problem for name, problem in wrong.items() if problem} == {}


def test_a_site_for_another_address_has_notebooks_that_install_from_there(tmp_path):
    name, address = "notebooks/draw-your-mask.ipynb", "https://example.org/a/"
    root = one_page_project(tmp_path, (ROOT / "docs/en" / name).read_text("utf-8"), name)
    build_sites(root, root / "site", address=address, strict=False)  # the notebook links to pages that are not there
    for folder in FOLDERS.values():
        document = Document((root / "site" / folder / name).read_text("utf-8"))
        assert f'site = "{address}"' in document.codes[0]


def test_without_the_first_cell_a_notebook_does_not_run(environment, tmp_path):
    """So the environment is as empty as is said."""
    with pytest.raises(AssertionError, match="ModuleNotFoundError: No module named 'minimodel'"):
        environment.run(["import minimodel"], tmp_path, torch=False, only="")


def test_the_guard_lets_nothing_through_but_the_site(server, environment, tmp_path):
    elsewhere = cell(server[1].replace("/handbook/", "/"), version(ROOT))
    with pytest.raises(AssertionError, match="CalledProcessError"):
        environment.run([elsewhere], tmp_path, torch=False, only="127.0.0.1:1")
