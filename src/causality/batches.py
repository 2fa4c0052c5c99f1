"""Is a text the same in a batch as alone, and with pads as without?"""

from __future__ import annotations

from typing import Any

import numpy as np

from causality import arrays
from causality.answer import Answer, CannotAskError, Verdict
from causality.cache import Step
from causality.diagnosis import Diagnosis, diagnose
from causality.model import Model, fades, relative

LONG, SHORT = 7, 4
PADS = LONG - SHORT


def batch(model: Model, *, tolerance: float) -> Answer:
    """Ask whether texts of one length, without pads, are the same in a batch of one and of several."""
    if not model.batched:
        return Answer("batch", "", Verdict.OPEN, ("it takes one text; pass the function that takes [B, T]",))
    try:
        return _batch_of(model, LONG, tolerance)
    except CannotAskError:
        return _batch_of(model, model.length, tolerance)


def _batch_of(model: Model, T: int, tolerance: float) -> Answer:
    rng = np.random.default_rng(31)
    texts = np.stack([model.text(rng, T) for _ in range(3)])
    alone, together = np.concatenate([model.rows(text[None]) for text in texts]), model.rows(texts)
    off = np.array([relative(one - other, alone) for one, other in zip(together, alone, strict=True)])
    asked = f"3 texts of {T}, alone and together; {model.dtype}"
    if (off <= tolerance).all():
        return Answer("batch", asked, Verdict.RIGHT)
    first = int(np.flatnonzero(off > tolerance)[0])
    beside = np.stack([texts[0], *[model.text(rng, T) for _ in texts[1:]]])
    read = relative(model.rows(beside)[0] - together[0], alone) > tolerance
    said = f"text {first} of a batch is another than alone" + (", and changes with the other texts" if read else "")
    likely = diagnose("texts-read-each-other" if read else "batch-over-heads")
    return Answer("batch", asked, Verdict.WRONG, (said,), (first,), float(off.max()), likely)


class Padded:
    """A short text with pads on one side, alone or behind a long one, as one model wants to be told of it."""

    def __init__(self, model: Model, side: str) -> None:
        self.model, self.side = model, side
        self.words = slice(PADS, None) if side == "left" else slice(0, SHORT)
        rng = np.random.default_rng(32)
        self.long, self.short = model.text(rng, LONG), model.text(rng, SHORT)
        self.pads = [model.text(rng, PADS), model.text(rng, PADS)]

    def roles(self, *, together: bool, positions: bool = False, flipped: bool = False) -> dict[str, Any]:
        """What the model is told: a mask or lengths, and positions that count words."""
        real = np.ones((1 + together, LONG), dtype=bool)
        real[-1] = False
        real[-1, self.words] = True
        told: dict[str, Any] = {}
        if "mask" in self.model.roles:
            told["mask"] = real[:, ::-1].copy() if flipped else real
        else:
            told["lengths"] = real.sum(1)
        if positions:
            told["positions"] = np.maximum(real.cumsum(1) - 1, 0)
        return told

    def rows(self, *, together: bool, pads: int = 0, **how: bool) -> np.ndarray:
        """The rows of the short text's words."""
        parts = [self.pads[pads], self.short]
        padded = np.concatenate(parts if self.side == "left" else parts[::-1])
        texts = np.stack([self.long, padded]) if together else padded[None]
        return self.model.rows(texts, **self.roles(together=together, **how))[-1, self.words]


def padding(model: Model, step: Step | None, *, tolerance: float) -> list[Answer]:
    """Ask whether a padded text's words have the rows that they have alone: in prefill, and while decoding.

    Args:
        model: takes a mask or lengths.
        step: the same with a cache, where there is one.
        tolerance: relative to the output's scale.
    """
    if not model.batched or not {"mask", "lengths"} & set(model.roles):
        return [Answer("padding", "", Verdict.OPEN, ("it takes no mask of pads; pass model(ids, attention_mask)",))]
    if model.last_row:
        return [Answer("padding", "", Verdict.OPEN, ("it gives the last row only",))]
    answers = [_side(model, side, step, tolerance) for side in ("left", "right")]
    if (
        "lengths" in model.roles
        and "mask" not in model.roles
        and {one.verdict for one in answers} == {Verdict.RIGHT, Verdict.WRONG}
    ):
        meant = next(one for one in answers if one.verdict is Verdict.RIGHT)
        answers = [meant]  # lengths do not say where the pads are: one side is meant
    elif (
        "lengths" in model.roles and "mask" not in model.roles and all(one.verdict is Verdict.WRONG for one in answers)
    ):
        answers = [one for one in answers if one.diagnosis and one.diagnosis.id == "mask-of-text-0"] or answers[:1]
    usable = step is not None and "mask" in step.model.roles and step.model.batched
    if usable and step is not None and answers[0].verdict in (Verdict.RIGHT, Verdict.NOTED):
        try:
            answers.append(_decoding(model, step, tolerance, positions=answers[0].verdict is Verdict.NOTED))
        except CannotAskError as error:
            answers.append(Answer("padding decoding", "", Verdict.OPEN, (str(error),)))
    return answers


