"""The ``handbook`` command."""

from __future__ import annotations

import argparse
import errno
import importlib
import io
import os
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causality.command import add_options as add_causality_options
from handbook.findings import CallError
from handbook.labs.command import add as add_lab_commands
from handbook.project import LANGUAGES, Project
from handbook.terminal import ProgressLine, counted, say

if TYPE_CHECKING:
    from handbook.pages.model import Page

CLEAN, FINDINGS, WRONG_CALL = 0, 1, 2
_RAW = argparse.RawDescriptionHelpFormatter

_ABOUT = """\
Keep the handbook true: run its pages, compare what they say with what they compute, and keep
the two languages together. A page is a .md or .ipynb file in docs/en or docs/es, the README, or the
docstrings of a Python file in src. Naming one page of a pair means both."""

_AFTER = """\
examples:
  handbook check                                      every page; what has not changed is not run again
  handbook check docs/en/handbook/02-causal-mask.md   one page and its twin
  handbook update docs/es/handbook/02-causal-mask.md  write what its blocks print, in both languages
  handbook new 04-query-key-value --title-en "Query, key, value" --title-es "Consulta, clave, valor"
  handbook new --notebook keep-a-window --title-en "Keep a window" --title-es "Guarda una ventana"
  handbook translated docs/es/index.md                the Spanish follows the English again
  handbook museum diagonal-ahead                      plant a classic bug, and see which checks notice it
  handbook lab start L02                              begin a lab; `handbook lab list` names them
  handbook book --epub --into books                   the whole handbook as an EPUB of each language
  handbook causality mymodel:forward                  who sees what they should not, in a model of yours

A finding is a place, what is wrong there, and how to fix it.
exit status: 0 nothing found, 1 something found, 2 the command was called wrongly"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    _speak_any_encoding()
    options = _parser().parse_args(arguments)
    try:
        status: int = options.action(options)
        sys.stdout.flush()
    except CallError as error:
        print(f"handbook: {error}", file=sys.stderr)
        return WRONG_CALL
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("handbook", "minimodel", "causality"):
            raise
        print(f"handbook: this needs {error.name}, which is not installed; in a clone: make tools", file=sys.stderr)
        return WRONG_CALL
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; Python must not complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except OSError as error:
        if error.errno not in _NOT_OUR_FAULT:
            raise
        print(f"handbook: {error.filename or 'a file'} cannot be written: {error.strerror}", file=sys.stderr)
        return WRONG_CALL
    return status


_NOT_OUR_FAULT = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)
"""What a disk may refuse: it is read-only, somebody else's, or full."""


