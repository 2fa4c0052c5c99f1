"""Ask a learner's model who sees what, and say in words what is wrong first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from handbook.labs.grading.outcome import FailError
from handbook.labs.texts import Say, say
from minimodel.influence import influence


def first_fault(f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, allowed: np.ndarray) -> Say | None:
    """The first output that sees what it should not, or does not see what it should; None for a model in order."""
    base = f(x.copy())
    if np.isnan(base).any():
        return say("nan", rows=listed(np.flatnonzero(np.isnan(base).any(axis=-1)).tolist()))
    if not np.array_equal(f(x.copy()), base):
        return say("random")
    try:
        seen = influence(f, x)
    except ValueError:
        return say("unmoved")
    for i in range(len(seen)):
        for key, cells in (("sees", seen[i] & ~allowed[i]), ("misses", allowed[i] & ~seen[i])):
            if cells.any():
                return say(key, output=i, tokens=listed(np.flatnonzero(cells).tolist()))
    return None


def check_sight(
    f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, allowed: np.ndarray, expected: Say, bug: str | None = None
) -> None:
    """Raise ``FailError`` for a model whose outputs do not see exactly what they may."""
    if (fault := first_fault(f, x, allowed)) is not None:
        raise FailError(expected, fault, bug)


def listed(positions: list[int]) -> str:
    """Positions as a text: `1, 2, 3`."""
    return ", ".join(map(str, positions))


def same(found: np.ndarray, wrong: np.ndarray) -> bool:
    """Whether an answer is what a known mistake gives, shape and all; NaN is like NaN."""
    return found.shape == wrong.shape and np.allclose(found, wrong, equal_nan=True)


def equals(found: np.ndarray, wanted: np.ndarray, within: float = 1e-9) -> bool:
    """Whether two arrays differ by no more than rounding; NaN is like NaN."""
    return found.shape == wanted.shape and bool(_near(found, wanted, within).all())


def _near(found: np.ndarray, wanted: np.ndarray, within: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        near: np.ndarray = np.isclose(found, wanted, rtol=1e-6, atol=within, equal_nan=True)
    return near


def compare(
    found: np.ndarray, wanted: np.ndarray, what: str | Say, bug: str | None = None, within: float = 1e-9
) -> None:
    """Raise ``FailError`` at the first place where two arrays differ by more than rounding."""
    if found.shape != wanted.shape:
        raise FailError(say("shape", what=what, shape=wanted.shape), say("shape", what=what, shape=found.shape), bug)
    wrong = ~_near(found, wanted, within)
    if wrong.any():
        where = tuple(np.argwhere(wrong)[0].tolist())
        index = f"[{', '.join(map(str, where))}]" if where else ""
        raise FailError(
            say("value", what=what, index=index, value=f"{wanted[where]:.6g}"),
            say("value", what=what, index=index, value=f"{found[where]:.6g}"),
            bug,
        )


def check_apart(found: np.ndarray, cut: int, what: str) -> None:
    """Raise ``FailError`` where outputs before ``cut`` have read tokens that come later; these are NaN, as 0 · NaN is.

    A mask alone does not hide them: only who has not got to them yet stays clean.
    """
    reached = np.flatnonzero(np.isnan(found[:cut]).any(axis=-1)).tolist()
    if reached:
        values = {"what": what, "cut": cut, "rows": listed(reached)}
        raise FailError(say("apart", **values), say("not-apart", **values), "read-at-once")
