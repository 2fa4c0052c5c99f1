"""The ``handbook`` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from causality.command import add_options as add_causality_options
from handbook.findings import CallError, Finding
from handbook.labs.command import add as add_lab_commands
from handbook.project import Project

CLEAN, FINDINGS, WRONG_CALL = 0, 1, 2

_ABOUT = """\
Keep the handbook true: run its pages, compare what they say with what they compute, and keep
the two languages together. A page is a .md file in docs/en or docs/es, the README, or the
docstrings of a Python file in src. Naming one page of a pair means both."""

_AFTER = """\
examples:
  handbook check                                      every page; what has not changed is not run again
  handbook check docs/en/handbook/02-causal-mask.md   one page and its twin
  handbook update docs/es/handbook/02-causal-mask.md  write what its blocks print, in both languages
  handbook new 04-query-key-value --title-en "Query, key, value" --title-es "Consulta, clave, valor"
  handbook translated docs/es/index.md                the Spanish follows the English again
  handbook museum diagonal-ahead                      plant a classic bug, and see which checks notice it
  handbook lab start L02                              begin a lab; `handbook lab list` names them
  handbook book --epub --into books                   the whole handbook as an EPUB of each language
  handbook causality mymodel:forward                  who sees what they should not, in a model of yours

A finding is a place, what is wrong there, and how to mend it.
exit status: 0 nothing found, 1 something found, 2 the command was called wrongly"""


_ABOUT_AUDIT = """\
Alter every fact of the site's pages, one at a time and in one language, and count what the checks
notice: numbers, signs, ticks, proofs, outputs, code, headings and blocks; in figures, whose checks are
the tests of the figures, numbers, shapes, sizes and stored data. "Alone" is what is noticed without
the other language. What survives is a finding unless src/handbook/audit/survivors.toml lists it with
a reason; so is an entry of that list that no longer survives."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.action(options)
        sys.stdout.flush()
    except CallError as error:
        print(f"handbook: {error}", file=sys.stderr)
        return WRONG_CALL
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; Python must not complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="handbook",
        description=_ABOUT,
        epilog=_AFTER,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, action: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        added.set_defaults(action=action)
        return added

    for name, action, text in (
        ("check", _check, "run pages and report what is not true on them"),
        (
            "update",
            _update,
            "write what blocks print into their pages, in both languages, and show the difference",
        ),
    ):
        command(name, action, text).add_argument(
            "paths", metavar="PATH", nargs="*", help="a page, or a folder of pages; without one, all"
        )
    section = command("new", _new, "begin a section: twin pages with every part in place, in both navigations")
    section.add_argument("name", metavar="NN-slug", help="two digits and a slug, as in 04-query-key-value")
    section.add_argument("--title-en", required=True, metavar="TITLE", help="the English title, without the number")
    section.add_argument("--title-es", required=True, metavar="TITLE", help="the Spanish title, without the number")
    command("translated", _translated, "record that the Spanish page follows the English as it is now").add_argument(
        "paths", metavar="PATH", nargs="+", help="a page in docs/es (or its English twin)"
    )
    audit = command(
        "audit", _audit, "alter every fact of the site's pages, one at a time, and count what the checks notice"
    )
    audit.description = _ABOUT_AUDIT
    audit.formatter_class = argparse.RawDescriptionHelpFormatter
    audit.add_argument("paths", metavar="PATH", nargs="*", help="a page, or a folder of pages; without one, all")
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
    museum = command("museum", _museum, "plant classic bugs in minimodel, one at a time, and see which checks notice")
    museum.add_argument(
        "exhibits", metavar="EXHIBIT", nargs="*", help="an id, or a .toml file of your own; without one, all"
    )
    museum.add_argument("--write", action="store_true", help="renew the record that the museum's page shows")
    labs = commands.add_parser("lab", help="work through a lab, and be told at each step what is right and why not")
    add_lab_commands(labs)
    serving = command("serve", _serve, "build both languages and serve them, rebuilding on every save")
    serving.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    serving.add_argument("--port", type=int, default=8000, help="the port to listen on (default: %(default)s)")
    return parser


def _project() -> Project:
    return Project.around(Path.cwd())


class _Progress:
    """One line on a terminal that says how far it is; nothing when piped."""

    def __init__(self, doing: str = "running") -> None:
        self.doing = doing
        self.terminal = sys.stderr if sys.stderr.isatty() else None

    def __call__(self, page: str) -> None:
        if self.terminal:
            print(f"\r\x1b[K{self.doing} {page}", end="", file=self.terminal, flush=True)

    def done(self) -> None:
        if self.terminal:
            print("\r\x1b[K", end="", file=self.terminal, flush=True)


