"""L05: a cache that gives other numbers, or gives them too slowly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handbook.labs.handed_in import REACHED, altered, failures

TOO_EARLY = "at = np.arange(start - keys.shape[-2], start)"
TRIMMED = f"""{TOO_EARLY}
        if window is not None:
            keys, values, at = keys[:, -window:], values[:, -window:], at[-window:]"""
KEYS = "keys = append(keys, rotate(split_heads(part @ W_k, n_kv_heads), positions))"
KEYS_AGAIN = "keys = rotate(split_heads(x[: start + L] @ W_k, n_kv_heads), np.arange(start + L))"
BEGIN = "    outputs, start = [], 0\n"
WHOLE_AGAIN = f"""    if window is None:
        rest = W_q, W_k, W_v, W_o, n_heads
        return np.concatenate([decode(x[:t], *rest, [t], t)[-1:] for t in np.arange(len(x)) + 1])
{BEGIN}"""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[kept, new], axis=-2", "[kept, new], axis=0", {"append": "cache-on-the-wrong-axis"}),
        ("[kept, new], axis=-2", "[kept, new], axis=-1", {"append": "cache-on-the-wrong-axis"}),
        ("[kept, new]", "[new, kept]", {"append": "newest-first"}),
        ("queries[:, None]", "np.arange(len(queries))[:, None] + keys[0]", {"mask": "top-left", "decode": "top-left"}),
        ("distance >= 0", "distance > 0", {"mask": "diagonal-closed"}),
        ("(distance >= 0)", "(distance >= -1)", {"mask": "diagonal-ahead"}),
        ("distance < window", "distance <= window", {"mask": "window-off-by-one", "window": "window-off-by-one"}),
        ("distance < window", "distance < window - 1", {"mask": "window-too-narrow", "window": "window-too-narrow"}),
        ("distance < window", "True", {"mask": "not-windowed", "window": "not-windowed"}),
        ("(distance >= 0) if window is None", "1 * (distance >= 0) if window is None", {"mask": None}),
        ("np.repeat(k, shared, axis=0)", "np.tile(k, (shared, 1, 1))", {"attend": None, "decode": None}),
        ("scores, -np.inf))", "scores, -np.inf), axis=-2)", {"attend": "softmax-over-queries"}),
        ("np.where(allowed, scores, -np.inf)", "scores", {"attend": "not-masked", "decode": "not-masked"}),
        ("np.sqrt(q.shape[-1])", "np.sqrt(q.shape[-1] * len(q))", {"attend": "scaled-by-model-width"}),
        ("n_heads), positions)", "n_heads), np.arange(L))", {"decode": "positions-reset"}),
        (
            "x[start : start + L], start + np.arange(L)",
            "x[start : start + L], np.arange(L)",
            {"decode": "top-left"},
        ),
        (KEYS, KEYS.replace(", positions", ", 0 * positions"), {"decode": None}),
        ("append(values, split", "append(values[:, :0], split", {"decode": None}),
        (TOO_EARLY, TRIMMED, {"window": "trimmed-before-attending"}),
        ("window + 1)", "window + 2)", {"window": None}),
        (BEGIN, "    chunks = [len(x)]\n" + BEGIN, {"decode": "read-at-once", "window": "read-at-once"}),
        (BEGIN, "    chunks = [sum(chunks)]\n" + BEGIN, {"decode": "read-at-once", "window": "read-at-once"}),
        (BEGIN, "    chunks = [chunks[0], len(x) - chunks[0]]\n" + BEGIN, {"decode": "read-at-once"}),
    ],
)
def test_a_wrong_function_of_l05_is_named(old: str, new: str, named: dict[str, str | None], tmp_path: Path) -> None:
    failed = failures("L05", altered("L05", "kv_cache.py", old, new, tmp_path), *REACHED["L05"])
    assert {step: failed.get(step, "passed") for step in named} == named


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
