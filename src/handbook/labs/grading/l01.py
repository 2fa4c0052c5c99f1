"""L01, multi-head attention: cut, attend, join, project; judged by values, by influence and by torch."""

from __future__ import annotations

import numpy as np

from handbook.labs.grading.bench import Bench
from handbook.labs.grading.visibility import check_sight, compare
from handbook.labs.reference.attention import RIGHT, WRONG, Weights, attend, likely, softmax, triangle
from handbook.labs.texts import Say, say
from handbook.running.page_run import has_torch

FILE = "heads.py"


def _shapes(bench: Bench) -> list[list[int]]:
    """Length, heads and width of a head: the first unlike each other, so that no two mistakes look alike."""
    drawn = bench.rng.integers((5, 2, 2), (9, 6, 6), size=(2, 3))
    return [[7, 3, 4], *drawn.tolist(), [8, 2, 8], [17, 2, 3], [1, 1, 1]]


def _weights(bench: Bench, d_model: int) -> Weights:
    W_q, W_k, W_v, W_o = bench.rng.normal(0, 0.25, size=(4, d_model, d_model))
    return W_q, W_k, W_v, W_o


def split(bench: Bench) -> None:
    """`[T, d_model]` to `[H, T, d_head]`."""
    for T, H, d_head in _shapes(bench):
        x = bench.rng.normal(size=(T, H * d_head))
        found, wanted = bench.array(FILE, "split_heads", x, H), RIGHT.split(x, H)
        bug = "view-without-transpose"
        viewed = WRONG[bug].split(x, H)
        compare(found, wanted, "split_heads", bug if np.array_equal(found, viewed) else None)


def merge(bench: Bench) -> None:
    """And back: the inverse, for every shape."""
    for T, H, d_head in _shapes(bench):
        heads = bench.rng.normal(size=(H, T, d_head))
        found, wanted = bench.array(FILE, "merge_heads", heads), RIGHT.merge(heads)
        bug = "merged-without-transpose"
        viewed = WRONG[bug].merge(heads)
        compare(found, wanted, "merge_heads", bug if np.array_equal(found, viewed) else None)


def attention(bench: Bench) -> None:
    """The layer: equal to the formula, causal in both directions, and led by whatever mask it is given."""
    for T, H, d_head in _shapes(bench):
        weights = _weights(bench, H * d_head)
        x = bench.rng.normal(size=(T, H * d_head))
        mask = np.where(triangle(T), 0.0, -np.inf)

        def f(x: np.ndarray, H: int = H, weights: Weights = weights, mask: np.ndarray = mask) -> np.ndarray:
            return bench.array(FILE, "multi_head_attention", x, *weights, H, mask)

        found, (wanted, _) = f(x), attend(RIGHT, x, weights, H)
        bug = likely(found, x, weights, H) if min(T, H, d_head) > 1 else None
        if found.shape == wanted.shape and T > 1:
            check_sight(f, x, triangle(T), say("causal"), bug)
        compare(found, wanted, "multi_head_attention", bug)
        _check_mask(bench, x, weights, H, found)


def _check_mask(bench: Bench, x: np.ndarray, weights: Weights, H: int, causal: np.ndarray) -> None:
    """Under a mask that is no triangle, with numbers in it besides 0 and -inf; each row may read its own token."""
    mask = bench.rng.normal(size=(len(x), len(x)))
    mask[bench.rng.random(mask.shape) < 0.4] = -np.inf
    np.fill_diagonal(mask, 0.5)
    wanted, _ = attend(RIGHT._replace(weigh=lambda scores, _: softmax(scores + mask)), x, weights, H)
    found = bench.array(FILE, "multi_head_attention", x, *weights, H, mask)
    own = len(x) > 1 and found.shape == causal.shape and np.allclose(found, causal)
    compare(found, wanted, say("another-mask"), "mask-not-read" if own else None)


def whole(bench: Bench) -> Say | None:
    """Without a mask every position reads every other; the same in torch where torch is installed."""
    T, H, d_head = 6, 2, 4
    weights = _weights(bench, H * d_head)
    x = bench.rng.normal(size=(T, H * d_head))
    found = bench.array(FILE, "multi_head_attention", x, *weights, H, None)
    wanted, _ = attend(WRONG["not-masked"], x, weights, H)  # here it is what is right
    compare(found, wanted, "multi_head_attention")
    if not has_torch():
        return say("without-torch")
    compare(found, _in_torch(x, weights, H), "multi_head_attention")
    return say("equals-torch")


def _in_torch(x: np.ndarray, weights: Weights, H: int) -> np.ndarray:
    import torch
    from torch.nn.functional import multi_head_attention_forward

    W_q, W_k, W_v, W_o = (torch.from_numpy(W) for W in weights)
    rows = torch.from_numpy(x)[:, None, :]  # [T, 1, d_model]
    d_model = x.shape[-1]
    in_one = torch.cat([W_q.T, W_k.T, W_v.T])  # torch multiplies from the other side
    output, _ = multi_head_attention_forward(
        rows, rows, rows, d_model, H, in_one, None, None, None, False, 0.0, W_o.T, None, training=False
    )
    array: np.ndarray = output[:, 0].numpy()
    return array
