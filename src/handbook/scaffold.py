"""Begin a section or a notebook: twin pages with the whole anatomy, passing from the start, entered in every list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from string import Template

from handbook.checks.freshness import STAMP, stamp
from handbook.findings import CallError
from handbook.pages import notebook
from handbook.pages.parse import parse
from handbook.project import LANGUAGES, ORIGINAL, TRANSLATION, Project
from handbook.site.exports.install import install
from handbook.site.settings import FILES
from handbook.translated import record, without_stamp

TEMPLATES = Path(__file__).with_name("templates")
NOTEBOOKS = "notebooks/"
"""Where notebooks stand, below a language's folder."""
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME = re.compile(r"(?P<number>\d\d)-[a-z0-9]+(?:-[a-z0-9]+)*")
_SHEET = re.compile(r"^/// sheet \| (?P<name>\d\d-[\w-]+)\n(?:.*\n)*?///\n", re.MULTILINE)
_HOME = re.compile(r"^(?P<place>\d+)\. \[.*\]\(handbook/(?P<name>\d\d-[\w-]+)\.md\).*\n", re.MULTILINE)
_TITLES = re.compile(r"^\[(?P<name>\d\d-[\w-]+)\]\n(?:.+\n)*", re.MULTILINE)
_SHOWN = re.compile(r"^\$ handbook new (?P<name>\d\d-[\w-]+) ", re.MULTILINE)
"""The command that the contributing guide shows, with what it prints."""
_LEADS = "#next: let it lead to this section"
_IDEA = {
    "en": "The key idea of $title, in three short sentences.",
    "es": "La idea clave de $title, en tres frases cortas.",
}
_LINE = {"en": "what it teaches, in one line.", "es": "lo que enseña, en una línea."}
TITLES = "src/handbook/labs/sections.toml"
"""The sections' titles, where the installed package finds them: a grader sends a learner to a section by its title."""
_ENTRY = re.compile(r"^(?P<indent> +)- .*: handbook/(?P<name>\d\d-[\w-]+)\.md$", re.MULTILINE)

_LISTED = re.compile(rf"^(?P<indent> +)- .*: {NOTEBOOKS}[\w-]+\{notebook.ENDING}$", re.MULTILINE)


