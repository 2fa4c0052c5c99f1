"""Measure both models, write what was measured, and end with status 1 when `correct` is not causal."""

import json
import platform
import sys
from datetime import date
from pathlib import Path

import mask
import numpy as np

from handbook.labs.panels import save_panels
from minimodel.influence import influence, perturb

SEED = 0
HERE = Path(__file__).parent

x = np.random.default_rng(SEED).normal(size=(mask.T, mask.D_MODEL))  # [T, d_model]
changed = perturb(x, mask.T - 1, delta=1.0)  # the last token, and no other


def largest_difference(f):
    """How far outputs 0 to 6 move when the last token changes."""
    raise NotImplementedError


def is_causal(f):
    """Whether the influence matrix of f is the lower triangle, in both directions."""
    raise NotImplementedError


# 1. Print the largest difference of mask.correct and of mask.broken.
# 2. save_panels(HERE / "mask_visual.png", left, right): what the mask allows, and the weights of head 0 under it.
# 3. Write manifest.json: experiment "15-causal-mask", date, seed, versions {"python", "numpy"},
#    config {"T": 8, "d_model": 16, "n_heads": 2}, max_difference {"correct", "broken"}.
# 4. End with sys.exit(1) when mask.correct is not causal.
