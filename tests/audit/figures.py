"""Alter the figures of a page, one place at a time, and see whether the tests of the figures notice."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handbook.findings import CallError
from handbook.locale import words
from handbook.pages.model import Page
from handbook.project import LANGUAGES
from handbook.site.figures import EXPLORERS, FIGURES, loss_curves
from handbook.site.figures.svg import Drawing
from tests.audit.alterations import Kind
from tests.audit.drawings import Spot, altered, in_words, spots

TESTS = ("tests/handbook/site/test_figure_data.py", "tests/handbook/site/test_figures.py")
"""They compare each figure with what `minimodel` computes, and its two languages with each other."""

_STORED = "loss-curves"
"""The one figure whose data is stored, because to compute it takes longer than drawing should."""

_SHOWN_OF_STORED = re.compile(r"\d\.\d{3}")
"""A stored loss as the figure rounds it; it is stored with one digit more."""


@dataclass(frozen=True)
class Verdict:
    """An alteration of a figure, in one language or in both, and whether it was noticed."""

    kind: Kind
    what: str
    alone: bool
    """Made in both languages: noticed by comparison with `minimodel`."""
    caught: bool
    """Made in one language: noticed by that, or by comparison with the other language."""


def figures_on(page: Page) -> Iterator[tuple[str, int]]:
    """The names of the drawings on a page, the stills of its explorers among them, and their lines."""
    for container in page.containers:
        if container.kind == "figure":
            yield container.argument, container.line
        elif container.kind == "explorer":
            yield EXPLORERS[container.argument][0], container.line


class Figures:
    """The figures, the tests that hold them, and what was found out about them so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.verdicts = cache(self._verdicts)
        self._alone: dict[tuple[str, Spot], bool] = {}

    @cached_property
    def tests(self) -> list[tuple[str, dict[str, Any], Callable[..., None]]]:
        """Source, parameters and function of each test; none where the project has no such tests."""
        import pytest

        files = [str(self.root / path) for path in TESTS if (self.root / path).is_file()]
        if not files:
            return []
        found: list[pytest.Item] = []

        class Collected:
            def pytest_collection_finish(self, session: pytest.Session) -> None:
                found.extend(session.items)

        alone = ["--disable-plugin-autoload", "-p", "no:cacheprovider", "--noconftest", "-o", "addopts="]
        with contextlib.redirect_stdout(io.StringIO()):
            pytest.main(["--collect-only", "-q", *alone, "--rootdir", str(self.root), *files], [Collected()])
        functions = [item for item in found if isinstance(item, pytest.Function)]
        return [
            (inspect.getsource(item.function), item.callspec.params if hasattr(item, "callspec") else {}, item.function)
            for item in functions
        ]

    def _of(self, word: str, name: str) -> list[Callable[[], None]]:
        """The tests that hold `word` in their source, or take the figure `name`."""
        return [
            partial(test, **parameters)
            for source, parameters, test in self.tests
            if word in source or parameters.get("name") == name
        ]

    def _verdicts(self, name: str, language: str, kinds: frozenset[Kind], every: int) -> tuple[Verdict, ...]:
        """What comes of each alteration of a figure, or of one in ``every``, made on a page in ``language``."""
        if not kinds:
            return ()
        tests = self._of(f'"{name}"', name)
        true = {one: FIGURES[name](words(one, "figures")) for one in LANGUAGES}
        if _notice(tests, name, true):
            raise CallError(
                f"the tests of the figure {name} fail, so any alteration would; run pytest {' '.join(TESTS)}"
            )
        found = [self._verdict(tests, name, true, language, spot) for spot in _sample(true[language], kinds, every)]
        return (*found, *(self._stored(name, every) if name == _STORED and Kind.STORED in kinds else ()))

    def _verdict(
        self, tests: list[Callable[[], None]], name: str, true: dict[str, Drawing], language: str, spot: Spot
    ) -> Verdict:
        changed = {one: altered(drawing, spot) for one, drawing in true.items()}
        if (name, spot) not in self._alone:
            self._alone[name, spot] = _notice(tests, name, changed)
        alone = self._alone[name, spot]
        caught = alone or _notice(tests, name, {**true, language: changed[language]})
        return Verdict(spot.kind, f"in the figure {name}, {in_words(true[language], spot)}", alone, caught)

    def _stored(self, name: str, every: int) -> Iterator[Verdict]:
        """Each stored number altered in the last digit that the figure shows; trained afresh once for all."""
        tests = self._of("CURVES", name)
        written, measured = loss_curves.CURVES.read_text("utf-8"), cache(loss_curves.measure)
        curves = loss_curves.CURVES
        with TemporaryDirectory() as folder:
            changed = Path(folder) / curves.name
            try:
                loss_curves.CURVES, loss_curves.measure = changed, measured
                for match in list(_SHOWN_OF_STORED.finditer(written))[::every]:
                    instead = f"{match[0][:-1]}{(int(match[0][-1]) + 1) % 10}"
                    changed.write_text(written[: match.start()] + instead + written[match.end() :], "utf-8")
                    noticed = any(map(_fails, tests))
                    what = f"in {curves.name} of the figure {name}, {match[0]!r} may become {instead!r}"
                    yield Verdict(Kind.STORED, what, noticed, noticed)
            finally:
                loss_curves.CURVES, loss_curves.measure = curves, measured.__wrapped__


@cache
def figures_of(root: Path) -> Figures:
    """The figures of a project; what was found out about one holds on every page that shows it."""
    return Figures(root)


def _sample(drawing: Drawing, kinds: frozenset[Kind], every: int) -> Iterator[Spot]:
    """One place in ``every``, kind by kind."""
    found = [spot for spot in spots(drawing) if spot.kind in kinds]
    for kind in Kind:
        yield from [spot for spot in found if spot.kind is kind][::every]


def _notice(tests: list[Callable[[], None]], name: str, drawings: dict[str, Drawing]) -> bool:
    """Whether a test fails when the figure is drawn so."""
    true = FIGURES[name]
    FIGURES[name] = {words(language, "figures"): drawing for language, drawing in drawings.items()}.__getitem__
    try:
        return any(map(_fails, tests))
    finally:
        FIGURES[name] = true


def _fails(test: Callable[[], None]) -> bool:
    try:
        test()
    except Exception:
        return True
    return False
