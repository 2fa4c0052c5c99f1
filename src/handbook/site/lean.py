"""Scripts and styles without the comments that are for us, so that a first page loads in less."""

from __future__ import annotations

from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin

_SHRINK = {".js": jsmin, ".css": cssmin}


def shrink(site: Path, theme: Path) -> None:
    """Rewrite the theme's own scripts and styles in the built site; licences (`/*!`) stay."""
    for file in sorted(theme.rglob("*")):
        smaller = _SHRINK.get(file.suffix)
        built = site / file.relative_to(theme)
        if smaller and built.is_file():
            text = file.read_text(encoding="utf-8")
            built.write_text(smaller(text, keep_bang_comments=True), encoding="utf-8")
