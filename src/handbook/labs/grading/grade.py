"""Grade a submission: every step, on a copy, whatever the submission does."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from importlib import import_module
from pathlib import Path

from handbook.labs.grading.bench import Bench
from handbook.labs.grading.outcome import FailError, Outcome
from handbook.labs.lab import Lab
from handbook.labs.sandbox.process import Subject, SubjectError, scratch
from handbook.labs.texts import Say, say

Grader = Callable[[Bench], Say | None]
"""Judges the step whose name it has, with `_` for `-`; what it returns is a note on a step that passes."""


def grade(lab: Lab, folder: Path, only: Container[str] | None = None) -> list[Outcome]:
    """The verdict on each step, in order, or on those of ``only``. ``folder`` is read, and never written to."""
    graders: Mapping[str, Grader] = vars(import_module(f"handbook.labs.grading.{lab.id.lower()}"))
    with scratch(folder) as copy:
        subject = Subject(copy)
        try:
            bench = Bench(copy, subject)
            steps = [step.id for step in lab.steps if only is None or step.id in only]
            return [_outcome(step, graders[step.replace("-", "_")], bench) for step in steps]
        finally:
            subject.stop()


def _outcome(step: str, grader: Grader, bench: Bench) -> Outcome:
    try:
        return Outcome(step, True, note=grader(bench))
    except FailError as failed:
        return Outcome(step, False, failed.expected, failed.found, failed.bug)
    except SubjectError as error:
        return Outcome(step, False, error.expected, error.found, error.bug)
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, RecursionError, MemoryError) as error:
        # What was handed in is so odd that it broke a comparison; that is the submission's failure, not ours.
        return Outcome(step, False, say("answer"), say("odd", text=f"{type(error).__name__}: {error}"))
