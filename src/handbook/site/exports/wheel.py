"""The project's wheel, as the site carries it: notebooks install it where the project is missing."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from handbook.running.store import FOLDER
from handbook.site.edition import version
from handbook.site.errors import BuildError
from handbook.site.exports.install import WHEEL

_MOMENT = (1980, 1, 1, 0, 0, 0)
_BESIDE = ("pyproject.toml", "README.md", "LICENSE")


def write(root: Path, site: Path) -> Path | None:
    """Put the wheel at the site's root; equal bytes for equal sources. None where there is no project to build.

    It is built once for the same sources, and kept among what the engine remembers.

    Raises:
        BuildError: setuptools cannot build it.
    """
    if not all((root / name).is_file() for name in _BESIDE):
        return None
    name = WHEEL.format(version=version(root))
    sources = list(_sources(root))
    kept = root / FOLDER / "wheels" / _digest(root, sources) / name
    if not kept.is_file():
        _keep(_built(root, sources, name), kept)
    shutil.copyfile(kept, site / name)
    return site / name


def _sources(root: Path) -> Iterator[Path]:
    """What a wheel is built from; what Python and an earlier build left in the tree is no part of it."""
    for file in sorted((root / "src").rglob("*")):
        inside = file.relative_to(root).parts
        if file.is_file() and "__pycache__" not in inside and not any(one.endswith(".egg-info") for one in inside):
            yield file
    yield from (root / name for name in _BESIDE)


def _digest(root: Path, sources: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in sources:
        digest.update(f"{file.relative_to(root).as_posix()}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:24]


def _built(root: Path, sources: list[Path], name: str) -> list[tuple[str, bytes]]:
    """The wheel's files, built from a copy: setuptools leaves folders of its own where it builds."""
    with tempfile.TemporaryDirectory(prefix="handbook-wheel-") as folder:
        copy, into = Path(folder, "sources"), Path(folder, "wheel")
        for file in sources:
            there = copy / file.relative_to(root)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, there)
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        done = subprocess.run([*pip, "--wheel-dir", str(into), str(copy)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"the wheel cannot be built: {done.stderr.strip().splitlines()[-1]}")
        with zipfile.ZipFile(into / name) as wheel:
            return [(one, wheel.read(one)) for one in wheel.namelist()]


def _keep(files: list[tuple[str, bytes]], kept: Path) -> None:
    """Write the wheel anew, with no time and no rights of the machine that built it."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    scratch = kept.with_suffix(f".{os.getpid()}.new")
    with zipfile.ZipFile(scratch, "w") as wheel:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, content, zipfile.ZIP_DEFLATED)
    scratch.replace(kept)
