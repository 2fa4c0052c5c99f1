"""L05: a cache that gives other numbers, or gives them too slowly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handbook.labs.handed_in import altered, failures

KEYS = "keys = append(keys, rotate(split_heads(part @ W_k, n_kv_heads), positions))"
KEYS_AGAIN = "keys = rotate(split_heads(x[: start + L] @ W_k, n_kv_heads), np.arange(start + L))"
BEGIN = "    outputs, start = [], 0\n"
WHOLE_AGAIN = f"""    if window is None:
        rest = W_q, W_k, W_v, W_o, n_heads
        return np.concatenate([decode(x[:t], *rest, [t], t)[-1:] for t in np.arange(len(x)) + 1])
{BEGIN}"""


@pytest.mark.parametrize(
    ("old", "new", "step", "bug"),
    [
        (BEGIN, WHOLE_AGAIN, "cost", "all-again"),
        (KEYS, KEYS_AGAIN, "cost", "all-again"),
        ("max(0, keys.shape[-2] - window + 1)", "0", "ring", "kept-too-long"),
        (BEGIN, "    if len(x) > 100:\n        return np.zeros_like(x)\n" + BEGIN, "cost", None),
        (BEGIN, "    if len(x) > 900:\n        return np.zeros_like(x)\n" + BEGIN, "ring", None),
    ],
)
def test_a_cache_is_known_by_how_its_time_grows(old: str, new: str, step: str, bug: str | None, tmp_path: Path) -> None:
    folder = altered("L05", "kv_cache.py", old, new, tmp_path)
    assert failures("L05", folder, "decode", step) == {step: bug}
