"""One call of attention in each library, all with the same arguments: arrays `[B, H, T, d]` in, weights out."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")  # without a word Keras would look for TensorFlow

OPSET = 25

Way = Callable[..., np.ndarray]
"""Takes queries, keys and values `[B, H, T, d]`, a `mask` `[L, S]`, and `causal`; gives the output `[B, H, L, d]`."""


class NotThereError(Exception):
    """The library has no such argument, so the question cannot be put to it."""


class Library(NamedTuple):
    """A way to ask a library, and the version that is asked."""

    way: Way
    version: str


def jax(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: Any = None, causal: bool = False, **beside: Any) -> Any:
    """`jax.nn.dot_product_attention`; numbers are given as `bias`, everything else as `mask`."""
    from jax.nn import dot_product_attention

    kind = "bias" if mask is not None and mask.dtype.kind == "f" else "mask"
    given = {} if mask is None else {kind: mask[None, None]}
    output = dot_product_attention(*map(_heads_late, (q, k, v)), is_causal=causal, **given, **beside)
    return _heads_late(np.asarray(output))


def keras(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: Any = None, causal: bool = False) -> Any:
    """`keras.layers.MultiHeadAttention` on JAX, one head, whose projections are identity matrices."""
    if q.shape[1] != 1:
        raise NotThereError("the layer has one number of heads; GroupedQueryAttention is another")
    import keras as library

    layer = library.layers.MultiHeadAttention(1, q.shape[-1], use_bias=False)
    layer.build(q[:, 0].shape, v[:, 0].shape, k[:, 0].shape)
    one = np.eye(q.shape[-1], dtype=q.dtype)
    layer.set_weights([one.reshape(weight.shape) for weight in layer.get_weights()])
    given = {} if mask is None else {"attention_mask": mask[None]}
    return np.asarray(layer(q[:, 0], v[:, 0], k[:, 0], use_causal_mask=causal, **given))[:, None]


def onnx(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: Any = None, causal: bool = False, **beside: Any) -> Any:
    """The operator `Attention` of one opset, by ONNX's reference evaluator."""
    from onnx import TensorProto, checker, helper, numpy_helper
    from onnx.reference import ReferenceEvaluator

    past = {name: beside.pop(name) for name in ("past_key", "past_value") if name in beside}
    inputs = {"Q": q, "K": k, "V": v} | ({} if mask is None else {"attn_mask": mask}) | past
    names = ["Q", "K", "V", "attn_mask" if mask is not None else "", *past]
    node = helper.make_node("Attention", names, ["Y"], is_causal=int(causal), **beside)
    given = [
        helper.make_tensor_value_info(name, numpy_helper.from_array(array).data_type, array.shape)
        for name, array in inputs.items()
    ]
    out = helper.make_tensor_value_info("Y", TensorProto.FLOAT, [*q.shape[:3], v.shape[-1]])
    model = helper.make_model(
        helper.make_graph([node], "attention", given, [out]), opset_imports=[helper.make_opsetid("", OPSET)]
    )
    checker.check_model(model, full_check=True)
    return ReferenceEvaluator(model).run(None, inputs)[0]


def x_transformers(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: Any = None, causal: bool = False) -> Any:
    """`Attend` of x-transformers; numbers are given as `attn_bias`, everything else as `mask`."""
    import torch
    from x_transformers.attend import Attend

    kind = "attn_bias" if mask is not None and mask.dtype.kind == "f" else "mask"
    given = {} if mask is None else {kind: torch.from_numpy(mask)[None, None]}
    return Attend(causal=causal)(*map(torch.from_numpy, (q, k, v)), **given)[0].numpy()


@functools.cache
def _compiled() -> Any:
    import torch
    from torch.nn.attention.flex_attention import flex_attention

    return torch.compile(flex_attention)


def flex(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: Any = None, causal: bool = False, **beside: Any) -> Any:
    """FlexAttention, compiled: numbers are looked up by a `score_mod`, everything else by a `mask_mod`."""
    if causal:
        raise NotThereError("it has no flag")
    import torch
    from torch.nn.attention.flex_attention import create_block_mask

    L, S = q.shape[2], k.shape[2]
    given: dict[str, Any] = {}
    if mask is not None:
        table = torch.from_numpy(mask)
        if mask.dtype.kind == "f":
            given["score_mod"] = lambda score, b, h, i, j: score + table[i, j]
        else:
            given["block_mask"] = create_block_mask(lambda b, h, i, j: table[i, j], None, None, L, S, device="cpu")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        return _compiled()(*map(torch.from_numpy, (q, k, v)), **given, **beside).numpy()


def _heads_late(array: np.ndarray) -> np.ndarray:
    """Turn `[B, H, T, d]` into `[B, T, H, d]`, or back."""
    return array.swapaxes(1, 2)


def libraries() -> dict[str, Library]:
    """The libraries by the name of their column, with the versions that are installed."""
    packages = {"jax": jax, "keras": keras, "onnx": onnx, "x-transformers": x_transformers, "torch": flex}
    names = {"x-transformers": "x_transformers", "torch": "flex"}
    return {
        names.get(package, package): Library(way, version(package).partition("+")[0])
        for package, way in packages.items()
    }
