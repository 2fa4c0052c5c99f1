"""Assertions for tests of your own, one for each question."""

from __future__ import annotations

from typing import Any

from causality.answer import Answer, Verdict
from causality.asking import ask


def _asserted(question: str, model: Any, *, noted: bool = False, **told: Any) -> None:
    told.setdefault("only", [question])
    answers = [answer for answer in ask(model, **told).answers if answer.question.startswith(question)]
    asked = [answer for answer in answers if answer.verdict is not Verdict.OPEN]
    assert asked, f"{question} was not asked: {_said(answers)}"
    allowed = {Verdict.RIGHT, Verdict.NOTED} if noted else {Verdict.RIGHT}
    bad = [answer for answer in asked if answer.verdict not in allowed]
    assert not bad, _said(bad)


def _said(answers: list[Answer]) -> str:
    return "\n".join(map(str, answers)) or "there is no such question for this model"


def assert_causal(model: Any, *, noted: bool = False, **told: Any) -> None:
    """Assert that each output sees its own token and all before it, and none after it. Arguments as for `ask`.

    `noted` allows a model that chooses what it reads, such as the top k, if it sees none after it.

    ```python
    import numpy as np
    from causality import assert_causal

    assert_causal(lambda x: np.cumsum(x, axis=0))
    ```
    """
    _asserted("influence", model, noted=noted, expected_mask="causal", **told)


def assert_sees(model: Any, expected_mask: Any, **told: Any) -> None:
    """Assert that each output sees what is expected, such as `window:4`, and nothing else."""
    _asserted("influence", model, expected_mask=expected_mask, **told)


def assert_prefix_stable(model: Any, **told: Any) -> None:
    """Assert that a text's beginning keeps its rows when the text goes on, whichever is asked first."""
    _asserted("prefixes", model, **told)


def assert_cache_exact(model: Any, step: Any = None, **told: Any) -> None:
    """Assert that a cache changes nothing: whole, in chunks, token by token. `step(tokens, cache) -> (rows, cache)`."""
    _asserted("cache", model, step=step, **told)


def assert_rollback_exact(model: Any, step: Any = None, **told: Any) -> None:
    """Assert that drafts which are taken back leave nothing behind. `trim(cache, n)` where the cache needs one."""
    _asserted("rollback", model, step=step, **told)


def assert_batch_invariant(model: Any, **told: Any) -> None:
    """Assert that a text in a batch of several has the rows that it has alone."""
    _asserted("batch", model, **told)


def assert_padding_invariant(model: Any, *, noted: bool = False, **told: Any) -> None:
    """Assert that pads change no word, on either side and while decoding; `noted` allows what `position_ids` cure."""
    _asserted("padding", model, noted=noted, **told)


def assert_packing_isolates(model: Any, **told: Any) -> None:
    """Assert that of two packed documents the second has the rows that it has alone."""
    _asserted("packing", model, **told)


def assert_position_invariant(model: Any, **told: Any) -> None:
    """Assert that a text has the same rows wherever it stands, as with rotary positions or ALiBi."""
    _asserted("positions", model, **told)


def assert_labels_shifted_once(loss: Any, prepare: Any = None) -> None:
    """Assert that a loss, with the labels that a data set prepares, pairs row i with token i + 1."""
    from causality.labels import labels

    answer = labels(loss, prepare)
    assert answer.verdict is Verdict.RIGHT, str(answer)
