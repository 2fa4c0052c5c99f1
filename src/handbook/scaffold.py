"""Begin a section: twin pages with the whole anatomy, passing from the start, in both navigations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Template

from handbook.checks.freshness import stamp
from handbook.findings import CallError
from handbook.pages.parse import parse
from handbook.project import LANGUAGES, ORIGINAL, TRANSLATION, Project
from handbook.site.settings import FILES
from handbook.translated import with_stamp

TEMPLATES = Path(__file__).with_name("templates")
_NAME = re.compile(r"(?P<number>\d\d)-[a-z0-9]+(?:-[a-z0-9]+)*")
_ENTRY = re.compile(r"^(?P<indent> +)- .*: handbook/(?P<name>\d\d-[\w-]+)\.md$", re.MULTILINE)


def new(project: Project, name: str, titles: dict[str, str]) -> list[str]:
    """Write the twin pages of section ``name`` and enter them in the navigation of both sites.

    Returns the files written or changed. Raises ``CallError`` for a name that is not ``NN-slug``, a
    number that is taken, or a navigation that no section stands in; nothing is written then.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise CallError(
            f"{name} is not a section's name: write two digits, a dash and a slug, as in 04-query-key-value"
        )
    number = match["number"]
    pages = {language: f"docs/{language}/handbook/{name}.md" for language in LANGUAGES}
    taken = [page for page in project.pages if page.split("/")[-1].startswith(f"{number}-")]
    if taken:
        raise CallError(f"section {number} is there already: {taken[0]}")
    navigation = {language: _entered(project, language, name, f"{number} {titles[language]}") for language in LANGUAGES}
    for language, path in pages.items():
        title = titles[language]
        values = {"number": number, "title": title, "quoted_title": json.dumps(title, ensure_ascii=False)}
        _write(project, path, _template(language).substitute(values))
    translation = project.root / pages[TRANSLATION]
    stamps = stamp(parse(project.root, pages[ORIGINAL]))
    _write(project, pages[TRANSLATION], with_stamp(translation.read_text("utf-8"), stamps, pages[TRANSLATION]))
    for language, text in navigation.items():
        _write(project, FILES[language], text)
    return [*pages.values(), *FILES.values()]


def _template(language: str) -> Template:
    return Template((TEMPLATES / f"section.{language}.md").read_text(encoding="utf-8"))


def _entered(project: Project, language: str, name: str, title: str) -> str:
    """The language's configuration with the section in its navigation, in the order of the numbers."""
    file = FILES[language]
    text = (project.root / file).read_text(encoding="utf-8")
    entries = list(_ENTRY.finditer(text))
    if not entries:
        raise CallError(f"{file} has no section in its navigation to put {name} behind")
    before = [entry for entry in entries if entry["name"] < name]
    place = before[-1].end() + 1 if before else entries[0].start()
    indent = (before or entries)[-1]["indent"] if before else entries[0]["indent"]
    quoted = title if re.fullmatch(r"[\w ]+", title) else json.dumps(title, ensure_ascii=False)
    return f"{text[:place]}{indent}- {quoted}: handbook/{name}.md\n{text[place:]}"


def _write(project: Project, path: str, text: str) -> None:
    file = project.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
