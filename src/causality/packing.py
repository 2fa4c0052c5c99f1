"""Do documents that are packed into one text keep to themselves?"""

from __future__ import annotations

from typing import Any

import numpy as np

from causality import hugging_face
from causality.answer import Answer, CannotAskError, Verdict
from causality.diagnosis import diagnose
from causality.model import Model, relative

FIRST, SECOND = 6, 5


def packing(model: Model, *, tolerance: float) -> Answer:
    """Ask whether the second of two packed documents has the rows that it has alone.

    Args:
        model: takes `documents` (a number a token), or positions that begin again with each document.
        tolerance: relative to the output's scale.
    """
    if "documents" not in model.roles and not (hugging_face.is_model(model.source) and "positions" in model.roles):
        return Answer(
            "packing", "", Verdict.OPEN, ("it takes no documents; pass model(x, documents), or an expected mask",)
        )
    rng = np.random.default_rng(41)
    first, second = model.text(rng, FIRST), model.text(rng, SECOND)
    packed = np.concatenate([first, second])
    numbers = np.repeat([0, 1], [FIRST, SECOND])[None]
    restarted = np.concatenate([np.arange(FIRST), np.arange(SECOND)])[None]
    told: dict[str, Any] = {"documents": numbers} if "documents" in model.roles else {}
    if "positions" in model.roles:
        told["positions"] = restarted
    asked = f"documents of {FIRST} and {SECOND}; {', '.join(told)}; {model.dtype}"
    try:
        alone, rows = model(second), model(packed, **told)[FIRST:]
        if relative(rows - alone, alone) <= tolerance:
            return Answer("packing", asked, Verdict.RIGHT)
        if "documents" not in told:
            said = (
                "it does not tell documents apart by positions that begin again; keep them apart by a mask of your own"
            )
            return Answer("packing", "", Verdict.OPEN, (said,))
        read = np.zeros((SECOND, FIRST), dtype=bool)
        for j in range(FIRST):
            moved = model(model.other(packed, j, rng), **told)[FIRST:] - rows
            read[:, j] = [relative(row, alone) > tolerance for row in moved]
    except CannotAskError as error:
        return Answer("packing", "", Verdict.OPEN, (str(error),))
    off = np.array([relative(row, alone) for row in rows - alone])
    worst = int(np.flatnonzero(off > tolerance)[0])
    if not read.any():
        said = "no token of the first document is read, and yet the second is another than alone: its positions go on"
        return Answer("packing", asked, Verdict.NOTED, (said,), (worst,), float(off.max()))
    seen = ", ".join(map(str, np.flatnonzero(read.any(0))))
    said = f"the second document sees tokens {seen} of the first"
    likely = diagnose("packed-without-documents" if read[:, 0].any() else "convolution-across-documents")
    return Answer("packing", asked, Verdict.WRONG, (said,), (worst,), float(off.max()), likely)
