"""L10, a page at a time: the tokens of a cache in one row, in as many pages as that takes, after every call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from handbook.labs.grading.bench import Bench
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.visibility import compare, equals, listed, same
from handbook.labs.reference.attention import only, softmax
from handbook.labs.reference.paging import MISTAKES, Paged, Scenario, Seen, Step, explains, wanted
from handbook.labs.sandbox import page_calls
from handbook.labs.sandbox.process import SubjectError
from handbook.labs.texts import Say, say

FILE = "pages.py"
THROUGH = page_calls.__name__

H, D = 2, 3
"""Heads, and the width of each."""

SIZES = (1, 3)
"""Tokens in a page. With one, no page is ever partly full."""

ROOM = (0, 3)
"""Pages that are free when most are in use: some mistakes show in a count, and some only where no page is left."""

ORDERS, CALLS, TEXTS = 8, 24, "abcde"
"""How many scenarios are drawn, how many calls each has, and of which texts."""

Plan = Callable[[int], Sequence[str]]
"""The calls of a scenario, for a size of pages: `a3` appends three tokens to a, `b=a` forks b from a, `-a` frees a."""

RIGHT = "right"
"""In the place of a bug's name."""


@dataclass(frozen=True)
class _Run:
    """What was seen in a scenario, up to a call that ended it, if one did."""

    scenario: Scenario
    seen: Sequence[Seen]
    last: int = 0
    error: SubjectError | None = None

    def context(self, i: int, what: Say) -> Say:
        """What is said of a call, with the calls before it, and which of them were refused as they must be."""
        refused = [right.refused and (j < i or self._is_refused(j)) for j, right in enumerate(wanted(self.scenario))]
        calls = zip(self.scenario.steps[: i + 1], refused, strict=False)
        done = "; ".join(f"{step} -> MemoryError" if no else str(step) for step, no in calls)
        return say("after", steps=done, n_pages=self.scenario.n_pages, size=self.scenario.page_size, what=what)

    def first_wrong(self) -> int | None:
        """The first call after which something is not as it must be, or that did not end."""
        pairs = enumerate(zip(self.seen, wanted(self.scenario), strict=False))
        first = next((i for i, (found, right) in pairs if not found.like(right)), None)
        return self.last if first is None and self.error is not None else first

    def _is_refused(self, i: int) -> bool:
        return i < len(self.seen) and self.seen[i].refused


def pool(bench: Bench) -> None:
    """Pages are lent once, and are free again when the last holder has dropped them."""
    n = int(bench.rng.integers(4, 8))
    bench.subject.call(FILE, "Pool", [n, 2, H, D])
    _count("Pool()", bench.subject.call(FILE, "n_free"), n)
    holders: dict[int, int] = {}
    for _ in range(n):
        _take(bench, holders, n)
    try:
        page = bench.subject.call(FILE, "take")
    except SubjectError as error:
        raise FailError(say("none-left", count=n), error.found) from None
    if page != -1:
        raise fail("none-left", "took", page=page, count=n)
    for _ in range(80):
        call = str(bench.rng.choice(["share", "drop", "drop", "take"]))
        if call == "take" and len(holders) < n:
            _take(bench, holders, n)
        elif call != "take" and holders:
            page = int(bench.rng.choice([*holders]))
            what = say("page-call", call=f"{call}(pool, {page})", holders=holders[page])
            holders[page] += 1 if call == "share" else -1
            left = bench.subject.call(FILE, call, page)
            if not holders[page]:
                del holders[page]
            _count(what, left, n - len(holders))


def _take(bench: Bench, holders: dict[int, int], n: int) -> None:
    page, free = bench.subject.call(FILE, "take"), sorted(set(range(n)) - set(holders))
    if page not in free:
        raise fail("a-free-page", "no-page" if page == -1 else "took", free=listed(free), page=page)
    holders[page] = 1
    _count("take(pool)", bench.subject.call(FILE, "n_free"), n - len(holders))


def _count(what: str | Say, found: int, count: int) -> None:
    if found != count:
        raise FailError(say("free-after", what=what, count=count), say("free-pages", count=found))


def append(bench: Bench) -> None:
    """Tokens go into the rows of their positions, and a page is taken for the first token that needs it."""
    for_each_size = (
        lambda s: ["a1"] * (2 * s + 1),
        lambda s: [f"a{s}", "a1", f"a{2 * s}", f"a{s}"],
        lambda s: ["a1", "b1", f"a{s}", f"b{s}", "b1", "a1"],
    )
    _judge(bench, _scenarios(for_each_size))


