"""Write what blocks print into the pages, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import unified_diff

from handbook.checks.check import Progress, begin, remember
from handbook.checks.output import unshowable_in
from handbook.checks.session import Session
from handbook.findings import Finding
from handbook.pages import notebook, source
from handbook.pages.model import Block, Page
from handbook.pages.parse import from_source, parse
from handbook.project import ORIGINAL, Project
from handbook.running.store import Store
from handbook.running.transcript import Ran, Transcript


@dataclass(frozen=True)
class Edit:
    """Lines ``first`` to ``end`` (zero-based, end excluded) of a page give way to ``lines``."""

    first: int
    end: int
    lines: list[str]


def update(project: Project, paths: list[str], progress: Progress) -> tuple[list[str], list[Finding]]:
    """Rewrite the outputs of the pages at ``paths``.

    Returns the differences made, as unified diffs, and findings for what could not be written: blocks
    that fail, and outputs that stand in a snippet.
    """
    store, session = Store(project), Session(project)
    differences: list[str] = []
    findings: list[Finding] = []
    try:
        begin(session, store, paths, progress)
        for path in paths:
            transcript = session.transcript(path)
            remember(store, session.page(path), transcript)
            page = session.page(path)
            if page.is_notebook:
                differences += _cells(project, page, transcript, findings)
            if not path.endswith(".md"):
                continue
            edits = list(_edits(page, transcript, findings))
            if edits and page.problems:
                findings.append(replace(page.problems[0], problem=f"not updated: {page.problems[0].problem}"))
            elif edits:
                differences += _apply(project, page, transcript, edits, findings)
    finally:
        session.close()
    return differences, findings


def _cells(project: Project, page: Page, transcript: Transcript, findings: list[Finding]) -> Iterator[str]:
    """Write a notebook with what its cells show, and give the difference; nothing where a cell fails."""
    failed = []
    for block in page.python:
        ran = transcript.ran[block.index]
        if ran.error is not None:
            problem, fix = f"this cell fails: {ran.error}", "correct it, then update again"
            failed.append(page.placed(Finding(page.path, page.line_in(block, max(ran.line, 1)), problem, fix)))
        elif ran.skipped is None and (unshowable := unshowable_in(ran.stdout)):
            failed.append(page.placed(Finding(page.path, block.line, *unshowable)))
    findings += failed
    if failed or not page.text:
        return
    old = (project.root / page.path).read_text("utf-8")
    whole = json.loads(old)
    original = _measured_in_the_original(project, page)
    cells = [cell for cell in whole["cells"] if cell["cell_type"] == "code"]
    all_pairs = zip(cells, page.python, strict=True)
    pairs = [(cell, block) for cell, block in all_pairs if _ran(transcript, block).skipped is None]
    kept = {block.index: original.get(block.code, notebook.shown(cell)) for cell, block in pairs if block.measured}
    if not all(_alike(shown, _ran(transcript, page.blocks[index])) for index, shown in kept.items()):
        kept = {}  # what one page shows was measured in one run
    for cell, block in pairs:
        ran = _ran(transcript, block)
        cell["outputs"] = notebook.outputs(*kept.get(block.index, (ran.stdout, ran.picture)))
    new = notebook.written(whole)
    if new != old:
        (project.root / page.path).write_text(new, encoding="utf-8", newline="\n")
        yield "".join(unified_diff(old.splitlines(True), new.splitlines(True), page.path, page.path, n=1))


def _measured_in_the_original(project: Project, page: Page) -> dict[str, tuple[str, str]]:
    """What the original of a translation shows where it measures, by code: both languages show one run."""
    twin = project.twin_of(page.path)
    if twin is None or project.language_of(page.path) == ORIGINAL or not (project.root / twin).is_file():
        return {}
    blocks = parse(project.root, twin).python
    return {one.code: (one.output.text if one.output else "", one.picture) for one in blocks if one.measured}


def _alike(kept: tuple[str, str], ran: Ran) -> bool:
    """Whether a measurement that is shown is one of what the cell measures now."""
    return [notebook.outline(one) for one in kept] == [notebook.outline(one) for one in (ran.stdout, ran.picture)]


def _ran(transcript: Transcript, block: Block) -> Ran:
    return transcript.ran[block.index]


def _edits(page: Page, transcript: Transcript, findings: list[Finding]) -> Iterator[Edit]:
    lines = page.body.split("\n")
    for block in page.blocks:
        ran = transcript.ran.get(block.index)
        if ran is None or ran.skipped is not None:
            continue
        if ran.error is not None:
            line = page.line_in(block, max(ran.line, 1))
            findings.append(Finding(page.path, line, f"this block fails: {ran.error}", "correct it, then update again"))
            continue
        if unshowable := unshowable_in(ran.stdout):
            findings.append(Finding(page.path, block.line, *unshowable))
            continue
        edit = _console_edit(page, block, ran) if block.language == "console" else _edit(page, block, ran)
        if edit is None:
            continue
        fences = [block.line, *([block.output.line] if block.output else [])]
        if not all(lines[line - 1].lstrip().startswith(("`", "~")) for line in fences):
            findings.append(
                Finding(
                    page.path,
                    block.line,
                    "the output of this block stands in a snippet, or the block does",
                    f"write it there by hand: {ran.stdout!r}",
                )
            )
            continue
        yield edit


def _console_edit(page: Page, block: Block, ran: Ran) -> Edit | None:
    if block.code == ran.stdout:
        return None
    return Edit(block.line, block.line + block.code.count("\n"), ran.stdout.splitlines())


def _edit(page: Page, block: Block, ran: Ran) -> Edit | None:
    output = block.output
    if (output.text if output else "") == ran.stdout:
        return None
    printed = ran.stdout.split("\n")[:-1]
    if output is None:
        closing = page.origin[block.end]
        mark = _mark(ran.stdout, "```")
        return Edit(closing, closing, ["", f"{mark}text", *printed, mark])
    written = page.body.split("\n")[output.line - 1].strip().removesuffix("text").rstrip()
    mark = _mark(ran.stdout, written)
    end = output.line + output.text.count("\n")
    if mark == written:
        return Edit(output.line, end, printed)
    return Edit(output.line - 1, end + 1, [f"{mark}text", *printed, mark])


def _mark(printed: str, written: str) -> str:
    """The mark of a fence that holds what is printed: the one that is written, or a longer one."""
    runs = re.findall(rf"^ *({re.escape(written[0])}{{3,}})", printed, re.MULTILINE)
    longest = max(map(len, runs), default=0)
    return written if longest < len(written) else written[0] * (longest + 1)


def _apply(
    project: Project, page: Page, transcript: Transcript, edits: list[Edit], findings: list[Finding]
) -> Iterator[str]:
    """Write the edits, and give the difference; a page that would then be read otherwise is left as it is."""
    file = project.root / page.path
    old = file.read_text(encoding="utf-8")
    lines = old.split("\n")
    for edit in sorted(edits, key=lambda one: one.first, reverse=True):
        lines[edit.first : edit.end] = edit.lines
    new = "\n".join(lines)
    after = from_source(source.from_text(project.root, page.path, new))
    if [block.code for block in page.python] != [block.code for block in after.python] or after.problems:
        problem = "with what its blocks print on it, this page would be another one"
        findings.append(Finding(page.path, edits[0].first, problem, "print something that a text fence can hold"))
        return
    file.write_text(new, encoding="utf-8", newline="\n")
    yield "".join(unified_diff(old.splitlines(True), new.splitlines(True), page.path, page.path, n=1))
