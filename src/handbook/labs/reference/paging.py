"""A pool of pages that holds tokens by their numbers: what a cache in pages must do, and what known mistakes do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple


class Step(NamedTuple):
    """One call: `append(text, tokens)`, `other = fork(text)` or `free(text)`."""

    kind: str
    text: str
    tokens: int = 0
    other: str = ""

    def __str__(self) -> str:
        if self.kind == "append":
            return f"append({self.text}, {self.tokens})"
        return f"{self.other} = fork({self.text})" if self.kind == "fork" else f"free({self.text})"


@dataclass(frozen=True)
class Scenario:
    """Calls in their order, and the pool they are made on."""

    n_pages: int
    page_size: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Seen:
    """What is there after a step; tokens are numbered as they were handed in, and -1 is none of them."""

    refused: bool
    n_free: int
    tables: Mapping[str, Sequence[int]]
    lengths: Mapping[str, int]
    tokens: Mapping[str, Sequence[int]]

    @property
    def in_use(self) -> int:
        """Number of different pages that tables name."""
        return len({page for table in self.tables.values() for page in table})

    @property
    def table_sizes(self) -> Mapping[str, int]:
        """Number of pages in each table."""
        return {name: len(table) for name, table in self.tables.items()}

    def like(self, other: Seen) -> bool:
        """Whether the two differ in nothing but the numbers of the pages."""
        mine, its = (
            (one.refused, one.n_free, one.in_use, one.table_sizes, one.lengths, one.tokens) for one in (self, other)
        )
        return mine == its


@dataclass
class _Text:
    table: list[int] = field(default_factory=list)
    length: int = 0


class Paged:
    """The right one. Each mistake overrides what it gets wrong."""

    def __init__(self, n_pages: int, page_size: int, oldest: bool = False) -> None:
        self.page_size = page_size
        self.rows = [[-1] * page_size for _ in range(n_pages)]
        self.holders = [0] * n_pages
        self.unused = list(range(n_pages))
        self.oldest = oldest  # whether the page that was free for the longest time is taken, or that for the shortest
        self.texts: dict[str, _Text] = {}
        self.appended = 0

    def run(self, step: Step) -> Seen:
        """Do a step and look."""
        text, refused = self.texts.setdefault(step.text, _Text()), False
        tokens = range(self.appended, self.appended + step.tokens)
        self.appended += step.tokens
        try:
            if step.kind == "append":
                self.append(text, tokens)
            elif step.kind == "fork":
                self.texts[step.other] = _Text()
                self.texts[step.other] = self.fork(text)
            else:
                self.free(text)
        except MemoryError:
            refused = True
        return Seen(
            refused,
            len(self.unused),
            {name: list(one.table) for name, one in self.texts.items()},
            {name: one.length for name, one in self.texts.items()},
            {name: [self.token(one, t) for t in range(one.length)] for name, one in self.texts.items()},
        )

    def token(self, text: _Text, t: int) -> int:
        """The token at a position of a text."""
        return self.rows[text.table[t // self.page_size]][t % self.page_size]

    def take(self) -> int:
        """A page for one holder."""
        if not self.unused:
            raise MemoryError("no page is free")
        page = self.unused.pop(0 if self.oldest else -1)
        self.holders[page] = 1
        return page

    def share(self, page: int) -> None:
        """One holder more."""
        self.holders[page] += 1

    def drop(self, page: int) -> None:
        """One holder less."""
        self.holders[page] -= 1
        if not self.holders[page]:
            self.unused.append(page)

    def pages_for(self, length: int) -> int:
        """Pages of so many tokens."""
        return -(-length // self.page_size)

    def is_copied(self, text: _Text) -> bool:
        """Whether the last page is copied before a write."""
        return text.length % self.page_size > 0 and self.holders[text.table[-1]] > 1

    def append(self, text: _Text, tokens: Sequence[int]) -> None:
        """Write tokens, or nothing."""
        copied = self.is_copied(text)
        more = self.pages_for(text.length + len(tokens)) - len(text.table)
        if copied + more > len(self.unused):
            raise MemoryError("too few pages are free")
        if copied:
            self.copy_last(text)
        text.table += [self.take() for _ in range(more)]
        for t, token in enumerate(tokens, start=text.length):
            self.rows[text.table[t // self.page_size]][t % self.page_size] = token
        text.length += len(tokens)

    def copy_last(self, text: _Text) -> None:
        """A page of its own for what stands in the last one."""
        own, old = self.take(), text.table[-1]
        self.rows[own] = list(self.rows[old])
        self.drop(old)
        text.table[-1] = own

    def fork(self, text: _Text) -> _Text:
        """A second text in the same pages."""
        for page in text.table:
            self.share(page)
        return _Text(list(text.table), text.length)

    def free(self, text: _Text) -> None:
        """Give the pages back."""
        for page in text.table:
            self.drop(page)
        text.table, text.length = [], 0


class _TooEarly(Paged):
    def pages_for(self, length: int) -> int:
        return length // self.page_size + 1


class _NeverCopied(Paged):
    def is_copied(self, text: _Text) -> bool:
        return False


class _CopiedAlone(Paged):
    def is_copied(self, text: _Text) -> bool:
        return text.length % self.page_size > 0


class _FullCopied(Paged):
    def is_copied(self, text: _Text) -> bool:
        return bool(text.table) and self.holders[text.table[-1]] > 1


class _CopiedAtFork(Paged):
    def fork(self, text: _Text) -> _Text:
        own = [self.take() for _ in text.table]
        for new, old in zip(own, text.table, strict=True):
            self.rows[new] = list(self.rows[old])
        return _Text(own, text.length)


class _HalfCopiedAtFork(Paged):
    def fork(self, text: _Text) -> _Text:
        other = super().fork(text)
        if text.length % self.page_size:
            self.copy_last(other)
        return other


class _KeptAtCopy(Paged):
    def copy_last(self, text: _Text) -> None:
        self.share(text.table[-1])
        super().copy_last(text)


class _NotCounted(Paged):
    def share(self, page: int) -> None:
        pass


class _NotCountedOrBelow(_NotCounted):
    def drop(self, page: int) -> None:
        self.holders[page] -= 1
        if self.holders[page] <= 0:
            self.unused.append(page)


class _FreedWhileRead(Paged):
    def free(self, text: _Text) -> None:
        for page in text.table:
            self.holders[page] = 0
            self.unused.append(page)
        text.table, text.length = [], 0


class _DroppedWhileRead(Paged):
    def drop(self, page: int) -> None:
        self.holders[page] -= 1
        self.unused.append(page)


class _NotGivenBack(Paged):
    def free(self, text: _Text) -> None:
        text.table, text.length = [], 0


class _TableShared(Paged):
    def fork(self, text: _Text) -> _Text:
        other = super().fork(text)
        other.table = text.table
        return other


MISTAKES: Mapping[str, tuple[type[Paged], ...]] = {
    "page-too-early": (_TooEarly,),
    "never-copied": (_NeverCopied,),
    "copied-alone": (_CopiedAlone,),
    "full-page-copied": (_FullCopied,),
    "copied-at-fork": (_CopiedAtFork,),
    "half-page-copied-at-fork": (_HalfCopiedAtFork,),
    "kept-at-copy": (_KeptAtCopy,),
    "not-counted": (_NotCounted, _NotCountedOrBelow),
    "freed-while-read": (_FreedWhileRead, _DroppedWhileRead),
    "not-given-back": (_NotGivenBack,),
    "table-shared": (_TableShared,),
}
"""Each bug by its name, in the ways in which it is written."""


@lru_cache(maxsize=64)
def wanted(scenario: Scenario) -> tuple[Seen, ...]:
    """What must be there after each step. It is asked for after every other step, and again of the whole."""
    return tuple(_run(Paged, scenario, oldest=False))


def explains(mistake: str, scenario: Scenario, found: Sequence[Seen]) -> bool:
    """Whether a mistake, in one of its ways and with either order of free pages, does what was found."""
    runs = (_run(kind, scenario, oldest) for kind in MISTAKES[mistake] for oldest in (False, True))
    return any(len(run) == len(found) and all(map(Seen.like, run, found)) for run in runs)


def _run(kind: type[Paged], scenario: Scenario, oldest: bool) -> list[Seen]:
    paged = kind(scenario.n_pages, scenario.page_size, oldest)
    return [paged.run(step) for step in scenario.steps]
