"""L07, diagnosis: patients that stay in this process and are drawn anew, instruments and names that come back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from handbook.labs.grading.bench import Bench
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.visibility import check_apart, check_sight, compare
from handbook.labs.patients import HEALTHY, KINDS, Patient, drawn, patient
from handbook.labs.reference.attention import RIGHT, WRONG, attend, likely, triangle
from handbook.labs.sandbox.process import SubjectError
from handbook.labs.sandbox.wire import Remote
from handbook.labs.texts import say
from minimodel.influence import influence

PROBE, LAYER = "probe.py", "patient.py"
EACH = 2
"""Patients of each kind that have to be diagnosed."""

QUIET, LOUD = 0.003, 0.2
"""Scales of the weights at which `np.allclose` forgives a leak, and does not."""


def _text(bench: Bench, someone: Patient) -> np.ndarray:
    return bench.rng.normal(size=(int(bench.rng.integers(4, 10)), someone.d_model))


def _drawn(bench: Bench, kinds: Sequence[str]) -> list[tuple[str, Patient]]:
    """Patients of these kinds, in an order that tells nothing."""
    return [(kinds[place], drawn(kinds[place], bench.rng)) for place in bench.rng.permutation(len(kinds))]


def lost(bench: Bench) -> None:
    """Which outputs are NaN."""
    for _, someone in _drawn(bench, (HEALTHY, "diagonal-closed", "polarity-swapped", "mask-after-softmax")):
        x = _text(bench, someone)
        wanted = np.isnan(someone(x)).any(axis=-1)
        compare(_flags(bench.array(PROBE, "lost", Remote(someone), x)), _flags(wanted), "lost(patient, x)")


def sees(bench: Bench) -> None:
    """Who sees whom, however little it is."""
    quiet = patient("mask-after-softmax", seed=int(bench.rng.integers(2**31)), std=QUIET)
    kinds = (HEALTHY, "diagonal-ahead", "mask-after-softmax", "multiply-by-zero")
    for someone in (*(drawn(kind, bench.rng, LOUD) for kind in kinds), quiet):
        x = _text(bench, someone)
        wanted = influence(someone, x)
        found = bench.array(PROBE, "sees", Remote(someone), x)
        compare(_flags(found), _flags(wanted), say("quietly") if someone is quiet else "sees(patient, x)")


def _flags(array: np.ndarray) -> np.ndarray:
    """Booleans as numbers, to be shown where they differ."""
    return array.astype(int) if array.dtype == np.bool_ else array


def whispered(bench: Bench) -> None:
    """What arrives where all scores are equal: the weights of a row of zeros, by the arithmetic of the bug."""
    kinds = ("diagonal-ahead", "mask-after-softmax", "softmax-over-queries", "multiply-by-zero", "zero-one-mask")
    for kind, someone in _drawn(bench, (HEALTHY, *kinds)):
        T, parts = int(bench.rng.integers(4, 10)), WRONG.get(kind, RIGHT)
        found = bench.array(PROBE, "whispered", Remote(someone), T, someone.d_model)
        compare(found, parts.weigh(np.zeros((T, T)), parts.allowed(T)), "whispered(patient, T, d_model)", within=1e-4)


def apart(bench: Bench) -> None:
    """How far reading in two parts is from reading at once."""
    for _, someone in _drawn(bench, (HEALTHY, "top-left", "diagonal-ahead")):
        x = _text(bench, someone)
        cut = int(bench.rng.integers(1, len(x)))
        for text in (
            x,
            -x,
        ):  # the outputs change their sign with the text, so in one of the two the largest is negative
            wanted = np.abs(someone(text) - someone(text, cut)).max()
            compare(bench.array(PROBE, "apart", Remote(someone), text, cut), wanted, "apart(patient, x, cut)")


def diagnose(bench: Bench) -> None:
    """The name, for patients of every kind."""
    for kind, someone in _drawn(bench, KINDS * EACH):
        found = bench.subject.call(PROBE, "diagnose", Remote(someone), someone.d_model)
        if not isinstance(found, str):
            raise fail("one-name", "no-name", known=", ".join(KINDS), text=type(found).__name__)
        if found != kind:
            bug = kind if kind != HEALTHY else None
            raise fail("diagnosis", "misnamed", kind=kind, named=found[:80], bug=bug)


def repair(bench: Bench) -> None:
    """The layer, cured. What ails it is not given away to somebody who cannot diagnose it yet."""
    try:
        _cured(bench)
    except FailError as failed:
        if failed.bug is not None and not _diagnoses(bench):
            raise fail("healthy", "ill") from None
        raise


def _diagnoses(bench: Bench) -> bool:
    try:
        diagnose(bench)
    except (FailError, SubjectError):
        return False
    return True


def _cured(bench: Bench) -> None:
    """Equal to the formula, causal, and the same in two parts."""
    for T, H, d_head in [*bench.rng.integers((5, 2, 2), (9, 5, 6), size=(2, 3)).tolist(), [1, 1, 2]]:
        W_q, W_k, W_v, W_o = bench.rng.normal(0, 0.25, size=(4, H * d_head, H * d_head))
        x, weights = bench.rng.normal(size=(T, H * d_head)), (W_q, W_k, W_v, W_o)

        def f(x: np.ndarray, *cut: int, H: int = H, weights: tuple[np.ndarray, ...] = weights) -> np.ndarray:
            return bench.array(LAYER, "layer", x, *weights, H, *cut)

        found, (wanted, _) = f(x), attend(RIGHT, x, weights, H)
        bug = likely(found, x, weights, H) if T > 1 else None
        if found.shape == wanted.shape and T > 1:
            check_sight(f, x, triangle(T), say("causal"), bug)
        compare(found, wanted, "layer(x)", bug)
        for cut in range(1, T):
            found = f(x, cut)
            first = found.shape == wanted.shape and np.allclose(found[:cut], wanted[:cut])
            compare(found, wanted, f"layer(x, cut={cut})", "top-left" if first else None)
            unread = x.copy()
            unread[cut:] = np.nan
            check_apart(f(unread, cut), cut, f"layer(x, cut={cut})")
