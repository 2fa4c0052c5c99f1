"""A small GPT with the parts of today's models: rotary positions, grouped heads, any mask, and a cache.

It is written once and runs in two ways. Without caches it reads a whole text. With caches it reads the next
tokens alone, one or several at a time, and gives the same logits: for both ways a position is where a token
stands in the text, and the mask is a rule about two positions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from minimodel.attention import head_width, merge_heads, scaled_dot_product_attention, split_heads
from minimodel.cache import Cache, tokens_seen
from minimodel.gpt import BlockWeights, draw_block, layer_norm, pre_norm_block
from minimodel.groups import group_size, repeat_kv
from minimodel.predicates import Predicate, ask, causal
from minimodel.rope import rotate


@dataclass(frozen=True)
class Decoder:
    """The weights of a model and the rule that is its mask. The embedding of the tokens is the head as well.

    In its blocks W_k and W_v are `[d_model, H_kv * d_head]`, narrower than W_q where heads are grouped.
    """

    n_heads: int  # H
    n_kv_heads: int  # H_kv
    rule: Predicate  # who may read whom, by their positions
    tokens: np.ndarray  # [V, d_model]
    blocks: tuple[BlockWeights, ...]
    gain: np.ndarray  # [d_model] of the last norm


# --8<-- [start:draw_decoder]
def draw_decoder(
    V: int,
    d_model: int,
    n_heads: int,
    n_kv_heads: int,
    n_layers: int,
    *,
    rule: Predicate = causal,
    seed: int = 0,
    std: float = 0.25,
) -> Decoder:
    """Draw a model from a normal distribution, always the same for one seed; gains are one.

    Args:
        V: size of the vocabulary.
        d_model: width of the embeddings; the MLP is four times as wide.
        n_heads: H, a divisor of d_model; d_model / H is even, because features are turned in pairs.
        n_kv_heads: H_kv, a divisor of H; equal to H for one key head a query head, 1 for a single one.
        n_layers: number of blocks.
        rule: the mask of every layer, such as `causal` or `all_of(causal, window(4))`.
        seed: seed of the weights.
        std: standard deviation of the weights.

    Returns:
        The model, in double precision.

    Raises:
        ValueError: the widths or the heads do not divide, or the heads are of odd width.

    Source: Ainslie et al., 2023, section 2.2.

    ```python
    from minimodel.decoder import draw_decoder

    model = draw_decoder(V=11, d_model=16, n_heads=4, n_kv_heads=2, n_layers=1)
    print(model.blocks[0].W_q.shape, model.blocks[0].W_k.shape)
    ```

    ```text
    (16, 16) (16, 8)
    ```
    """
    d_head = head_width(d_model, n_heads)
    group_size(n_heads, n_kv_heads)  # refuse what does not divide now, not at the first token
    if d_head % 2:
        raise ValueError(f"heads are {d_head} wide, and rotary positions turn features in pairs; take an even width")
    rng = np.random.default_rng(seed)
    tokens = rng.normal(0, std, (V, d_model))
    blocks = tuple(draw_block(rng, d_model, n_kv_heads * d_head, std) for _ in range(n_layers))
    return Decoder(n_heads, n_kv_heads, rule, tokens, blocks, np.ones(d_model))
    # --8<-- [end:draw_decoder]


# --8<-- [start:read]
def read(
    x: np.ndarray, weights: BlockWeights, model: Decoder, positions: np.ndarray, cache: Cache | None = None
) -> np.ndarray:
    """Attention of a block: turn, remember, ask the rule, and average.

    Args:
        x: `[..., L, d_model]`, the new tokens alone where there is a cache.
        weights: of the block.
        model: for its heads and its rule.
        positions: integers `[L]`, where the new tokens stand in the text.
        cache: of this layer, if there is one; the new keys and values are added to it.

    Returns:
        An array of the shape of `x`.

    Raises:
        ValueError: the shapes do not fit each other, or the cache.

    ```python
    import numpy as np
    from minimodel.decoder import draw_decoder, read

    model = draw_decoder(V=11, d_model=16, n_heads=4, n_kv_heads=2, n_layers=1)
    print(read(np.ones((5, 16)), model.blocks[0], model, np.arange(5)).shape)
    ```

    ```text
    (5, 16)
    ```
    """
    q = rotate(split_heads(x @ weights.W_q, model.n_heads), positions)  # [..., H, L, d_head]
    k = rotate(split_heads(x @ weights.W_k, model.n_kv_heads), positions)  # [..., H_kv, L, d_head]
    v = split_heads(x @ weights.W_v, model.n_kv_heads)  # [..., H_kv, L, d_head]
    keys, values, at = (k, v, positions) if cache is None else cache.append(k, v)  # at: [S] where the keys stand
    allowed = ask(model.rule, positions, at)  # [L, S]
    shared = group_size(model.n_heads, model.n_kv_heads)
    keys, values = repeat_kv(keys, shared), repeat_kv(values, shared)  # [..., H, S, d_head]
    heads, _ = scaled_dot_product_attention(q, keys, values, allowed)  # [..., H, L, d_head]
    output: np.ndarray = merge_heads(heads) @ weights.W_o  # [..., L, d_model]
    return output
    # --8<-- [end:read]


# --8<-- [start:decoder_logits]
def decoder_logits(tokens: np.ndarray, model: Decoder, caches: Sequence[Cache] | None = None) -> np.ndarray:
    """From tokens to logits: a whole text, or the next part of one whose beginning lies in the caches.

    Args:
        tokens: integers `[..., L]` below V.
        model: weights and rule.
        caches: one a block, in order; they take in the new tokens. None to read a text without keeping it.

    Returns:
        Logits `[..., L, V]`; row i predicts the token after `tokens[..., i]`.

    Raises:
        ValueError: there is not one cache a block, or they have seen different numbers of tokens.
        IndexError: a token is not in the vocabulary.

    Source: Press and Wolf, 2017, for the head that is the embedding.

    ```python
    import numpy as np
    from minimodel.cache import KVCache
    from minimodel.decoder import decoder_logits, draw_decoder

    model = draw_decoder(V=11, d_model=16, n_heads=4, n_kv_heads=2, n_layers=2)
    tokens, caches = np.array([3, 1, 4, 1, 5]), [KVCache(), KVCache()]
    parts = [decoder_logits(part, model, caches) for part in (tokens[:3], tokens[3:])]
    print(np.allclose(np.vstack(parts), decoder_logits(tokens, model), rtol=0, atol=1e-12))
    ```

    ```text
    True
    ```
    """
    start = 0 if caches is None else tokens_seen(caches, len(model.blocks))
    kept: Sequence[Cache | None] = caches or [None] * len(model.blocks)  # a cache a block, or none
    positions = start + np.arange(tokens.shape[-1])  # [L] absolute
    x = model.tokens[tokens]  # [..., L, d_model]
    for weights, cache in zip(model.blocks, kept, strict=True):
        attention = partial(read, weights=weights, model=model, positions=positions, cache=cache)
        x = pre_norm_block(x, weights, attention)
    scores: np.ndarray = layer_norm(x, model.gain) @ model.tokens.T  # [..., L, V]
    return scores
    # --8<-- [end:decoder_logits]
