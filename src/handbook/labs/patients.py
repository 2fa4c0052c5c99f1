"""The ward of the bug museum: attention layers, most of them ill, to be examined from outside.

An illness is an exhibit of the museum, planted in `minimodel` while the layer's functions are imported.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from handbook.bugs.exhibit import exhibit
from handbook.bugs.plant import planted

HEALTHY = "healthy"

KINDS = (
    HEALTHY,
    "diagonal-closed",
    "polarity-swapped",
    "diagonal-ahead",
    "mask-after-softmax",
    "softmax-over-queries",
    "multiply-by-zero",
    "zero-one-mask",
    "top-left",
)
"""What a patient of the ward may be called: healthy, or the exhibit of the museum that it suffers from."""

LONGEST = 64
"""Tokens of the longest text that a patient reads."""

Layer = Callable[[np.ndarray, int | None], np.ndarray]


class Patient:
    """An attention layer that can be asked, and not looked into.

    Call it with a text `[T, d_model]`, and it gives an output of the same shape. Call it with a text and a
    cut, and it reads the tokens before the cut, keeps their keys and values, and reads the rest after them.

    ```python
    import numpy as np
    from handbook.labs.patients import patient

    someone = patient("healthy", d_model=4, n_heads=2)
    x = np.ones((3, 4))
    print(someone(x).shape, np.allclose(someone(x), someone(x, 2)))
    ```

    ```text
    (3, 4) True
    ```
    """

    def __init__(self, layer: Layer, d_model: int) -> None:
        self._layer, self.d_model = layer, d_model

    def __call__(self, x: np.ndarray, cut: int | None = None, /) -> np.ndarray:
        """The output `[T, d_model]`.

        Raises ``ValueError`` for a text of another shape, or a cut that leaves nothing on one of its sides.
        """
        x = np.asarray(x)
        if x.dtype.kind not in "biuf" or x.ndim != 2 or x.shape[1] != self.d_model or not 0 < len(x) <= LONGEST:
            raise ValueError(
                f"the patient reads [T, {self.d_model}], T from 1 to {LONGEST}; this has shape {x.shape}, {x.dtype}"
            )
        if cut is not None and cut not in range(1, len(x)):
            raise ValueError(f"a text of {len(x)} tokens cannot be cut at {cut}; each part needs a token")
        with np.errstate(all="ignore"):
            return self._layer(x, cut)


def patient(kind: str, *, d_model: int = 16, n_heads: int = 2, seed: int = 0, std: float = 0.25) -> Patient:
    """A patient whose illness is known, to learn what it looks like.

    Args:
        kind: one of `KINDS`, or any other exhibit of the museum.
        d_model: width of a token's vector.
        n_heads: H, a divisor of d_model.
        seed: seed of the weights.
        std: standard deviation of the weights.

    Raises:
        CallError: there is no such exhibit.
        ValueError: d_model does not divide into H heads.

    ```python
    import numpy as np
    from handbook.labs.patients import patient

    print(np.isnan(patient("diagonal-closed")(np.ones((3, 16)))).any(axis=-1))
    ```

    ```text
    [ True False False]
    ```
    """
    return Patient(_maker(kind)(d_model, n_heads, seed, std), d_model)


def stranger(number: int) -> Patient:
    """A patient of whom nothing is known. The same number is always the same patient; `truth` names the illness."""
    return drawn(truth(number), np.random.default_rng(number))


def truth(number: int) -> str:
    """What the stranger of that number suffers from. Look when you have made your diagnosis."""
    group, place = divmod(number, len(KINDS))  # each group holds one of every kind, in an order of its own
    return KINDS[np.random.default_rng(group).permutation(len(KINDS))[place]]


def drawn(kind: str, rng: np.random.Generator, least: float = 0.02) -> Patient:
    """A patient of that kind, whose sizes and weights `rng` draws; ``least`` is the smallest scale of the weights."""
    n_heads, d_head, seed = rng.integers((1, 4, 0), (4, 9, 2**31)).tolist()
    return patient(kind, d_model=n_heads * d_head, n_heads=n_heads, seed=seed, std=rng.uniform(least, 0.3))


@cache
def _maker(kind: str) -> Callable[[int, int, int, float], Layer]:
    """What makes layers with that illness; its functions keep the bug after the planting has ended."""
    with planted(exhibit(kind).patches if kind != HEALTHY else ()):
        from minimodel.attention import MultiHeadAttention, merge_heads, scaled_dot_product_attention, split_heads
        from minimodel.masks import causal_allowed

    def make(d_model: int, n_heads: int, seed: int, std: float) -> Layer:
        model = MultiHeadAttention(d_model, n_heads, seed, std)

        def read(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
            L, S = q.shape[-2], k.shape[-2]  # the queries are those of the last L tokens
            heads, _ = scaled_dot_product_attention(q, k, v, causal_allowed(L, S, offset=S - L))  # [H, L, d_head]
            output: np.ndarray = merge_heads(heads) @ model.W_o  # [L, d_model]
            return output

        def layer(x: np.ndarray, cut: int | None) -> np.ndarray:
            q, k, v = (split_heads(x @ W, n_heads) for W in (model.W_q, model.W_k, model.W_v))  # [H, T, d_head]
            if cut is None:
                return read(q, k, v)
            before = (part[:, :cut] for part in (q, k, v))
            return np.concatenate([read(*before), read(q[:, cut:], k, v)])

        return layer

    return make