def new(project: Project, name: str, titles: dict[str, str]) -> list[str]:
    """Write the twin pages of section ``name``, and enter it wherever sections are listed.

    Returns the files written or changed; `left_to_do` says what nobody but the author can write.

    Raises ``CallError`` for a name that is not ``NN-slug``, a number that is taken, or a navigation that no
    section stands in; nothing is written then.
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
    lists = {FILES[one]: _entered(project, one, name, f"{number} {titles[one]}") for one in LANGUAGES}
    lists |= {sheet(one): _on_sheet(project, one, name, titles[one]) for one in LANGUAGES}
    entry = "".join(f'{one} = "{number} {titles[one]}"\n' for one in LANGUAGES)
    lists |= {home(one): _on_home(project, one, name, f"{number} {titles[one]}") for one in LANGUAGES}
    lists[TITLES] = _in_order(project, TITLES, _TITLES, name, lambda _: f"\n[{name}]\n{entry}")
    lists |= {guide(one): _in_the_guide(project, one, name) for one in LANGUAGES}
    lists = {file: text for file, text in lists.items() if text}
    both = ((home(ORIGINAL), home(TRANSLATION)), (sheet(ORIGINAL), sheet(TRANSLATION)))
    in_step = [pair[1] for pair in both if set(pair) <= set(lists) and _follows(project, *pair)]
    for language, path in pages.items():
        title = titles[language]
        values = {"number": number, "title": title, "quoted_title": json.dumps(title, ensure_ascii=False)}
        _write(project, path, _template(language).substitute(values))
    for file, text in lists.items():
        _write(project, file, text)
    for translation in (pages[TRANSLATION], *in_step):
        record(project, translation)
    return [*pages.values(), *lists]


def new_notebook(project: Project, name: str, titles: dict[str, str]) -> list[str]:
    """Write the twin notebooks ``name``, and enter them behind the last ones of both navigations.

    Returns the files written or changed; `notebook_left_to_do` says what nobody but the author can write.

    Raises ``CallError`` for a name that is no slug, a notebook that is there, or a navigation that no notebook
    stands in; nothing is written then.
    """
    if _SLUG.fullmatch(name) is None:
        raise CallError(f"{name} is not a notebook's name: write a slug, as in draw-your-mask")
    pages = notebooks_of(name)
    taken = [page for page in pages.values() if (project.root / page).exists()]
    if taken:
        raise CallError(f"the notebook is there already: {taken[0]}")
    lists = {FILES[one]: _behind_the_last(project, FILES[one], name, titles[one]) for one in LANGUAGES}
    for language, path in pages.items():
        _write(project, path, _notebook(project, language, titles[language]))
    for file, text in lists.items():
        _write(project, file, text)
    record(project, pages[TRANSLATION])
    return [*pages.values(), *lists]


def notebooks_of(name: str) -> dict[str, str]:
    """The pages of a notebook, by language."""
    return {language: f"docs/{language}/{NOTEBOOKS}{name}{notebook.ENDING}" for language in LANGUAGES}


def notebook_left_to_do(name: str) -> list[str]:
    """What the author of a new notebook must still write, each with its place."""
    todo = []
    for language, page in notebooks_of(name).items():
        todo += [f"{page}: its description, and every cell but the one that installs"]
        todo += [f"docs/{language}/handbook/: a link from the section that it belongs to"]
    return todo


def is_untouched(project: Project, path: str) -> bool:
    """Whether a page of a section, or a notebook, stands as it was begun."""
    if notebook.is_notebook(path):
        return _is_untouched_notebook(project, path)
    match = _NAME.fullmatch(Path(path).stem)
    text = (project.root / path).read_text("utf-8", errors="replace")
    title = re.search(r"^# \d\d (?P<title>.*)$", text, re.MULTILINE)
    if match is None or title is None:
        return False
    quoted = json.dumps(title["title"], ensure_ascii=False)
    values = {"number": match["number"], "title": title["title"], "quoted_title": quoted}
    return without_stamp(text) == _template(project.language_of(path)).substitute(values)


def _is_untouched_notebook(project: Project, path: str) -> bool:
    try:
        whole = json.loads((project.root / path).read_text("utf-8", errors="replace"))
        meta = whole["metadata"][notebook.META]
        meta.pop(STAMP, None)
        return notebook.written(whole) == _notebook(project, project.language_of(path), meta["title"])
    except (ValueError, AttributeError, KeyError, TypeError):
        return False


def sheet(language: str) -> str:
    """The revision sheet of a language."""
    return f"docs/{language}/practice/revision-sheet.md"


def home(language: str) -> str:
    """The first page of a language, which lists the sections."""
    return f"docs/{language}/index.md"


def guide(language: str) -> str:
    """The contributing guide of a language, which shows what the command says of a section behind all others."""
    return f"docs/{language}/contributing/index.md"


def _follows(project: Project, original: str, translation: str) -> bool:
    """Whether a translation is in step with its original."""
    recorded = parse(project.root, translation).meta.get(STAMP)
    return bool(recorded == stamp(parse(project.root, original)))


def left_to_do(project: Project, name: str) -> list[str]:
    """What the author of a new section must still write elsewhere, each with its place."""
    todo = []
    for language in LANGUAGES:
        before = _before(project, language, name)
        todo += [f"{before}{_LEADS}"] if before else []
        todo += [f"{home(language)}: the line about {name}"] if (project.root / home(language)).is_file() else []
        todo += [f"{sheet(language)}: the key idea of {name}"] if (project.root / sheet(language)).is_file() else []
    return todo


def _before(project: Project, language: str, name: str) -> str:
    """The page of the section that stands before one of this name; empty where none does."""
    folder = f"docs/{language}/handbook/"
    return max((page for page in project.pages if folder <= page < f"{folder}{name}.md"), default="")


def _on_home(project: Project, language: str, name: str, title: str) -> str:
    def line(before: re.Match[str]) -> str:
        return f"{int(before['place']) + 1}. [{title}](handbook/{name}.md): {_LINE[language]}\n"

    return _in_order(project, home(language), _HOME, name, line)


def _on_sheet(project: Project, language: str, name: str, title: str) -> str:
    idea = Template(_IDEA[language]).substitute(title=title)
    return _in_order(project, sheet(language), _SHEET, name, lambda _: f"\n/// sheet | {name}\n{idea}\n///\n")


def _in_the_guide(project: Project, language: str, name: str) -> str:
    """The guide with the new section as the one before its example; empty where another stands between them."""
    path = project.root / guide(language)
    text = path.read_text("utf-8") if path.is_file() else ""
    example = _SHOWN.search(text)
    if example is None or name >= example["name"]:
        return ""
    changed = text
    for one in LANGUAGES:  # each guide shows the pages of both
        if before := _before(project, one, name):
            changed = changed.replace(f"{before}{_LEADS}", f"docs/{one}/handbook/{name}.md{_LEADS}")
    return changed if changed != text else ""


def _in_order(
    project: Project, file: str, entry: re.Pattern[str], name: str, new: Callable[[re.Match[str]], str]
) -> str:
    """A file's text with a new entry behind the last one whose name comes before; empty where there is no such list."""
    path = project.root / file
    text = path.read_text("utf-8") if path.is_file() else ""
    before = [found for found in entry.finditer(text) if found["name"] < name]
    if not before:
        return ""
    end = before[-1].end()
    return f"{text[:end]}{new(before[-1])}{text[end:]}"


def _template(language: str) -> Template:
    return Template((TEMPLATES / f"section.{language}.md").read_text(encoding="utf-8"))


def _notebook(project: Project, language: str, title: str) -> str:
    """The file of a notebook that nobody has written on yet."""
    whole = json.loads((TEMPLATES / f"notebook.{language}.ipynb").read_text(encoding="utf-8"))
    values = {"title": title, "install": install(project.root)}
    meta = whole["metadata"][notebook.META]
    whole["metadata"][notebook.META] = {key: Template(text).substitute(values) for key, text in meta.items()}
    for cell in whole["cells"]:
        cell["source"] = Template(notebook.joined(cell["source"])).substitute(values)
    return notebook.written(whole)


def _behind_the_last(project: Project, file: str, name: str, title: str) -> str:
    """A configuration with the notebook in its navigation."""
    text = (project.root / file).read_text(encoding="utf-8")
    entries = list(_LISTED.finditer(text))
    if not entries:
        raise CallError(f"{file} has no notebook in its navigation to put {name} behind")
    place = entries[-1].end() + 1
    line = f"{entries[-1]['indent']}- {_quoted(title)}: {NOTEBOOKS}{name}{notebook.ENDING}\n"
    return f"{text[:place]}{line}{text[place:]}"


def _quoted(title: str) -> str:
    """A title as YAML holds it."""
    return title if re.fullmatch(r"[\w ]+", title) else json.dumps(title, ensure_ascii=False)


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
    return f"{text[:place]}{indent}- {_quoted(title)}: handbook/{name}.md\n{text[place:]}"


def _write(project: Project, path: str, text: str) -> None:
    file = project.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
