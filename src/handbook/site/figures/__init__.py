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
from pkgutil import iter_modules

from handbook.locale import Words, words
from handbook.site.errors import SiteError
from handbook.site.figures.shown import Explorer, Shown
from handbook.site.figures.svg import Drawing, render

_FOUND = {
    file.name.replace("_", "-"): vars(import_module(f"{__name__}.{file.name}")) for file in iter_modules(__path__)
}
FIGURES: dict[str, Callable[[Words], Drawing]] = {n: file["drawing"] for n, file in _FOUND.items() if "drawing" in file}
SHOWN: dict[str, Callable[[], Shown]] = {name: file["shown"] for name, file in _FOUND.items() if "shown" in file}
EXPLORERS: dict[str, tuple[str, Explorer]] = {
    made.name: (name, made) for name, file in _FOUND.items() if "explorer" in file for made in [file["explorer"]()]
}
"""Every explorer by its name, after the figure that stands for it until a reader presses."""


def draw(name: str, language: str, prefix: str) -> str:
    """The SVG of a figure.

    Args:
        name: one of `FIGURES`.
        language: of the labels, title and description.
        prefix: begins every id inside the drawing; unique on the page.

    Raises:
        SiteError: there is no such figure; the message names those there are.
    """
    if name not in FIGURES:
        raise SiteError(f"no figure is named {name}; there are {', '.join(sorted(FIGURES))}")
    return render(FIGURES[name](words(language, "figures")), prefix)
