"""L04, attention in blocks: judged by values, by influence, by what was skipped, and by how memory and time grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from handbook.labs.grading.bench import Bench, as_array
from handbook.labs.grading.growth import memory_growth, time_growth
from handbook.labs.grading.outcome import fail
from handbook.labs.grading.visibility import check_sight, compare, equals, listed
from handbook.labs.reference.attention import the_one
from handbook.labs.reference.blocked import Case, allowed, explain, explain_summary, overflows, summary_of, whole
from handbook.labs.texts import Say, say

FILE, FUNCTION = "blocks.py", "attend"

LENGTHS, BLOCK, MOST_LONGER = (512, 4096), 64, 10.0
"""Between which lengths memory is compared, and how many times more is too much: 8 is a line, and 64 a square."""

KEYS, FEW, MOST_KEYS = (2048, 32768), 256, 4.0
"""The same for a few queries, a single block, over many keys: 1 is a summary, and 16 a row of scores or of a mask."""

WINDOWED, WINDOW, MOST_WINDOWED = (256, 4096), 32, 64.0
"""The same for time under a window: between 16 (the blocks in sight) and 256 (all blocks)."""

MIB = 1 << 20


def absorb(bench: Bench) -> None:
    """One block into a summary, from scores in any order, closed blocks and summaries of no keys among them."""
    answers, explained = [], []
    for trial in range(12):
        L, before, here, d_v = bench.rng.integers((1, 1, 1, 1), (5, 5, 5, 4)).tolist()
        scores = bench.rng.normal(size=(L, before + here)) * bench.rng.choice([3.0, 1000.0])
        scores[bench.rng.random(scores.shape) < 0.4] = -np.inf
        scores[0, : (0, before, before + here)[trial % 3]] = -np.inf
        values = bench.rng.normal(size=(before + here, d_v))
        old = summary_of(scores[:, :before], values[:before])
        block = scores[:, before:], values[before:]
        parts = bench.subject.call(FILE, "absorb", *old, *block)
        if not isinstance(parts, list) or len(parts) != 3:
            raise fail("three-parts", "another-answer", kind=_kind(parts))
        arrays, right = tuple(as_array("absorb", part) for part in parts), summary_of(scores, values)
        answers.append((arrays, right))
        if not all(map(equals, arrays, right)):
            explained.append(explain_summary(arrays, old, *block))
    for arrays, right in answers:
        for name, found, wanted in zip(("largest", "total", "draft"), arrays, right, strict=True):
            compare(found, wanted, name, the_one(explained))


def equal(bench: Bench) -> None:
    """The same as all at once: any lengths, any blocks, with and without a window."""
    answers = [(case, _attend(bench, case)[0]) for case in (_drawn(bench) for _ in range(24))]
    # What is shown is wrong without a window and with many other tokens, if anything there is.
    answers.sort(key=lambda one: (one[0].window is not None, -len(one[0].q) * (len(one[0].k) - len(one[0].q))))
    bug = the_one(explain(found, case) for case, found in answers if not equals(found, whole(case)))
    for case, found in answers:
        compare(found, whole(case), "output", bug)


def _drawn(bench: Bench, *, T: int | None = None) -> Case:
    L, earlier, block, d, d_v, window = bench.rng.integers((1, 0, 1, 2, 1, 1), (12, 10, 8, 6, 5, 8)).tolist()
    L, earlier = (L, earlier) if T is None else (T, 0)
    k, v = bench.rng.normal(size=(earlier + L, d)), bench.rng.normal(size=(earlier + L, d_v))
    q = 2 * bench.rng.normal(size=(L, d))
    return Case(q, k, v, block, window if bench.rng.random() < 0.5 else None)


def _attend(bench: Bench, case: Case) -> tuple[np.ndarray, int]:
    return _pair(bench.subject.call(FILE, FUNCTION, *case))


def _pair(value: Any) -> tuple[np.ndarray, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise fail("two-parts", "another-answer", kind=_kind(value))
    count = as_array(FUNCTION, value[1])
    if count.shape != () or count.dtype.kind not in "iu":
        raise fail("two-parts", "another-count", value=str(value[1])[:80])
    return as_array(FUNCTION, value[0]), int(count)


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} × {type(value[0]).__name__}" if value else "[]"
    return "None" if value is None else type(value).__name__


def causal(bench: Bench) -> None:
    """Who sees whom, in both directions: with and without a window."""
    asked, explained = [], []
    for window in (None, 3, 2):
        T, d, block = bench.rng.integers((7, 2, 2), (11, 6, 4)).tolist()
        x, case = bench.rng.normal(size=(T, d)), _from_text(bench, d, block, window)
        found, right = _attend(bench, case(x))[0], whole(case(x))
        if found.shape != x.shape:
            compare(found, right, "output")
        if not equals(found, right):
            explained.append(explain(found, case(x)))
        asked.append((x, case, window))
    for x, case, window in asked:

        def f(x: np.ndarray, case: Callable[[np.ndarray], Case] = case) -> np.ndarray:
            return _attend(bench, case(x))[0]

        expected = say("causal") if window is None else say("in-window", window=window)
        check_sight(f, x, allowed(case(x)), expected, the_one(explained))


def _from_text(bench: Bench, d: int, block: int, window: int | None) -> Callable[[np.ndarray], Case]:
    W_q, W_k, W_v = bench.rng.normal(0, d**-0.5, size=(3, d, d))  # so that no weight is lost beside the others
    return lambda x: Case(x @ W_q, x @ W_k, x @ W_v, block, window)


def extremes(bench: Bench) -> None:
    """Scores that no exponential survives without its maximum: large, far below zero, rising, falling."""
    L, block = 9, 4
    noise, answers = bench.rng.normal(size=L), []
    rows = {"far-below": np.sort(noise) - 1e4, "rising": 1e4 + np.sort(1000 * noise), "falling": -np.sort(1000 * noise)}
    for key, row in {"quiet": noise, **rows}.items():
        q, k = np.tile([2.0, 0.0, 0.0, 0.0], (L, 1)), np.zeros((L, 4))  # 2 is the root of d: the scores are the row
        k[:, 0] = row
        case = Case(q, k, bench.rng.normal(size=(L, 3)), block, None)
        answers.append((key, case, _attend(bench, case)[0]))
    wrong = {key: (found, case) for key, case, found in answers if not equals(found, whole(case))}
    if "quiet" not in wrong and all(overflows(*one) for one in wrong.values()):
        bug: str | None = "not-shifted"
    else:
        bug = the_one(explain(*one) for one in wrong.values())
    for key, case, found in answers:
        compare(found, whole(case), say(key), bug)


def count(bench: Bench) -> None:
    """As many scores as stand in the blocks that somebody may read, or fewer; and the others are not worked on."""
    for _ in range(12):
        T, block, window = bench.rng.integers((8, 1, 1), (20, 6, 6)).tolist()
        q, k, v = bench.rng.normal(size=(3, T, 4))
        case = Case(q, k, v, block, window if bench.rng.random() < 0.5 else None)
        output, found = _attend(bench, case)
        right = equals(output, whole(case))  # of a wrong output it is not asked where it comes from
        needed, seen = int(allowed(case).sum()), _in_sight(case)
        if not needed <= found <= seen.sum():
            bug = "nothing-skipped" if right and found == T * T and _reached(bench, case, seen) else None
            reach = say("no-window") if case.window is None else say("a-window", window=window)
            values = {"T": T, "block": block, "reach": reach, "most": seen.sum(), "found": found}
            raise fail("counted", "counted-not", bug=bug, **values)
        if right and (reached := _reached(bench, case, seen)):
            token, rows = reached
            values = {"block": case.block, "token": token, "rows": listed(rows)}
            raise fail("not-reached", "reached", bug="nothing-skipped", **values)


def _in_sight(case: Case) -> np.ndarray:
    """The cells of all blocks that hold one that may be read."""
    seen = allowed(case)
    for i in range(0, len(seen), case.block):
        for j in range(0, len(seen), case.block):
            cells = np.s_[i : i + case.block, j : j + case.block]
            seen[cells] = seen[cells].any()
    return seen


def _reached(bench: Bench, case: Case, seen: np.ndarray) -> tuple[int, list[int]] | None:
    """A token that is NaN where only some blocks have to look, and who has looked; who skips stays clean of 0 · NaN."""
    blind = np.flatnonzero(~seen.all(axis=0))  # tokens that some query has not in sight
    if not len(blind):
        return None
    token = int(bench.rng.choice(blind))
    spoilt = case.v.copy()
    spoilt[token] = np.nan
    found, _ = _attend(bench, case._replace(v=spoilt))
    rows = np.flatnonzero(~seen[:, token])
    if found.shape != spoilt.shape or not np.isnan(found[rows]).any():
        return None
    return token, rows[np.isnan(found[rows]).any(axis=1)].tolist()


def memory(bench: Bench) -> Say | None:
    """No square, and no whole row either: both would grow with the length."""
    for key, sizes, few, block, most, bug in (
        ("longer", LENGTHS, None, BLOCK, MOST_LONGER, "square-held"),
        ("more-keys", KEYS, FEW, FEW, MOST_KEYS, "row-held"),
    ):
        small, large = (_drawing(bench, few or size, size, block) for size in sizes)
        peaks = memory_growth(bench, FILE, FUNCTION, small, large, _judge)
        if peaks is None:
            return say("no-memory")
        if peaks.ratio > most:
            what = say(key, few=few, times=sizes[1] // sizes[0], small=sizes[0], large=sizes[1])
            small_peak, large_peak = (f"{peak / MIB:.1f}" for peak in (peaks.small, peaks.large))
            values = {"most": f"{most:g}", "ratio": f"{peaks.ratio:.0f}", "small": small_peak, "large": large_peak}
            raise fail("memory", "memory-found", what=what, bug=bug, **values)
    return None


def _drawing(bench: Bench, L: int, S: int, block: int, window: int | None = None) -> Callable[[], Case]:
    def draw() -> Case:
        q, k, v = (bench.rng.normal(size=(length, 4)) for length in (L, S, S))
        return Case(q, k, v, block, window)

    return draw


def _judge(arguments: Sequence[Any], value: Any) -> None:
    """A few rows of a long output, among them the first and the last."""
    case = Case(*arguments)
    found, _ = _pair(value)
    rows = np.linspace(0, len(case.q) - 1, 5).astype(int).tolist()
    if found.shape != case.v[-len(case.q) :].shape:
        raise fail("shape", "shape", what="output", shape=found.shape)
    compare(found[rows], whole(case, rows), "output")


def time(bench: Bench) -> None:
    """Under a window the blocks in sight grow like the length, and all blocks like its square."""
    small, large = (_drawing(bench, size, size, WINDOW, window=WINDOW) for size in WINDOWED)
    ratio = time_growth(bench, FILE, FUNCTION, small, large, _judge)
    if ratio > MOST_WINDOWED:
        times = WINDOWED[1] // WINDOWED[0]
        values = {"window": WINDOW, "times": times, "most": f"{MOST_WINDOWED:g}", "ratio": f"{ratio:.0f}"}
        raise fail("time", "time-found", bug="nothing-skipped", **values)
