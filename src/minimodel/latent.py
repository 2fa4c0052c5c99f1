"""Latent attention: the cache keeps one short vector a token, and every head has its keys and values from it.

The latent of a token is made by one matrix and unfolded by others, a pair of them for each head. A score is a
product of all of them, so the matrix that unfolds the keys may as well be multiplied into the query:
`attend_absorbed` never makes a key. `attend_expanded` does, and gives the same output.

A rotation that depends on the position would stand between those matrices. So positions have a key of their own,
which is rotated, kept beside the latent, and shared by all heads.
"""

import math
from dataclasses import dataclass

import numpy as np

from minimodel.attention import merge_heads, scaled_dot_product_attention, split_heads
from minimodel.cache import Cache
from minimodel.groups import repeat_kv
from minimodel.predicates import ask
from minimodel.rope import rotate


@dataclass(frozen=True)
class LatentWeights:
    """The weights of latent attention. Queries and keys have two parts, without positions and with them."""

    n_heads: int  # H
    W_q: np.ndarray  # [d_model, H * d_head] queries without positions
    W_q_rotary: np.ndarray  # [d_model, H * d_rotary] queries that are rotated
    W_down: np.ndarray  # [d_model, d_latent] down to the latent
    W_k_rotary: np.ndarray  # [d_model, d_rotary] the key that is rotated, one for all heads
    W_up_k: np.ndarray  # [d_latent, H * d_head] from the latent up to the keys
    W_up_v: np.ndarray  # [d_latent, H * d_head] from the latent up to the values
    W_o: np.ndarray  # [H * d_head, d_model]


# --8<-- [start:draw_latent]
def draw_latent(
    d_model: int, n_heads: int, d_head: int, d_latent: int, d_rotary: int, *, seed: int = 0, std: float = 0.25
) -> LatentWeights:
    """Draw the weights of latent attention from a normal distribution, always the same for one seed.

    Args:
        d_model: width of the embeddings.
        n_heads: H.
        d_head: width of a head, without the part that is rotated; H * d_head may be more than d_model.
        d_latent: width of what is kept of a token for all heads.
        d_rotary: width of the part that is rotated, even.
        seed: seed of the weights.
        std: standard deviation of the weights.

    Returns:
        The weights, in double precision.

    Raises:
        ValueError: d_rotary is odd.

    Source: DeepSeek-AI, 2024, section 2.1; it compresses the queries too, which leaves the cache as it is.

    ```python
    from minimodel.latent import draw_latent

    print(draw_latent(d_model=12, n_heads=3, d_head=4, d_latent=5, d_rotary=2).W_up_k.shape)
    ```

    ```text
    (5, 12)
    ```
    """
    if d_rotary % 2:
        raise ValueError(f"d_rotary = {d_rotary} is odd, and features are turned in pairs")
    rng = np.random.default_rng(seed)
    heads = n_heads * d_head
    W_q, W_q_rotary = rng.normal(0, std, (d_model, heads)), rng.normal(0, std, (d_model, n_heads * d_rotary))
    W_down, W_k_rotary = rng.normal(0, std, (d_model, d_latent)), rng.normal(0, std, (d_model, d_rotary))
    W_up_k, W_up_v = rng.normal(0, std, (2, d_latent, heads))
    return LatentWeights(
        n_heads, W_q, W_q_rotary, W_down, W_k_rotary, W_up_k, W_up_v, rng.normal(0, std, (heads, d_model))
    )
    # --8<-- [end:draw_latent]