def _speak_any_encoding() -> None:
    """Let a terminal, or a file, that cannot show a sign show its number instead."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="handbook",
        description=_ABOUT,
        epilog=_AFTER,
        formatter_class=_RAW,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, action: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        added.set_defaults(action=action)
        return added

    checking = command("check", _check, "run pages and report what is not true on them")
    checking.add_argument(
        "--counts",
        action="store_true",
        help="count what answers, traps and quizzes rest on: a world, a source or neither",
    )
    updating = command(
        "update", _update, "write what blocks print into their pages, in both languages, and show the difference"
    )
    checking.add_argument("--all", action="store_true", help="show a translation's findings before it is begun, too")
    checking.add_argument("--lang", choices=LANGUAGES, help="check the pages of one language alone")
    for running in (checking, updating):
        running.add_argument("paths", metavar="PATH", nargs="*", help="a page, or a folder of pages; without one, all")
    section = command(
        "new", _new, "begin a section or a notebook: twin pages with every part in place, in both navigations"
    )
    name = "two digits and a slug, as in 04-query-key-value; of a notebook, the slug alone"
    section.add_argument("name", metavar="NN-slug", help=name)
    section.add_argument("--notebook", action="store_true", help="begin a notebook, not a section")
    section.add_argument("--title-en", required=True, metavar="TITLE", help="the English title, without the number")
    section.add_argument("--title-es", required=True, metavar="TITLE", help="the Spanish title, without the number")
    command("translated", _translated, "record that the Spanish page follows the English as it is now").add_argument(
        "paths", metavar="PATH", nargs="+", help="a page in docs/es (or its English twin)"
    )
    add_causality_options(
        command(
            "causality", _causality, "ask a model of your own what it sees, and whether its cache and pads are right"
        )
    )
    command("runtime", _runtime, "fetch Python for the reader's browser, once; the pages then run their blocks")
    book = command("book", _book, "build the site with the handbook in it as a book: an EPUB and a PDF a language")
    book.add_argument("--epub", action="store_true", help="write the EPUB; without --pdf, it alone")
    book.add_argument("--pdf", action="store_true", help="write the PDF (needs Chromium); without --epub, it alone")
    book.add_argument("--into", type=Path, metavar="DIR", help="where the books go, in the place of the site")
    command("zip", _zip, "pack the built site, both languages, as a zip that opens without a server").add_argument(
        "site", metavar="DIR", type=Path, nargs="?", help="where the site is (default: site)"
    )
    labs = commands.add_parser("lab", help="work through a lab, and be told at each step what is right and why not")
    add_lab_commands(labs)
    serving = command("serve", _serve, "build both languages and serve them, rebuilding on every save")
    serving.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    serving.add_argument("--port", type=int, default=8000, help="the port to listen on (default: %(default)s)")
    for name, module in _of_this_clone().items():
        module.add(commands.add_parser(name, help=module.HELP, description=module.ABOUT, formatter_class=_RAW))
    return parser


def _of_this_clone() -> dict[str, Any]:
    """The commands that only a clone has, which attack the handbook itself: pyproject.toml names their modules."""
    try:
        root = Project.around(Path.cwd()).root
        named = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["handbook"]["commands"]
    except (CallError, OSError, KeyError, tomllib.TOMLDecodeError):
        return {}
    sys.path.insert(0, str(root))
    try:
        return {name: importlib.import_module(module) for name, module in named.items()}
    except ModuleNotFoundError:  # a part of a clone, such as a page's scratch copy
        return {}


def _project() -> Project:
    return Project.around(Path.cwd())


def _rendered(project: Project, page: Page) -> str:
    """Render a page; the site is imported only here, beside the blocks that run meanwhile."""
    from handbook.site.markdown import render

    return render.of_page(project, page)


def _check(options: argparse.Namespace) -> int:
    from handbook.checks.check import check
    from handbook.checks.report import summary
    from handbook.twin_findings import arranged, folded, named_pages

    project = _project()
    progress = ProgressLine()
    paths = project.select(options.paths, start=Path.cwd())
    named = named_pages(project, options.paths, Path.cwd())
    if options.lang:
        paths = [path for path in paths if project.language_of(path) == options.lang]
    try:
        report = check(project, paths, _rendered, progress)
    finally:
        progress.done()
    shown = arranged(project, report.findings, named)
    say(shown if options.all else folded(project, shown, named))
    if options.counts:
        print(_claims(project, paths))
    print(summary(report, whole=not options.paths))
    return FINDINGS if report.findings else CLEAN


def _claims(project: Project, paths: list[str]) -> str:
    from handbook.checks.claims import claims, table
    from handbook.pages.parse import parse

    found = {language: Counter[tuple[str, str]]() for language in LANGUAGES}
    for path in paths:
        if project.twin_of(path) is not None:
            found[project.language_of(path)] += claims(parse(project.root, path))
    return table(found.items())


def _update(options: argparse.Namespace) -> int:
    from handbook.checks.update import update

    project = _project()
    progress = ProgressLine()
    paths = project.select(options.paths, start=Path.cwd())
    try:
        differences, findings = update(project, paths, progress)
    finally:
        progress.done()
    for difference in differences:
        print(difference, end="")
    say(findings)
    if differences:
        print(f"{counted(len(differences), 'page')} changed")
    elif not findings:
        print("every output is as its block prints it")
    return FINDINGS if findings else CLEAN


def _new(options: argparse.Namespace) -> int:
    from handbook.scaffold import left_to_do, new, new_notebook, notebook_left_to_do

    project, titles = _project(), {"en": options.title_en, "es": options.title_es}
    for path in (new_notebook if options.notebook else new)(project, options.name, titles):
        print(path)
    written = Project(project.root)
    todo = notebook_left_to_do(options.name) if options.notebook else left_to_do(written, options.name)
    if todo:
        print("Left to write:", *todo, sep="\n  ")
    return CLEAN


def _translated(options: argparse.Namespace) -> int:
    from handbook.translated import record

    project = _project()
    named = {page for path in options.paths for page in project.select([path], start=Path.cwd())}
    for page in sorted(page for page in named if project.language_of(page) != "en"):
        print(f"{record(project, page)} follows {project.twin_of(page)}")
    return CLEAN


def _causality(options: argparse.Namespace) -> int:
    from handbook.causality import ask

    said, status = ask(options)
    print(said)
    return status


def _runtime(options: argparse.Namespace) -> int:
    from handbook.site.assets.runtime.fetch import fetch

    project = _project()
    print(f"the runtime is in {fetch(project.root).relative_to(project.root)}; the next build puts it on the site")
    return CLEAN


def _book(options: argparse.Namespace) -> int:
    from handbook.site.exports.book.names import FORMATS

    try:
        from handbook.site.errors import BuildError
        from handbook.site.exports.book.publish import publish
    except ImportError:
        raise CallError("MkDocs is not installed here; `make book` sets it up") from None
    project = _project()
    chosen = tuple(one for one in FORMATS if getattr(options, one)) or FORMATS
    progress = ProgressLine("making")
    try:
        written = publish(project.root, chosen, options.into, progress)
    except BuildError as error:
        progress.done()
        print(error, file=sys.stderr)
        return FINDINGS
    finally:
        progress.done()
    for file in written:
        print(f"{file}: {file.stat().st_size:,} bytes")
    return CLEAN


def _zip(options: argparse.Namespace) -> int:
    from handbook.site.exports import bundle
    from handbook.site.settings import settings

    project = _project()
    english = settings(project.root, "en")
    folders = {one["code"]: one["folder"] for one in english["extra"]["languages"]}
    written = bundle.write(options.site or project.root / english["site_dir"], folders)
    print(f"{written} is written: {written.stat().st_size / 1e6:.1f} MB")
    return CLEAN


def _serve(options: argparse.Namespace) -> int:
    from handbook.serve import serve

    project = _project()
    serve(project, options.host, options.port)
    return CLEAN
