"""`handbook museum`, in a clone: which checks notice which classic bug?"""

from __future__ import annotations

import argparse
from pathlib import Path

from handbook.findings import CallError
from handbook.project import Project
from handbook.terminal import ProgressLine, say

HELP = "plant classic bugs in minimodel, one at a time, and see which checks notice"
ABOUT = f"{HELP[0].upper()}{HELP[1:]}."


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "exhibits", metavar="EXHIBIT", nargs="*", help="an id, or a .toml file of your own; without one, all"
    )
    parser.add_argument("--write", action="store_true", help="renew the record that the museum's page shows")
    parser.set_defaults(action=run)


def run(options: argparse.Namespace) -> int:
    """Show the matrix; 1 where nothing notices a bug, or where the record differs from it."""
    from handbook.bugs import record
    from handbook.bugs.exhibit import exhibit, exhibits
    from tests.museum.matrix import matrix, survivors, table

    if options.exhibits and options.write:
        raise CallError("the record holds all exhibits; call `handbook museum --write` without naming any")
    project = Project.around(Path.cwd())
    chosen = tuple(map(exhibit, options.exhibits)) or exhibits()
    progress = ProgressLine()
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
    say(findings)
    return 1 if findings else 0
