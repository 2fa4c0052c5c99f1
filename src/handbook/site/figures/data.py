"""The worked examples of the pages: small enough for paper, and the same in every figure."""

from __future__ import annotations

import numpy as np

TOKENS = np.array(["a", "b", "c", "d"])
AFTER_THE_LAST = "·"
T = len(TOKENS)

# Row 2 is the row that section 02 works by hand.
SCORES = np.array([[3.0, 1.0, 0.0, 2.0], [2.0, 2.0, 1.0, 4.0], [2.0, 1.0, 4.0, 3.0], [0.0, 1.0, 2.0, 1.0]])
WORKED_ROW = 2

# Section 03 multiplies this row by the mask: every kept score is below zero.
NEGATIVE_ROW = np.array([-2.0, -3.0, -1.0, 5.0])
