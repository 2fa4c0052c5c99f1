"""The site's own typefaces, as a book carries them: inside its stylesheet, or as files beside it."""

from __future__ import annotations

import re
from pathlib import Path

from handbook.site.assets.minify import whole

_THEME = Path(__file__).parents[2] / "theme/assets"
_FACES, _FOLDER = _THEME / "stylesheets/fonts.css", _THEME / "fonts"
_RULE = re.compile(r"@font-face \{[^}]*url\([^}]*\}\n")
"""A typeface that comes with the site; those that stand in for it while a browser unpacks it are no book's."""
_ADDRESS = re.compile(r"\.\./fonts/([\w-]+\.woff2)")


def inside() -> str:
    """The rules that declare them, with the typefaces in them: a page in a folder may load no font from another."""
    return "\n".join(_RULE.findall(whole(_FACES)[0]))


def beside() -> tuple[str, list[Path]]:
    """The rules for a stylesheet that has the typefaces beside it, and the files to put there.

    The licences are among them: condition 2 of the SIL Open Font License wants its text in every bundle, and what lies
    in a book as a file can be taken out of it.
    """
    css = _FACES.read_text("utf-8")
    files = [_FOLDER / name for name in _ADDRESS.findall(css)]
    return _ADDRESS.sub(r"\1", "\n".join(_RULE.findall(css))), files + sorted(_FOLDER.glob("*.txt"))
