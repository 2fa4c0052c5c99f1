"""L03, reading: what the learner predicts of the code, compared with what the code does when it is run here."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from handbook.labs.grading.bench import Bench
from handbook.labs.grading.grade import Grader
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.predictions import NOTHING, QUESTIONS, ending_of
from handbook.labs.grading.visibility import compare
from handbook.labs.texts import say
from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_allowed
from minimodel.softmax import softmax as weights_of

SHEET, FILE = "predictions.toml", "rules.py"
LAST_DIGIT = 0.6e-4
"""How far a number written with four decimals may be from the exact one."""

KINDS = ("bool", "int64", "float64")


def _part(part: str) -> Grader:
    """What compares one part of the sheet with what running gives; the first prediction that fails is told."""

    def judge(bench: Bench) -> None:
        predicted = bench.sheet(SHEET).get(part)
        for name, question in QUESTIONS[part].items():
            found = predicted.get(name) if isinstance(predicted, dict) else None
            if found in (None, "", []):
                raise fail("prediction", "empty", name=name)
            with np.errstate(all="ignore"):
                right = question.run()
            if not _same(found, right):
                bug = next((bug for bug, wrong in question.mistakes.items() if _same(found, wrong)), None)
                expected = say("gives", name=name, value=_written(right))
                raise FailError(expected, say("gives", name=name, value=_written(found)), bug)

    return judge


def _same(found: Any, right: Any) -> bool:
    if isinstance(right, str):
        return isinstance(found, str) and found.strip() == right
    if not isinstance(found, list) or len(found) != len(right):
        return False
    if isinstance(right[0], str):
        return bool([str(row).replace(" ", "") for row in found] == right)
    numeric = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in found)
    return numeric and bool(np.allclose(np.array(found, float), right, rtol=0, atol=LAST_DIGIT, equal_nan=True))


def _written(value: Any) -> str:
    """A value as the sheet has it."""
    if isinstance(value, np.ndarray):
        value = value.round(4).tolist()
    return json.dumps(value, default=str).replace("NaN", "nan").replace("Infinity", "inf")[:120]


def keys_in_sight(bench: Bench) -> None:
    """The rule for any lengths and offset; some keys may not be there yet, some may never be read."""
    sizes = [(4, 9, 3), (4, 5, 3), *bench.rng.integers((1, 1, 0), (7, 12, 7), size=(12, 3)).tolist()]
    for L, S, offset in sizes:
        found = bench.array(FILE, "keys_in_sight", L, S, offset)
        wanted = causal_allowed(L, S, offset=offset).sum(axis=1)
        position = offset + np.arange(L)
        mistakes = {
            "top-left": np.arange(L) + 1,
            "diagonal-ahead": position + 2,
            "diagonal-closed": position,
            "read-from-the-end": S - position,
            "polarity-swapped": S - wanted,
        }
        known = (name for name, counts in mistakes.items() if np.array_equal(found, counts.clip(0, S)))
        what = say("call", name="keys_in_sight", arguments=f"{L}, {S}, {offset}")
        compare(found, wanted, what, next(known, None))


def times_the_weight(bench: Bench) -> None:
    """The rule for any two scores, whatever else stands in their row."""
    for _ in range(8):
        row = bench.rng.normal(size=int(bench.rng.integers(2, 6))) * 2
        weights, (first, second) = weights_of(row), row[:2].tolist()
        found = bench.array(FILE, "times_the_weight", first, second)
        mistakes = {"not-exponentiated": first / second, "read-from-the-end": np.exp(second - first)}
        bug = next((name for name, wrong in mistakes.items() if np.allclose(found, wrong)), None)
        what = say("call", name="times_the_weight", arguments=f"{first:.4f}, {second:.4f}")
        compare(found, weights[0] / weights[1], what, bug)


def shapes(bench: Bench) -> None:
    """The rule for any sizes and any leading axes."""
    for leading in ([], [3], [2, 3]):
        L, S, d, d_v = bench.rng.permutation(np.arange(4, 12))[:4].tolist()
        q, k, v = [*leading, L, d], [*leading, S, d], [*leading, S, d_v]
        answer = bench.subject.call(FILE, "shapes", q, k, v)
        answer = answer.tolist() if isinstance(answer, np.ndarray) else answer
        if isinstance(answer, list):
            answer = [one.tolist() if isinstance(one, np.ndarray) else one for one in answer]
        if not isinstance(answer, list) or len(answer) != 2:
            raise fail("two-shapes", "another", text=str(answer)[:80])
        computed = scaled_dot_product_attention(np.ones(q), np.ones(k), np.ones(v))
        for name, found, array in zip(("output", "weights"), answer, computed, strict=True):
            sizes = isinstance(found, list) and all(isinstance(size, int) for size in found)
            if not sizes or found != list(array.shape):
                given = f"q {q}, k {k}, v {v}"
                raise FailError(
                    say("shape-of", name=name, given=given, shape=list(array.shape)),
                    say("shape-of", name=name, given=given, shape=str(found)[:80]),
                )


def accepted(bench: Bench) -> None:
    """The rule for any mask: every kind, and shapes that fit, stretch, lack an axis, or have one too long."""
    for scores in ([4, 6], [3, 4, 6], [2, 3, 4, 6]):
        shapes = [scores, scores[-2:], scores[-1:], [*scores[:-2], 1, scores[-1]], [*scores[:-2], 6, 4], [4, 4], [1, 1]]
        shapes += [[*scores[:axis], scores[axis] + 1, *scores[axis + 1 :]] for axis in range(len(scores))]
        shapes += [scores[:1] + scores[-2:]] if len(scores) == 4 else []
        for shape in shapes:
            for kind in bench.rng.permutation(KINDS).tolist():
                wanted = ending_of(_attend_under, kind, shape, scores) == NOTHING
                found = bench.subject.call(FILE, "accepted", kind, shape, scores)
                if found is not wanted:
                    raise _wrongly(kind, shape, scores, wanted, found)


def _attend_under(kind: str, mask: list[int], scores: list[int]) -> None:
    *leading, L, S = scores
    q, k, v = np.ones([*leading, L, 2]), np.ones([*leading, S, 2]), np.ones([*leading, S, 2])
    scaled_dot_product_attention(q, k, v, np.zeros(mask, kind))


def _wrongly(kind: str, mask: list[int], scores: list[int], wanted: bool, found: Any) -> FailError:
    lacks_heads = len(mask) == 3 and len(scores) == 4 and kind != "int64"
    bug = "batch-over-heads" if lacks_heads else "zero-one-mask" if kind == "int64" and found is True else None
    values = {"kind": kind, "mask": mask, "scores": scores}
    return FailError(
        say("taken" if wanted else "refused", **values), say("answered", text=json.dumps(found, default=str)[:80]), bug
    )


masks, softmax, attention = map(_part, ("masks", "softmax", "attention"))
