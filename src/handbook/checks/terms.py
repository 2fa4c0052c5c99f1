"""Terms: a translation says what the glossary says, and shows the English word only in italics."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.model import Page
from handbook.pages.syntax import NAMING, OPTIONS_LINE, UNSAID
from handbook.project import GLOSSARY, ORIGINAL

_ENGLISH = re.compile(r"^En inglés: \*(?P<term>[^*]+)\*", re.MULTILINE)
_ARTICLE = re.compile(r"\s*\((?:el|la)\)$")
_FENCE = re.compile(r"^(?P<mark>`{3,}).*?^(?P=mark)[ \t]*$", re.MULTILINE | re.DOTALL)
_NOT_PROSE = re.compile(
    rf"{UNSAID}"
    r"|(?<!\*)\*(?:\*\*)?[^*\n]+\*(?:\*\*)?(?!\*)"  # italics, bold or not, where the English word belongs
    rf"|«[^»]*»|^/{{3,}} (?:tab|{'|'.join(sorted(NAMING))})\b[^\n]*$|{OPTIONS_LINE}",  # quotations, names
    re.MULTILINE | re.DOTALL,
)


def check(context: Context) -> Iterator[Finding]:
    """Name each English term of the glossary that stands in the prose of a translation."""
    page, project = context.page, context.project
    if not context.is_site_page or project.language_of(page.path) == ORIGINAL or page.path.endswith(GLOSSARY):
        return
    terms = english_terms(context.library.read(project.glossary_of(page.path)))
    if not terms:
        return
    listed = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, terms))})s?(?![\w-])", re.IGNORECASE)
    for number, line in enumerate(_prose(page.body).split("\n"), 1):
        for match in listed.finditer(line):
            term = match[1].lower()
            yield context.say(
                number,
                f"“{match[0]}” stands in the prose; the glossary's word is “{terms[term]}”",
                f"write it so, or *{match[0]}* in italics where the English word itself is meant",
            )


def english_terms(glossary: Page) -> dict[str, str]:
    """The English terms that have a Spanish word of their own, and that word."""
    spanish = {heading.id: _ARTICLE.sub("", heading.text) for heading in glossary.headings}
    found: dict[str, str] = {}
    for identity, text in glossary.sections.items():
        match = _ENGLISH.search(text)
        # What stands above the first entry has no heading, and a glossary under way may have anything there.
        if match and identity in spanish and match["term"].lower() != spanish[identity].lower():
            found[match["term"].lower()] = spanish[identity]
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def _prose(body: str) -> str:
    """The body with all that is not running text blanked, line by line."""
    return _NOT_PROSE.sub(_blank, _FENCE.sub(_blank, body))


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
