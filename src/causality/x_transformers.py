"""Models of x-transformers: what they are told to give their cache, and how it is rolled back."""

from __future__ import annotations

import copy
import sys
from typing import Any


def is_model(source: Any) -> bool:
    """Say whether this is a wrapper or a stack of layers of x-transformers, without importing it where nobody has."""
    library = sys.modules.get("x_transformers")
    return library is not None and isinstance(source, library.TransformerWrapper | library.Decoder)


def step(source: Any) -> Any:
    """Make the function `(tokens, cache)` that feeds a chunk: told nothing, the library takes its last token alone."""
    wrapper = isinstance(source, sys.modules["x_transformers"].TransformerWrapper)
    giving = "return_intermediates" if wrapper else "return_hiddens"

    def feed(tokens: Any, cache: Any = None, **beside: Any) -> Any:
        told = {giving: True, "input_not_include_cache": True, "cache_age": tokens.shape[1]}
        return source(tokens, cache=cache, **told, **beside)

    return feed


def is_cache(cache: Any) -> bool:
    """Say whether this is what x-transformers gives as its cache."""
    return hasattr(cache, "attn_intermediates") and hasattr(cache, "cache_length")


def crop(cache: Any, n: int) -> Any:
    """Take the last n tokens from a cache, as its own speculative decoding does."""
    cropped = copy.copy(cache)  # copies the layers' parts too
    cropped.cache_length -= n
    for part in cropped.attn_intermediates or ():
        if part.cached_kv is not None and part.layer_type == "a":  # self-attention; the memory keeps its length
            part.cached_kv = tuple(array[..., :-n, :] for array in part.cached_kv)
    return cropped
