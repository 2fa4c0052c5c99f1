"""The seam with pytest and pytest-markdown-docs.

pytest-markdown-docs collects a page's fences through the parser that it is given here, and executes
them with the runner that is registered here; both speak of the same parsed page. Beside the fences,
each page gets one test per check. ``register_runner`` is private, hence the pin in ``pyproject.toml``
and a test of this seam.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pytest_markdown_docs._runners import _Runner, register_runner
from pytest_markdown_docs.definitions import FenceTestDefinition
from pytest_markdown_docs.plugin import MarkdownDocstringCodeModule, MarkdownInlinePythonItem, MarkdownTextFile

from handbook.checks import CHECKS
from handbook.checks.check import remember
from handbook.checks.session import Session
from handbook.findings import CallError, Finding
from handbook.pages import source
from handbook.pages.model import Block
from handbook.pages.parse import from_source
from handbook.project import Project
from handbook.running.store import Store
from handbook.site.markdown import render

NAME = "handbook"


class UntrueError(Exception):
    """Findings, raised so that a test fails. Never a TypeError: the plugin would run the block again."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))


@dataclass(frozen=True)
class Fence:
    """A fence as pytest-markdown-docs reads tokens."""

    content: str
    map: list[int]
    info: str = "python"
    type: str = "fence"


class FenceParser:
    """Gives pytest-markdown-docs the blocks that the engine sees, snippets expanded."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def parse(self, text: str) -> list[Fence]:
        """The fences of a page or a docstring that run, each at its line of the file (zero-based)."""
        page = from_source(source.from_text(self.root, "", text))
        return [Fence(block.code, [block.line - 1, block.line]) for block in page.python if block.runs]


def _run(session: Session, path: str, block: Block) -> None:
    """Run a block after those above it, once. Fail when it does; skip when it cannot run here."""
    ran = session.run(path).ensure(block.index)
    if ran.skipped is not None:
        pytest.skip(ran.skipped)
    if ran.error is not None:
        page = session.page(path)
        found = Finding(path, page.line_in(block, max(ran.line, 1)), f"this block fails: {ran.error}", "correct it")
        raise UntrueError([page.placed(found)])


@register_runner(default=True)
class PageRunner(_Runner):
    """Runs a fence as a part of its page: after the blocks above it, once."""

    session: ClassVar[Session]
    blocks: ClassVar[dict[int, tuple[str, Block]]] = {}

    def runtest(self, test: FenceTestDefinition, args: dict[str, Any], *, asyncio_runner: object = None) -> None:
        """Fail when the block does; skip when it cannot run here."""
        _run(self.session, *self.blocks[id(test)])

    def repr_failure(
        self, test: FenceTestDefinition, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """The finding, without a traceback through the engine."""
        return str(excinfo.value)


def _named(
    collector: pytest.File, items: Iterator[MarkdownInlinePythonItem], *, by_line: bool
) -> Iterator[pytest.Item]:
    """The plugin's items by the names of their blocks: heading and line, which survive edits elsewhere."""
    path = PageRunner.session.project.relative(collector.path)
    running = [block for block in PageRunner.session.page(path).python if block.runs]
    for position, item in enumerate(items):
        block = running[position]
        if by_line:
            block = next(block for block in running if block.line == item.start_line - 1)
        PageRunner.blocks[id(item.test_definition)] = (path, block)
        yield MarkdownInlinePythonItem.from_parent(collector, name=block.name, test_definition=item.test_definition)


class PageFences(MarkdownTextFile):
    """The fences of a page, in its order."""

    def collect(self) -> Iterator[pytest.Item]:
        """The plugin's items, renamed."""
        return _named(self, super().collect(), by_line=False)


class ModuleFences(MarkdownDocstringCodeModule):
    """The fences of a module's docstrings, which the plugin finds in an order of its own."""

    def collect(self) -> Iterator[pytest.Item]:
        """The plugin's items, renamed."""
        return _named(self, super().collect(), by_line=True)


