"""The questions of L03's sheet. No answer stands here: it is what `minimodel` gives when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import additive, causal_allowed, causal_mask
from minimodel.softmax import softmax

NOTHING = "nothing"
"""What is written of a call that does not raise."""

Q, K, V = (np.ones(shape, np.float32) for shape in ((3, 2, 8), (3, 5, 8), (3, 5, 4)))
SCORES = np.log([1.0, 3.0, 4.0])


class Question(NamedTuple):
    """What to run for the answer, and the bug that each wrong answer is the mark of."""

    run: Callable[[], Any]
    mistakes: Mapping[str, Any] = {}


def rows_of(allowed: np.ndarray) -> list[str]:
    """A mask as the sheet has it: one text a query, one sign a key."""
    return ["".join("01"[cell] for cell in row) for row in allowed.astype(int).tolist()]


def ending_of(call: Callable[..., object], *arguments: Any) -> str:
    """The name of what a call raises, or that it raises nothing."""
    try:
        with np.errstate(invalid="ignore"):
            call(*arguments)
    except Exception as error:
        return type(error).__name__
    return NOTHING


def _who_reads(offset: int) -> Question:
    right, query, key = causal_allowed(2, 5, offset=offset), offset + np.arange(2)[:, None], np.arange(5)
    wrong = {
        "diagonal-ahead": key <= query + 1,
        "diagonal-closed": key < query,
        "polarity-swapped": ~right,
        "top-left": key <= query - offset,
    }
    return Question(lambda: rows_of(right), {name: rows_of(rows) for name, rows in wrong.items()})


def _attend(mask: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    return scaled_dot_product_attention(Q, K, V, mask)


def _under(mask: np.ndarray, mistaken: str | None = None) -> Question:
    return Question(lambda: ending_of(_attend, mask), {mistaken: NOTHING} if mistaken else {})


LOWER = causal_allowed(2, 5)

QUESTIONS: Mapping[str, Mapping[str, Question]] = {
    "masks": {
        "with_offset": _who_reads(2),
        "without_offset": _who_reads(0),
        "added": Question(lambda: causal_mask(2)[0], {"zero-one-mask": [1, 0], "polarity-swapped": [-np.inf, 0]}),
        "of_ones": Question(lambda: ending_of(additive, np.ones((2, 2))), {"zero-one-mask": NOTHING}),
        "of_integers": Question(lambda: ending_of(causal_mask, 2, np.int64)),
        "of_nobody": Question(lambda: ending_of(causal_mask, 0)),
    },
    "softmax": {
        "row": Question(lambda: softmax(SCORES), {"not-divided": np.exp(SCORES), "not-exponentiated": SCORES}),
        "raised": Question(lambda: softmax(SCORES + 1000), {"not-shifted": [np.nan] * 3}),
        "blocked": Question(lambda: softmax(np.array([0, -np.inf, 0])), {"multiply-by-zero": np.full(3, 1 / 3)}),
        "closed": Question(lambda: softmax(np.full(2, -np.inf)), {"full-rows-filled": [0.5, 0.5]}),
        "over_queries": Question(lambda: softmax(np.zeros((2, 4)), axis=-2)[0]),
    },
    "attention": {
        "output": Question(lambda: _attend()[0].shape),
        "weights": Question(lambda: _attend()[1].shape),
        "dtype": Question(lambda: _attend(causal_mask(2, offset=3))[0].dtype.name),
        "first_row": Question(lambda: _attend(LOWER)[1][0, 0], {"diagonal-ahead": [0.5, 0.5, 0, 0, 0]}),
        "zeros_and_ones": _under(LOWER.astype(np.float32), "zero-one-mask"),
        "integers": _under(LOWER.astype(int), "zero-one-mask"),
        "square": _under(causal_mask(2)),
        "all_blocked": _under(np.zeros((2, 5), dtype=bool)),
    },
}
"""The questions by part and name, in the order of the sheet."""
