"""Run altered versions of one page: what stands above the altered block runs once, for all of them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from handbook.findings import CallError
from handbook.pages.model import Block, Page
from handbook.running.page_run import PageRun
from handbook.running.transcript import Transcript, Value
from handbook.running.worker import TIME_UP
from handbook.running.worker_process import WorkerProcess, block_seconds

PATIENCE = 1
"""A second of computing that an altered page may take from the altered block on; what has not shown by then has not."""

InCode = tuple[int, int, str]
"""Where a change of code stands, as `Alteration.in_code` says it."""


class Shown(NamedTuple):
    """What an altered page showed; no transcript where a block failed, or printed something else than the page's own.

    ``whole`` is whether it was followed as far as the alteration can show, and not only until its time was up.
    """

    transcript: Transcript | None
    whole: bool = True


class Rerun:
    """The runs of a page whose code is altered in one place at a time, from its top to its end.

    ``known`` remembers what each change showed; twins share their code, and so may share it.
    """

    def __init__(self, page: Page, transcript: Transcript, worker: WorkerProcess, known: dict[InCode, Shown]) -> None:
        self.page = page
        self.transcript = transcript
        self.worker = worker
        self.known = known
        self._base: PageRun | None = None

    def fails(self, change: InCode) -> bool:
        """Whether a change is known to make a block fail, or print something else."""
        return change in self.known and self.known[change].transcript is None

    def changes_nothing(self, change: InCode) -> bool:
        """Whether a change of code was followed to its end, and every output and every pinned value stayed the same."""
        shown = self.known.get(change)
        return (
            shown is not None
            and shown.transcript is not None
            and shown.whole
            and all(_same(value, self.transcript.values[key]) for key, value in shown.transcript.values.items())
        )

    def of(self, altered: Page, change: InCode, shows: Callable[[Transcript], bool]) -> Transcript | None:
        """What the altered page shows; None where a block fails, or prints something else than the page's own.

        Where a value is another one and ``shows`` says that the page's claims do not bear it, the run ends
        there. Where the time is up before anything shows, it is what the page shows unaltered.
        """
        if change not in self.known:
            self.known[change] = self._shown(altered, shows)
        return self.known[change].transcript

    def _shown(self, altered: Page, shows: Callable[[Transcript], bool]) -> Shown:
        if len(altered.blocks) < len(self.page.blocks):
            return self._without(altered)
        pairs = zip(self.page.blocks, altered.blocks, strict=False)
        first, end = next(
            ((old.index, last_seen(old, new, len(altered.blocks))) for old, new in pairs if old.code != new.code),
            (0, len(altered.blocks)),
        )
        if first == end:
            return Shown(self.transcript)
        run = self._run(altered, first)
        try:
            for block in altered.blocks[:end]:
                ran = run.ensure(block.index)
                if ran.error == TIME_UP or run.lost:
                    return Shown(self.transcript, whole=False)
                if ran.error or ran.stdout != self.transcript.ran[block.index].stdout:
                    return Shown(None)
                if self._differs(run.transcript, block.index) and shows(run.transcript):
                    return Shown(run.transcript)
            return Shown(run.finish() if end == len(altered.blocks) else self.transcript)
        finally:
            run.leave()
            if run.lost:
                self._base = None

    def _without(self, altered: Page) -> Shown:
        """What a page shows that lacks one of its blocks."""
        pairs = zip(self.page.blocks, altered.blocks, strict=False)
        first = next((old.index for old, new in pairs if old.code != new.code), len(altered.blocks))
        run = self._run(altered, first)
        try:
            for block in altered.blocks:
                ran = run.ensure(block.index)
                if ran.error == TIME_UP or run.lost:
                    return Shown(self.transcript, whole=False)
                here = self.transcript.ran[block.index + (block.index >= first)]
                if ran.error or ran.stdout != here.stdout:
                    return Shown(None)
            return Shown(run.finish())
        finally:
            run.leave()
            if run.lost:
                self._base = None

    def _differs(self, transcript: Transcript, after: int) -> bool:
        """Whether a pin right after a block has another value than on the page's own run."""
        keys = [Transcript.key(after, pin.expression) for pin in self.page.pins if pin.after == after]
        return any(transcript.values.get(key) != self.transcript.values.get(key) for key in keys)

    def _run(self, altered: Page, first: int) -> PageRun:
        """A run that stands before block ``first``, where the altered page differs."""
        if any(block.language == "console" for block in self.page.blocks):
            return PageRun(altered, self.worker)  # a console's folder cannot be forked
        if self._base is None or self._base.at > first:
            self._base = PageRun(self.page, self.worker)
        run = self._base.branch(first, altered, PATIENCE)
        if run.lost:  # then every alteration would seem to show
            raise CallError(
                f"{self.page.path}: its own blocks do not end in {block_seconds():g} s; audit it on its own"
            )
        return run


def _same(one: Value, other: Value) -> bool:
    """Whether two pins gave the same; by their digits, for NaN is not equal to itself."""
    return repr((one.value, one.error)) == repr((other.value, other.error))


def last_seen(old: Block, new: Block, blocks: int) -> int:
    """The block before which a change of one block shows, if it ever does; a page has ``blocks`` of them.

    A comment computes nothing. What a statement prints or asserts shows in its own block, for it leaves no
    name behind. Should a call in it change something, the change is followed too short: then less counts as noticed.
    """
    if old.language != "python":
        return blocks
    try:
        before, after = _dumped(old.code), _dumped(new.code)
    except SyntaxError:
        return old.index + 1
    if len(before) != len(after):
        return blocks
    changed = [shows for (one, shows), (other, _) in zip(before, after, strict=True) if one != other]
    if not changed:
        return old.index
    return old.index + 1 if all(changed) else blocks


def only_words(old: str, new: str) -> bool:
    """Whether two versions of a block differ in what no run can show: their comments."""
    try:
        return _dumped(old) == _dumped(new)
    except SyntaxError:
        return False


@lru_cache(maxsize=256)
def _dumped(code: str) -> tuple[tuple[str, bool], ...]:
    """Each statement of a block, comments left out, and whether it only shows something."""
    return tuple((ast.dump(statement), _only_shows(statement)) for statement in ast.parse(code).body)


def _only_shows(statement: ast.stmt) -> bool:
    """Whether a statement is an assertion or a print."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        function = statement.value.func
        return isinstance(function, ast.Name) and function.id == "print"
    return isinstance(statement, ast.Assert)
