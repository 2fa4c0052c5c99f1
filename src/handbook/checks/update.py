"""Write what blocks print into the pages, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

from handbook.checks.check import Progress, begin, remember
from handbook.checks.session import Session
from handbook.findings import Finding
from handbook.pages.model import Block, Page
from handbook.project import Project
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
            if not path.endswith(".md"):
                continue
            page = session.page(path)
            edits = list(_edits(page, transcript, findings))
            if edits and not page.problems:
                differences.append(_apply(project, path, edits))
    finally:
        session.close()
    return differences, findings


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
        edit = _console_edit(page, block, ran) if block.language == "console" else _edit(page, block, ran)
        if edit is None:
            continue
        if not lines[edit.first - 1].lstrip().startswith(("`", "~")):
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
    if output is not None:
        return Edit(output.line, output.line + output.text.count("\n"), ran.stdout.splitlines())
    closing = page.origin[block.end]
    return Edit(closing, closing, ["", "```text", *ran.stdout.splitlines(), "```"])


def _apply(project: Project, path: str, edits: list[Edit]) -> str:
    file = project.root / path
    old = file.read_text(encoding="utf-8")
    lines = old.split("\n")
    for edit in sorted(edits, key=lambda one: one.first, reverse=True):
        lines[edit.first : edit.end] = edit.lines
    new = "\n".join(lines)
    file.write_text(new, encoding="utf-8", newline="\n")
    return "".join(unified_diff(old.splitlines(True), new.splitlines(True), path, path, n=1))