def _side(model: Model, side: str, step: Step | None, tolerance: float) -> Answer:
    padded = Padded(model, side)
    alone = model(padded.short)
    question = f"padding {side}"
    asked = f"{SHORT} tokens and {PADS} pads, alone and behind a text of {LONG}; {model.dtype}"
    try:
        single, together = padded.rows(together=False), padded.rows(together=True)
    except CannotAskError as error:
        return Answer(question, "", Verdict.OPEN, (str(error),))
    if not np.isfinite(together).all() or not np.isfinite(single).all():
        return _of_nan(question, asked, padded, together)
    off = max(relative(single - alone, alone), relative(together - alone, alone))
    if off <= tolerance:
        return Answer(question, asked, Verdict.RIGHT)
    if "positions" in model.roles and relative(padded.rows(together=True, positions=True) - alone, alone) <= tolerance:
        said = (f"right with {model.roles['positions']} that count words; without them the pads are counted too",)
        return Answer(question, asked, Verdict.NOTED, said, None, off)
    first = next((t for t in range(SHORT) if relative(together[t] - alone[t], alone) > tolerance), 0)
    said = (f"word {first} of a text padded on the {side} is another than alone",)
    return Answer(question, asked, Verdict.WRONG, said, (first,), off, _likely(padded, single, alone, step, tolerance))


def _of_nan(question: str, asked: str, padded: Padded, together: np.ndarray) -> Answer:
    rows = np.flatnonzero(~np.isfinite(together.reshape(SHORT, -1)).all(1))
    if not len(rows):
        rows = np.arange(SHORT)
    where = "every word" if len(rows) == SHORT else f"words {', '.join(map(str, rows))}"
    said = f"text 1 of the batch: {where} of the text padded on the {padded.side} is NaN; text 0, without pads, is not"
    return Answer(question, asked, Verdict.WRONG, (said,), (int(rows[0]),), 0.0, diagnose("pads-become-nan"))


def _likely(padded: Padded, single: np.ndarray, alone: np.ndarray, step: Step | None, tolerance: float) -> Diagnosis:
    """Name the bug by what cures it, and by whether the pads themselves are read."""
    if relative(single - alone, alone) <= tolerance:
        return diagnose("mask-of-text-0")
    if relative(padded.rows(together=False, pads=1) - single, alone) <= tolerance:
        return diagnose("pads-shift-positions")
    if "mask" in padded.model.roles and relative(padded.rows(together=False, flipped=True) - alone, alone) <= tolerance:
        return diagnose("left-padding")
    return diagnose("pads-in-state" if _recurrent(padded.model, step) else "pads-are-read")


def _recurrent(model: Model, step: Step | None) -> bool:
    """Say whether a state goes from token to token: a cache that does not grow, or a past that fades with distance."""
    if step is None:
        return fades(model)
    text = step.model.text(np.random.default_rng(33), 12)
    return _numbers(step.feed(text[:4], step.new())[1]) == _numbers(step.feed(text, step.new())[1])


def _numbers(cache: Any) -> int:
    """Count the numbers in a cache."""
    array = None if isinstance(cache, tuple | list | dict) else arrays.inward(cache)
    if array is not None:
        return int(array.size)
    parts = (
        cache.values()
        if isinstance(cache, dict)
        else cache
        if isinstance(cache, tuple | list)
        else vars(cache).values()
    )
    return sum(
        _numbers(part)
        for part in parts
        if isinstance(part, tuple | list | dict)
        or hasattr(part, "shape")
        or (hasattr(part, "__dict__") and not callable(part))
    )


def _decoding(model: Model, step: Step, tolerance: float, *, positions: bool) -> Answer:
    """Ask the two tokens after a prompt that was padded on the left."""
    padded = Padded(model, "left")
    after = model.text(np.random.default_rng(34), 2)
    told = padded.roles(together=False)["mask"]
    prompt = np.concatenate([padded.pads[0], padded.short])

    def decode(text: np.ndarray, real: np.ndarray, *, of_new: bool = False) -> np.ndarray:
        cache, rows = step.new(), []
        for chunk, end in ((text, len(text)), (after[:1], len(text) + 1), (after[1:], len(text) + 2)):
            mask = np.concatenate([real, np.ones((1, end - len(text)), dtype=bool)], 1)
            roles: dict[str, Any] = {"mask": mask[:, -len(chunk) :] if of_new else mask}
            if positions:
                roles["positions"] = np.maximum(mask.cumsum(1) - 1, 0)[:, end - len(chunk) :]
            output, cache = step.feed(chunk, cache, end - len(chunk), **roles)
            rows.append(output)
        return np.concatenate(rows[1:])

    question, asked = "padding decoding", f"{SHORT} tokens after {PADS} pads, then 2 tokens; {model.dtype}"
    try:
        ones = np.ones((1, SHORT), dtype=bool)
        alone = decode(padded.short, ones)
        off = relative(decode(prompt, told) - alone, alone)
        new = decode(padded.short, ones, of_new=True)
        of_new = off > tolerance and relative(decode(prompt, told, of_new=True) - new, new) <= tolerance
    except CannotAskError as error:
        return Answer(question, "", Verdict.OPEN, (str(error),))
    if off <= tolerance:
        return Answer(question, asked, Verdict.RIGHT)
    if of_new:
        said = ("right with a mask of the new tokens alone; a mask of all tokens is taken for one of theirs",)
        return Answer(question, asked, Verdict.NOTED, said, None, off)
    said = ("the padded prompt is right, and the first token after it is another than without pads",)
    return Answer(question, asked, Verdict.WRONG, said, (LONG,), off, diagnose("pad-mask-lost"))
