"""The worked examples of the pages: small enough for paper, and the same in every figure."""

from __future__ import annotations

import numpy as np

TOKENS = np.array(["a", "b", "c", "d"])
AFTER_THE_LAST = "·"
T = len(TOKENS)

# Row 2 is the row that section 02 works by hand.
SCORES = np.array([[3.0, 1.0, 0.0, 2.0], [2.0, 2.0, 1.0, 4.0], [2.0, 1.0, 4.0, 3.0], [0.0, 1.0, 2.0, 1.0]])
WORKED_ROW = 2

# Section 20 takes it in blocks of two keys, whose values are these; the same size cuts its square.
VALUES = np.array([10.0, 20.0, 30.0, 40.0])
BLOCK = 2

# Section 03 multiplies this row by the mask: every kept score is below zero.
NEGATIVE_ROW = np.array([-2.0, -3.0, -1.0, 5.0])

# Section 05 splits this into heads: the tens say the token, the ones the feature.
D_MODEL, HEADS = 6, 2
NUMBERED = 10 * np.arange(T)[:, None] + np.arange(D_MODEL)

# Section 05 measures what a split without the transpose lets through: this many tokens, this wide.
LONG, WIDE = 8, 16

# Section 04: four embeddings and three projections. The scores come out as SCORES, up to the diagonal.
EMBEDDINGS = np.array([[1.0, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 1], [1, 0, 0, 1]])
W_Q = np.array([[1.0, 0, 0, 0], [2, -1, -1, 1], [2, 0, 0, 0], [-1, 0, 2, 2]])
W_K = np.array([[2.0, 0, -1, 0], [0, -1, -1, 0], [0, 0, 0, 1], [0, 0, 1, 1]])
W_V = np.array([[1.0, 0], [0, -2], [3, 0], [0, 4]])

# Section 07 follows this text through this model; every axis has another size.
SMALL_MODEL = {"V": 11, "n_positions": 8, "d_model": 12, "n_heads": 3, "n_layers": 2}
SMALL_TEXT = (3, 1, 4, 1, 5)

# Section 13: the width of the window, in keys.
WIDTH = 3

# Section 23: what the target says of three tokens, and what the draft guesses.
TARGET, DRAFT = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])

# Section 24: the keys of four tokens, with a quiet channel and a loud one, and the bits of a code.
LOUD_KEYS = np.array([[0.6, 40.0], [-0.2, 80.0], [0.25, -60.0], [-0.45, 20.0]])
LOUD_BITS = 4
