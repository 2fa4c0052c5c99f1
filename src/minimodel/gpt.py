"""A small GPT: embeddings, pre-norm blocks, and a head that shares its matrix with the embedding.

There are no biases, as in several models of today; a LayerNorm has a gain alone. All functions take any batch
axes in front, and change nothing that they are given.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from minimodel.attention import head_width, merge_heads, scaled_dot_product_attention, split_heads
from minimodel.masks import causal_allowed


@dataclass(frozen=True)
class BlockWeights:
    """The weights of one block. Its MLP is `d_ff` wide inside."""

    gain_1: np.ndarray  # [d_model] of the norm before attention
    W_q: np.ndarray  # [d_model, d_model]
    W_k: np.ndarray  # [d_model, d_model]
    W_v: np.ndarray  # [d_model, d_model]
    W_o: np.ndarray  # [d_model, d_model]
    gain_2: np.ndarray  # [d_model] of the norm before the MLP
    W_in: np.ndarray  # [d_model, d_ff]
    W_out: np.ndarray  # [d_ff, d_model]


@dataclass(frozen=True)
class GPTWeights:
    """The weights of a whole model. The embedding of the tokens is the head as well."""

    n_heads: int
    tokens: np.ndarray  # [V, d_model]
    positions: np.ndarray  # [n_positions, d_model]
    blocks: tuple[BlockWeights, ...]
    gain: np.ndarray  # [d_model] of the last norm


# --8<-- [start:draw_weights]
def draw_weights(
    V: int, n_positions: int, d_model: int, n_heads: int, n_layers: int, seed: int = 0, std: float = 0.25
) -> GPTWeights:
    """Draw a model from a normal distribution, always the same for one seed; gains are one.

    Args:
        V: size of the vocabulary.
        n_positions: the longest text.
        d_model: width of the embeddings; the MLP is four times as wide.
        n_heads: H, a divisor of d_model.
        n_layers: number of blocks.
        seed: seed of the weights.
        std: standard deviation of the weights.

    Returns:
        The weights, in double precision.

    Raises:
        ValueError: d_model does not divide into H heads.

    ```python
    from minimodel.gpt import draw_weights

    print(draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=2).tokens.shape)
    ```

    ```text
    (11, 12)
    ```
    """
    head_width(d_model, n_heads)  # refuse a width that does not divide now, not at the first forward
    rng = np.random.default_rng(seed)
    tokens, positions = (rng.normal(0, std, (rows, d_model)) for rows in (V, n_positions))
    blocks = tuple(draw_block(rng, d_model, d_model, std) for _ in range(n_layers))
    return GPTWeights(n_heads, tokens, positions, blocks, np.ones(d_model))
    # --8<-- [end:draw_weights]


# --8<-- [start:draw_block]
def draw_block(rng: np.random.Generator, d_model: int, d_kv: int, std: float) -> BlockWeights:
    """Draw the weights of one block from a normal distribution; gains are one.

    Args:
        rng: the random generator; the matrices are drawn from it in the order W_q, W_k, W_v, W_o, W_in, W_out.
        d_model: width of the embeddings; the MLP is four times as wide.
        d_kv: width of all heads of keys together, and of values; d_model unless query heads share them.
        std: standard deviation of the weights.

    Returns:
        The weights, in double precision. W_k and W_v are `[d_model, d_kv]`.

    ```python
    import numpy as np
    from minimodel.gpt import draw_block

    print(draw_block(np.random.default_rng(0), d_model=12, d_kv=4, std=0.25).W_k.shape)
    ```

    ```text
    (12, 4)
    ```
    """
    widths = [(d_model, d_model), (d_model, d_kv), (d_model, d_kv), (d_model, d_model)]  # of W_q, W_k, W_v, W_o
    W_q, W_k, W_v, W_o = (rng.normal(0, std, shape) for shape in widths)
    W_in, W_out = rng.normal(0, std, (d_model, 4 * d_model)), rng.normal(0, std, (4 * d_model, d_model))
    return BlockWeights(np.ones(d_model), W_q, W_k, W_v, W_o, np.ones(d_model), W_in, W_out)
    # --8<-- [end:draw_block]


# --8<-- [start:layer_norm]
def layer_norm(x: np.ndarray, gain: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Bring each position to mean zero and variance one over its own features, then scale them.

    Args:
        x: `[..., d_model]`, float.
        gain: `[d_model]`, one factor a feature.
        eps: added to the variance, so that a constant row gives zeros and not NaN.

    Returns:
        An array of the shape of `x`.

    Source: Ba et al., 2016, equation 4, with no bias.

    ```python
    import numpy as np
    from minimodel.gpt import layer_norm

    print(layer_norm(np.array([1.0, 1.0, 5.0, 5.0]), np.ones(4)).round(4))
    ```

    ```text
    [-1. -1.  1.  1.]
    ```
    """
    centred = x - x.mean(axis=-1, keepdims=True)  # [..., d_model]
    variance = (centred**2).mean(axis=-1, keepdims=True)  # [..., 1]
    normed: np.ndarray = centred / np.sqrt(variance + eps) * gain  # [..., d_model]
    return normed
    # --8<-- [end:layer_norm]


