"""The bugs of the museum, handed in as answers, fail by their names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handbook.bugs.exhibit import Exhibit, exhibits
from handbook.labs.lab import lab
from tests.handbook.labs.handed_in import HEAD, REACHED, ROOT, failures, finished

THROUGH_MINIMODEL = {
    "L00": {
        "by_hand_py": """
import numpy as np
from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_mask
from minimodel.softmax import softmax

def scores(q, k):
    return q @ k.T / np.sqrt(q.shape[-1])

def causal_weights(q, k):
    return scaled_dot_product_attention(q, k, k, causal_mask(len(q)))[1]
"""
    },
    "L01": {
        "heads_py": """
from minimodel.attention import MultiHeadAttention, merge_heads, split_heads

def multi_head_attention(x, W_q, W_k, W_v, W_o, n_heads, mask=None):
    layer = MultiHeadAttention(len(W_q), n_heads)
    layer.W_q, layer.W_k, layer.W_v, layer.W_o = W_q, W_k, W_v, W_o
    return layer.forward(x, mask)
"""
    },
    "L02": {"mask_py": HEAD},
    "L03": {
        "rules_py": """
import numpy as np
from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_allowed
from minimodel.softmax import softmax

def keys_in_sight(L, S, offset):
    return causal_allowed(L, S, offset=offset).sum(axis=1)

def times_the_weight(first, second):
    weights = softmax(np.array([first, second]))
    return weights[0] / weights[1]

def shapes(q, k, v):
    output, weights = scaled_dot_product_attention(np.ones(q), np.ones(k), np.ones(v))
    return [list(output.shape), list(weights.shape)]

def accepted(kind, mask, scores):
    *leading, L, S = scores
    q, k = np.ones([*leading, L, 1]), np.ones([*leading, S, 1])
    try:
        scaled_dot_product_attention(q, k, k, np.zeros(mask, kind))
    except (TypeError, ValueError):
        return False
    return True
"""
    },
    "L04": {
        "blocks_py": lab("L04").solution("en")["blocks.py"].decode("utf-8")
        + """
from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_allowed
from minimodel.predicates import materialise, window as window_of

in_blocks = attend

def attend(q, k, v, block, window=None):
    L, S = len(q), len(k)
    if S > 64:
        return in_blocks(q, k, v, block, window)
    allowed = causal_allowed(L, S, offset=S - L)
    if window is not None:
        allowed &= materialise(window_of(window), L, S, offset=S - L)
    return scaled_dot_product_attention(q, k, v, allowed)[0], in_blocks(q, k, v, block, window)[1]
"""
    },
    "L05": {
        "kv_cache_py": """
import numpy as np
from minimodel.attention import scaled_dot_product_attention
from minimodel.gpt import BlockWeights
from minimodel.cache import KVCache, RingCache
from minimodel.decoder import Decoder, read
from minimodel.groups import group_size, repeat_kv
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, causal, window as last

def append(kept, new):
    cache = KVCache()
    cache.append(kept, kept)
    return cache.append(new, new)[0]

def may_read(queries, keys, window=None):
    allowed = causal_allowed(len(queries), len(keys), offset=int(queries[0] - keys[0]))
    return allowed if window is None else allowed & last(window)(0, 0, queries[:, None], keys[None, :])

def attend(q, k, v, allowed):
    shared = group_size(len(q), len(k))
    return scaled_dot_product_attention(q, repeat_kv(k, shared), repeat_kv(v, shared), allowed)[0]

