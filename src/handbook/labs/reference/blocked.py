"""Attention in blocks, as it should be and with each bug that an answer may hold, to tell them apart.

As in `models`, the arithmetic is written out without `minimodel`. A case is small, or asked for a few rows alone:
everything here is computed all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from handbook.labs.reference.attention import Explained, softmax

Rows = Sequence[int] | slice
Summary = tuple[np.ndarray, np.ndarray, np.ndarray]
"""For each query the largest score, the sum of the exponentials, and the values added up by them."""

ALL = slice(None)


class Case(NamedTuple):
    """Queries `[L, d]`, which are the last L of the S positions, keys `[S, d]`, values, and how to go about it."""

    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    block: int
    window: int | None


def allowed(case: Case, rows: Rows = ALL, *, ahead: int = 0, reach: int = 0) -> np.ndarray:
    """Who may read whom; ``ahead`` moves the diagonal, and ``reach`` the window's other end."""
    L, S = len(case.q), len(case.k)
    query, key = (S - L + np.arange(L))[rows, None], np.arange(S)
    causal: np.ndarray = key <= query + ahead
    if case.window is not None:
        causal &= key > query - case.window - reach
    return causal


def whole(case: Case, rows: Rows = ALL) -> np.ndarray:
    """The output at once, or some of its rows."""
    output: np.ndarray = _weights(_scores(case, rows), allowed(case, rows)) @ case.v
    return output


def summary_of(scores: np.ndarray, values: np.ndarray) -> Summary:
    """What is kept of some keys; -inf, 0 and zeros for a query that may read none of them."""
    largest = scores.max(axis=1, keepdims=True)
    exps = _exponentials(scores, largest)
    return largest, exps.sum(axis=1, keepdims=True), exps @ values


def explain_summary(found: Sequence[np.ndarray], old: Summary, scores: np.ndarray, values: np.ndarray) -> Explained:
    """The bugs that make ``found`` of an old summary and a block, of those that are known."""
    if any(np.isnan(part).any() for part in found):
        closed = (np.isneginf(old[0]) | np.isneginf(scores).all(axis=1, keepdims=True))[:, 0]  # [L]
        lost = np.any([np.isnan(part).any(axis=-1) for part in found], axis=0)
        return {"empty-block" if lost.shape == closed.shape and not (lost & ~closed).any() else "not-shifted": 1}
    block = summary_of(scores, values)
    largest = np.maximum(old[0], block[0])
    exps = _exponentials(scores, largest)
    shrink = _exponentials(old[0], largest)
    totals, drafts = (
        [once + added, shrink * once + added]
        for once, added in (
            (old[1], exps.sum(axis=1, keepdims=True)),
            (old[2], exps @ values),
        )
    )
    known = [
        *(("not-rescaled", (largest, totals[i], drafts[j])) for i, j in ((0, 0), (0, 1), (1, 0))),
        ("each-block-alone", (largest, old[1] + block[1], old[2] + block[2])),
    ]
    return {name: 1 for name, wrong in known if all(map(_equal, found, wrong))}


def explain(found: np.ndarray, case: Case) -> Explained:
    """The bugs that give the first row of ``found`` that is wrong, or all rows if that one is NaN.

    Not always all, because a bug and the blocks that are skipped beside it spoil each other's rows.
    """
    right = whole(case)
    if found.shape != right.shape:
        return {}
    wrong = np.array([not _equal(mine, theirs) for mine, theirs in zip(found, right, strict=True)])
    lost = np.isnan(found).any(axis=1)
    first = int(wrong.argmax())
    rows = ALL if lost[first] else first
    with np.errstate(all="ignore"):
        known = [(name, mistaken(case)) for name, mistaken in WRONG]
    if len(case.q) == len(case.k):  # a square has one alignment
        known = [(name, output) for name, output in known if name != "top-left"]
    late = allowed(case).argmax(axis=1) >= case.block  # a whole block is closed before the first that may be read
    if lost.any() and not (lost & ~late).any():
        known.append(("empty-block", np.where(lost[:, None], np.nan, right)))
    explained: dict[str, int] = {}
    for name, output in known:
        if _equal(found[rows], output[rows]):
            explained[name] = max(explained.get(name, 0), sum(map(_equal, found, output)))
    return explained


def overflows(found: np.ndarray, case: Case) -> bool:
    """Whether ``found`` is lost where exponentials of the scores as they come are, and right everywhere else."""
    with np.errstate(all="ignore"):
        exps = np.exp(np.where(allowed(case), _scores(case), -np.inf))
        unshifted = exps @ case.v / exps.sum(axis=1, keepdims=True)
    lost = ~np.isfinite(unshifted).all(axis=1)
    right = np.where(lost[:, None], np.nan, whole(case))
    return lost.any() and _equal(np.where(np.isfinite(found), found, np.nan), right)


