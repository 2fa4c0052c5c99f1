"""The site's typefaces, cut down to the signs that a handbook like this needs: `make fonts` writes them.

The results are committed, so that nobody needs this to read, build or test. The sources are whole families under the
SIL Open Font License, which come with their licences. Pages get them packed, with every weight in one file; what draws
the social images reads neither, and has a plain file for each weight, which is no part of the site.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from string import ascii_letters, digits, punctuation

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER = Path(__file__).parents[1] / "theme" / "assets" / "fonts"
PLAIN = Path(__file__).parents[1] / "sharing" / "typefaces"
_PLAIN = ascii_letters + digits + punctuation + " \N{NO-BREAK SPACE}"
_SPANISH = "áéíóúüñÁÉÍÓÚÜÑ¡¿ªº"
_MARKS = "–—‘’“”«»…·×−²→¶"
# What people and places are called elsewhere, and what a formula in a sentence needs.
_RARER = "àâäãåçèêëîïôöøæßğłśÅÖØŁ±°©√≤≥≈≠←↑↓μσ"


@dataclass(frozen=True)
class Cut:
    """One file: where it is cut from, at which point of its axes, and which signs stay."""

    name: str
    package: str
    source: str
    axes: dict[str, float | tuple[float, float]]
    signs: str
    features: tuple[str, ...]
    packed: bool = True
    """Whether it is for pages; otherwise for the social images."""


_TEXT = ("kern", "liga", "tnum", "ccmp", "locl")
_PAGES = (
    Cut(
        name="literata",
        package="fontpkg_literata",
        source="Literata[opsz,wght].ttf",
        axes={"opsz": 12, "wght": (400, 700)},
        signs=_PLAIN + _SPANISH + _MARKS + _RARER,
        features=_TEXT,
    ),
    Cut(
        name="literata-italic",
        package="fontpkg_literata",
        source="Literata-Italic[opsz,wght].ttf",
        axes={"opsz": 12, "wght": 400},
        signs=_PLAIN + _SPANISH + _MARKS,
        features=_TEXT,
    ),
    Cut(
        name="jetbrains-mono",
        package="fontpkg_jetbrains_mono",
        source="JetBrainsMono[wght].ttf",
        axes={"wght": 400},
        signs=_PLAIN + _SPANISH + _MARKS + "√≤≥≈≠←↑↓μσ",
        features=(),
    ),
)
CUTS = (
    *_PAGES,
    *(
        replace(_PAGES[0], name=f"literata-{weight}", axes={"opsz": 12, "wght": weight}, packed=False)
        for weight in (400, 700)
    ),
    replace(_PAGES[2], packed=False),
)


def write(cut: Cut) -> Path:
    """Write one file; beside what pages get, its family's licence.

    Raises:
        ValueError: the source lacks a sign that is asked for.
    """
    package = files(cut.package)
    whole = TTFont(BytesIO((package / "files" / cut.source).read_bytes()), recalcTimestamp=False)
    missing = {sign for sign in cut.signs if ord(sign) not in whole.getBestCmap()}
    if missing:
        raise ValueError(f"{cut.source} has no {' '.join(sorted(missing))}")
    # Saved and read once more: the subsetter wants the tables that an instance has, not those it is made from.
    instance = BytesIO()
    instantiateVariableFont(whole, cut.axes).save(instance)
    font = TTFont(instance, recalcTimestamp=False)
    options = Options()
    options.hinting = False
    options.layout_features = list(cut.features)
    options.notdef_outline = True
    options.flavor = font.flavor = "woff2" if cut.packed else None
    subsetter = Subsetter(options)
    subsetter.populate(text=cut.signs)
    subsetter.subset(font)
    into = FOLDER / f"{cut.name}.woff2" if cut.packed else PLAIN / f"{cut.name}.ttf"
    into.parent.mkdir(exist_ok=True)
    font.save(into)
    if cut.packed:
        licence = (package / "LICENSE").read_text("utf-8")
        (FOLDER / f"{cut.name.removesuffix('-italic')}.txt").write_text(licence, "utf-8")
    return into


if __name__ == "__main__":
    for each in CUTS:
        written = write(each)
        print(f"{written.name}  {written.stat().st_size:,} bytes")
