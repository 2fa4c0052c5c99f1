"""Softmax and its logarithm, both safe for large scores."""

import numpy as np


# --8<-- [start:softmax]
def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn scores into weights: none negative, and a sum of one along `axis`.

    The maximum is subtracted first. That multiplies numerator and denominator by one common factor, so the
    weights stay the same, and no exponential can overflow.

    A score of `-inf` gets a weight of exactly zero. Where *every* score along `axis` is `-inf` there is no
    answer: `-inf - -inf` is NaN, so all those weights are NaN, and NumPy warns. Leave each query a key.

    Args:
        scores: real numbers, any shape with at least one axis.
        axis: the axis along which the weights sum to one; the keys' axis in attention.

    Returns:
        An array of the same shape, and of the same dtype if that is a float type.

    Raises:
        ValueError: `axis` has no entries.

    Source: Goodfellow et al., 2016, section 4.1.

    ```python
    import numpy as np
    from minimodel.softmax import softmax

    print(softmax(np.array([2.0, 1.0, 4.0, -np.inf])).round(4))
    ```

    ```text
    [0.1142 0.042  0.8438 0.    ]
    ```
    """
    shifted = scores - scores.max(axis=axis, keepdims=True)  # the largest score is now zero
    exps = np.exp(shifted)
    weights: np.ndarray = exps / exps.sum(axis=axis, keepdims=True)
    return weights
    # --8<-- [end:softmax]


# --8<-- [start:log_softmax]
def log_softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Take the logarithm of softmax without computing softmax, which could round to zero.

    Args:
        scores: real numbers, any shape with at least one axis.
        axis: the axis along which the probabilities sum to one.

    Returns:
        Log-probabilities in nats, none above zero; shape and float dtype of `scores`.

    Raises:
        ValueError: `axis` has no entries.

    Source: Goodfellow et al., 2016, sections 4.1 and 6.2.2.3.

    ```python
    import numpy as np
    from minimodel.softmax import log_softmax

    print(log_softmax(np.array([0.0, 1000.0])))
    ```

    ```text
    [-1000.     0.]
    ```
    """
    shifted = scores - scores.max(axis=axis, keepdims=True)  # the largest score is now zero
    log_probs: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return log_probs
    # --8<-- [end:log_softmax]