# --8<-- [start:compress]
def compress(x: np.ndarray, weights: LatentWeights, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make what is kept of each token: the latent, and one rotated key for all heads.

    Args:
        x: `[..., L, d_model]`.
        weights: of the layer.
        positions: integers `[L]`, where the tokens stand in the text.

    Returns:
        Latents `[..., 1, L, d_latent]` and rotated keys `[..., 1, L, d_rotary]`, with one head each.

    Raises:
        ValueError: there is not one position for each token.

    Source: DeepSeek-AI, 2024, equations 9 and 15.

    ```python
    import numpy as np
    from minimodel.latent import compress, draw_latent

    weights = draw_latent(d_model=12, n_heads=3, d_head=4, d_latent=5, d_rotary=2)
    print([kept.shape for kept in compress(np.ones((7, 12)), weights, np.arange(7))])
    ```

    ```text
    [(1, 7, 5), (1, 7, 2)]
    ```
    """
    latents = x @ weights.W_down  # [..., L, d_latent]
    rotated = rotate(x @ weights.W_k_rotary, positions)  # [..., L, d_rotary]
    return latents[..., None, :, :], rotated[..., None, :, :]
    # --8<-- [end:compress]


# --8<-- [start:take_in]
def take_in(x: np.ndarray, weights: LatentWeights, cache: Cache) -> tuple[np.ndarray, ...]:
    """Take new tokens into the cache, and return their queries with all that these may read.

    Args:
        x: `[..., L, d_model]`, the new tokens alone.
        weights: of the layer.
        cache: of this layer; it keeps latents where others keep keys, and rotated keys in place of values.

    Returns:
        Queries `[..., H, L, d_head]` and rotated queries `[..., H, L, d_rotary]` of the new tokens; latents
        `[..., 1, S, d_latent]` and rotated keys `[..., 1, S, d_rotary]` of all; and who may read whom, `[L, S]`.

    Raises:
        ValueError: the shapes do not fit each other, or the cache.

    Source: DeepSeek-AI, 2024, equations 9 to 15.
    """
    positions = cache.length + np.arange(x.shape[-2])  # [L]
    q, q_rotary = (split_heads(x @ W, weights.n_heads) for W in (weights.W_q, weights.W_q_rotary))
    latents, k_rotary, at = cache.append(*compress(x, weights, positions))
    return q, rotate(q_rotary, positions), latents, k_rotary, ask(cache.rule, positions, at)
    # --8<-- [end:take_in]


# --8<-- [start:attend_expanded]
def attend_expanded(x: np.ndarray, weights: LatentWeights, cache: Cache) -> np.ndarray:
    """Latent attention as it is defined: unfold the keys and values of all heads, then attend.

    Args:
        x: `[..., L, d_model]`, the new tokens alone.
        weights: of the layer.
        cache: of this layer; the new tokens are added to it.

    Returns:
        An array of the shape of `x`.

    Raises:
        ValueError: the shapes do not fit each other, or the cache.

    Source: DeepSeek-AI, 2024, equations 10, 11 and 16 to 19.

    ```python
    import numpy as np
    from minimodel.cache import KVCache
    from minimodel.latent import attend_expanded, draw_latent

    weights, cache = draw_latent(d_model=12, n_heads=3, d_head=4, d_latent=5, d_rotary=2), KVCache()
    print(attend_expanded(np.ones((7, 12)), weights, cache).shape, cache.nbytes)
    ```

    ```text
    (7, 12) 392
    ```
    """
    q, q_rotary, latents, k_rotary, allowed = take_in(x, weights, cache)
    k, v = (latents @ split_heads(W, weights.n_heads) for W in (weights.W_up_k, weights.W_up_v))
    # k and v: [..., H, S, d_head], made anew from the latents at each step
    k = np.concatenate([k, repeat_kv(k_rotary, weights.n_heads)], axis=-1)  # [..., H, S, d_head + d_rotary]
    q = np.concatenate([q, q_rotary], axis=-1)  # [..., H, L, d_head + d_rotary]
    heads, _ = scaled_dot_product_attention(q, k, v, allowed)  # [..., H, L, d_head]
    output: np.ndarray = merge_heads(heads) @ weights.W_o  # [..., L, d_model]
    return output
    # --8<-- [end:attend_expanded]


# --8<-- [start:attend_absorbed]
def attend_absorbed(x: np.ndarray, weights: LatentWeights, cache: Cache) -> np.ndarray:
    """Latent attention without keys and values: queries come down to the latents, and what was read goes up.

    All heads read one key a token, the latent with the rotated key, and one value, the latent. Scores are divided
    by the root of the width of the head that was trained, and not of the wider one that is multiplied here.

    Args:
        x: `[..., L, d_model]`, the new tokens alone.
        weights: of the layer.
        cache: of this layer; the new tokens are added to it.

    Returns:
        An array of the shape of `x`, equal to that of `attend_expanded` up to rounding.

    Raises:
        ValueError: the shapes do not fit each other, or the cache.

    Source: DeepSeek-AI, 2024, appendix C.

    ```python
    import numpy as np
    from minimodel.cache import KVCache
    from minimodel.latent import attend_absorbed, attend_expanded, draw_latent

    x, weights = np.random.default_rng(1).normal(size=(7, 12)), draw_latent(12, 3, 4, d_latent=5, d_rotary=2)
    both = [attend(x, weights, KVCache()) for attend in (attend_absorbed, attend_expanded)]
    print(np.allclose(*both, rtol=0, atol=1e-12))
    ```

    ```text
    True
    ```
    """
    q, q_rotary, latents, k_rotary, allowed = take_in(x, weights, cache)
    up_k, up_v = (split_heads(W, weights.n_heads) for W in (weights.W_up_k, weights.W_up_v))  # [H, d_latent, d_head]
    absorbed = np.concatenate([q @ up_k.swapaxes(-1, -2), q_rotary], axis=-1)  # [..., H, L, d_latent + d_rotary]
    absorbed *= math.sqrt(absorbed.shape[-1] / (q.shape[-1] + q_rotary.shape[-1]))  # the root of the trained width
    k = repeat_kv(np.concatenate([latents, k_rotary], axis=-1), weights.n_heads)
    read, _ = scaled_dot_product_attention(absorbed, k, repeat_kv(latents, weights.n_heads), allowed)
    output: np.ndarray = merge_heads(read @ up_v) @ weights.W_o  # read: [..., H, L, d_latent]
    return output
    # --8<-- [end:attend_absorbed]
