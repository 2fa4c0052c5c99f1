"""What a long text keeps in models whose shapes are published; the calculator goes on from there."""

from __future__ import annotations

from handbook.locale import Words
from handbook.site.figures.shown import Explorer, Shown
from handbook.site.figures.svg import FILL, FRAME, INK, NUMBER, Drawing, rect, text
from minimodel.calculator import kv_bytes

_TOKENS, _ITEMSIZE, _GIB = 131_072, 2, 1024**3
_WIDE, _BAR, _PITCH = 220, 20, 44

MODELS = {
    "Llama 3.1 8B": {"layers": 32, "heads": 8, "width": 128, "weights": 8},
    "Llama 3.1 70B": {"layers": 80, "heads": 8, "width": 128, "weights": 70},
    "Llama 3.1 405B": {"layers": 126, "heads": 8, "width": 128, "weights": 405},
}
"""Layers, heads of keys and values, the width of a head, and the weights in billions that the name says.

Meta, 2024: llama-models, models/sku_list.py; a head is `dim` divided by `n_heads` wide.
"""


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
            n_layers=shape["layers"],
            n_kv_heads=shape["heads"],
            d_head=shape["width"],
            itemsize=_ITEMSIZE,
            tokens=_TOKENS,
        )
        / _GIB
        for name, shape in MODELS.items()
    }


def shown() -> Shown:
    # Keys and values, two bytes each, times 131,072 tokens: half a mebibyte a head, layer and feature.
    sizes = {name: shape["layers"] * shape["heads"] * shape["width"] / 2048 for name, shape in MODELS.items()}
    each = " ".join(f"{name} {size:g}" for name, size in sizes.items())
    says = f"131 072 2 {each}"  # the thousands have a comma
    return Shown(says, says, filled=len(sizes), values=tuple(sizes.values()))


def explorer() -> Explorer:
    """The calculator starts from the first of these models."""
    return Explorer("calculator", {"models": MODELS, "tokens": _TOKENS, "itemsize": _ITEMSIZE, "bandwidth": 3})
