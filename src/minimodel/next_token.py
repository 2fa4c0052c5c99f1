"""Predicting the next token: the labels, and the loss that compares predictions with them."""

import numpy as np

from minimodel.shapes import check_shapes
from minimodel.softmax import log_softmax


# --8<-- [start:shift_labels]
def shift_labels(tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut a sequence into inputs and targets: position i reads token i and predicts token i + 1.

    Args:
        tokens: `[..., T]`, any dtype, at least two tokens.

    Returns:
        Inputs (all but the last token) and targets (all but the first), both `[..., T - 1]`: views of
        `tokens`.

    Raises:
        ValueError: there are fewer than two tokens, so that nothing can be predicted.

    Source: Radford et al., 2018, equation 1.

    ```python
    import numpy as np
    from minimodel.next_token import shift_labels

    inputs, targets = shift_labels(np.array(["a", "b", "c", "d"]))
    print(inputs, targets)
    ```

    ```text
    ['a' 'b' 'c'] ['b' 'c' 'd']
    ```
    """
    if tokens.ndim == 0 or tokens.shape[-1] < 2:
        raise ValueError(f"tokens have shape {tokens.shape}; a next token needs two tokens on the last axis")
    return tokens[..., :-1], tokens[..., 1:]  # [..., T - 1] each
    # --8<-- [end:shift_labels]


# --8<-- [start:cross_entropy]
def cross_entropy(logits: np.ndarray, targets: np.ndarray) -> float:
    """Measure how surprised the predictions are by the targets: the mean of -log p(target).

    Args:
        logits: `[..., T, V]`, real numbers.
        targets: `[..., T]`, integers from zero up to, and without, V.

    Returns:
        The mean over all positions, in nats. Guessing evenly costs ln V.

    Raises:
        TypeError: the targets are not integers.
        ValueError: the shapes do not fit, there is no target, or one lies outside the vocabulary.

    Source: Radford et al., 2018, equation 1, negated and averaged.

    ```python
    import numpy as np
    from minimodel.next_token import cross_entropy

    even = np.zeros((3, 16))
    loss = cross_entropy(even, np.array([5, 0, 9]))
    print(round(loss, 4), round(np.log(16), 4))
    ```

    ```text
    2.7726 2.7726
    ```
    """
    V = check_shapes(logits=("... T V", logits.shape), targets=("... T", targets.shape))["V"]
    if not np.issubdtype(targets.dtype, np.integer):
        raise TypeError(f"targets have dtype {targets.dtype}; they are token ids: are these probabilities?")
    if targets.size == 0:
        raise ValueError("there are no targets; was the sequence a single token before the shift?")
    if targets.min() < 0 or targets.max() >= V:
        span = f"{targets.min()} to {targets.max()}"
        raise ValueError(f"targets span {span} but V is {V}; leave padded positions out before the loss")
    log_probs = log_softmax(logits)  # [..., T, V]
    picked = np.take_along_axis(log_probs, targets[..., None], axis=-1)  # [..., T, 1]
    return float(-picked.mean())
    # --8<-- [end:cross_entropy]
