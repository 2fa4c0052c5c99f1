"""What a grader asks of a learner's GPT of NumPy: the functions of `gpt_calls` by name, arguments and results.

`backward`, `differences`, `slope_of_loss` and `step` have no twin there: with torch, nobody writes a way back or AdamW.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from handbook.labs.sandbox import gpt_use
from handbook.labs.sandbox.gpt_use import Array, Named, borrowed, number
from handbook.labs.sandbox.wire import UnsendableError

Back = Callable[[Array], Any]


def _new(module: Any, sizes: Sequence[float], seed: int | None = None) -> Any:
    """A new model; without a seed, its dropout is another each time."""
    *whole, dropout = sizes
    return module.GPT(module.Config(*map(int, whole), dropout), seed)


def _built(module: Any, sizes: Sequence[float], weights: Named) -> Any:
    """A model of the module's with these weights, in evaluation mode.

    Raises ``UnsendableError`` where it has not the weights that it was given with.
    """
    model = _new(module, sizes)
    gpt_use.check_names(model.weights, weights)
    _load(model, weights)
    model.training = False
    return model


def _load(model: Any, weights: Named) -> None:
    for name, value in weights:
        model.weights[name][...] = value


def _whole(tokens: Array) -> Array:
    return np.asarray(tokens, dtype=np.int64)  # the array itself: what is changed there is seen


def _array(value: Any) -> Array:
    """What a learner's function gave, which has to be an array.

    Raises ``UnsendableError`` where it is something else.
    """
    if not isinstance(value, (np.ndarray, np.generic)):
        raise UnsendableError("of-kind", type(value).__name__)
    return np.asarray(value)


def _pair(value: Any) -> tuple[Any, Any]:
    """What a learner's function gave, which has to be a result and what belongs to the way back.

    Raises ``UnsendableError`` where it is something else.
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise UnsendableError("of-kind", type(value).__name__, "no-pair")
    return value[0], value[1]


def _copied(named: dict[str, Array]) -> list[list[Any]]:
    return [[name, np.array(value)] for name, value in named.items()]


def drawn(module: Any, sizes: Sequence[float], seed: int) -> list[list[Any]]:
    """Weights by chance for a model of these sizes."""
    chance, named = np.random.default_rng(seed), []
    for name, value in _new(module, sizes).weights.items():
        around, spread = gpt_use.around_and_spread(name, value)
        named.append([name, around + spread * chance.normal(size=value.shape)])
    return named


def forward(module: Any, sizes: Sequence[float], weights: Named, tokens: Array) -> Array:
    """The logits `[B, T, V]` of a model in evaluation mode."""
    return _array(_pair(_built(module, sizes, weights).forward(_whole(tokens)))[0])


def backward(
    module: Any, sizes: Sequence[float], weights: Named, tokens: Array, d_logits: Array, chance: int, times: int
) -> list[list[Any]]:
    """The gradients after some passes forward and back in training mode, whose dropout is drawn with ``chance``."""
    model = _built(module, sizes, weights)
    for _ in range(times):
        _in_training(model, tokens, chance)[1](d_logits.copy())
    return _copied(model.gradients)


def _in_training(model: Any, tokens: Array, chance: int) -> tuple[Array, Back]:
    model.training = True
    model.rng = np.random.default_rng(chance)
    np.random.seed(chance)  # for whoever draws there
    logits, back = _pair(model.forward(_whole(tokens)))
    return _array(logits), back


def differences(
    module: Any,
    sizes: Sequence[float],
    weights: Named,
    tokens: Array,
    d_logits: Array,
    chance: int,
    ways: Named,
    nudge: float,
) -> list[float]:
    """Central differences of the logits times ``d_logits``, along a way for each weight, in training mode."""
    model, found = _built(module, sizes, weights), []
    for name, way in ways:
        before, values = model.weights[name].copy(), []
        for step in (nudge, -nudge):
            model.weights[name][...] = before + step * way
            values.append(float((_in_training(model, tokens, chance)[0] * d_logits).sum()))
        model.weights[name][...] = before
        found.append((values[0] - values[1]) / (2 * nudge))
    return found