def _exponentials(scores: np.ndarray, largest: np.ndarray) -> np.ndarray:
    exps: np.ndarray = np.exp(scores - np.where(np.isneginf(largest), 0.0, largest))
    return exps


def _equal(found: np.ndarray, wrong: np.ndarray) -> bool:
    return found.shape == wrong.shape and np.allclose(found, wrong, rtol=1e-6, atol=1e-9, equal_nan=True)


def _scores(case: Case, rows: Rows = ALL) -> np.ndarray:
    scores: np.ndarray = case.q[rows] @ case.k.T / np.sqrt(case.q.shape[1])
    return scores


def _weights(scores: np.ndarray, may_read: np.ndarray) -> np.ndarray:
    return softmax(np.where(may_read, scores, -np.inf))


def _other_mask(mask: Callable[[Case], np.ndarray]) -> Callable[[Case], np.ndarray]:
    return lambda case: _weights(_scores(case), mask(case)) @ case.v


def _other_weights(weigh: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[Case], np.ndarray]:
    return lambda case: weigh(_scores(case), allowed(case)) @ case.v


def _blocks(case: Case) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The masked scores of all queries, and the values, a block of keys at a time."""
    scores = np.where(allowed(case), _scores(case), -np.inf)
    for first in range(0, len(case.k), case.block):
        columns = slice(first, first + case.block)
        yield scores[:, columns], case.v[columns]


def _not_rescaled(case: Case, *, total_is: bool = False, draft_is: bool = False) -> np.ndarray:
    """Neither the sum nor the draft is scaled down to the new maximum, or one of the two alone."""
    largest = np.full((len(case.q), 1), -np.inf)
    total, draft = np.zeros((len(case.q), 1)), np.zeros((len(case.q), case.v.shape[1]))
    for scores, values in _blocks(case):
        before, largest = largest, np.maximum(largest, scores.max(axis=1, keepdims=True))
        exps, shrink = _exponentials(scores, largest), _exponentials(before, largest)
        total, draft = (shrink if total_is else 1) * total, (shrink if draft_is else 1) * draft
        total, draft = total + exps.sum(axis=1, keepdims=True), draft + exps @ values
    return draft / total


def _each_alone(case: Case) -> np.ndarray:
    """The mean of what each block gives alone, over the blocks in which the query may read something."""
    count, draft = np.zeros((len(case.q), 1)), np.zeros((len(case.q), case.v.shape[1]))
    for scores, values in _blocks(case):
        _, total, added = summary_of(scores, values)
        count, draft = count + (total > 0), draft + added / np.where(total > 0, total, 1.0)
    return draft / count


def _in_the_corner(case: Case) -> np.ndarray:
    return np.tril(np.ones((len(case.q), len(case.k)), dtype=bool))


def _full_blocks(case: Case) -> np.ndarray:
    return np.arange(len(case.k)) < len(case.k) // case.block * case.block


WRONG: Sequence[tuple[str, Callable[[Case], np.ndarray]]] = (
    ("not-masked", _other_mask(lambda case: np.ones((len(case.q), len(case.k)), dtype=bool))),
    ("diagonal-ahead", _other_mask(lambda case: allowed(case, ahead=1))),
    ("diagonal-closed", _other_mask(lambda case: allowed(case, ahead=-1))),
    ("polarity-swapped", _other_mask(lambda case: ~allowed(case))),
    ("not-windowed", _other_mask(lambda case: allowed(case._replace(window=None)))),
    ("top-left", _other_mask(lambda case: _in_the_corner(case))),
    ("top-left", _other_mask(lambda case: _in_the_corner(case) & allowed(case, ahead=len(case.k)))),
    ("window-off-by-one", _other_mask(lambda case: allowed(case, reach=1))),
    ("last-block-lost", _other_mask(lambda case: allowed(case) & _full_blocks(case))),
    ("mask-after-softmax", _other_weights(lambda scores, ok: softmax(scores) * ok)),
    ("multiply-by-zero", _other_weights(lambda scores, ok: softmax(scores * ok))),
    ("zero-one-mask", _other_weights(lambda scores, ok: softmax(scores + ok))),
    ("softmax-over-queries", _other_weights(lambda scores, ok: softmax(np.where(ok, scores, -np.inf), axis=0))),
    ("not-scaled", lambda case: whole(case._replace(q=case.q * np.sqrt(case.q.shape[1])))),
    ("not-rescaled", _not_rescaled),
    ("not-rescaled", partial(_not_rescaled, total_is=True)),
    ("not-rescaled", partial(_not_rescaled, draft_is=True)),
    ("each-block-alone", _each_alone),
)
"""The bugs by name, each one change away from what is right; a name may stand for several."""
