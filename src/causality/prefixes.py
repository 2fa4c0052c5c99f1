"""Does a text's beginning keep its rows when the text goes on? And when a longer one was asked before?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causality.answer import Answer, CannotAskError, Verdict
from causality.diagnosis import diagnose
from causality.expected import Expected
from causality.model import Model, relative


def prefixes(model: Model, expected: Expected, *, tolerance: float, lengths: Sequence[int] = (23, 67, 131)) -> Answer:
    """Ask whether `f(x[:n])` is `f(x)[:n]`, the short text first and the long one first.

    Args:
        model: understood by `understand`.
        expected: who should see whom; a model that should see what is later is not asked.
        tolerance: relative to the output's scale.
        lengths: of the long texts; one beyond what a configuration was made for is added.
    """
    if model.last_row:
        return Answer("prefixes", "", Verdict.OPEN, ("it gives the last row only, of whatever it is given",))
    if np.triu(expected(8), 1).any():
        return Answer(
            "prefixes",
            "",
            Verdict.OPEN,
            ("what it should see is not causal, so a longer text may change its beginning",),
        )
    made_for = getattr(getattr(model.source, "config", None), "max_position_embeddings", None)
    asked: list[int] = []
    for T in (*lengths, *([made_for + 8] if made_for and made_for <= 1024 else [])):
        text, n = model.text(np.random.default_rng(T), T), T * 2 // 3
        try:
            before = model(text[:n])
            whole = model(text)
            after = model(text[:n])
        except CannotAskError:
            break
        asked.append(T)
        what = f"T = {', '.join(map(str, asked))}, cut at two thirds; {model.dtype}"
        off = _by_row(after - before, whole)
        if (off > tolerance).any():
            first = int(np.flatnonzero(off > tolerance)[0])
            said = f"after a text of {T} tokens, output {first} of the first {n} is another than before it"
            return Answer(
                "prefixes", what, Verdict.WRONG, (said,), (first,), float(off.max()), diagnose("state-between-calls")
            )
        off = _by_row(whole[:n] - before, whole)
        if (off > tolerance).any():
            first = int(np.flatnonzero(off > tolerance)[0])
            said = f"at T = {T}, output {first} is another than in the first {n} tokens alone"
            named = diagnose("length-dependent-base")
            return Answer("prefixes", what, Verdict.WRONG, (said,), (first,), float(off.max()), named)
    if not asked and model.length not in lengths:
        return prefixes(model, expected, tolerance=tolerance, lengths=(model.length,))
    if not asked:
        return Answer("prefixes", "", Verdict.OPEN, ("it takes no other length",))
    return Answer("prefixes", f"T = {', '.join(map(str, asked))}, cut at two thirds; {model.dtype}", Verdict.RIGHT)


def _by_row(difference: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return np.array([relative(row, outputs) for row in difference])
