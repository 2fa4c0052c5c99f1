"""Run each proof of a page in the worlds in which its claim is false: there it must fail."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from handbook.checks import worlds
from handbook.pages.model import Block, Container, Page
from handbook.pages.syntax import World
from handbook.running.page_run import PageRun
from handbook.running.worker_process import WorkerProcess, block_seconds

_OURS = re.compile(r"\b(?:minimodel|handbook|causality)\b")
"""What a block names that brings `minimodel` in."""

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


@dataclass(frozen=True)
class Variant:
    """A proof with one of its own blocks altered."""

    proof: int
    """The line of the expanded text at which the proof begins."""
    index: int
    """The block that is altered."""
    code: str


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
        for proof, world in self._in_order(self._named()[::every]):
            (wrong,) = self._wrong(proof, world, [None])
            yield Verdict(proof, world, wrong)

    def as_strong(self, variants: Sequence[Variant]) -> Iterator[Variant]:
        """The variants of proofs that fail, as the proofs themselves do, in every world in which the claim is false."""
        left: dict[Variant, int] = dict.fromkeys(variants, 0)
        wanted = [(proof, world) for proof, world in self._named() if any(one.proof == proof.first for one in variants)]
        for proof, world in self._in_order(wanted):
            here = [one for one in left if one.proof == proof.first]
            for one, wrong in zip(here, self._wrong(proof, world, here), strict=True):
                if wrong:
                    del left[one]
                else:
                    left[one] += 1
        yield from (one for one, failed in left.items() if failed)

    def _named(self) -> list[tuple[Container, World]]:
        return [
            (proof, world)
            for proof in self.page.containers
            for world in proof.worlds
            # The check of the questions says so where a world cannot be made.
            if not worlds.problem(self.worker.root, self.page, proof, world)
        ]

    def _in_order(self, named: list[tuple[Container, World]]) -> list[tuple[Container, World]]:
        """Those that change the page at its top come first, so that one run can branch for each in turn."""
        return sorted(named, key=lambda one: min(self._changed(*one)))

    def _wrong(self, proof: Container, world: World, versions: Sequence[Variant | None]) -> list[str]:
        """What is wrong in a world with each version of a proof; None is the proof as it stands."""
        inside = worlds.blocks_until(self.page, proof)[1]
        codes = [block.code for block in self.page.python if inside and block.index <= inside[-1].index]
        as_it_stands = (world.text, str(len(inside)), *codes)
        keys = {one: (*as_it_stands, *((str(one.index), one.code) if one else ())) for one in versions}
        if missing := [one for one in versions if keys[one] not in self.known]:
            ran = self._run(proof, world, inside, missing)
            self.known |= {keys[one]: wrong for one, wrong in zip(missing, ran, strict=True)}
        return [self.known[keys[one]] for one in versions]

    def _changed(self, proof: Container, world: World, variant: Variant | None = None) -> dict[int, str]:
        """The code of the blocks that a world changes; what it plants, it plants where `minimodel` first comes in."""
        page = self._altered(self.page, {variant.index: variant.code}) if variant else self.page
        changed = worlds.changes(page, proof, world)
        if world.bug or world.module:
            patch = f"[Patch(({world.module!r},), {world.old!r}, {world.new!r}, True)]"
            runs = [block for block in page.python if block.runs]
            top = next((block for block in runs if _OURS.search(block.code)), runs[0])
            plant = _PLANT.format(patches=f"_exhibit({world.bug!r}).patches" if world.bug else patch)
            changed[top.index] = plant + changed.get(top.index, top.code)
        return changed

    @staticmethod
    def _altered(page: Page, codes: dict[int, str]) -> Page:
        blocks = tuple(replace(block, code=codes.get(block.index, block.code)) for block in page.blocks)
        return replace(page, blocks=blocks)

    def _run(
        self, proof: Container, world: World, inside: list[Block], versions: Sequence[Variant | None]
    ) -> list[str]:
        """What is wrong in a world with versions of a proof, which share the run of all that stands above it."""
        changed = self._changed(proof, world)
        first = min(*changed, inside[0].index)
        if self._base is None or self._base.at > first or self._base.lost:
            self._base = PageRun(self.page, self.worker)
        patience = math.ceil(block_seconds())
        run = self._base.branch(first, self._altered(self.page, changed), patience)
        found: list[str] = []
        try:
            for version in versions:
                if run.lost:
                    return found + [f"is not run: {inside[0].name} was lost"] * (len(versions) - len(found))
                if version is None and len(versions) == 1:
                    found.append(_verdict(run, inside))
                    continue
                codes = changed | self._changed(proof, world, version)
                if version is not None:
                    codes.setdefault(version.index, version.code)
                branch = run.branch(inside[0].index, self._altered(self.page, codes), patience)
                try:
                    found.append(_verdict(branch, inside))
                finally:
                    branch.leave()
            return found
        finally:
            run.leave()
            if run.lost:
                self._base = None


def _verdict(run: PageRun, inside: list[Block]) -> str:
    """What is wrong with a proof in a run; nothing where it fails as it must."""
    for block in inside:
        ran = run.ensure(block.index)
        if ran.error is not None:
            return "" if ran.error.startswith("AssertionError") else f"ends with {ran.error}"
        if ran.skipped is not None:
            return f"is not run: {ran.skipped}"
    return "stays green"
