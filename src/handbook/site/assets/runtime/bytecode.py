"""Runs in Pyodide when it is fetched: what each page's Python imports at its start is compiled, once for all readers.

Pyodide's standard library and NumPy's wheel come as source. To compile it took most of the time between a reader's
first click and the output; what is seldom imported stays source, which is smaller.
"""

import collections.abc
import contextlib
import dataclasses
import functools
import io
import itertools
import json
import linecache
import math
import pathlib
import py_compile
import sys
import tempfile
import traceback
import typing
import zipfile

import numpy.linalg
import numpy.random

# What the program that runs blocks, `minimodel` and the pages import.
STARTED = (
    *(collections.abc, contextlib, dataclasses, functools, io, itertools, json, linecache, math, pathlib, traceback),
    *(typing, numpy.linalg, numpy.random),
)
TOOLS = {"py_compile", "tempfile", "zipfile"}
"""Imported by this program alone."""

FOR_OTHERS = (".pyi", ".h", ".a", ".pxd", ".pyx")
"""What type checkers and compilers read."""

_MOMENT = (1980, 1, 1, 0, 0, 0)


def compiled(archive: str, root: str) -> bytes:
    """The archive with bytecode in the place of each module that has been imported from it; equal bytes each time.

    Args:
        archive: a zip of modules.
        root: where Python finds its content, as `__file__` has it.
    """
    modules = list(sys.modules.values())
    loaded = {module.__file__ for module in modules if getattr(module, "__file__", None)}
    loaded -= {sys.modules[name].__file__ for name in TOOLS}
    made = io.BytesIO()
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if f"{root}/{name}" in loaded and name.endswith(".py"):
                name, content = f"{name}c", _bytecode(content, f"{root}/{name}")
            if not name.endswith(FOR_OTHERS):
                after.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED, 9)
    return made.getvalue()


def _bytecode(source: bytes, name: str) -> bytes:
    """Bytecode that is never compared with its source, which is not there."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "module.py")
        file.write_bytes(source)
        into = str(file.with_suffix(".pyc"))
        unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(file), into, name, doraise=True, invalidation_mode=unchecked)
        return pathlib.Path(into).read_bytes()
