"""The questions: calls whose answers tell conventions apart, and the name of the convention whose weights came out."""

from __future__ import annotations

import contextlib
import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.conventions.ways import NotThereError, Way, flex, jax, libraries, onnx

N = 5
"""Tokens, and features, so that the values can be name tags."""

WORDS, PADS = 4, 3

Answers = dict[str, dict[str, str]]
"""By question and column, the name of a convention."""

Q, K = np.random.default_rng(0).standard_normal((2, 1, 1, N, N)).astype(np.float32)
TAGS = np.eye(N, dtype=np.float32)[None, None]
ITSELF, TRIANGLE = np.eye(N, dtype=bool), np.tri(N, dtype=bool)
EMPTY = TRIANGLE.copy()
EMPTY[2] = False  # the middle row may read nothing
BAND = np.tri(N, k=1, dtype=bool) & ~np.tri(N, k=-2, dtype=bool)  # it and the triangle differ on both sides


def additive(allowed: np.ndarray) -> np.ndarray:
    """Zeros where a cell may be read, minus infinity elsewhere."""
    return np.where(allowed, 0, -np.inf).astype(np.float32)


def by_hand(bias: Any = 0, q: np.ndarray = Q) -> np.ndarray:
    """The weights `[L, S]` that a bias gives."""
    scores = q[0, 0] @ K[0, 0].T / np.sqrt(N) + bias
    with np.errstate(invalid="ignore"):
        powers = np.exp(scores - scores.max(-1, keepdims=True))
        weights: np.ndarray = powers / powers.sum(-1, keepdims=True)
    return weights


