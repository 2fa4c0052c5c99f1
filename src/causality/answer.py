"""What a question gives back: an answer, and the report that gathers the answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from causality.diagnosis import Diagnosis


class CannotAskError(ValueError):
    """The model cannot be asked this way; the text is one line: what is the matter, and what to pass instead."""


class Verdict(Enum):
    """What a question found."""

    RIGHT = "right"
    NOTED = "noted"
    """It differs, and the caller can do something about it: the model itself is not at fault."""
    WRONG = "wrong"
    OPEN = "open"
    """It was not asked; the text says what it needs."""


@dataclass(frozen=True)
class Answer:
    """One question put to a model.

    Args:
        question: its name, such as `influence` or `cache`.
        asked: what was asked: lengths, seeds, dtype, chunks.
        verdict: what came of it.
        found: sentences, the worst first; for an open question, what it needs.
        first: the first place where it went wrong: `(output,)` or `(output, token)`.
        size: the largest error, relative to the largest output.
        diagnosis: the likely bug, for a wrong answer.
    """

    question: str
    asked: str
    verdict: Verdict
    found: tuple[str, ...] = ()
    first: tuple[int, ...] | None = None
    size: float = 0.0
    diagnosis: Diagnosis | None = None

    def __str__(self) -> str:
        """Give a line, and for a wrong answer what was found, the likely bug and its neighbours."""
        head = f"{self.verdict.value:<5}  {self.question}"
        if self.verdict is Verdict.OPEN:
            return f"{head}: {' '.join(self.found)}"
        off = (
            f": off by {self.size:.2g} of the output's scale" if self.size and self.verdict is not Verdict.RIGHT else ""
        )
        lines = [f"{head} ({self.asked}){off}"]
        lines += [f"       {sentence}" for sentence in self.found]
        if self.diagnosis is not None:
            lines += [f"       {line}" for line in str(self.diagnosis).splitlines()]
        return "\n".join(lines)


@dataclass(frozen=True)
class Report:
    """All that was asked of a model, and how it was taken."""

    model: str
    answers: Sequence[Answer]
    notes: Sequence[str] = field(default=())

    @property
    def wrong(self) -> list[Answer]:
        """The answers that say that something is wrong."""
        return [answer for answer in self.answers if answer.verdict is Verdict.WRONG]

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The diagnosis of the first wrong answer that has one."""
        return next((answer.diagnosis for answer in self.wrong if answer.diagnosis), None)

    def answer(self, question: str) -> Answer:
        """Look an answer up by the name of its question; the first of those that begin with it.

        Raises:
            KeyError: nothing of that name was asked.
        """
        for answer in self.answers:
            if answer.question.startswith(question):
                return answer
        raise KeyError(f"{question} was not asked; there are {', '.join(one.question for one in self.answers)}")

    def __str__(self) -> str:
        """Give the answers, and a last line that claims no more than was asked."""
        return "\n".join(
            [
                f"asked  {self.model}",
                *(f"       {note}" for note in self.notes),
                *map(str, self.answers),
                self.last_line,
            ]
        )

    @property
    def last_line(self) -> str:
        """What the answers come to, in one line."""
        if self.wrong:
            return f"wrong in {_listed(self.wrong)}"
        asked = [answer for answer in self.answers if answer.verdict is not Verdict.OPEN]
        return f"nothing wrong in what was asked: {_listed(asked)}"


def _listed(answers: Iterable[Answer]) -> str:
    return ", ".join(dict.fromkeys(answer.question for answer in answers)) or "nothing"
