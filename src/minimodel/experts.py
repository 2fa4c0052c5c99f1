"""A mixture of experts: which token is sent to which of several small networks."""

import numpy as np

from minimodel.sampling import rank
from minimodel.softmax import softmax


# --8<-- [start:choose_experts]
def choose_experts(scores: np.ndarray, k: int) -> np.ndarray:
    """Let each token choose the k experts with its best scores.

    Args:
        scores: `[..., T, E]`, of each token with each expert.
        k: experts a token; of equal scores the first are chosen.

    Returns:
        Gates `[..., T, E]`: the probability of an expert where it is chosen, and zero elsewhere. The output of a layer
        is the sum of its experts' outputs, each times its gate.

    Raises:
        ValueError: k is smaller than one, or there are fewer experts.

    Source: Fedus et al., 2022, equations 1 and 2.

    ```python
    import numpy as np
    from minimodel.experts import choose_experts

    print(choose_experts(np.array([[2.0, 1.0], [1.0, 3.0]]), k=1).round(4))
    ```

    ```text
    [[0.7311 0.    ]
     [0.     0.8808]]
    ```
    """
    if not 1 <= k <= scores.shape[-1]:
        raise ValueError(f"k = {k}, but there are {scores.shape[-1]} experts, and each token needs one")
    chosen = rank(scores) < k  # [..., T, E]
    return np.where(chosen, softmax(scores), 0.0)
    # --8<-- [end:choose_experts]