class NotebookCells(pytest.File):
    """The cells of code of a notebook, in its order."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each cell."""
        path = PageRunner.session.project.relative(self.path)
        for block in PageRunner.session.page(path).python:
            yield CellItem.from_parent(self, name=block.name, block=block)


class CellItem(pytest.Item):
    """A cell of code."""

    def __init__(self, *, block: Block, **rest: Any) -> None:
        super().__init__(**rest)
        self.block = block

    def runtest(self) -> None:
        """Run it after those above it."""
        _run(PageRunner.session, PageRunner.session.project.relative(self.path), self.block)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The finding, without a traceback through the engine."""
        return str(excinfo.value) if isinstance(excinfo.value, UntrueError) else str(super().repr_failure(excinfo))


class PageChecks(pytest.File):
    """One test per check of a page."""

    def collect(self) -> Iterator[pytest.Item]:
        """The checks, in their order."""
        for check in CHECKS:
            yield CheckItem.from_parent(self, name=check)


class CheckItem(pytest.Item):
    """A check of a page."""

    def runtest(self) -> None:
        """Fail with what the check finds."""
        session = PageRunner.session
        findings = sorted(session.findings(session.project.relative(self.path), self.name))
        if findings:
            raise UntrueError(findings)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The findings; a traceback only for what is no finding."""
        return str(excinfo.value) if isinstance(excinfo.value, UntrueError) else str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands: the page."""
        return self.path, 0, f"{self.path.name}: {self.name}"


class HandbookPlugin:
    """The hooks, for one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.store = Store(session.project)
        PageRunner.session = session
        PageRunner.blocks.clear()

    def _path(self, path: Path) -> str | None:
        project = self.session.project
        relative = project.relative(path) if path.is_relative_to(project.root) else ""
        return relative if relative in (*project.pages, *project.modules) else None

    def pytest_markdown_docs_markdown_it(self) -> FenceParser:
        """Our parser in the place of markdown-it's."""
        return FenceParser(self.session.project.root)

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Leave out the fences of what is no page or cannot be read; add the page's checks."""
        collectors = yield
        if not parent.config.getoption("markdowndocs"):
            return collectors
        # The plugin offers every Markdown and Python file; ours are the pages and the sources.
        others = [one for one in collectors if not isinstance(one, (MarkdownTextFile, MarkdownDocstringCodeModule))]
        path = self._path(file_path)
        if path is None:
            return others
        page = self.session.page(path)
        if page.is_notebook:
            others.append(NotebookCells.from_parent(parent, path=file_path))
        elif page.has_code:
            kind = ModuleFences if path.endswith(".py") else PageFences
            others.append(kind.from_parent(parent, path=file_path))
        if path.endswith((".md", ".ipynb")) or page.blocks or page.problems:
            others.append(PageChecks.from_parent(parent, path=file_path))
        return others

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put a translation behind its page: they share their code, and so one run."""
        place: dict[str, int] = {}

        def pair(item: pytest.Item) -> int:
            path = self._path(item.path) or str(item.path)
            return place.setdefault(min(path, self.session.project.twin_of(path) or path), len(place))

        items.sort(key=pair)

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Keep what a page has shown when its last check is done, for who asks next: `handbook check`, the audit."""
        if isinstance(item, CheckItem) and (nextitem is None or nextitem.path != item.path):
            path = self.session.project.relative(item.path)
            remember(self.store, self.session.page(path), self.session.transcript(path))

    def pytest_unconfigure(self) -> None:
        """End the worker with the session."""
        self.session.close()


def pytest_configure(config: pytest.Config) -> None:
    """Join a plain ``pytest --markdown-docs``."""
    if not config.getoption("markdowndocs"):
        return
    try:
        project = Project.around(config.rootpath)
    except CallError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(HandbookPlugin(Session(project, render.of_page)), NAME)