# --8<-- [start:gelu]
def gelu(x: np.ndarray) -> np.ndarray:
    """Let large numbers through and hold negative ones back, smoothly; the form with tanh, as in GPT-2.

    Args:
        x: real numbers of any shape.

    Returns:
        An array of the same shape.

    Source: Hendrycks and Gimpel, 2016, section 2.

    ```python
    import numpy as np
    from minimodel.gpt import gelu

    print(gelu(np.array([-1.0, 0.0, 1.0])).round(4))
    ```

    ```text
    [-0.1588  0.      0.8412]
    ```
    """
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    activated: np.ndarray = 0.5 * x * (1 + np.tanh(inner))
    return activated
    # --8<-- [end:gelu]


# --8<-- [start:mlp]
def mlp(x: np.ndarray, W_in: np.ndarray, W_out: np.ndarray) -> np.ndarray:
    """Widen each position, apply GELU, and narrow it again; no position reads another.

    Args:
        x: `[..., d_model]`.
        W_in: `[d_model, d_ff]`.
        W_out: `[d_ff, d_model]`.

    Returns:
        An array of the shape of `x`.

    Source: Vaswani et al., 2017, equation 2, with GELU and no biases.

    ```python
    import numpy as np
    from minimodel.gpt import mlp

    print(mlp(np.array([[1.0, 0.0]]), np.ones((2, 8)), np.ones((8, 2))).round(4))
    ```

    ```text
    [[6.7295 6.7295]]
    ```
    """
    output: np.ndarray = gelu(x @ W_in) @ W_out  # [..., d_ff], then [..., d_model]
    return output
    # --8<-- [end:mlp]


# --8<-- [start:attend]
def attend(x: np.ndarray, weights: BlockWeights, n_heads: int, allowed: np.ndarray) -> np.ndarray:
    """Multi-head attention with the weights of a block; the only place where positions meet.

    Args:
        x: `[..., T, d_model]`.
        weights: of the block.
        n_heads: H, a divisor of d_model.
        allowed: boolean `[T, T]`, True where the row may read the column.

    Returns:
        An array of the shape of `x`.

    Raises:
        ValueError: the shapes do not fit.

    Source: Vaswani et al., 2017, section 3.2.2.

    ```python
    import numpy as np
    from minimodel.gpt import attend, draw_weights
    from minimodel.masks import causal_allowed

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=1).blocks[0]
    print(attend(np.ones((5, 12)), weights, 3, causal_allowed(5)).shape)
    ```

    ```text
    (5, 12)
    ```
    """
    q, k, v = (split_heads(x @ W, n_heads) for W in (weights.W_q, weights.W_k, weights.W_v))
    heads, _ = scaled_dot_product_attention(q, k, v, allowed)  # [..., H, T, d_head]
    output: np.ndarray = merge_heads(heads) @ weights.W_o  # [..., T, d_model]
    return output
    # --8<-- [end:attend]