def named(call: Callable[[], np.ndarray], conventions: dict[str, np.ndarray]) -> str:
    """The convention whose weights came out; `refused` where the call raised."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            weights = call()
    except NotThereError:
        raise
    except Exception:
        return "refused"
    for name, expected in conventions.items():
        if np.allclose(weights, expected, atol=1e-5, equal_nan=True):
            return name
    return "something else"


LATE = Q[:, :, -2:]
CORNERS = {
    "top-left": by_hand(additive(TRIANGLE[:2]), LATE),
    "bottom-right": by_hand(additive(TRIANGLE[-2:]), LATE),
}


def of_masks() -> Answers:
    """Ask one call of attention in each library."""
    either = {"read": by_hand(additive(ITSELF)), "blocked": by_hand(additive(~ITSELF))}
    ones = TRIANGLE.astype(np.float32)
    sums = {"added": by_hand(ones), "masked": by_hand(additive(TRIANGLE))}
    infinite = additive(BAND)
    signs = {"added": by_hand(infinite), "read": by_hand(additive(~BAND))}
    with_nan = by_hand(additive(EMPTY))
    opposite = np.where(EMPTY.all(-1, keepdims=True), np.float32(1 / N), by_hand(additive(~EMPTY)))
    even = np.where(EMPTY.any(-1, keepdims=True), with_nan, np.float32(1 / N))
    nothing = {"nan": with_nan, "0": np.nan_to_num(with_nan), "the mean of all values": even}
    emptied = nothing | {"read": opposite}
    counted = {
        "both": by_hand(additive(BAND & TRIANGLE)),
        "mask": by_hand(additive(BAND)),
        "flag": by_hand(additive(TRIANGLE)),
    }
    questions: dict[str, Callable[[Way], str]] = {
        "true_means": lambda way: named(lambda: _weights(way, mask=ITSELF), either),
        "numbers_are": lambda way: named(lambda: _weights(way, mask=ones), sums),
        "minus_infinity_is": lambda way: named(lambda: _weights(way, mask=infinite), signs),
        "whole_numbers_are": lambda way: named(lambda: _weights(way, mask=TRIANGLE.astype(np.int64)), sums),
        "none_true": lambda way: named(lambda: _weights(way, mask=EMPTY), nothing),
        "all_infinite": lambda way: named(lambda: _weights(way, mask=additive(EMPTY)), emptied),
        "aligned": lambda way: named(lambda: _weights(way, LATE, causal=True), CORNERS),
        "both_count": lambda way: named(lambda: _weights(way, mask=BAND, causal=True), counted),
        "heads_share": _sharing,
    }
    answers: Answers = {"version": {column: library.version for column, library in libraries().items()}}
    for question, ask in questions.items():
        answers[question] = {}
        for column, library in libraries().items():
            with contextlib.suppress(NotThereError):
                answers[question][column] = ask(library.way)
    return answers


def _weights(way: Way, q: np.ndarray = Q, **given: Any) -> np.ndarray:
    """The weights `[L, S]`: what comes out where each value is a name tag."""
    weights: np.ndarray = way(q, K, TAGS, **given)[0, 0]
    return weights


def _sharing(way: Way) -> str:
    """How six heads of queries share two of keys and values."""
    rng = np.random.default_rng(1)
    q = rng.standard_normal((1, 6, N, N)).astype(np.float32)
    k, v = rng.standard_normal((2, 1, 2, N, N)).astype(np.float32)
    beside = {"enable_gqa": True} if way is flex else {}
    tiled = (np.tile(one, (1, 3, 1, 1)) for one in (k, v))
    sharing = {"repeat_interleave": way(q, k.repeat(3, 1), v.repeat(3, 1)), "tile": way(q, *tiled)}
    return named(lambda: way(q, k, v, **beside), sharing)


def of_windows() -> dict[str, str]:
    """Ask those that take a window what its number counts, and ONNX where a cache hangs the triangle."""
    counts = {
        "the own key too": by_hand(additive(TRIANGLE & ~np.tri(N, k=-2, dtype=bool))),
        "keys to the left": by_hand(additive(TRIANGLE & ~np.tri(N, k=-3, dtype=bool))),
    }
    past = {"past_key": K[:, :, :-2], "past_value": TAGS[:, :, :-2]}
    return {
        "local_window_size=(2, 0)": named(lambda: jax(Q, K, TAGS, local_window_size=(2, 0))[0, 0], counts),
        "local_window_size=2": named(
            lambda: jax(Q, K, TAGS, local_window_size=2)[0, 0],
            counts | {"both sides": by_hand(additive(np.tri(N, k=2, dtype=bool) & ~np.tri(N, k=-3, dtype=bool)))},
        ),
        "left_window_size=2": named(lambda: onnx(Q, K, TAGS, left_window_size=2, right_window_size=0)[0, 0], counts),
        "past_key": named(lambda: onnx(LATE, K[:, :, -2:], TAGS[:, :, -2:], causal=True, **past)[0, 0], CORNERS),
    }


MODELS = {"gpt2": "GPT2LMHeadModel", "llama": "LlamaForCausalLM", "opt": "OPTForCausalLM", "bloom": "BloomForCausalLM"}


def of_transformers() -> Answers:
    """Ask four models of Transformers, tiny and random, what their 2-D and 4-D masks and `position_ids` mean."""
    from causality.hugging_face import named as model_named

    models = {column: model_named(name) for column, name in MODELS.items()}
    questions: dict[str, Callable[[Any], str]] = {
        "one_means": lambda model: _two_d(model, int),
        "true_means": lambda model: _two_d(model, bool),
        "true_means_4d": _four_d,
        "numbers_4d_are": _numbers_4d,
        "left_pads": lambda model: _left_padded(model, {}),
        "with_positions": lambda model: _left_padded(
            model, {"position_ids": np.array([[0] * PADS + list(range(WORDS))])}
        ),
        "rows_of_pads": _rows_of_pads,
        "mask_of_new": _mask_of_new,
    }
    return {question: {column: ask(model) for column, model in models.items()} for question, ask in questions.items()}


def _logits(model: Any, ids: np.ndarray, **given: Any) -> np.ndarray:
    import torch

    with torch.no_grad():
        tensors = {name: torch.from_numpy(one) if isinstance(one, np.ndarray) else one for name, one in given.items()}
        logits: np.ndarray = model(torch.from_numpy(ids), **tensors).logits.numpy()
    return logits


def _ids(T: int) -> np.ndarray:
    return np.random.default_rng(2).integers(5, 90, size=(1, T))


def _two_d(model: Any, kind: type) -> str:
    """Mark the first word and the last, and see which words the last row reads."""
    ids = _ids(WORDS)
    mask = np.array([[1, 0, 0, 1]]).astype(kind)
    return _followed(model, ids, {"attention_mask": mask}, marked=0, unmarked=1)


def _four_d(model: Any) -> str:
    ids = _ids(WORDS)
    mask = np.tri(WORDS, dtype=bool)
    mask[-1, 1:3] = False
    return _followed(model, ids, {"attention_mask": mask[None, None]}, marked=0, unmarked=1)


def _followed(model: Any, ids: np.ndarray, given: dict[str, Any], *, marked: int, unmarked: int) -> str:
    """Say which of two tokens the last row reads."""
    model = _one_layer(model)

    def moved(j: int) -> bool:
        other = ids.copy()
        other[0, j] += 1
        return not np.allclose(_logits(model, ids, **given)[0, -1], _logits(model, other, **given)[0, -1], atol=1e-6)

    try:
        read = (moved(marked), moved(unmarked))
    except Exception:
        return "refused"
    return {(True, False): "read", (False, True): "blocked", (True, True): "not looked at"}.get(read, "something else")


def _one_layer(model: Any) -> Any:
    """A model with one layer, where what a row reads is what its mask opens."""
    import torch

    config = copy.deepcopy(model.config)
    config.num_hidden_layers = 1
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return type(model)(config).eval()


def _numbers_4d(model: Any) -> str:
    """Ones in the triangle and zeros elsewhere, in 4-D: an added mask hides nothing, so the first row moves."""
    ids, other = _ids(WORDS), _ids(WORDS)
    other[0, -1] += 1
    mask = np.tri(WORDS, dtype=np.float32)[None, None]
    try:
        first, again = (_logits(model, one, attention_mask=mask)[0, 0] for one in (ids, other))
    except Exception:
        return "refused"
    return "masked" if np.allclose(first, again, atol=1e-6) else "added"


def _padded() -> tuple[np.ndarray, np.ndarray]:
    ids = _ids(PADS + WORDS)
    mask = np.array([[0] * PADS + [1] * WORDS])
    return ids, mask


def _left_padded(model: Any, beside: dict[str, Any]) -> str:
    """Whether the words of a text padded on the left have the rows that they have alone."""
    ids, mask = _padded()
    alone = _logits(model, ids[:, PADS:])
    try:
        padded = _logits(model, ids, attention_mask=mask, **beside)[:, PADS:]
    except Exception:
        return "refused"
    return "as alone" if np.allclose(padded, alone, atol=1e-5) else "shifted"


def _rows_of_pads(model: Any) -> str:
    ids, mask = _padded()
    return "numbers" if np.isfinite(_logits(model, ids, attention_mask=mask)[:, :PADS]).all() else "nan"


def _mask_of_new(model: Any) -> str:
    """A cached step whose mask has a cell for the new token alone, after a prompt without pads."""
    import torch

    ids = _ids(WORDS)
    with torch.no_grad():
        prompt = model(torch.from_numpy(ids[:, :-1]), use_cache=True)
    whole = _logits(model, ids)[:, -1]
    try:
        step = _logits(
            model, ids[:, -1:], past_key_values=prompt.past_key_values, attention_mask=np.ones((1, 1), dtype=int)
        )
    except Exception:
        return "refused"
    return "as the whole text" if np.allclose(step[:, -1], whole, atol=1e-5) else "wrong"
