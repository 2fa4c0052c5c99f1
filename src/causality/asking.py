"""All questions, put to one model in their order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from causality import arrays, expected, hugging_face
from causality.answer import Answer, CannotAskError, Report, Verdict
from causality.batches import batch, padding
from causality.cache import Step, cache, joined, other_way, rollback, slots, stepping
from causality.derivative import derivative
from causality.diagnosis import diagnose
from causality.influence import LENGTHS, cross_influence, influence
from causality.labels import labels, labels_of_model
from causality.model import Model, settled, understand
from causality.packing import packing
from causality.positions import positions
from causality.prefixes import prefixes

QUESTIONS = ("influence", "memory", "training", "derivative", "prefixes", "cache", "rollback", "slots", "joined",
             "other way", "batch", "padding", "packing", "positions", "labels")  # fmt: skip


@dataclasses.dataclass
class Asking:
    """What is asked, of whom, and with what beside it; see `ask`."""

    model: Model
    expected: expected.Expected
    asked_for: str
    step: Any = None
    trim: Callable[[Any, int], Any] | None = None
    slots: Callable[[int], Any] | None = None
    join: Any = None
    same: Callable[[Any], Any] | None = None
    loss: Callable[[Any, Any], Any] | None = None
    prepare: Callable[[Any], Any] | None = None
    T: int = 8
    lengths: Sequence[int] = LENGTHS
    seeds: int = 3
    seconds: float = 20
    only: Sequence[str] = ()

    def answers(self) -> Iterator[Answer]:
        """Put the questions one after the other; what cannot be asked is an open answer.

        Raises:
            CannotAskError: not even the first question can be put.
        """
        model, found, leaks = self.model, {}, False
        text = model.text(np.random.default_rng(0), self.T)[None]
        settled(model.rows(text), model.rows(text))
        tolerance = model.rounding()
        # Before any long text is asked: a model that remembers the longest would pass after it.
        stable = list(self._guarded("prefixes", lambda: prefixes(model, self.expected, tolerance=tolerance)))
        if self._wanted("influence"):
            first = self._influence(model, self.T, self.lengths, self.seeds)
            found = {one.question: one for one in self._guarded("training", self._training)}
            found |= {
                one.question: one for one in self._guarded("derivative", lambda: derivative(model, self.expected))
            }
            first = self._refined(first, found)
            leaks = first.verdict is Verdict.WRONG
            yield first
            yield from (
                dataclasses.replace(one, found=one.found[:1], diagnosis=None) if leaks else one
                for one in found.values()
            )
        step = list(self._steps())
        stepped = next((one for one in step if isinstance(one, Step)), None)
        if "memory" in model.required:
            yield from self._guarded("memory", lambda: cross_influence(model))
        for answer in stable:
            yield dataclasses.replace(answer, diagnosis=None) if leaks else answer  # what leaks is named already
        yield from (one for one in step if isinstance(one, Answer) and self._wanted("cache"))
        named = None
        if stepped is not None:
            for answer in self._guarded("cache", lambda: cache(model, stepped, tolerance=tolerance)):
                named = answer.diagnosis
                yield answer
            yield from self._guarded("rollback", lambda: rollback(model, stepped, tolerance=tolerance))
            new = self.slots or self._static()
            if new is not None:
                yield from self._guarded("slots", lambda: slots(model, stepped, new, tolerance=tolerance))
        if self.join:
            yield from self._guarded("joined", lambda: joined(model, stepped, self.join, tolerance=tolerance))
        if self.same is not None:
            same, name = self.same, getattr(self.same, "__name__", "the other way")
            for answer in self._guarded("other way", lambda: other_way(model, same, tolerance=tolerance, name=name)):
                yield dataclasses.replace(answer, diagnosis=named or answer.diagnosis)  # a step shows more than a loop
        yield from self._guarded("batch", lambda: batch(model, tolerance=tolerance))
        yield from self._guarded("padding", lambda: padding(model, stepped, tolerance=tolerance))
        yield from self._guarded("packing", lambda: packing(model, tolerance=tolerance))
        yield from self._guarded("positions", lambda: positions(model, tolerance=tolerance))
        yield from self._guarded("labels", self._labels)

    def _influence(self, model: Model, T: int, lengths: Sequence[int], seeds: int) -> Answer:
        return influence(
            model,
            self.expected,
            T=T,
            lengths=lengths,
            seeds=seeds,
            seconds=self.seconds,
            asked_for=self.asked_for,
        )

    def _wanted(self, question: str) -> bool:
        return not self.only or question in self.only

    def _guarded(self, question: str, put: Callable[[], Answer | list[Answer]]) -> Iterator[Answer]:
        if not self._wanted(question):
            return
        try:
            answer = put()
        except CannotAskError as error:
            answer = Answer(question, "", Verdict.OPEN, (str(error),))
        except (Exception, SystemExit) as error:  # one question that fails does not cost the others
            said = " ".join(str(error).split())[:160]
            answer = Answer(
                question,
                "",
                Verdict.OPEN,
                (f"it could not be asked: {type(error).__name__}: {said}; the others do without it",),
            )
        yield from answer if isinstance(answer, list) else [answer]

    def _steps(self) -> Iterator[Step | Answer]:
        """The model with a cache, or why there is none."""
        own = self.step if self.step is not None else self.model.source if "cache" in self.model.roles else None
        if np.triu(self.expected(self.T), 1).any():
            yield Answer("cache", "", Verdict.OPEN, ("what it should see is not causal, so there is nothing to keep",))
            return
        if own is None:
            yield Answer("cache", "", Verdict.OPEN, ("it takes no cache; pass step(tokens, cache) -> (rows, cache)",))
            return
        try:
            yield stepping(own, self.model, self.trim)
        except CannotAskError as error:
            yield Answer("cache", "", Verdict.OPEN, (str(error),))

    def _static(self) -> Callable[[int], Any] | None:
        source = self.model.source
        return (
            (lambda n: hugging_face.static(source, n))
            if hugging_face.is_model(source) and "cache" in self.model.roles
            else None
        )

    def _labels(self) -> Answer:
        return labels(self.loss, self.prepare) if self.loss is not None else labels_of_model(self.model)

    def _training(self) -> Answer | list[Answer]:
        """Ask for influence once more in training mode, with the same dropout at each call."""
        source = self.model.source
        if not arrays.is_module(source) or source.training:
            return []
        torch = arrays.torch_module()
        trained = arrays.copied(source).train()

        def seeded(*given: Any, **named: Any) -> Any:
            with torch.random.fork_rng():
                torch.manual_seed(0)
                return trained(*given, **named)

        same = dataclasses.replace(self.model, source=seeded)
        answer = self._influence(same, self.T if self.T <= 32 else 16, (), 1)
        return dataclasses.replace(answer, question="training", asked=f"in training mode, one dropout; {answer.asked}")

    def _refined(self, first: Answer, found: dict[str, Answer]) -> Answer:
        """Use what the other modes and the derivative say for the diagnosis of the first answer."""
        if first.diagnosis is None or first.diagnosis.id not in ("no-mask", "irregular", "mask-after-softmax"):
            return first
        verdicts = {question: answer.verdict for question, answer in found.items()}
        if verdicts.get("training") is Verdict.RIGHT:
            return dataclasses.replace(first, diagnosis=diagnose("masked-in-training-only"))
        if verdicts.get("derivative") is Verdict.RIGHT:
            return dataclasses.replace(first, diagnosis=diagnose("experts-choose-tokens"))
        return first


def prepared(
    model: Any,
    *,
    expected_mask: str | np.ndarray | expected.Expected | None = None,
    vocabulary: int | None = None,
    width: int | None = None,
    torch: bool = False,
    layout: str | None = None,
    mode: str = "eval",
    T: int | None = None,
    **beside: Any,
) -> Asking:
    """Understand a model and an expectation, and give what is to be asked; the arguments are those of `ask`."""
    model = hugging_face.made(model)
    only_length = expected.length_of(expected_mask)
    length = only_length or T or 8
    understood = understand(
        model, vocabulary=vocabulary, width=width, torch=torch, layout=layout, length=length, mode=mode
    )
    told = expected_mask
    if told is None:
        understood.notes += hugging_face.notes(model) if hugging_face.is_model(model) else []
        told = hugging_face.promised(model) if hugging_face.is_model(model) else "causal"
        understood.notes += [f"expected as its configuration says: {told}"] if told != "causal" else []
    words = told if isinstance(told, str) else "the given array"
    if only_length:
        beside = {"lengths": ()} | beside
    return Asking(understood, expected.mask(told), words, T=length, **beside)


def ask(model: Any, expected_mask: str | np.ndarray | expected.Expected | None = None, **told: Any) -> Report:
    """Put every question to a model that can be put to it.

    Args:
        model: a function or an `nn.Module`, of NumPy arrays or tensors, vectors or token numbers, one text or a batch;
            or a model of Transformers. What else it can be asked is read from the names of its parameters: a mask of
            pads, a cache, positions, documents, a memory, labels.
        expected_mask: what it should see: a name such as `causal` (the default) or `window:4`, see `expected.mask`; a
            boolean array `[T, T]`; or a function that gives one.
        told: what it cannot tell by itself. How it is called: `vocabulary`, `width`, `torch`, `layout` (`td`, `btd`,
            `tbd`, `bdt`), `mode` (`eval`, `train`). What stands beside it: `step`, a function `(tokens, cache) ->
            (rows, cache)` or a class that holds a state; `trim(cache, n)`; `slots`, a function that makes an empty
            cache of n slots; `join`, True or a function that joins two caches and gives the last row; `same`, another
            function that should give the same rows; `loss(logits, labels)`, and `prepare(text) -> (ids, labels)`. How
            much is asked: `T`, `lengths`, `seeds`, `seconds` for influence, `only`, some of `QUESTIONS`.

    Returns:
        The answers; `str` of it is what the command prints.

    Raises:
        CannotAskError: the model could not be asked; one line says what it is, and what to pass instead.

    ```python
    import numpy as np
    from causality import ask

    report = ask(lambda x: np.cumsum(x, axis=0), only=["influence"])
    print(report.last_line)
    print(ask(lambda x: x + x[::-1], T=2, lengths=()).answer("influence").found[-1])
    ```

    ```text
    nothing wrong in what was asked: influence
    output 0 sees token 1, which comes later
    ```
    """
    asking = prepared(model, expected_mask=expected_mask, **told)
    answers = list(asking.answers())
    return Report(str(asking.model), answers, tuple(asking.model.notes))
