"""All bugs against all checks, two at a time, each in a fresh process; and what earlier rounds saw."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from handbook.bugs.exhibit import Exhibit
from handbook.bugs.row import Kind, Row
from handbook.findings import CallError, Finding
from handbook.pages import source
from handbook.project import Project
from handbook.running.page_run import has_torch
from handbook.running.store import FOLDER, Store, digest, installed
from handbook.running.worker_process import ONE_THREAD
from tests.museum.checks import tests_of
from tests.museum.inside import UnhealthyError, ask_healthy, healthy_findings, row

PROCESSES = 2
_LIBRARIES = ("numpy", "torch", "hypothesis", "pytest")
_ENGINE = (
    "src/causality/",
    "src/handbook/bugs/",
    "src/handbook/pages/",
    "src/handbook/running/",
    "src/handbook/checks/",
)
_AS_IN_THE_WORKER = {"PYTHONHASHSEED": "0", **dict.fromkeys(ONE_THREAD, "1")}
_PRELOADED = [*_LIBRARIES, "pytest_markdown_docs", "tests.museum.inside"]

Progress = Callable[[str], None]


def matrix(project: Project, exhibits: Sequence[Exhibit], progress: Progress = lambda _: None) -> dict[str, Row]:
    """The row of each exhibit, by its id. What has not changed since an earlier round is not asked again.

    Raises ``CallError`` without torch, for a patch that does not fit, and when a check speaks up with nothing planted.
    """
    if not has_torch():
        raise CallError("the museum plants its bugs in torch too, and torch is not installed; `make test` sets it up")
    store = Store(project)
    keys = {one.id: _key(store, one) for one in exhibits}  # of the files as they are before the bugs are asked
    kept = {one.id: _kept(store, one, keys[one.id]) for one in exhibits}
    waiting = [one for one in exhibits if kept[one.id] is None]
    for one, found in _rows(project, waiting, progress):
        kept[one.id] = found
        store.write(_file(project, one), {"key": keys[one.id], "row": found.to_json()})
    return {name: found for name, found in kept.items() if found is not None}


def _rows(project: Project, exhibits: Sequence[Exhibit], progress: Progress) -> Iterator[tuple[Exhibit, Row]]:
    """Ask with nothing planted, once for all, and then with each bug."""
    if not exhibits:
        return
    pages = {path for one in exhibits for path in one.pages if (project.root / path).is_file()}
    with _processes(min(PROCESSES, len(exhibits))) as pool:
        try:
            healthy = pool.submit(ask_healthy, exhibits)
            found = {path: pool.submit(healthy_findings, project.root, path) for path in sorted(pages)}
            answered = healthy.result()
            known = {path: one.result() for path, one in found.items()}
            asked = {one.id: pool.submit(row, project.root, one, known, answered) for one in exhibits}
            for one in exhibits:
                progress(one.id)
                yield one, asked[one.id].result()
        except UnhealthyError as error:
            raise CallError(str(error)) from None
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _processes(number: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that are forked, one for each bug, from one that has imported the libraries and nothing of ours.

    What they have from it is no garbage: pytest and Hypothesis look through all of it a few times in each process.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    before = dict(os.environ)
    os.environ.update(_AS_IN_THE_WORKER)
    try:
        with ProcessPoolExecutor(number, mp_context=context, initializer=gc.freeze, max_tasks_per_child=1) as pool:
            yield pool
    finally:
        os.environ.clear()
        os.environ.update(before)


def table(rows: dict[str, Row]) -> str:
    """The rows as lines of text, for the command."""
    wide = max(map(len, rows), default=0)
    signs = {True: "caught", False: "passes", None: "-"}
    lines = [f"{'':{wide}}" + "".join(f"{kind:>11}" for kind in Kind)]
    for name, found in rows.items():
        lines.append(f"{name:{wide}}" + "".join(f"{signs[found.noticed[kind]]:>11}" for kind in Kind))
    return "\n".join(lines)


def survivors(rows: dict[str, Row]) -> list[Finding]:
    """A finding for each bug that nothing notices."""
    fix = "write the test, or the block on a page, that does"
    return [
        Finding(f"src/handbook/bugs/exhibits/{name}.toml", 1, "nothing notices this bug", fix)
        for name, found in rows.items()
        if found.survives
    ]


# What earlier rounds saw ----------------------------------------------------


def _kept(store: Store, exhibit: Exhibit, key: str) -> Row | None:
    known = store.read(_file(store.project, exhibit))
    try:
        return Row.from_json(known["row"]) if known["key"] == key else None
    except (ValueError, KeyError):
        return None


def _file(project: Project, exhibit: Exhibit) -> Path:
    return project.root / FOLDER / "museum" / f"{exhibit.id}.json"


def _key(store: Store, exhibit: Exhibit) -> str:
    """Names everything that the row depends on; the words of the exhibit are not among it."""
    project = store.project
    modules = [path for path in project.modules if path.startswith(("src/minimodel/", *_ENGINE))]
    asking = (path for path in (project.root / "tests/museum").glob("*.py") if not path.name.startswith("test_"))
    modules += sorted(map(project.relative, asking))
    pages = [path for path in exhibit.pages if (project.root / path).is_file()]
    embeds = [embedded for path in pages for embedded in source.read(project.root, path).embeds]
    parts = [sys.version, *map(installed, _LIBRARIES), repr((exhibit.sections, exhibit.patches, exhibit.run))]
    return digest(
        *parts, *(f"{path}={store.hash_of(path)}" for path in [*modules, *pages, *embeds, *tests_of(exhibit)])
    )