def free(bench: Bench) -> None:
    """Pages come back, once, and are lent again."""
    for_each_size = (
        lambda s: [f"a{2 * s + 1}", "-a"],
        lambda s: ["a1", f"b{s}", "-a", f"c{s}", "-b", "-c"],
        lambda s: [f"a{s + 1}", "-a", f"a{s}", "-a", "-a", f"b{s}", f"c{s}"],
    )
    _judge(bench, _scenarios(for_each_size))


def fork(bench: Bench) -> None:
    """Two texts in the same pages, which stay until the last of them goes."""
    for_each_size = (
        lambda s: [f"a{s + 1}", "b=a", "-a", f"c{s}", "c1", "-b", f"d{s}"],
        lambda s: [f"a{2 * s}", "b=a", "c=b", "-a", "-b", "d1", "-c"],
        lambda s: ["a1", "b=a", "-b", "c=a", "-a", "-c", f"d{s}"],
        lambda s: [f"a{s + 1}", "b=a", "-b", "-b", f"c{s}", "-a", "b=a", "b1"],
    )
    _judge(bench, _scenarios(for_each_size))


def write(bench: Bench) -> None:
    """A page that others hold is copied before it is written to, once, and no other is."""
    for_each_size = (
        lambda s: [f"a{s + 1}", "b=a", "b1", "a1", "-a", "b1", "-b"],
        lambda s: [f"a{s + 1}", "b=a", "a1", "b1", "-b", f"a{s}", "-a"],
        lambda s: [f"a{2 * s}", "b=a", "b1", "a1", "-b", "-a"],
        lambda s: ["a1", "b=a", "c=a", "a1", "b1", "c1", "-a", "-b", "-c"],
        lambda s: [f"a{s + 1}", "b=a", f"b{2 * s}", "c=b", "c1", "b1", "-a", "-c", "-b"],
        lambda s: ["a1", "b=a", "-b", "a1", "b=a", "-a", "b1", "-b"],
    )
    _judge(bench, _scenarios(for_each_size))


def full(bench: Bench) -> None:
    """A call for which there is no room says so, and has changed nothing; what fits is still done."""
    plans: tuple[tuple[int, Plan], ...] = (
        (2, lambda s: [f"a{2 * s}", "a1", "-a", f"a{2 * s}"]),
        (2, lambda s: [f"a{s}", f"b{s}", "a1", "-b", "a1"]),
        (3, lambda s: [f"a{s}", "b1", f"a{2 * s}", f"a{s}", f"b{2 * s}", "b1", "-a", f"b{2 * s}"]),
        (2, lambda s: [f"a{s + 1}", "b=a", "b1", "a1", "-a", "b1"]),
        (3, lambda s: [f"a{s + 1}", "b=a", f"b{s}", "b1", "a1", "-b", f"a{s}"]),
        (1, lambda s: ["a1", "b=a", "c=b", "b1", "-a", "-b", "c1"]),
    )
    _judge(bench, (Scenario(n, s, _steps(plan(s))) for s in SIZES for n, plan in plans))


def orders(bench: Bench) -> Say:
    """Calls in an order that nobody knows, and queries of one of the texts after every second."""
    _judge(bench, [_drawn(bench) for _ in range(ORDERS)], asks=True)
    return say("ordered", calls=ORDERS * CALLS)


def _scenarios(plans: Sequence[Plan]) -> Iterator[Scenario]:
    """Each plan, for each size of a page, in a pool that it fills and in one with some room."""
    for s in SIZES:
        for plan in plans:
            steps = _steps(plan(s))
            most = max(seen.in_use for seen in wanted(Scenario(1000, s, steps)))
            yield from (Scenario(most + room, s, steps) for room in ROOM)


def _steps(plan: Sequence[str]) -> tuple[Step, ...]:
    return tuple(
        Step("free", one[1:])
        if one[0] == "-"
        else Step("fork", one[2:], other=one[0])
        if one[1] == "="
        else Step("append", one[0], int(one[1:]))
        for one in plan
    )


def _drawn(bench: Bench) -> Scenario:
    """Calls that fill a small pool to its last page again and again."""
    size, n = int(bench.rng.choice([1, 2, 3, 4, 5, 16])), int(bench.rng.integers(5, 12))
    model, steps = Paged(n, size), list[Step]()
    while len(steps) < CALLS:
        lengths = {name: model.texts[name].length if name in model.texts else 0 for name in TEXTS}
        name, other = map(str, bench.rng.choice(list(TEXTS), size=2, replace=False))
        kind = str(bench.rng.choice(["append", "fork", "free"], p=[0.4, 0.5, 0.1]))
        if kind == "append":
            to_the_border, more = size - lengths[name] % size, int(bench.rng.integers(1, 2 * size + 2))
            step = Step(kind, name, int(bench.rng.choice([1, to_the_border, more])))
        elif kind == "fork" and lengths[name] and not lengths[other]:
            step = Step(kind, name, other=other)
        elif kind == "free" and name in model.texts:
            step = Step(kind, name)
        else:
            continue
        model.run(step)
        steps.append(step)
    return Scenario(n, size, tuple(steps))


