"""L00, scores and softmax by hand: a worksheet of numbers, then functions that hold for every text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from handbook.labs.grading.bench import Bench
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.visibility import compare, same
from handbook.labs.reference.attention import WRONG, only, too_loud, triangle
from handbook.labs.reference.attention import softmax as right
from handbook.labs.texts import say

FILE, SHEET = "by_hand.py", "worksheet.toml"

Q = np.array([1.0, 2.0, 0.0, 2.0])
K = np.array([[1.0, 0.0, 3.0, 1.0], [2.0, 1.0, 1.0, 0.0], [0.0, 3.0, 2.0, 1.0], [2.0, 2.0, 0.0, 1.0]])
"""The worksheet's query, which is that of token 2, and its keys."""

MASKED_WRONGLY = (
    "not-masked",
    "mask-after-softmax",
    "multiply-by-zero",
    "zero-one-mask",
    "softmax-over-queries",
    "diagonal-ahead",
    "diagonal-closed",
    "polarity-swapped",
    "read-from-the-end",
)
"""The bugs that a causal row may hold."""

SCORED_WRONGLY: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "not-scaled": lambda q, k: q @ k.T,
    "scaled-without-root": lambda q, k: q @ k.T / q.shape[1],
    "read-from-the-end": lambda q, k: k @ q.T / np.sqrt(q.shape[1]),
}
"""The bugs that scores may hold. A name is given where it explains every answer that is wrong."""

ROW = 2
LAST_DIGIT = 0.6e-4
"""How far a number written with four decimals may be from the exact one."""


def _numbers(sheet: Mapping[str, Any], name: str, count: int) -> np.ndarray:
    written = sheet.get(name)
    if written == [] or written is None:
        raise fail("four-numbers", "empty", name=name, count=count)
    values = written if isinstance(written, list) else [written]
    numeric = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in values)
    if not numeric or len(values) != count:
        raise fail("four-numbers", "written", name=name, count=count, text=str(written)[:80])
    return np.array(values, dtype=float)


def _judge(
    name: str,
    written: np.ndarray,
    right: np.ndarray,
    mistakes: Mapping[str, np.ndarray],
    carried: np.ndarray | None = None,
) -> None:
    """``carried`` is what follows from the numbers above it as they are written, with the decimals of the sheet."""
    if np.abs(written - right).max() <= LAST_DIGIT:
        return
    if carried is not None and np.abs(written - carried).max() <= LAST_DIGIT:
        return
    bug = next((one for one, value in mistakes.items() if np.abs(written - value).max() <= LAST_DIGIT), None)
    where = int(np.argmax(~(np.abs(written - right) <= LAST_DIGIT)))  # NaN is wrong too
    raise FailError(
        say("entry", name=name, where=where, value=f"{right[where]:.4f}"),
        say("entry", name=name, where=where, value=f"{written[where]:g}"),
        bug,
    )


def sheet_scores(bench: Bench) -> None:
    """The four scores of the worksheet's query."""
    dots = K @ Q
    mistakes = {"not-scaled": dots, "scaled-without-root": dots / 4}
    _judge("scores", _numbers(bench.sheet(SHEET), "scores", 4), dots / 2, mistakes)


def sheet_weights(bench: Bench) -> None:
    """Their softmax under the causal mask: exponentials after the shift, their sum, the weights."""
    sheet, scores = bench.sheet(SHEET), K @ Q / 2
    kept = scores[: ROW + 1]
    exps = np.append(np.exp(kept - kept.max()), 0.0)
    weights = exps / exps.sum()
    unmasked, allowed = right(scores), np.arange(4) <= ROW
    paper = _numbers(sheet, "exponentials", 4)
    _judge("exponentials", paper, exps, {"not-masked": np.exp(scores - scores.max())})
    total = _numbers(sheet, "sum", 1)
    _judge("sum", total, exps.sum(keepdims=True), {}, paper.sum(keepdims=True))
    mistakes = {
        "not-masked": unmasked,
        "mask-after-softmax": unmasked * allowed,
        "not-divided": exps,
        "multiply-by-zero": right(scores * allowed),
    }
    _judge("weights", _numbers(sheet, "weights", 4), weights, mistakes, paper / total)


def scores(bench: Bench) -> None:
    """The function: every query against every key, for shapes of its own choice."""
    answers, names = [], set(SCORED_WRONGLY)
    for L, S, d in [[2, 3, 16], [3, 2, 9], *bench.rng.integers(1, 7, size=(4, 3)).tolist()]:
        q, k = bench.rng.normal(size=(L, d)), bench.rng.normal(size=(S, d))
        found, wanted = bench.array(FILE, "scores", q, k), q @ k.T / np.sqrt(d)
        answers.append((found, wanted))
        # Vectors of one number, or one query against one key: there a mistake is none, or looks like another.
        if d > 1 and L * S > 1 and not same(found, wanted):
            names = {name for name in names if same(found, SCORED_WRONGLY[name](q, k))}
    for found, wanted in answers:
        compare(found, wanted, "scores", only(names))


def softmax(bench: Bench) -> None:
    """The function: laws that hold for every row, and rows that a shift makes safe."""
    for size in [5, 17, *bench.rng.integers(1, 9, size=4).tolist()]:
        row = bench.rng.normal(size=size) * 3
        found, bug = bench.array(FILE, "softmax", row), None
        if same(found, np.exp(row)) or same(found, np.exp(row - row.max())):
            bug = "not-divided"
        elif same(found, row / row.sum()):
            bug = "not-exponentiated"
        compare(found, right(row), "softmax", bug)
    loud = np.array([1000.0, 1001.0, -1000.0])
    found = bench.array(FILE, "softmax", loud)
    bug = "not-shifted" if np.isnan(found).any() else None
    compare(found, right(loud), "softmax([1000, 1001, -1000])", bug)
    blocked = np.array([2.0, -np.inf, 1.0])
    compare(bench.array(FILE, "softmax", blocked), right(blocked), "softmax([2, -inf, 1])")


def weights(bench: Bench) -> None:
    """The function: a causal row for every query."""
    for T in [*bench.rng.integers(3, 9, size=3).tolist(), 1]:
        q, k = bench.rng.normal(size=(T, 5)), bench.rng.normal(size=(T, 5))
        values = q @ k.T / np.sqrt(5)
        allowed = triangle(T)
        found, wanted = bench.array(FILE, "causal_weights", q, k), right(np.where(allowed, values, -np.inf))
        compare(found, wanted, "causal_weights", _bug(found, values) if T > 2 else None)
        loud = bench.array(FILE, "causal_weights", q * 60, k * 60)
        wanted, known = right(np.where(allowed, values * 3600, -np.inf)), too_loud(values * 3600, allowed)
        compare(loud, wanted, "causal_weights", only(name for name, wrong in known.items() if same(loud, wrong)))


def _bug(found: np.ndarray, values: np.ndarray) -> str | None:
    with np.errstate(all="ignore"):
        known = {name: WRONG[name].weigh(values, WRONG[name].allowed(len(values))) for name in MASKED_WRONGLY}
    return next((one for one, wrong in known.items() if same(found, wrong)), None)
