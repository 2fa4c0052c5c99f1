"""Run each proof of a page in the worlds in which its claim is false: there it must fail."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from handbook.checks import worlds
from handbook.pages.model import Block, Container, Page
from handbook.pages.syntax import World
from handbook.running.page_run import PageRun
from handbook.running.worker_process import WorkerProcess, block_seconds

_PLANT = """\
from handbook.bugs.exhibit import Patch, exhibit as _exhibit
from handbook.bugs.plant import planted as _planted

_bug = _planted({patches})  # kept, for it would be taken back with its last name
_bug.__enter__()
"""


@dataclass(frozen=True)
class Verdict:
    """What a proof did in a world: nothing is wrong where it failed by an assertion of its own."""

    proof: Container
    world: World
    wrong: str


class Worlds:
    """Runs worlds. ``known`` remembers what each showed; twins share their code, and so may share it."""

    def __init__(self, page: Page, worker: WorkerProcess, known: dict[tuple[str, ...], str]) -> None:
        # A console's folder cannot be forked, and no proof needs one; what a pin says is asked elsewhere.
        quiet = tuple(
            replace(block, reason="no part of a proof") if block.language == "console" else block
            for block in page.blocks
        )
        self.page = replace(page, blocks=quiet, pins=())
        self.worker = worker
        self.known = known
        self._base: PageRun | None = None

    def verdicts(self, every: int = 1) -> Iterator[Verdict]:
        """The verdict on each world that a proof of the page names, or on one in ``every``."""
        named = [
            (proof, world)
            for proof in self.page.containers
            for world in proof.worlds
            # The check of the questions says so where a world cannot be made.
            if not worlds.problem(self.worker.root, self.page, proof, world)
        ]
        for proof, world in sorted(named[::every], key=lambda one: min(self._changed(*one))):
            inside = worlds.blocks_until(self.page, proof)[1]
            codes = [block.code for block in self.page.python if inside and block.index <= inside[-1].index]
            key = (world.text, str(len(inside)), *codes)
            if key not in self.known:
                self.known[key] = self._run(proof, world, inside)
            yield Verdict(proof, world, self.known[key])

    def _changed(self, proof: Container, world: World) -> dict[int, str]:
        """The code of the blocks that a world changes; what it plants, it plants above all others."""
        changed = worlds.changes(self.page, proof, world)
        if world.bug or world.module:
            patch = f"[Patch(({world.module!r},), {world.old!r}, {world.new!r}, True)]"
            top = next(block for block in self.page.python if block.runs)
            plant = _PLANT.format(patches=f"_exhibit({world.bug!r}).patches" if world.bug else patch)
            changed[top.index] = plant + changed.get(top.index, top.code)
        return changed

    def _run(self, proof: Container, world: World, inside: list[Block]) -> str:
        """What is wrong with the proof in a world; nothing where it fails as it must."""
        changed = self._changed(proof, world)
        blocks = tuple(replace(block, code=changed.get(block.index, block.code)) for block in self.page.blocks)
        first = min(changed)
        if self._base is None or self._base.at > first or self._base.lost:
            self._base = PageRun(self.page, self.worker)
        run = self._base.branch(first, replace(self.page, blocks=blocks), math.ceil(block_seconds()))
        try:
            for block in inside:
                ran = run.ensure(block.index)
                if ran.error is not None:
                    return "" if ran.error.startswith("AssertionError") else f"ends with {ran.error}"
                if ran.skipped is not None:
                    return f"is not run: {ran.skipped}"
            return "stays green"
        finally:
            run.leave()
            if run.lost:
                self._base = None
