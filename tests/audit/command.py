"""`handbook audit`, in a clone: which altered facts do the checks notice?"""

from __future__ import annotations

import argparse
from pathlib import Path

from handbook.project import Project
from handbook.terminal import ProgressLine, say

HELP = "alter every fact of the site's pages, one at a time, and count what the checks notice"
ABOUT = """\
Alter every fact of the site's pages, one at a time and in one language, and count what the checks
notice: numbers, signs, ticks, proofs, outputs, code, headings and blocks; in figures, whose checks are
the tests of the figures, numbers, shapes, sizes and stored data. A proof that names worlds in which its
claim is false is run in each of them, and must fail there. "Alone" is what is noticed without the other
language, "alike" what is noticed when both languages are altered in the same way, "equal" what is no
fact: a change of code with which, run to its end, each output, pinned value and assertion is the same,
and in a proof each world still makes it fail. `--alone` lists what only the comparison of the languages
notices. What survives is a finding unless tests/audit/survivors.toml lists it with a reason; so is an
entry of that list that no longer survives."""


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("paths", metavar="PATH", nargs="*", help="a page, or a folder of pages; without one, all")
    parser.add_argument("--alone", action="store_true", help="list what the page alone does not notice, too")
    parser.set_defaults(action=run)


def run(options: argparse.Namespace) -> int:
    """Audit; 1 where something survives that is not listed."""
    from tests.audit.judge import audit, table
    from tests.audit.survivors import unlisted

    project = Project.around(Path.cwd())
    progress = ProgressLine("audited")
    paths = [path for path in project.select(options.paths, start=Path.cwd()) if project.twin_of(path) is not None]
    try:
        result = audit(project, paths, progress=progress)
    finally:
        progress.done()
    findings = list(unlisted(project, result.survivors, set(paths)))
    say([*findings, *(result.alone if options.alone else ())])
    print(table(result))
    return 1 if findings else 0