def get_batch(module: Any, data: Array, starts: Sequence[int], T: int) -> list[Array]:
    """Inputs and targets."""
    return gpt_use.get_batch(module, _whole, _array, data, starts, T)


def loss_of(module: Any, logits: Array, targets: Array) -> float:
    """The loss of logits."""
    return number(_pair(module.loss_of(logits, _whole(targets)))[0])


def slope_of_loss(module: Any, logits: Array, targets: Array) -> Array:
    """The gradient that comes with the loss."""
    return _array(_pair(module.loss_of(logits, _whole(targets)))[1])


lr_at = gpt_use.lr_at


def make_optimizer(
    module: Any, sizes: Sequence[float], weights: Named, lr: float, decay: float, gradient: float = 0.0
) -> list[list[Any]]:
    """The weights after a step of the module's optimiser; where the gradient is 0, what has moved has decayed."""
    model = _built(module, sizes, weights)
    optimizer = module.make_optimizer(model, lr, decay)
    for one in model.gradients.values():
        one[...] = gradient
    optimizer.step()
    return _copied(model.weights)


class _Table:
    """A model that is none of the learner's: logits out of a table, summed over the tokens so far, and dropout."""

    def __init__(self, table: Array, context: int, dropout: float, seed: int = 0) -> None:
        self.weights, self.gradients = {"table": table.copy()}, {"table": np.zeros_like(table)}  # [V, V]
        self.config, self.training = SimpleNamespace(context=context, dropout=dropout), True
        self.rng = np.random.default_rng(seed)

    def forward(self, tokens: Array) -> tuple[Array, Back]:
        if tokens.shape[1] > self.config.context:
            raise IndexError(f"a text of {tokens.shape[1]} tokens; the context is {self.config.context}")
        place = 1.0 + np.arange(tokens.shape[1])[:, None]  # [T, 1]
        p = self.config.dropout if self.training else 0.0
        rows = self.weights["table"][tokens]  # [B, T, V]
        kept = (self.rng.random(rows.shape) >= p) / (1 - p)

        def backward(d_logits: Array) -> None:
            later = (d_logits / place)[:, ::-1].cumsum(axis=1)[:, ::-1]  # what each token adds to is at it or after it
            np.add.at(self.gradients["table"], tokens, later * place * kept)

        return (rows * kept * place).cumsum(axis=1) / place, backward


class _Descent:
    """Plain gradient descent."""

    def __init__(self, model: Any) -> None:
        self.model, self.lr = model, 1.0

    def step(self) -> None:
        for name, weight in self.model.weights.items():
            weight -= self.lr * self.model.gradients[name]


def _log_p(values: Array) -> Array:
    shifted = values - values.max(axis=-1, keepdims=True)
    found: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return found


def _loss(values: Array, targets: Array) -> tuple[float, Array]:
    """Mean cross-entropy over the targets that are not 0, and its gradient."""
    log_p, answers = _log_p(values), np.eye(values.shape[-1])[targets]  # [B, T, V]
    share = (targets != 0)[..., None] / (targets != 0).sum()
    return -float((log_p * answers * share).sum()), (np.exp(log_p) - answers) * share


def _probabilities(values: Array, temperature: float = 1.0, top_k: int | None = None) -> Array:
    """Softmax of what ``top_k`` leaves, over the temperature."""
    if top_k is not None:
        values = np.where(values < np.sort(values, axis=-1)[:, -top_k, None], -np.inf, values)
    found: Array = np.exp(_log_p(values / temperature))
    return found


def train_step(module: Any, table: Array, batches: Sequence[Array], rate: Sequence[float], clip: float) -> list[Any]:
    """The mean losses and the table after each of some steps of plain gradient descent.

    ``batches`` has for each step `[batches, 2, B, T]`: inputs and targets.
    """
    with borrowed(module, loss_of=_loss):
        model = _Table(table, batches[0].shape[-1], 0.0)
        optimizer = _Descent(model)
        losses, tables = [], []
        for parts, lr in zip(batches, rate, strict=True):
            pairs = [(_whole(inputs), _whole(targets)) for inputs, targets in parts]
            losses.append(number(module.train_step(model, optimizer, pairs, lr, clip)))
            tables.append(model.weights["table"].copy())
        return [losses, tables]


