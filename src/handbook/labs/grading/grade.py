"""Grade a submission: every step, on a copy, whatever the submission does."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Container, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

from handbook.labs.grading.bench import Bench
from handbook.labs.grading.outcome import FailError, Outcome
from handbook.labs.intake import Intake, intake
from handbook.labs.lab import Lab
from handbook.labs.sandbox.process import Subject, SubjectError, scratch
from handbook.labs.texts import Say, say
from handbook.project import ORIGINAL

Grader = Callable[[Bench], Say | None]
"""Judges the step whose name it has, with `_` for `-`; what it returns is a note on a step that passes."""


def taken_in(lab: Lab, folder: Path) -> Intake:
    """What is taken in of a submission to a lab: first the files that the lab is about."""
    made = getattr(_graders(lab), "FILES", ())
    return intake(folder, [*lab.starter(ORIGINAL), *lab.solution(ORIGINAL), *made])


def new_seed() -> int:
    """A seed that nobody knows beforehand."""
    return secrets.randbits(32)


def _graders(lab: Lab) -> ModuleType:
    return import_module(f"handbook.labs.grading.{lab.id.lower()}")


def grade(
    lab: Lab,
    folder: Path,
    only: Container[str] | None = None,
    *,
    seed: int | None = None,
    taken: Intake | None = None,
) -> list[Outcome]:
    """The verdict on each step, in order, or on those of ``only``. ``folder`` is read, and never written to.

    The same ``seed`` asks the same questions again; without one they are new. ``taken`` is what the folder holds, where
    the caller has looked already.
    """
    module = _graders(lab)
    graders: Mapping[str, Grader] = vars(module)
    with scratch(taken or taken_in(lab, folder)) as copy:
        subject = Subject(copy, lab.variant.through if lab.variant else getattr(module, "THROUGH", ""))
        try:
            bench = Bench(copy, subject, new_seed() if seed is None else seed, lab.variant)
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
