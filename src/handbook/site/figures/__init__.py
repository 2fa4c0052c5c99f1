"""Figures: SVG drawn from what `minimodel` computes, never by hand.

A figure is a file of this folder that has its name: `rope_dial.py` draws `/// figure | rope-dial`. It holds

- `drawing(words)`: the figure with its title and description, in the words of `[figures]` in `locale/*.toml`;
- `shown()`: the numbers that it must say and write, and the shapes that it must draw, from `minimodel` asked
  once more. The tests of figures find it here;
- `explorer()`, where a reader can set it in motion: the explorer's name, and the numbers that it starts from.

Each is readable without colour (a pattern or a number beside every hue), takes its colours from the stylesheet,
and describes itself from its data. The other files hold what several figures share.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from traceback import extract_tb
from typing import Any

from handbook.locale import Words, words
from handbook.site.errors import SiteError
from handbook.site.figures.shown import Explorer, Shown
from handbook.site.figures.svg import Drawing, render


def _read(name: str) -> dict[str, Any]:
    """What a file of this folder defines; of one that cannot be imported, a drawing that says why."""
    try:
        found = vars(import_module(f"{__name__}.{name}"))
        return {**found, "explorer": found["explorer"]()} if "explorer" in found else found
    except Exception as error:
        broken = error

    def drawing(words: Words) -> Drawing:
        raise broken

    return {"drawing": drawing}


_FOUND = {file.name.replace("_", "-"): _read(file.name) for file in iter_modules(__path__)}
FIGURES: dict[str, Callable[[Words], Drawing]] = {n: file["drawing"] for n, file in _FOUND.items() if "drawing" in file}
SHOWN: dict[str, Callable[[], Shown]] = {name: file["shown"] for name, file in _FOUND.items() if "shown" in file}
EXPLORERS: dict[str, tuple[str, Explorer]] = {
    file["explorer"].name: (name, file["explorer"]) for name, file in _FOUND.items() if "explorer" in file
}
"""Every explorer by its name, after the figure that stands for it until a reader presses."""


def draw(name: str, language: str, prefix: str) -> str:
    """The SVG of a figure.

    Args:
        name: one of `FIGURES`.
        language: of the labels, title and description.
        prefix: begins every id inside the drawing; unique on the page.

    Raises:
        SiteError: there is no such figure, or its file is wrong; the message names those there are, or the line.
    """
    if name not in FIGURES:
        raise SiteError(f"no figure is named {name}; there are {', '.join(sorted(FIGURES))}", name)
    try:
        return render(FIGURES[name](words(language, "figures")), prefix)
    except Exception as error:
        raise SiteError(f"the figure {name} cannot be drawn: {type(error).__name__}: {error}{_where(error)}") from error


def _where(error: Exception) -> str:
    """The last line of a figure's file that an error came from."""
    here = Path(__file__)
    files = [(Path(frame.filename), frame.lineno) for frame in extract_tb(error.__traceback__)]
    lines = [(file.name, line) for file, line in files if file.parent == here.parent and file != here]
    return " ({}, line {})".format(*lines[-1]) if lines else ""
