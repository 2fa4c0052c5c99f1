"""Which token does the loss pair with which row?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from causality import arrays
from causality.answer import Answer, CannotAskError, Verdict
from causality.diagnosis import diagnose
from causality.model import Model, libraries

T, V = 12, 16
PAIRS = ("the token it has read itself", "the next token", "the token after the next")


def labels(loss: Callable[[Any, Any], Any], prepare: Callable[[Any], tuple[Any, Any]] | None = None) -> Answer:
    """Ask a loss for logits that know token i, i + 1 or i + 2: the one that costs nothing is the one it asks for.

    Args:
        loss: takes logits `[T, V]` (or `[1, T, V]`) and labels of the same length; NumPy or torch.
        prepare: gives `(ids, labels)` from a text of token numbers, as a data set does; the text itself when left out.

    Raises:
        CannotAskError: the loss cannot be called so, or no pairing costs less than the others.
    """
    text = np.random.default_rng(61).permutation(V)[:T]  # no token twice: each pairing has a loss of its own
    told = text if prepare is None else np.asarray(arrays.inward(prepare(_for(prepare, text))[1]))
    costs = []
    for ahead in range(3):
        logits = np.zeros((T, V))
        known = text[ahead:]
        logits[np.arange(len(known)), known] = 50
        costs.append(_cost(loss, logits, told))
    pairing = int(np.argmin(costs))
    asked = f"logits that know the token 0, 1 and 2 ahead cost {', '.join(f'{cost:.2g}' for cost in costs)}"
    if costs[pairing] > 0.5 * sorted(costs)[1]:
        raise CannotAskError(f"the loss asks for no one token: {asked}; does it take logits [T, V] and labels [T]?")
    return _paired(pairing, asked, shifted=prepare is not None)


def labels_of_model(model: Model) -> Answer:
    """Ask a model that takes labels which of its rows its loss pairs with which token."""
    if "targets" not in model.roles or not model.tokens or not model.batched:
        return Answer(
            "labels", "", Verdict.OPEN, ("pass the loss, loss(logits, labels), and what prepares the labels",)
        )
    text = model.text(np.random.default_rng(62), T)
    output = model.raw(text[None], targets=text[None])
    found, logits = _loss_in(output), model.rows_of(output, 1, T)[0]
    if found is None:
        return Answer("labels", "", Verdict.OPEN, (f"given {model.roles['targets']}, it gives no loss",))
    logits = logits - logits.max(-1, keepdims=True)
    nll = np.log(np.exp(logits).sum(-1, keepdims=True)) - logits  # [T, V]
    costs = [float(nll[np.arange(T - ahead), text[ahead:]].mean()) for ahead in range(3)]
    pairing = int(np.argmin([abs(cost - found) for cost in costs]))
    asked = f"loss {found:.4g} with the text as {model.roles['targets']}"
    if abs(costs[pairing] - found) > 1e-3 * abs(found):
        return Answer("labels", "", Verdict.OPEN, ("its loss is not the mean cross-entropy of one pairing",))
    return _paired(pairing, asked, shifted=False)


def _paired(pairing: int, asked: str, *, shifted: bool) -> Answer:
    said = f"row i is paired with {PAIRS[pairing]}"
    if pairing == 1:
        return Answer("labels", asked, Verdict.RIGHT, (said,))
    if pairing == 0 and not shifted:
        return Answer(
            "labels", asked, Verdict.NOTED, (f"{said}: it does not shift, so the labels must come shifted by one",)
        )
    named = diagnose("labels-twice" if pairing == 2 else "labels-unshifted")
    return Answer("labels", asked, Verdict.WRONG, (said,), (0,), 0.0, named)


def _loss_in(output: Any) -> float | None:
    parts = (
        output
        if isinstance(output, tuple | list)
        else [output.get("loss") if isinstance(output, dict) else getattr(output, "loss", None)]
    )
    numbers = [array for array in map(arrays.inward, parts) if array is not None and array.size == 1]
    return float(numbers[0].reshape(())) if numbers else None


def _for(function: Any, array: np.ndarray) -> Any:
    """Give a function its own kind of array: a tensor where its module uses torch."""
    return arrays.outward(array, "torch" if arrays.is_module(function) else libraries(function)[0], "float32")


def _cost(loss: Any, logits: np.ndarray, told: np.ndarray) -> float:
    refused: Exception | None = None
    for lead in (logits, logits[None]):
        given = told if lead.ndim == 2 else told[None]
        try:
            cost = arrays.inward(loss(_for(loss, lead), _for(loss, given)))
        except Exception as error:
            refused = error
            continue
        if cost is not None and cost.size == 1:
            return float(cost.reshape(()))
    said = f"{type(refused).__name__}: {' '.join(str(refused).split())[:120]}" if refused else "it gives no number"
    raise CannotAskError(
        f"the loss cannot be asked: {said}; pass loss(logits, labels) with logits [T, V] and labels [T]"
    )
