"""How a page is cited: a line for a list of references, and an entry for BibTeX."""

from __future__ import annotations

import re
from typing import NamedTuple

from handbook.locale import words
from handbook.site.sharing.page import Shared, Whole

_SPECIAL = re.compile(r"[\\{}$&#^_~%]")
_IN_TEX = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


class Citation(NamedTuple):
    """Both forms; the address is apart, so that a page can make a link of it."""

    plain: str
    address: str
    bibtex: str


def citation(page: Shared, whole: Whole) -> Citation | None:
    """Write how a page is cited; None where nobody says who wrote it."""
    if whole.edition is None:
        return None
    edition, language = whole.edition, whole.language
    said = words(language)
    authors, year = ", ".join(edition.authors), edition.released.year
    place = said.cited_place.format(site=whole.name, version=edition.version)
    what = f"{place}." if page.home else said.cited.format(title=page.title, place=place)
    fields = {
        "author": " and ".join(f"{{{_tex(author)}}}" for author in edition.authors),
        "title": f"{{{_tex(whole.name if page.home else page.title)}}}",
        "howpublished": _tex(f"{said.version} {edition.version}" if page.home else place),
        "year": str(year),
        "url": page.address,
        "langid": said.cited_language,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return Citation(
        f"{authors} ({year}). {what}", page.address, "\n".join([f"@misc{{{_key(page, language)},", *lines, "}"])
    )


def _key(page: Shared, language: str) -> str:
    """What the entry is called: of its own for each page and language."""
    return f"lower-triangle-{language}" if page.home else f"lower-triangle-{language}-{page.path.replace('/', '-')}"


def _tex(text: str) -> str:
    """A text without what TeX takes for its own."""
    return _SPECIAL.sub(lambda sign: _IN_TEX.get(sign[0], f"\\{sign[0]}"), text)