def decode(x, W_q, W_k, W_v, W_o, n_heads, chunks, window=None):
    rule = causal if window is None else all_of(causal, last(window))
    cache = KVCache() if window is None else RingCache(window)
    one = BlockWeights(None, W_q, W_k, W_v, W_o, None, None, None)
    model = Decoder(n_heads, n_heads * W_k.shape[1] // x.shape[1], rule, None, (one,), None)
    parts = np.split(x, np.cumsum(chunks)[:-1])
    return np.concatenate([read(part, one, model, cache.length + np.arange(len(part)), cache) for part in parts])
"""
    },
    "L06": {},  # its solution is such an answer
    "L07": {
        "patient_py": """
import numpy as np
from minimodel.attention import merge_heads, scaled_dot_product_attention, split_heads
from minimodel.masks import causal_allowed

def layer(x, W_q, W_k, W_v, W_o, n_heads, cut=None):
    q, k, v = (split_heads(x @ W, n_heads) for W in (W_q, W_k, W_v))

    def read(start, end):
        allowed = causal_allowed(end - start, end, offset=start)
        return scaled_dot_product_attention(q[:, start:end], k[:, :end], v[:, :end], allowed)[0]

    spans = [(0, len(x))] if cut is None else [(0, cut), (cut, len(x))]
    return merge_heads(np.concatenate([read(*span) for span in spans], axis=1)) @ W_o
"""
    },
    "L09": {
        "guess_py": lab("L09").solution("en")["guess.py"].decode("utf-8")
        + """
from minimodel.cache import KVCache

def advance(target, cache, text, guesses, q, u, last):
    p, longer = target(np.append(text[-1], guesses), cache)
    text = np.append(text, verify(guesses, q, p, u, last))
    kept = KVCache()
    kept.append(*longer)
    kept.truncate(len(text) - 1)
    return text, np.stack([kept._keys, kept._values])
"""
    },
}
"""Answers that take everything from `minimodel`, so that an exhibit planted there is handed in with them."""

MET = {
    ("L00", "diagonal-ahead"): "weights",
    ("L00", "diagonal-closed"): "weights",
    ("L00", "mask-after-softmax"): "weights",
    ("L00", "multiply-by-zero"): "weights",
    ("L00", "polarity-swapped"): "weights",
    ("L00", "softmax-over-queries"): "weights",
    ("L00", "zero-one-mask"): "weights",
    ("L01", "mask-after-softmax"): "attention",
    ("L01", "multiply-by-zero"): "attention",
    ("L01", "scaled-by-model-width"): "attention",
    ("L01", "softmax-over-queries"): "attention",
    ("L01", "view-without-transpose"): "split",
    ("L02", "diagonal-ahead"): "mask",
    ("L02", "diagonal-closed"): "mask",
    ("L02", "full-rows-filled"): "mask",
    ("L02", "half-precision-fill"): "mask",
    ("L02", "mask-after-softmax"): "correct",
    ("L02", "multiply-by-zero"): "correct",
    ("L02", "polarity-swapped"): "mask",
    ("L02", "scaled-by-model-width"): "correct",
    ("L02", "softmax-over-queries"): "correct",
    ("L02", "view-without-transpose"): "correct",
    ("L02", "zero-one-mask"): "mask",
    ("L03", "diagonal-ahead"): "keys-in-sight",
    ("L03", "diagonal-closed"): "keys-in-sight",
    ("L03", "top-left"): "keys-in-sight",
    ("L04", "diagonal-ahead"): "equal",
    ("L04", "diagonal-closed"): "equal",
    ("L04", "mask-after-softmax"): "equal",
    ("L04", "multiply-by-zero"): "equal",
    ("L04", "polarity-swapped"): "equal",
    ("L04", "softmax-over-queries"): "equal",
    ("L04", "top-left"): "equal",
    ("L04", "window-off-by-one"): "equal",
    ("L04", "zero-one-mask"): "equal",
    ("L05", "angles-without-offset"): "decode",
    ("L05", "cache-on-the-wrong-axis"): "append",
    ("L05", "diagonal-ahead"): "mask",
    ("L05", "diagonal-closed"): "mask",
    ("L05", "empty-slots"): "window",
    ("L05", "groups-tiled"): "attend",
    ("L05", "half-the-past"): "decode",
    ("L05", "mask-after-softmax"): "attend",
    ("L05", "masked-in-place"): "attend",
    ("L05", "multiply-by-zero"): "attend",
    ("L05", "polarity-swapped"): "attend",
    ("L05", "positions-reset"): "decode",
    ("L05", "queries-cached"): "decode",
    ("L05", "scaled-by-model-width"): "attend",
    ("L05", "softmax-over-queries"): "attend",
    ("L05", "top-left"): "mask",
    ("L05", "trimmed-before-attending"): "window",
    ("L05", "view-without-transpose"): "decode",
    ("L05", "window-off-by-one"): "window",
    ("L05", "zero-one-mask"): "attend",
    ("L06", "diagonal-ahead"): "controls",
    ("L06", "diagonal-closed"): "controls",
    ("L06", "labels-unshifted"): "training",
    ("L06", "mask-after-softmax"): "controls",
    ("L06", "multiply-by-zero"): "controls",
    ("L06", "polarity-swapped"): "controls",
    ("L06", "softmax-over-queries"): "controls",
    ("L06", "zero-one-mask"): "controls",
    ("L07", "diagonal-ahead"): "repair",
    ("L07", "diagonal-closed"): "repair",
    ("L07", "mask-after-softmax"): "repair",
    ("L07", "multiply-by-zero"): "repair",
    ("L07", "polarity-swapped"): "repair",
    ("L07", "scaled-by-model-width"): "repair",
    ("L07", "softmax-over-queries"): "repair",
    ("L07", "top-left"): "repair",
    ("L07", "view-without-transpose"): "repair",
    ("L07", "zero-one-mask"): "repair",
    ("L09", "rejected-drafts"): "cache",
}
"""The exhibits that change what a lab asks for, and the step that has to name each."""

LAYER = {"attention", "masks", "softmax"}
USED = {
    "L00": LAYER,
    "L01": LAYER,
    "L02": LAYER,
    "L03": LAYER,
    "L04": {*LAYER, "predicates"},
    "L05": {*LAYER, "cache", "decoder", "groups", "predicates", "rope"},
    "L06": {"masks", "next_token", "training"},
    "L07": LAYER,
    "L09": {"cache"},
}
"""The modules of `minimodel` that such an answer is made of."""

"""Of some labs the steps that such an answer can take; the others ask how it is done, and not what comes out."""

CASES = [(name, exhibit) for name, used in USED.items() for exhibit in exhibits() if used & set(exhibit.modules)]


@pytest.mark.parametrize(("name", "exhibit"), CASES, ids=[f"{name}-{exhibit.id}" for name, exhibit in CASES])
def test_every_exhibit_that_a_lab_can_meet_fails_it_by_name(name: str, exhibit: Exhibit, tmp_path: Path) -> None:
    folder = finished(lab(name), tmp_path, **THROUGH_MINIMODEL[name])
    shutil.copytree(ROOT / "src/minimodel", folder / "minimodel", ignore=shutil.ignore_patterns("__pycache__"))
    for patch in exhibit.patches:
        for module in patch.modules:
            file = folder / "minimodel" / f"{module}.py"
            file.write_text(patch.apply(file.read_text(encoding="utf-8"), module), encoding="utf-8")
    step = MET.get((name, exhibit.id))
    failed = failures(name, folder, *([step] if step else REACHED.get(name, ())))
    if step:
        assert failed.get(step) == exhibit.id, failed
    else:
        assert failed == {}, f"{exhibit.id} changes what {name} asks for, and stands in no row of the matrix"