def _check(options: argparse.Namespace) -> int:
    from handbook.check import check
    from handbook.report import summary

    project = _project()
    progress = _Progress()
    paths = project.select(options.paths, start=Path.cwd())
    try:
        report = check(project, paths, progress)
    finally:
        progress.done()
    _print(report.findings)
    print(summary(report, whole=not options.paths))
    return FINDINGS if report.findings else CLEAN


def _update(options: argparse.Namespace) -> int:
    from handbook.update import update

    project = _project()
    progress = _Progress()
    paths = project.select(options.paths, start=Path.cwd())
    try:
        differences, findings = update(project, paths, progress)
    finally:
        progress.done()
    for difference in differences:
        print(difference, end="")
    _print(findings)
    print(f"{_count(len(differences), 'page')} changed" if differences else "every output is as its block prints it")
    return FINDINGS if findings else CLEAN


def _new(options: argparse.Namespace) -> int:
    from handbook.scaffold import new

    project = _project()
    for path in new(project, options.name, {"en": options.title_en, "es": options.title_es}):
        print(path)
    return CLEAN


def _translated(options: argparse.Namespace) -> int:
    from handbook.translated import record

    project = _project()
    named = {page for path in options.paths for page in project.select([path], start=Path.cwd())}
    for page in sorted(page for page in named if project.language_of(page) != "en"):
        print(f"{record(project, page)} follows {project.twin_of(page)}")
    return CLEAN


def _audit(options: argparse.Namespace) -> int:
    from handbook.audit.judge import audit, table
    from handbook.audit.survivors import unlisted

    project = _project()
    progress = _Progress("audited")
    paths = [path for path in project.select(options.paths, start=Path.cwd()) if project.twin_of(path) is not None]
    try:
        result = audit(project, paths, progress=progress)
    finally:
        progress.done()
    findings = list(unlisted(project, result.survivors, set(paths)))
    _print(findings)
    print(table(result))
    return FINDINGS if findings else CLEAN


def _causality(options: argparse.Namespace) -> int:
    from handbook.causality import ask

    said, status = ask(options)
    print(said)
    return status


def _runtime(options: argparse.Namespace) -> int:
    from handbook.site.runtime.fetch import fetch

    project = _project()
    print(f"the runtime is in {fetch(project.root).relative_to(project.root)}; the next build puts it on the site")
    return CLEAN


def _book(options: argparse.Namespace) -> int:
    from handbook.site.book.names import FORMATS

    try:
        from handbook.site.book.publish import publish
    except ImportError:
        raise CallError("MkDocs is not installed here; `make book` sets it up") from None
    project = _project()
    chosen = tuple(one for one in FORMATS if getattr(options, one)) or FORMATS
    progress = _Progress("making")
    try:
        written = publish(project.root, chosen, options.into, progress)
    finally:
        progress.done()
    for file in written:
        print(f"{file}: {file.stat().st_size:,} bytes")
    return CLEAN


def _zip(options: argparse.Namespace) -> int:
    from handbook.site import bundle
    from handbook.site.settings import settings

    project = _project()
    told = settings(project.root, "en")
    folders = {one["code"]: one["folder"] for one in told["extra"]["languages"]}
    written = bundle.write(options.site or project.root / told["site_dir"], folders)
    print(f"{written} is written: {written.stat().st_size / 1e6:.1f} MB")
    return CLEAN


def _museum(options: argparse.Namespace) -> int:
    from handbook.museum import record
    from handbook.museum.exhibit import exhibit, exhibits
    from handbook.museum.matrix import matrix, survivors, table

    if options.exhibits and options.write:
        raise CallError("the record holds all exhibits; call `handbook museum --write` without naming any")
    project = _project()
    chosen = tuple(map(exhibit, options.exhibits)) or exhibits()
    progress = _Progress()
    try:
        rows = matrix(project, chosen, progress)
    finally:
        progress.done()
    for name in rows if options.exhibits else ():
        print(f"{name} prints:\n{rows[name].printed}with nothing planted:\n{rows[name].without}")
    print(table(rows))
    findings = survivors(rows)
    if options.write:
        record.write(project, rows)
    elif not options.exhibits:
        findings += record.differences(project, rows)
    _print(findings)
    return FINDINGS if findings else CLEAN


def _serve(options: argparse.Namespace) -> int:
    from handbook.serve import serve

    project = _project()
    serve(project, options.host, options.port)
    return CLEAN


def _print(findings: Sequence[Finding]) -> None:
    for finding in findings:
        print(finding)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
