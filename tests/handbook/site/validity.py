"""What holds for every element of a page, whichever part of the site wrote it."""

import re
from functools import cache
from pathlib import Path

import material
from bs4 import BeautifulSoup

from handbook.site.markdown.render import ROOT

SITE = ROOT / "src/handbook/site"
MATERIAL = Path(material.__file__).parent / "templates/assets"

_HTML = """a abbr article br button code dd del div dl dt em figcaption figure form h1 h2 h3 h4 h5 hr img input kbd
    label li mark ol optgroup option p pre script section select small span strong sub summary details sup table tbody
    td textarea tfoot th thead tr ul"""
_MATHML = """math menclose mfrac mi mn mo mover mpadded mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr
    munder munderover semantics annotation"""
_SVG = "circle defs desc ellipse g line marker path pattern polygon polyline rect svg text title tspan use"
_ATTRIBUTES = """accept alt checked class cols colspan cx cy d defer disabled display download fence fill font-size
    font-weight for form height hidden href id lang lspace marker-end max maxlength min multiple name open
    patterntransform patternunits placeholder points preserveaspectratio r rel required role rows rspace rx scope
    selected spellcheck src start step stretchy stroke-dasharray style tabindex text-anchor title transform type
    value viewbox width x x1 x2 xmlns y y1 y2"""

SAYING = re.compile(r"language-\w+|tabbed-alternate|lt-(practice|museum)--\w+")
"""Classes that say of which kind a block is, whether or not that kind has a style of its own."""

ELEMENTS = set(f"{_HTML} {_MATHML} {_SVG}".split())
ATTRIBUTES = set(_ATTRIBUTES.split())


def invalid(page: BeautifulSoup) -> list[str]:
    """Elements and attributes that no standard knows, and classes that nothing styles and nothing looks for."""
    found = []
    for element in page.find_all(True):
        if element.name not in ELEMENTS and not element.name.endswith("-explorer"):
            found.append(f"<{element.name}>")
        found += [
            f"{name}=" for name in element.attrs if not re.match(r"(data|aria)-", name) and name not in ATTRIBUTES
        ]
        classes = set(element.get("class", [])) - _classes()
        found += [f".{name}" for name in classes if not SAYING.fullmatch(name)]
    return sorted(set(found))


@cache
def _classes() -> set[str]:
    """Every word of what may style a class or look for one: our styles and scripts, Material's, and the books."""
    theme, book = SITE / "theme/assets", SITE / "exports/book"
    files = [*theme.rglob("*.css"), *theme.rglob("*.js"), *book.glob("*.py"), *book.glob("*.css")]
    files += [*MATERIAL.glob("stylesheets/main.*.css"), *MATERIAL.glob("javascripts/bundle.*.js")]
    return set(re.findall(r"[\w-]+", " ".join(file.read_text("utf-8") for file in files)))