def _judge(bench: Bench, scenarios: Iterable[Scenario], *, asks: bool = False) -> None:
    """Raise ``FailError`` where the fewest calls lead to something that is not as it must be.

    A bug is named if it, and no other, does in every scenario what was seen. With ``asks``, texts are also read.
    """
    runs = [_played(bench, one, asks) for one in scenarios]
    wrong = [(i, run) for run in runs if (i := run.first_wrong()) is not None]
    if not wrong:
        return
    i, run = min(wrong, key=lambda one: one[0])
    right = wanted(run.scenario)[i]
    if i < len(run.seen) and not run.seen[i].like(right):
        if right.refused and run.seen[i].refused and i:  # all was well before it
            bug: str | None = "half-done"
        else:
            bug = only(name for name in MISTAKES if all(explains(name, one.scenario, one.seen) for one in runs))
        expected, found = _difference(run, run.seen[i], right)
        raise FailError(run.context(i, expected), found, bug)
    assert run.error is not None
    if run.error.found.key in ("no-file", "unwritten"):  # the calls before it explain nothing
        raise run.error
    expected = say("refused") if right.refused else run.error.expected
    raise FailError(run.context(i, expected), run.error.found, run.error.bug)


def _difference(run: _Run, found: Seen, right: Seen) -> tuple[Say, Say]:
    """What there should be and what there is, the plainest first."""
    if found.refused != right.refused:
        refusals = say("performed"), say("refused")
        return refusals[right.refused], refusals[found.refused]
    for key, counts, its in (
        ("length", right.lengths, found.lengths),
        ("table-size", right.table_sizes, found.table_sizes),
    ):
        for name in counts:
            if counts[name] != its[name]:
                return say(key, text=name, count=counts[name]), say(key, text=name, count=its[name])
    for key, count, its_count in (
        ("in-use", right.in_use, found.in_use),
        ("n-free", right.n_free, found.n_free),
    ):
        if count != its_count:
            return say(key, count=count), say(key, count=its_count)
    text, t = next(
        (name, t) for name, row in right.tokens.items() for t, one in enumerate(row) if found.tokens[name][t] != one
    )
    return _read(run, text, t, right.tokens[text][t]), _read(run, text, t, found.tokens[text][t])


def _read(run: _Run, text: str, t: int, token: int) -> Say:
    """What stands at a position of a text: of which call, and which of its tokens."""
    for step in run.scenario.steps:
        if 0 <= token < step.tokens:
            return say("stands", text=text, position=t, number=token, call=str(step))
        token -= step.tokens
    return say("stands-nothing", text=text, position=t)


def _played(bench: Bench, scenario: Scenario, asks: bool) -> _Run:
    """Make the calls and look after each, until one fails."""
    tokens: dict[bytes, int] = {}
    rows: list[np.ndarray] = []  # of each token, its keys and values: [2, H, d_head]
    seen: list[Seen] = []
    names: set[str] = set()
    last = 0
    try:
        bench.subject.call(FILE, "Pool", [scenario.n_pages, scenario.page_size, H, D])
        for last, step in enumerate(scenario.steps):
            new = bench.rng.normal(size=(2, H, step.tokens, D))
            for row in new.swapaxes(0, 2).swapaxes(1, 2):  # [2, H, d_head] of one token
                tokens[row.tobytes()] = len(rows)
                rows.append(row)
            names |= {step.text, step.other} - {""}
            given = {"append": (new,), "fork": (step.other,), "free": ()}[step.kind]
            seen.append(
                _looked(scenario, sorted(names), tokens, bench.subject.call(FILE, step.kind, step.text, *given))
            )
            if asks and last % 2:
                _ask(bench, _Run(scenario, seen, last), rows)
    except SubjectError as error:
        return _Run(scenario, seen, last, error)
    return _Run(scenario, seen)


