"""Cross-attention: the queries of one text over the keys and values of another."""

import numpy as np

from minimodel.attention import merge_heads, scaled_dot_product_attention, split_heads
from minimodel.gpt import BlockWeights


# --8<-- [start:cross_attend]
def cross_attend(x: np.ndarray, memory: np.ndarray, weights: BlockWeights, n_heads: int) -> np.ndarray:
    """Let each position read the whole memory; there is no mask, since nothing in it comes later.

    Args:
        x: `[..., T, d_model]`, the text that is being written.
        memory: `[..., S, d_model]`, what an encoder made of the text that is read.
        weights: of the block.
        n_heads: H, a divisor of d_model.

    Returns:
        An array of the shape of `x`.

    Raises:
        ValueError: the shapes do not fit.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    import numpy as np
    from minimodel.cross_attention import cross_attend
    from minimodel.gpt import draw_weights

    weights = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=1).blocks[0]
    print(cross_attend(np.ones((2, 12)), np.ones((5, 12)), weights, n_heads=3).shape)
    ```

    ```text
    (2, 12)
    ```
    """
    q = split_heads(x @ weights.W_q, n_heads)  # [..., H, T, d_head]
    k, v = (split_heads(memory @ W, n_heads) for W in (weights.W_k, weights.W_v))  # [..., H, S, d_head]
    heads, _ = scaled_dot_product_attention(q, k, v)  # [..., H, T, d_head]
    output: np.ndarray = merge_heads(heads) @ weights.W_o  # [..., T, d_model]
    return output
    # --8<-- [end:cross_attend]