def step(module: Any, sizes: Sequence[float], weights: Named, gradients: Sequence[Named], lr: float) -> list[Any]:
    """The weights after each step of the module's optimiser, without decay, from gradients that are given."""
    model = _built(module, sizes, weights)
    optimizer, found = module.make_optimizer(model, lr, 0.0), []
    for named in gradients:
        for name, value in named:
            model.gradients[name][...] = value
        optimizer.step()
        found.append(_copied(model.weights))
    return found


def train(module: Any, sizes: Sequence[float], data: Array, n: int, seed: int) -> list[Any]:
    """The losses of the module's own training of a new model, and the weights that it finds."""
    model = _new(module, sizes, seed)
    losses = module.train(model, _whole(data), n)
    if not isinstance(losses, (list, tuple, np.ndarray)):
        raise UnsendableError("of-kind", type(losses).__name__)
    return [[number(loss) for loss in losses], _copied(model.weights)]


def evaluate(module: Any, table: Array, dropout: float, inputs: Array, targets: Array, size: int) -> list[float]:
    """Two evaluations of one model in batches of a size, and whether it is in training mode after each."""
    with borrowed(module, loss_of=_loss):
        model = _Table(table, inputs.shape[1], dropout)
        found = []
        for _ in range(2):
            model.training = True
            found += [number(module.evaluate(model, _whole(inputs), _whole(targets), size)), float(model.training)]
        return found


def next_probabilities(module: Any, logits: Array, temperature: float, top_k: int | None) -> Array:
    """The probabilities that logits `[B, V]` become."""
    return _array(module.next_probabilities(logits, temperature, top_k))


def generate(
    module: Any,
    table: Array,
    context: int,
    dropout: float,
    tokens: Array,
    n: int,
    top_k: int | None,
    seed: int,
    temperature: float = 1.0,
) -> list[Any]:
    """The texts with n tokens more, and whether the model is in training mode afterwards."""
    with borrowed(module, next_probabilities=_probabilities):
        model = _Table(table, context, dropout, seed)
        texts = module.generate(model, _whole(tokens), n, temperature, top_k)
        return [_array(texts), float(model.training)]


def chances(table: Array, context: int, tokens: Array, temperature: float) -> Array:
    """The probabilities of the next token after one text, as `generate`'s model has them."""
    logits, _ = _Table(table, context, 0.0).forward(_whole(tokens))
    found: Array = _probabilities(logits[:, -1], temperature)[0]
    return found


def read(
    module: Any,
    sizes: Sequence[float],
    weights: Named,
    tokens: Array,
    parts: Sequence[int],
    beside: Array | None = None,
    afterwards: Named = (),
) -> Array:
    """See `gpt_use.read`; the last part is read when the model has got the weights ``afterwards``."""
    model = _built(module, sizes, weights)
    return gpt_use.read(module, model, _whole, _array, tokens, parts, beside, lambda: _load(model, afterwards))


def roll_back(
    module: Any, sizes: Sequence[float], weights: Named, tokens: Array, length: int, others: Array, again: int
) -> Array:
    """See `gpt_use.roll_back`."""
    model = _built(module, sizes, weights)
    return gpt_use.roll_back(module, model, _whole, _array, tokens, length, others, again)


def classify(module: Any, sizes: Sequence[float], weights: Named, head: Array, bias: Array, tokens: Array) -> Array:
    """The scores of texts."""
    return _array(module.classify(_built(module, sizes, weights), lambda x: x @ head.T + bias, _whole(tokens)))


def scores_everywhere(
    module: Any, sizes: Sequence[float], weights: Named, head: Array, bias: Array, tokens: Array
) -> Array:
    """The scores `[B, T, n_classes]` that each position would give."""
    scores: Array = _built(module, sizes, weights).hidden(_whole(tokens))[0] @ head.T + bias
    return scores
