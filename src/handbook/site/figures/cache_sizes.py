"""What a long text keeps in models whose shapes are published; the calculator goes on from there."""

from __future__ import annotations

from handbook.locale import Words
from handbook.site.figures.shown import Explorer, Shown
from handbook.site.figures.svg import FILL, FRAME, INK, NUMBER, Drawing, rect, text
from minimodel.calculator import kv_bytes

_TOKENS, _ITEMSIZE, _GIB = 131_072, 2, 1024**3
_WIDE, _BAR, _PITCH = 220, 20, 44

Published = dict[str, dict[str, float]]
"""Shapes by the model's name, as the calculator asks for them.

Layers over the whole text (`full`) and with a window (`local`), and how many of each share the cache of another; the
heads of queries, and of keys and values, and their width, or a latent with its rotary key; the weights in billions
that the name says, and of them those that one token uses.
"""


def _shape(full: int, queries: int, heads: int, width: int, weights: float, **more: float) -> dict[str, float]:
    plain = {"full_shared": 0, "local": 0, "local_shared": 0, "window": 4096, "latent": 0, "rotary": 0}
    sizes = {"queries": queries, "heads": heads, "width": width, "weights": weights, "active": weights}
    return {"full": full, **plain, **sizes, **more}


# Meta, 2024: llama-models, models/sku_list.py; a head is `dim` divided by `n_heads` wide.
MODELS: Published = {
    "Llama 3.1 8B": _shape(32, queries=32, heads=8, width=128, weights=8),
    "Llama 3.1 70B": _shape(80, queries=64, heads=8, width=128, weights=70),
    "Llama 3.1 405B": _shape(126, queries=128, heads=8, width=128, weights=405),
}

# DeepSeek-AI, 2024: DeepSeek-V2, and its repository; Google, 2024: gemma_pytorch, gemma/config.py; Hugging Face:
# configuration_gemma3n.py, where every fifth layer reads the whole text and the last 15 of 35 share, and
# configuration_jamba.py, where one layer in eight attends, and the others keep states that are not counted.
OTHERS: Published = {
    "DeepSeek-V2": _shape(60, queries=128, heads=128, width=128, weights=236, active=21, latent=512, rotary=64),
    "Gemma 2 27B": _shape(23, queries=32, heads=16, width=128, weights=27, local=23, window=4096),
    "Gemma 3n E4B": _shape(
        7, queries=8, heads=2, width=256, weights=4, full_shared=3, local=28, local_shared=12, window=512
    ),
    "Jamba v0.1": _shape(4, queries=32, heads=8, width=128, weights=52, active=12),
}


def drawing(words: Words) -> Drawing:
    """A bar a model: its cache for one text."""
    sizes = gibibytes()
    describe = words.sizes_describe.format(tokens=f"{_TOKENS:,}", bytes=_ITEMSIZE)
    body = [text(4, 10, describe, size=12, anchor="start")]
    for n, (name, size) in enumerate(sizes.items()):
        y = 38 + _PITCH * n
        long = _WIDE * size / max(sizes.values())
        body += [
            text(4, y, name, size=12, anchor="start"),
            rect(4, y + 10, long, _BAR, f"{FILL} {FRAME}"),
            text(4 + long + 8, y + 10 + _BAR / 2, f"{size:g} GiB", cls=f"{INK} {NUMBER}", size=11, anchor="start"),
        ]
    said = " ".join(f"{name}: {size:g} GiB." for name, size in sizes.items())
    return Drawing(_WIDE + 110, _PITCH * len(sizes) + 30, words.sizes_title, f"{describe} {said}", tuple(body))


def gibibytes() -> dict[str, float]:
    """The cache of one text in each model."""
    return {
        name: kv_bytes(
            n_layers=int(shape["full"]),
            n_kv_heads=int(shape["heads"]),
            d_head=int(shape["width"]),
            itemsize=_ITEMSIZE,
            tokens=_TOKENS,
        )
        / _GIB
        for name, shape in MODELS.items()
    }


def shown() -> Shown:
    # Keys and values, two bytes each, times 131,072 tokens: half a mebibyte a head, layer and feature.
    sizes = {name: shape["full"] * shape["heads"] * shape["width"] / 2048 for name, shape in MODELS.items()}
    each = " ".join(f"{name} {size:g}" for name, size in sizes.items())
    says = f"131 072 2 {each}"  # the thousands have a comma
    return Shown(says, says, filled=len(sizes), values=tuple(sizes.values()))


def explorer() -> Explorer:
    """The calculator starts from the first of these models."""
    device = {"bandwidth": 3, "flops": 1000}  # TB/s and TFLOP/s
    return Explorer("calculator", {"models": {**MODELS, **OTHERS}, "tokens": _TOKENS, "itemsize": _ITEMSIZE, **device})
