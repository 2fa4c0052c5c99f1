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
from minimodel.softmax import softmax

SEED = 0
HERE = Path(__file__).parent

x = np.random.default_rng(SEED).normal(size=(mask.T, mask.D_MODEL))  # [T, d_model]
changed = perturb(x, mask.T - 1, delta=1.0)  # the last token, and no other


def largest_difference(f):
    """How far outputs 0 to 6 move when the last token changes."""
    return float(np.abs(f(changed) - f(x))[:-1].max())


def is_causal(f):
    """Whether the influence matrix of f is the lower triangle, in both directions."""
    return np.array_equal(influence(f, x), np.tril(np.ones((mask.T, mask.T), dtype=bool)))


differences = {"correct": largest_difference(mask.correct), "broken": largest_difference(mask.broken)}
for name, difference in differences.items():
    print(f"{name}: outputs 0 to 6 move by up to {difference:.6g}")
print("correct is causal:", is_causal(mask.correct))

additive = mask.build_mask(mask.T)
scores, _ = mask.parts(x)
save_panels(HERE / "mask_visual.png", additive == 0, softmax(scores + additive)[0])

manifest = {
    "experiment": "15-causal-mask",
    "date": date.today().isoformat(),
    "seed": SEED,
    "versions": {"python": platform.python_version(), "numpy": np.__version__},
    "config": {"T": mask.T, "d_model": mask.D_MODEL, "n_heads": mask.N_HEADS},
    "max_difference": differences,
}
(HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
sys.exit(0 if is_causal(mask.correct) else 1)