def _looked(scenario: Scenario, names: Sequence[str], tokens: Mapping[bytes, int], told: Sequence[Any]) -> Seen:
    """What was told of the pool and its texts, with each row as the token that was written there."""
    if all(isinstance(one, str) for one in told):
        raise SubjectError(say("changed-argument", name="append", which=", ".join(told)))
    refused, n_free, tables, lengths, pages = told  # pages: [2, n_pages, H, page_size, d_head]
    shape = (scenario.n_pages, H, scenario.page_size, D)
    if pages.shape[1:] != shape:
        raise FailError(
            say("shape", what="pool.keys", shape=shape), say("shape", what="pool.keys", shape=pages.shape[1:])
        )

    def token(table: Sequence[int], t: int) -> int:
        number, row = divmod(t, scenario.page_size)
        if number >= len(table) or not 0 <= table[number] < scenario.n_pages:
            return -1
        return tokens.get(pages[:, table[number], :, row].tobytes(), -1)

    return Seen(
        refused,
        n_free,
        dict(zip(names, tables, strict=True)),
        dict(zip(names, lengths, strict=True)),
        {
            name: [token(table, t) for t in range(min(length, len(tokens)))]
            for name, table, length in zip(names, tables, lengths, strict=True)
        },
    )


def _ask(bench: Bench, run: _Run, rows: Sequence[np.ndarray]) -> None:
    """Compare what one of the texts reads with attention over its tokens in one row, as long as the pages are right."""
    right = wanted(run.scenario)[run.last]
    texts = [name for name, held in right.tokens.items() if held]
    if texts and run.seen[-1].like(right):
        name = str(bench.rng.choice(texts))
        k, v = np.stack([rows[token] for token in right.tokens[name]], axis=2)  # [H, length, d_head]
        q = bench.rng.normal(size=(H, int(bench.rng.integers(1, k.shape[1] + 1)), D))
        found = bench.array(FILE, "attend", name, q)
        try:
            compare(found, _attended(q, k, v), say("attend-to", text=name))
        except FailError as failed:
            raise FailError(run.context(run.last, failed.expected), failed.found) from None


def attend(bench: Bench) -> None:
    """Queries of the newest tokens, in a pool that others have written: the table says where the keys are."""
    answers = []
    for size, length, L in (*product(SIZES, (1, 3, 5, 6), (1, 3)), (16, 7, 2)):
        if length < L:
            continue
        n = -(-length // size)
        table = np.sort(bench.rng.permutation(n + 3)[:n])[::-1]  # not in the order of the numbers, and with gaps
        table = np.roll(table, int(bench.rng.integers(2)))
        keys, values = bench.rng.normal(size=(2, n + 3, H, size, D))
        bench.subject.call(FILE, "Pool", [n + 3, size, H, D])
        bench.subject.call(FILE, "lay", "a", keys, values, table.tolist(), length)
        q = bench.rng.normal(size=(H, L, D))
        found, ways = bench.array(FILE, "attend", "a", q), _ways(q, keys, values, table, length)
        answers.append((found, ways, say("laid", table=table.tolist(), size=size, length=length, q=q.shape)))
    wrong = [(found, ways) for found, ways, _ in answers if not equals(found, ways[RIGHT])]
    bug = only(name for name in ways if wrong and all(same(found, known[name]) for found, known in wrong))
    for found, ways, what in answers:
        compare(found, ways[RIGHT], what, bug)


def _attended(q: np.ndarray, k: np.ndarray, v: np.ndarray, first: int | None = None, factor: float = 1.0) -> np.ndarray:
    """Causal attention of queries whose first stands at ``first``; else the last one stands at the last key."""
    S, L = k.shape[1], q.shape[1]
    at = (S - L if first is None else first) + np.arange(L)  # [L]
    scores = factor * q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # [H, L, S]
    output: np.ndarray = softmax(np.where(np.arange(S) <= at[:, None], scores, -np.inf)) @ v
    return output


def _ways(
    q: np.ndarray, keys: np.ndarray, values: np.ndarray, table: np.ndarray, length: int
) -> Mapping[str, np.ndarray]:
    """The outputs of right attention, and of each bug that it may hold."""

    def gathered(pages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        k, v = (np.concatenate(list(array[pages]), axis=1) for array in (keys, values))  # [H, rows, d_head]
        return k, v

    k, v = (array[:, :length] for array in gathered(table))
    by_number, first_ones = (
        _attended(q, gathered(pages)[0][:, :length], gathered(pages)[1][:, :length])
        for pages in (np.sort(table), np.arange(len(table)))
    )
    return {
        RIGHT: _attended(q, k, v),
        "pages-by-number": by_number,
        "table-not-read": first_ones,
        "past-the-end": _attended(q, *gathered(table)),
        "not-masked": _attended(q, k, v, length),
        "top-left": _attended(q, k, v, 0),
        "not-scaled": _attended(q, k, v, None, np.sqrt(D)),
    }
