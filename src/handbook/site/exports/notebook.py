"""A lab's page as a notebook: the same text and blocks, with the outputs that a run has shown.

The page itself is a jupytext notebook, and jupytext opens it. What it cannot know is what our Markdown
means: snippets, containers and pins. So the download is written from the page as it was parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from handbook.pages.model import Block, Page
from handbook.pages.notebook import META, joined, uncommented
from handbook.pages.parse import parse
from handbook.pages.syntax import HEADING_ID, OPTIONS_LINE, without_attribute_lists
from handbook.project import Project
from handbook.running.page_run import PageRun
from handbook.running.store import Store
from handbook.running.transcript import Transcript
from handbook.running.worker_process import WorkerProcess
from handbook.site.errors import SiteError

_LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")

Address = Callable[[str], str]


def notebook(root: Path, path: str, address: Address, first: str) -> bytes:
    """The notebook of the page at ``path``, as the content of an `.ipynb`.

    Args:
        root: the folder of mkdocs.yml.
        path: the page, relative to it.
        address: makes a link of the page one that can be followed from anywhere.
        first: the code of the cell that installs the project.

    Raises:
        SiteError: a block raises, or prints something else than the page shows.
    """
    page = parse(root, path)
    for problem in page.problems:
        raise SiteError(str(problem))
    ran = _transcript(Project(root), page)
    installs: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    installs["source"] = first
    cells = [_numbered(cell, number) for number, cell in enumerate([installs, *_cells(page, ran, address)])]
    jupyter: dict[str, Any] = page.meta.get("jupyter") or {}
    if "kernelspec" not in jupyter:
        raise SiteError(f"{path} names no kernelspec under `jupyter`; a lab is a notebook")
    metadata = {"kernelspec": jupyter["kernelspec"], "language_info": {"name": "python"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def published(text: str, address: Address, first: str) -> str:
    """A notebook as a reader takes it away: links that lead somewhere, no pins, and cells with their counts.

    Args:
        text: of the `.ipynb`, as it is committed.
        address: makes a link of the page one that can be followed from anywhere.
        first: the code of the cell that installs the project, from the site that the notebook is on.
    """
    whole, count = json.loads(text), 0
    next(cell for cell in whole["cells"] if cell["cell_type"] == "code")["source"] = first.splitlines(True)
    for cell in whole["cells"]:
        if cell["cell_type"] == "markdown":
            lines = uncommented(joined(cell["source"])).split("\n")
            cell["source"] = "\n".join(_plain(line, address) for line in lines).splitlines(True)
        else:
            count += 1
            cell["execution_count"] = count
    del whole["metadata"][META]
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _transcript(project: Project, page: Page) -> Transcript:
    """What the Python blocks show; known from an earlier run of the same code, or run now."""
    blocks = tuple(
        block if block.language == "python" or not block.runs else replace(block, reason="no part of the notebook")
        for block in page.blocks
    )
    quiet, store = replace(page, blocks=blocks), Store(project)
    found = store.transcript(page) or store.transcript(quiet)
    if found is None:
        worker = WorkerProcess(project.root)
        try:
            found = PageRun(quiet, worker).finish()
        finally:
            worker.stop()
    _stop_where_it_fails(page, found)
    store.keep_transcript(quiet, found)
    return found


def _stop_where_it_fails(page: Page, found: Transcript) -> None:
    for block in page.python:
        ran = found.ran[block.index]
        if ran.error is not None:
            raise SiteError(f"{page.path}:{page.line_in(block, max(ran.line, 1))}: this block raises {ran.error}")
        shown = block.output.text if block.output else ""
        if ran.skipped is None and ran.stdout != shown:
            raise SiteError(f"{page.path}:{block.line}: this block prints something else than the page shows")


def _cells(page: Page, ran: Transcript, address: Address) -> Iterator[dict[str, Any]]:
    lines = _without_containers(page)
    at = count = 0
    for block in page.python:
        if not block.runs:
            continue
        yield from _markdown(lines[at : block.first - 1], address)
        count += 1
        stdout = ran.ran[block.index].stdout
        outputs = [{"name": "stdout", "output_type": "stream", "text": stdout}] if stdout else []
        source = block.code.rstrip("\n")
        yield {"cell_type": "code", "execution_count": count, "metadata": {}, "outputs": outputs, "source": source}
        at = _after(block)
    yield from _markdown(lines[at:], address)


def _after(block: Block) -> int:
    return block.output.end if block.output else block.end + 1


def _without_containers(page: Page) -> list[str]:
    """The page's lines; a container leaves its title behind, in bold."""
    lines = page.text.split("\n")
    for one in page.containers:
        lines[one.first] = f"**{one.argument}**" if one.argument and one.kind != "figure" else ""
        lines[one.end] = ""
    return ["" if re.match(OPTIONS_LINE, line) else line for line in lines]


def _markdown(lines: Sequence[str], address: Address) -> Iterator[dict[str, Any]]:
    text = "\n".join(_plain(line, address) for line in lines).strip("\n")
    if text:
        yield {"cell_type": "markdown", "metadata": {}, "source": re.sub(r"\n{3,}", "\n\n", text)}


def _plain(line: str, address: Address) -> str:
    """A line that every Markdown renders: no pins, no ids, and links that lead somewhere."""
    bare = without_attribute_lists(line)
    bare = HEADING_ID.sub("", bare) if line.startswith("#") else bare
    return _LINK.sub(lambda match: address(match[1]), bare)


def _numbered(cell: dict[str, Any], number: int) -> dict[str, Any]:
    return {"id": f"cell-{number}", **cell}
