"""Training by hand: one small attention model, its gradients, and Adam, on tokens that nobody can predict.

Every step forward returns its result and a function that goes back: it takes the gradient with respect to
that result and gives the gradients with respect to what went in. The whole way back is these functions, called
in the opposite order. How scores become weights is an argument, so that a wrong way of masking can be trained
as easily as the right one.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from minimodel.attention import head_width, merge_heads, split_heads, to_additive
from minimodel.next_token import cross_entropy, shift_labels
from minimodel.softmax import softmax

Array = np.ndarray
Back = Callable[[Array], Array]
Weigh = Callable[[Array], tuple[Array, Back]]
Labels = Callable[[Array], tuple[Array, Array]]


class Parameters(NamedTuple):
    """What is learned."""

    tokens: Array  # [V, d_model] embeddings
    positions: Array  # [T, d_model]
    W_q: Array  # [d_model, d_model]
    W_k: Array  # [d_model, d_model]
    W_v: Array  # [d_model, d_model]
    W_o: Array  # [d_model, d_model]
    W_out: Array  # [d_model, V]


class Trained(NamedTuple):
    """A model after training, and how it went."""

    parameters: Parameters
    losses: Array  # [steps] before each step, on the texts of that step


# --8<-- [start:masked]
def masked(mask: Array) -> Weigh:
    """Make the right way from scores to weights: the mask first, the softmax after it.

    Args:
        mask: boolean (True may be read) or additive, of a shape that stretches to that of the scores.

    Returns:
        A function of scores `[..., T, T]`. It returns weights of the same shape, and the way back: from the
        gradient with respect to the weights to the one with respect to the scores.

    Raises:
        TypeError: the mask is neither boolean nor float.
        ValueError: a float mask holds only zeros and ones.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    import numpy as np
    from minimodel.training import masked

    weigh = masked(np.tril(np.ones((2, 2), dtype=bool)))
    weights, backward = weigh(np.zeros((2, 2)))
    print(weights)
    print(backward(np.array([[1.0, 5.0], [1.0, 0.0]])))
    ```

    ```text
    [[1.  0. ]
     [0.5 0.5]]
    [[ 0.    0.  ]
     [ 0.25 -0.25]]
    ```
    """
    added = to_additive(mask, np.float64)

    def weigh(scores: Array) -> tuple[Array, Back]:
        weights = softmax(scores + added)  # [..., T, T]

        def backward(d_weights: Array) -> Array:
            mean = (weights * d_weights).sum(axis=-1, keepdims=True)  # [..., T, 1]
            d_scores: Array = weights * (d_weights - mean)  # [..., T, T] zero where the weight is
            return d_scores

        return weights, backward

    return weigh
    # --8<-- [end:masked]


# --8<-- [start:draw_parameters]
def draw_parameters(V: int, T: int, d_model: int, seed: int = 0, std: float = 0.2) -> Parameters:
    """Draw a model from a normal distribution, always the same for one seed.

    Args:
        V: size of the vocabulary.
        T: the longest text.
        d_model: width of the embeddings.
        seed: seed of the draw.
        std: standard deviation of every parameter.

    Returns:
        The parameters, in double precision.

    ```python
    from minimodel.training import draw_parameters

    print(draw_parameters(V=11, T=5, d_model=12).positions.shape)
    ```

    ```text
    (5, 12)
    ```
    """
    rng = np.random.default_rng(seed)
    shapes = [(V, d_model), (T, d_model), *[(d_model, d_model)] * 4, (d_model, V)]
    return Parameters(*(rng.normal(0, std, shape) for shape in shapes))
    # --8<-- [end:draw_parameters]


# --8<-- [start:normalise]
def normalise(x: Array, eps: float = 1e-5) -> tuple[Array, Back]:
    """Layer normalisation with nothing to learn: mean zero and variance one over the features.

    Args:
        x: `[..., d_model]`.
        eps: added to the variance, so that a constant row gives zeros and not NaN.

    Returns:
        An array of the shape of `x`, and the way back.

    Source: Ba et al., 2016, equation 4, with no gain and no bias.

    ```python
    import numpy as np
    from minimodel.training import normalise

    normed, backward = normalise(np.array([1.0, 1.0, 5.0, 5.0]))
    print(normed.round(4), backward(np.ones(4)).round(4))
    ```

    ```text
    [-1. -1.  1.  1.] [0. 0. 0. 0.]
    ```
    """
    centred = x - x.mean(axis=-1, keepdims=True)  # [..., d_model]
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)  # [..., 1]
    normed: Array = centred / spread  # [..., d_model]

    def backward(d_normed: Array) -> Array:
        along = (d_normed * normed).mean(axis=-1, keepdims=True)  # [..., 1]
        d_x: Array = (d_normed - d_normed.mean(axis=-1, keepdims=True) - normed * along) / spread
        return d_x

    return normed, backward
    # --8<-- [end:normalise]


# --8<-- [start:attend]
def attend(
    x: Array, projections: tuple[Array, Array, Array, Array], n_heads: int, weigh: Weigh
) -> tuple[Array, Callable[[Array], tuple[Array, tuple[Array, Array, Array, Array]]]]:
    """Multi-head attention in which the caller says how scores become weights.

    Args:
        x: `[B, T, d_model]`.
        projections: W_q, W_k, W_v and W_o, `[d_model, d_model]` each.
        n_heads: H, a divisor of d_model.
        weigh: from scores `[B, H, T, T]` to weights and the way back, as `masked` makes it.

    Returns:
        An array of the shape of `x`, and the way back: to the gradients with respect to `x` and the four
        projections.

    Raises:
        ValueError: d_model does not divide into H heads.

    Source: Vaswani et al., 2017, section 3.2.2.

    ```python
    import numpy as np
    from minimodel.training import attend, masked

    weigh = masked(np.tril(np.ones((5, 5), dtype=bool)))
    output, backward = attend(np.ones((1, 5, 4)), (np.eye(4),) * 4, 2, weigh)
    d_x, d_projections = backward(np.ones((1, 5, 4)))
    print(output.shape, d_x.shape, len(d_projections))
    ```

    ```text
    (1, 5, 4) (1, 5, 4) 4
    ```
    """
    W_q, W_k, W_v, W_o = projections
    root = math.sqrt(head_width(x.shape[-1], n_heads))
    q, k, v = (split_heads(x @ W, n_heads) for W in (W_q, W_k, W_v))  # [B, H, T, d_head]
    weights, scores_from = weigh(q @ k.swapaxes(-1, -2) / root)  # [B, H, T, T]
    merged = merge_heads(weights @ v)  # [B, T, d_model]

    def backward(d_output: Array) -> tuple[Array, tuple[Array, Array, Array, Array]]:
        d_heads = split_heads(d_output @ W_o.T, n_heads)  # [B, H, T, d_head]
        d_scores = scores_from(d_heads @ v.swapaxes(-1, -2)) / root  # [B, H, T, T]
        d_q = merge_heads(d_scores @ k)  # [B, T, d_model]
        d_k = merge_heads(d_scores.swapaxes(-1, -2) @ q)  # [B, T, d_model]
        d_v = merge_heads(weights.swapaxes(-1, -2) @ d_heads)  # [B, T, d_model]
        d_x = d_q @ W_q.T + d_k @ W_k.T + d_v @ W_v.T  # [B, T, d_model]
        return d_x, (paired(x, d_q), paired(x, d_k), paired(x, d_v), paired(merged, d_output))

    return merged @ W_o, backward
    # --8<-- [end:attend]


# --8<-- [start:paired]
def paired(x: Array, d_y: Array) -> Array:
    """Where y is `x @ W`: the gradient with respect to W, summed over texts and positions."""
    d_W: Array = x.reshape(-1, x.shape[-1]).T @ d_y.reshape(-1, d_y.shape[-1])
    return d_W
    # --8<-- [end:paired]


# --8<-- [start:predict]
def predict(
    parameters: Parameters, tokens: Array, n_heads: int, weigh: Weigh
) -> tuple[Array, Callable[[Array], Parameters]]:
    """From tokens to logits: embed, read the others and add it, compare with the vocabulary.

    Args:
        parameters: of the model.
        tokens: integers `[B, T]` below V.
        n_heads: H, a divisor of d_model.
        weigh: from scores `[B, H, T, T]` to weights and the way back, as `masked` makes it.

    Returns:
        Logits `[B, T, V]`, and the way back: to a gradient for each parameter.

    Raises:
        ValueError: the texts are longer than the model has positions.
        IndexError: a token is not in the vocabulary.

    Source: Radford et al., 2019, section 2.3, for the norm before each part.

    ```python
    import numpy as np
    from minimodel.masks import causal_mask
    from minimodel.training import draw_parameters, masked, predict

    parameters = draw_parameters(V=11, T=5, d_model=12)
    logits, backward = predict(parameters, np.array([[3, 1, 4, 1, 5]]), 2, masked(causal_mask(5)))
    print(logits.shape, backward(np.ones((1, 5, 11))).W_q.shape)
    ```

    ```text
    (1, 5, 11) (12, 12)
    ```
    """
    T, n_positions = tokens.shape[-1], len(parameters.positions)
    if n_positions < T:
        raise ValueError(f"the texts have {T} tokens but the model has {n_positions} positions; were they cut to fit?")
    stream = parameters.tokens[tokens] + parameters.positions[:T]  # [B, T, d_model]
    normed, stream_from = normalise(stream)
    read, normed_from = attend(normed, parameters[2:6], n_heads, weigh)  # [B, T, d_model]
    final, sum_from = normalise(stream + read)  # [B, T, d_model]

    def backward(d_logits: Array) -> Parameters:
        d_sum = sum_from(d_logits @ parameters.W_out.T)  # [B, T, d_model] the same for both terms
        d_normed, d_projections = normed_from(d_sum)
        d_stream = d_sum + stream_from(d_normed)  # [B, T, d_model]
        one_hot = np.eye(len(parameters.tokens))[tokens]  # [B, T, V]
        d_positions = np.zeros_like(parameters.positions)
        d_positions[:T] = d_stream.sum(axis=0)
        return Parameters(paired(one_hot, d_stream), d_positions, *d_projections, paired(final, d_logits))

    return final @ parameters.W_out, backward
    # --8<-- [end:predict]


# --8<-- [start:loss_and_gradients]
def loss_and_gradients(
    parameters: Parameters, inputs: Array, targets: Array, n_heads: int, weigh: Weigh
) -> tuple[float, Parameters]:
    """Measure the loss, and say how it would change with each parameter.

    Args:
        parameters: of the model.
        inputs: integers `[B, T]` below V.
        targets: integers `[B, T]` below V: what each position is asked for.
        n_heads: H, a divisor of d_model.
        weigh: from scores `[B, H, T, T]` to weights and the way back, as `masked` makes it.

    Returns:
        The mean cross-entropy in nats, and its gradient: one array for each parameter, of its shape.

    Raises:
        TypeError: the targets are not integers.
        ValueError: the texts are longer than the model has positions, or the targets do not fit.
        IndexError: a token is not in the vocabulary.

    ```python
    import numpy as np
    from minimodel.masks import causal_mask
    from minimodel.next_token import shift_labels
    from minimodel.training import draw_parameters, loss_and_gradients, masked

    parameters = draw_parameters(V=11, T=5, d_model=12, std=1e-4)
    inputs, targets = shift_labels(np.array([[3, 1, 4, 1, 5, 9]]))
    loss, gradients = loss_and_gradients(parameters, inputs, targets, 2, masked(causal_mask(5)))
    print(round(loss, 2), round(np.log(11), 2), gradients.tokens.shape)
    ```

    ```text
    2.4 2.4 (11, 12)
    ```
    """
    logits, backward = predict(parameters, inputs, n_heads, weigh)  # [B, T, V]
    loss = cross_entropy(logits, targets)
    answers = np.eye(logits.shape[-1])[targets]  # [B, T, V] one-hot
    return loss, backward((softmax(logits) - answers) / targets.size)
    # --8<-- [end:loss_and_gradients]


# --8<-- [start:Adam]
class Adam:
    """Gradient descent in which each number gets a step of its own size.

    Args:
        rate: the size of a step while the gradient keeps its sign.
        keep: how much of the running mean of the gradient is kept at each step.
        keep_square: the same for the running mean of its square.

    Source: Kingma and Ba, 2015, algorithm 1.

    ```python
    import numpy as np
    from minimodel.training import Adam, Parameters, draw_parameters

    parameters = draw_parameters(V=3, T=2, d_model=2)
    gradients = Parameters(*(np.full(one.shape, 7.0) for one in parameters))
    before = parameters.positions.copy()
    Adam(rate=0.01).step(parameters, gradients)
    print((parameters.positions - before).round(4))
    ```

    ```text
    [[-0.01 -0.01]
     [-0.01 -0.01]]
    ```
    """

    def __init__(self, rate: float, keep: float = 0.9, keep_square: float = 0.99) -> None:
        """Begin with no memory."""
        self.rate, self.keep, self.keep_square = rate, keep, keep_square
        self.taken = 0
        self.means: list[Array] = []
        self.squares: list[Array] = []

    def step(self, parameters: Parameters, gradients: Parameters) -> None:
        """Change the parameters in place, against their gradients."""
        if not self.taken:
            self.means, self.squares = ([np.zeros_like(one) for one in parameters] for _ in range(2))
        self.taken += 1
        young, young_square = 1 - self.keep**self.taken, 1 - self.keep_square**self.taken  # both began at zero
        for one, gradient, mean, square in zip(parameters, gradients, self.means, self.squares, strict=True):
            mean += (1 - self.keep) * (gradient - mean)
            square += (1 - self.keep_square) * (gradient**2 - square)
            one -= self.rate / young * mean / (np.sqrt(square / young_square) + 1e-8)
        # --8<-- [end:Adam]


# --8<-- [start:train]
def train(
    weigh: Weigh,
    labels: Labels = shift_labels,
    *,
    V: int = 16,
    T: int = 16,
    d_model: int = 32,
    n_heads: int = 4,
    batch: int = 8,
    steps: int = 800,
    rate: float = 0.01,
    seed: int = 0,
) -> Trained:
    """Train a model on tokens drawn evenly and independently, new ones at each step.

    Args:
        weigh: from scores `[B, H, T, T]` to weights and the way back, as `masked` makes it.
        labels: from tokens `[B, T + 1]` to inputs and targets `[B, T]`; shifted by one unless you say otherwise.
        V: size of the vocabulary.
        T: length of the inputs.
        d_model: width of the embeddings.
        n_heads: H, a divisor of d_model.
        batch: B, texts a step.
        steps: steps of Adam.
        rate: of Adam.
        seed: seed of the parameters and the tokens.

    Returns:
        The trained parameters, and the loss at each step, measured before it on tokens not seen before.

    Raises:
        ValueError: d_model does not divide into H heads, or the labels do not fit.

    ```python
    from minimodel.masks import causal_mask
    from minimodel.training import masked, train

    trained = train(masked(causal_mask(16)), steps=3)
    print(trained.losses.shape, trained.parameters.tokens.shape)
    ```

    ```text
    (3,) (16, 32)
    ```
    """
    rng = np.random.default_rng(seed)
    parameters = draw_parameters(V, T, d_model, seed)
    adam, losses = Adam(rate), np.empty(steps)
    for step in range(steps):
        inputs, targets = labels(rng.integers(V, size=(batch, T + 1)))  # [B, T] each
        losses[step], gradients = loss_and_gradients(parameters, inputs, targets, n_heads, weigh)
        adam.rate = rate * (1 - step / steps)  # down to nothing, so that the last steps settle
        adam.step(parameters, gradients)
    return Trained(parameters, losses)
    # --8<-- [end:train]
