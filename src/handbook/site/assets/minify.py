"""Scripts and styles without the comments that are for us, and with what they ask for: a first page loads in less."""

from __future__ import annotations

import re
from base64 import b64encode
from os.path import normpath
from pathlib import Path
from shutil import rmtree

from rcssmin import cssmin
from rjsmin import jsmin

_SHRINK = {".js": jsmin, ".css": cssmin}
_IMPORT = re.compile(r'@import "([\w-]+\.css)";')
_OTHER_PALETTES = re.compile(r"[^{}]*\[data-md-color-(?:switching|(?:primary|accent)=(?!custom\b))[^{}]*\{[^{}]*\}")
_UNUSED = ("workers", "lunr")
_FACE = re.compile(r'url\("([\w./-]+\.woff2)"\)')


def shrink(site: Path, theme: Path) -> None:
    """Rewrite the theme's own scripts and styles in the built site; licences (`/*!`) stay.

    A style sheet that another one imports is put in there, and a typeface into the sheet that declares it. Neither is a
    file of its own any more: one request for all.

    Material's search and its stemmers go: ours takes their place (theme/assets/javascripts/search).

    Of Material's palettes only what holds for ours stays. Its rule for the moment in which colours change is about
    every element, and it comes and goes with each page that opens: each time the whole page would be styled again.
    """
    parts: set[Path] = set()
    for file in sorted(theme.rglob("*")):
        smaller = _SHRINK.get(file.suffix)
        built = site / file.relative_to(theme)
        if smaller and built.is_file():
            text, needed = whole(file)
            parts.update(site / part.relative_to(theme) for part in needed)
            built.write_text(smaller(text, keep_bang_comments=True), encoding="utf-8")
    for part in parts:
        part.unlink()
    for folder in _UNUSED:
        rmtree(site / "assets/javascripts" / folder, ignore_errors=True)
    for file in site.glob("assets/stylesheets/palette.*.css"):
        file.write_text(_OTHER_PALETTES.sub("", file.read_text("utf-8")), encoding="utf-8")


def whole(file: Path) -> tuple[str, list[Path]]:
    """A file's text with what it asks for in it, and the files that were put in."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".css":
        return text, []
    needed: list[Path] = []

    def put_in(asked: re.Match[str]) -> str:
        needed.append(Path(normpath(file.parent / asked[1])))
        if needed[-1].suffix == ".css":
            return needed[-1].read_text(encoding="utf-8")
        return f"url(data:font/woff2;base64,{b64encode(needed[-1].read_bytes()).decode()})"

    for what in (_IMPORT, _FACE):
        text = what.sub(put_in, text)
    return text, needed
