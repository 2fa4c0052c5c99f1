"""The ways to notice a bug. Each is asked inside the process that holds it."""

from __future__ import annotations

import contextlib
import io
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

from handbook.bugs.exhibit import Exhibit, Patch
from handbook.checks import CHECKS
from handbook.checks.context import Context, Library
from handbook.findings import Finding
from handbook.pages.model import Page
from handbook.pages.parse import parse
from handbook.project import Project
from handbook.running.page_run import PageRun
from handbook.running.worker import Worker
from handbook.running.worker_process import WorkerProcess
from tests.museum.subjects import Subject, subjects

OF_A_PAGE = ("output", "numbers", "questions")
"""The checks that look at what a page's blocks did."""

TRAINED = frozenset({"masks", "softmax", "attention", "next_token", "training"})
"""The modules that the training of the entropy floor goes through."""

STEPS, LAST, MARGIN = 300, 40, 0.1
"""How long it trains, how many of the last losses are averaged, and how far below the floor, in nats, is too far."""


class WorkerHere(WorkerProcess):
    """Executes blocks in this very process, because the bug is here."""

    def __init__(self, project: Project) -> None:
        super().__init__(project.root)
        self.worker = Worker()

    def start(self, *, with_torch: bool = False) -> None:
        """There is no other process to start."""

    def ask(self, do: str, *, seconds: float, **arguments: Any) -> dict[str, Any]:
        """What the worker answers."""
        answer: dict[str, Any] = getattr(self.worker, do)(**arguments)
        return answer


def findings(project: Project, path: str, patches: tuple[Patch, ...]) -> set[Finding]:
    """What the checks find on a page that is run in this process."""
    changed = with_patches(parse(project.root, path), patches)
    transcript = PageRun(changed, WorkerHere(project)).finish()
    # A page that cites ten papers asks for the bibliography ten times.
    library = Library(project, cache(partial(parse, project.root)))
    context = Context(changed, transcript, library, None, lambda: "")
    return {finding for name in OF_A_PAGE for finding in CHECKS[name](context)}


def with_patches(page: Page, patches: tuple[Patch, ...]) -> Page:
    """The page as it would be with the bug in the file that it embeds functions from."""
    blocks = page.blocks
    for patch in patches:
        if set(patch.paths) & set(page.embeds):
            blocks = tuple(replace(block, code=block.code.replace(patch.find, patch.instead)) for block in blocks)
    return replace(page, blocks=blocks)


def tests_of(exhibit: Exhibit) -> tuple[str, ...]:
    """The test files of the patched modules, relative to the root."""
    return tuple(f"tests/minimodel/test_{module}.py" for module in exhibit.modules)


def tests(project: Project, exhibit: Exhibit) -> bool:
    """Whether a test of the patched modules fails. Examples are drawn the same way each time, and not shrunk."""
    import pytest
    from hypothesis import Phase, settings

    settings.register_profile("museum", derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))
    settings.load_profile("museum")
    files = [str(project.root / path) for path in tests_of(exhibit) if (project.root / path).is_file()]
    alone = ["--disable-plugin-autoload", "-p", "no:cacheprovider", "--noconftest", "-o", "addopts="]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = pytest.main(["-x", "-q", *alone, "--rootdir", str(project.root), *files])
    return code in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)


def models() -> tuple[bool, bool]:
    """Put the oracle's question to every subject: does any see what it should not, or does `minimodel` refuse?"""
    seen = refused = False
    for make in subjects():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                seen = not _as_expected(make()) or seen
        except Exception as error:
            by_contract = _raised_by_minimodel(error)
            refused, seen = refused or by_contract, seen or not by_contract
    return seen, refused


def _as_expected(subject: Subject) -> bool:
    import numpy as np

    from minimodel.influence import influence

    return np.array_equal(influence(subject.f, subject.x, change=subject.change), subject.expected)


def _raised_by_minimodel(error: Exception) -> bool:
    """Whether a contract of `minimodel` was broken. What `influence` raises is an answer of the oracle."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = "minimodel" in last.filename and not last.filename.endswith("influence.py")
    return ours and isinstance(error, (ValueError, TypeError))


def jacobian(exhibit: Exhibit) -> bool | None:
    """Whether the derivatives of attention in torch differ from the mask; None for a bug that is not planted there."""
    if not exhibit.in_torch:
        return None
    import torch

    generator = torch.Generator().manual_seed(0)
    x = torch.randn(8, 4, generator=generator, dtype=torch.float64)
    expected = torch.ones(8, 8, dtype=torch.bool).tril()
    try:
        return any(not _derivatives_agree(f, x, expected) for f in (_at_once, _in_chunks))
    except (ValueError, TypeError):
        return True


def _derivatives_agree(f: Callable[[Any], Any], x: Any, expected: Any) -> bool:
    from minimodel.jacobian import jacobian_reach

    return not f(x).isnan().any() and bool((jacobian_reach(f, x) == expected).all())


def _at_once(x: Any) -> Any:
    from minimodel.torch_mirror import causal_allowed, scaled_dot_product_attention

    return scaled_dot_product_attention(x, x, x, causal_allowed(len(x)))[0]


def _in_chunks(x: Any) -> Any:
    import torch

    from minimodel.torch_mirror import causal_allowed, scaled_dot_product_attention

    first, _ = scaled_dot_product_attention(x[:5], x[:5], x[:5], causal_allowed(5))
    second, _ = scaled_dot_product_attention(x[5:], x, x, causal_allowed(len(x) - 5, offset=5))
    return torch.cat([first, second])


def trains(exhibit: Exhibit) -> bool:
    """Whether training goes through what the bug is planted in."""
    return bool(TRAINED & set(exhibit.modules))


def entropy(exhibit: Exhibit) -> bool | None:
    """Whether training on tokens that nobody can predict gets below their entropy, or ends in NaN.

    None for a bug that training does not go through.
    """
    if not trains(exhibit):
        return None
    import numpy as np

    from minimodel.masks import causal_allowed
    from minimodel.training import masked, train

    V = T = 16
    with np.errstate(all="ignore"):
        losses = train(masked(causal_allowed(T)), V=V, T=T, steps=STEPS).losses
    return not losses[-LAST:].mean() > np.log(V) - MARGIN