# --8<-- [start:pre_norm_block]
def pre_norm_block(x: np.ndarray, weights: BlockWeights, attention: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Apply attention and the MLP, each to a normalised copy of the stream, and add both to the stream.

    Args:
        x: the stream `[..., T, d_model]`.
        weights: of the block.
        attention: from normalised rows `[..., T, d_model]` to what they read, of the same shape. Without a cache or
            with one, with any mask: the block does not know.

    Returns:
        The stream after the block, of the shape of `x`.

    Raises:
        ValueError: the shapes do not fit.

    Source: Radford et al., 2019, section 2.3.

    ```python
    import numpy as np
    from minimodel.gpt import draw_weights, pre_norm_block

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=1).blocks[0]
    print(pre_norm_block(np.ones((5, 12)), weights, lambda normed: normed @ weights.W_v).shape)
    ```

    ```text
    (5, 12)
    ```
    """
    x = x + attention(layer_norm(x, weights.gain_1))  # [..., T, d_model]
    x = x + mlp(layer_norm(x, weights.gain_2), weights.W_in, weights.W_out)  # [..., T, d_model]
    return x
    # --8<-- [end:pre_norm_block]


# --8<-- [start:block]
def block(x: np.ndarray, weights: BlockWeights, n_heads: int, allowed: np.ndarray) -> np.ndarray:
    """Run one pre-norm block whose attention reads what the mask allows.

    Args:
        x: the stream `[..., T, d_model]`.
        weights: of the block.
        n_heads: H, a divisor of d_model.
        allowed: boolean `[T, T]`, True where the row may read the column.

    Returns:
        The stream after the block, of the shape of `x`.

    Raises:
        ValueError: the shapes do not fit.

    Source: Radford et al., 2019, section 2.3.

    ```python
    import numpy as np
    from minimodel.gpt import block, draw_weights
    from minimodel.masks import causal_allowed

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=1).blocks[0]
    print(block(np.ones((5, 12)), weights, 3, causal_allowed(5)).shape)
    ```

    ```text
    (5, 12)
    ```
    """
    return pre_norm_block(x, weights, partial(attend, weights=weights, n_heads=n_heads, allowed=allowed))
    # --8<-- [end:block]


# --8<-- [start:embed]
def embed(tokens: np.ndarray, weights: GPTWeights, *, offset: int = 0) -> np.ndarray:
    """Look up each token and each position, and add the two.

    Args:
        tokens: integers `[..., T]` below V.
        weights: of the model.
        offset: number of tokens before the first of these, such as those in a cache.

    Returns:
        The stream `[..., T, d_model]` before the first block.

    Raises:
        ValueError: the text is longer than the model has positions.
        IndexError: a token is not in the vocabulary.

    ```python
    import numpy as np
    from minimodel.gpt import draw_weights, embed

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=1)
    print(embed(np.array([3, 1, 4]), weights).shape)
    ```

    ```text
    (3, 12)
    ```
    """
    end, n_positions = offset + tokens.shape[-1], len(weights.positions)
    if n_positions < end:
        raise ValueError(f"the text has {end} tokens but the model has {n_positions} positions; was it cut to fit?")
    stream: np.ndarray = weights.tokens[tokens] + weights.positions[offset:end]  # [..., T, d_model]
    return stream
    # --8<-- [end:embed]


# --8<-- [start:predict]
def predict(x: np.ndarray, weights: GPTWeights) -> np.ndarray:
    """Run the stream through all blocks, and compare it with every token of the vocabulary.

    Args:
        x: the stream `[..., T, d_model]` before the first block.
        weights: of the model.

    Returns:
        Logits `[..., T, V]`; row i predicts token i + 1.

    Raises:
        ValueError: the shapes do not fit.

    Source: Press and Wolf, 2017, for the head that is the embedding.

    ```python
    import numpy as np
    from minimodel.gpt import draw_weights, predict

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=2)
    print(predict(np.ones((5, 12)), weights).shape)
    ```

    ```text
    (5, 11)
    ```
    """
    allowed = causal_allowed(x.shape[-2])  # [T, T] one for all blocks and heads
    for one in weights.blocks:
        x = block(x, one, weights.n_heads, allowed)  # [..., T, d_model]
    scores: np.ndarray = layer_norm(x, weights.gain) @ weights.tokens.T  # [..., T, V]
    return scores
    # --8<-- [end:predict]


# --8<-- [start:logits]
def logits(tokens: np.ndarray, weights: GPTWeights) -> np.ndarray:
    """From tokens to logits: the whole model.

    Args:
        tokens: integers `[..., T]` below V.
        weights: of the model.

    Returns:
        Logits `[..., T, V]`; row i predicts token i + 1.

    Raises:
        ValueError: the text is longer than the model has positions.
        IndexError: a token is not in the vocabulary.

    ```python
    import numpy as np
    from minimodel.gpt import draw_weights, logits

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=2)
    print(logits(np.array([[3, 1, 4, 1, 5]]), weights).shape)
    ```

    ```text
    (1, 5, 11)
    ```
    """
    return predict(embed(tokens, weights), weights)
    # --8<-- [end:logits]
