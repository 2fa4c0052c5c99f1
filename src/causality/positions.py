"""Is a text the same wherever it stands? And how far, before positions lose their digits?"""

from __future__ import annotations

import numpy as np

from causality.answer import Answer, CannotAskError, Verdict
from causality.diagnosis import diagnose
from causality.model import Model, relative

MOVES = (1, 16, 100, 300, 1000, 4000)


def positions(model: Model, *, tolerance: float) -> Answer:
    """Ask for the same text at positions 0, 1, 2, ... and moved: what depends on distances alone does not change.

    Learned or sinusoidal positions that are added do change, at the first move already; that is noted, not blamed.
    Angles in float32 lose a digit for every factor of ten, which is allowed for.

    Args:
        model: takes a start, or positions.
        tolerance: relative to the output's scale.
    """
    role = next((one for one in ("start", "positions") if one in model.roles), None)
    if role is None or model.last_row:
        return Answer(
            "positions", "", Verdict.OPEN, ("it takes no positions; pass model(x, start) or model(ids, position_ids)",)
        )
    T = 8
    text = model.text(np.random.default_rng(51), T)
    off: dict[int, float] = {}
    base = model(text, **_at(role, 0, T))
    for move in MOVES:
        try:
            off[move] = relative(model(text, **_at(role, move, T)) - base, base)
        except CannotAskError:
            break
    if not off:
        return Answer("positions", "", Verdict.OPEN, ("it takes no later positions",))
    asked = f"moved by {', '.join(map(str, off))}; {model.dtype}"
    wrong = [move for move, size in off.items() if size > max(tolerance, 1e-6 * move)]
    if not wrong:
        return Answer("positions", asked, Verdict.RIGHT, ("the same, up to rounding",), None, max(off.values()))
    if wrong[0] == MOVES[0]:
        said = "the rows change with the place of the text: positions are absolute"
        return Answer("positions", asked, Verdict.NOTED, (said,), None, off[MOVES[0]])
    said = f"moved by {', '.join(str(move) for move in off if move < wrong[0])} it is the same, by {wrong[0]} it is not"
    named = diagnose("positions-in-half")
    return Answer("positions", asked, Verdict.WRONG, (said,), (wrong[0],), max(off.values()), named)


def _at(role: str, move: int, T: int) -> dict[str, object]:
    return {"start": move} if role == "start" else {"positions": (np.arange(T) + move)[None]}
