"""What a grader asks of a learner's GPT: numbers in, numbers out, and torch on the way.

A learner's process runs these functions on the learner's module, and the grader runs the same on its own. Each is
called as the learner's function that it asks, so that what is said of it has the name that the learner knows.
Weights travel as pairs of a name and an array; all but training is done in float64, so that rounding is small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn

from handbook.labs.sandbox import gpt_use
from handbook.labs.sandbox.gpt_use import Array, Named, borrowed, number
from handbook.labs.sandbox.wire import UnsendableError

torch.optim.SGD([torch.zeros(1, requires_grad=True)]).step()  # what torch loads late is loaded before the walls stand


@contextmanager
def _in(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _new(module: Any, sizes: Sequence[float]) -> Any:
    *whole, dropout = sizes
    return module.GPT(module.Config(*map(int, whole), dropout))


def _built(module: Any, sizes: Sequence[float], weights: Named) -> Any:
    """A model of the module's with these weights, in float64 and evaluation mode.

    Raises ``UnsendableError`` where it has not the weights that it was given with.
    """
    model = _new(module, sizes)
    gpt_use.check_names(model.state_dict(), weights)
    _load(model, weights)
    return model.eval()


def _load(model: Any, weights: Named) -> None:
    model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in weights}, strict=False)


def _whole(tokens: Array) -> torch.Tensor:
    return torch.from_numpy(np.asarray(tokens, dtype=np.int64))  # in the same memory: what is changed there is seen


def _array(value: Any) -> Array:
    """What a learner's function gave, which has to be a tensor.

    Raises ``UnsendableError`` where it is something else.
    """
    if not isinstance(value, torch.Tensor):
        raise UnsendableError("of-kind", type(value).__name__)
    found: Array = value.detach().numpy()
    return found


def _weights_of(model: Any) -> list[list[Any]]:
    return [[name, value.detach().numpy().copy()] for name, value in model.named_parameters()]


def drawn(module: Any, sizes: Sequence[float], seed: int) -> list[list[Any]]:
    """Weights by chance for a model of these sizes: none of them is zero or one, as a new model's gains are."""
    with _in(torch.float64), torch.no_grad():
        chance, named = torch.Generator().manual_seed(seed), []
        for name, value in _new(module, sizes).named_parameters():
            around, spread = gpt_use.around_and_spread(name, value)
            named.append([name, (around + spread * torch.randn(value.shape, generator=chance)).numpy()])
        return named


def forward(module: Any, sizes: Sequence[float], weights: Named, tokens: Array) -> Array:
    """The logits `[B, T, V]` of a model in evaluation mode."""
    with _in(torch.float64), torch.no_grad():
        return _array(_built(module, sizes, weights)(_whole(tokens)))


def get_batch(module: Any, data: Array, starts: Sequence[int], T: int) -> list[Array]:
    """Inputs and targets."""
    return gpt_use.get_batch(module, _whole, _array, data, starts, T)


def loss_of(module: Any, logits: Array, targets: Array) -> float:
    """The loss of logits."""
    return number(module.loss_of(torch.from_numpy(logits), _whole(targets)))


lr_at = gpt_use.lr_at


def make_optimizer(
    module: Any, sizes: Sequence[float], weights: Named, lr: float, decay: float, gradient: float = 0.0
) -> list[list[Any]]:
    """The weights after a step of the module's optimiser; where the gradient is 0, what has moved has decayed."""
    with _in(torch.float64):
        model = _built(module, sizes, weights)
        optimizer = module.make_optimizer(model, lr, decay)
        for one in model.parameters():
            one.grad = torch.full_like(one, gradient)
        optimizer.step()
        return _weights_of(model)


class _Table(nn.Module):
    """A model that is none of the learner's: logits out of a table, summed over the tokens so far, and dropout."""

    def __init__(self, table: Array, context: int, dropout: float) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.from_numpy(table.copy()))  # [V, V]
        self.dropout = nn.Dropout(dropout)
        self.config = SimpleNamespace(context=context)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        if tokens.shape[1] > self.config.context:
            raise IndexError(f"a text of {tokens.shape[1]} tokens; the context is {self.config.context}")
        place = 1.0 + torch.arange(tokens.shape[1], dtype=self.table.dtype)[:, None]  # [T, 1]
        logits: torch.Tensor = (self.dropout(self.table[tokens]) * place).cumsum(dim=1) / place
        return logits


def _loss(values: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy over the targets that are not 0."""
    return nn.functional.cross_entropy(values.flatten(0, 1), targets.flatten(), ignore_index=0)


def _probabilities(values: torch.Tensor, temperature: float = 1.0, top_k: int | None = None) -> torch.Tensor:
    """Softmax of what ``top_k`` leaves, over the temperature."""
    if top_k is not None:
        values = values.masked_fill(values < values.topk(top_k, dim=-1).values[:, -1:], float("-inf"))
    return (values / temperature).softmax(dim=-1)


def train_step(module: Any, table: Array, batches: Sequence[Array], rate: Sequence[float], clip: float) -> list[Any]:
    """The mean losses and the table after each of some steps of plain gradient descent.

    ``batches`` has for each step `[batches, 2, B, T]`: inputs and targets.
    """
    with _in(torch.float64), borrowed(module, loss_of=_loss):
        model = _Table(table, batches[0].shape[-1], 0.0)
        others = [nn.Parameter(torch.zeros(1)) for _ in range(2)]
        groups = [{"params": [one]} for one in (others[0], model.table, others[1])]  # neither the first nor the last
        optimizer = torch.optim.SGD(groups, lr=1.0)
        losses, tables = [], []
        for parts, lr in zip(batches, rate, strict=True):
            pairs = [(_whole(inputs), _whole(targets)) for inputs, targets in parts]
            losses.append(number(module.train_step(model, optimizer, pairs, lr, clip)))
            tables.append(model.table.detach().numpy().copy())
        return [losses, tables]


def train(module: Any, sizes: Sequence[float], data: Array, n: int, seed: int) -> list[Any]:
    """The losses of the module's own training of a new model, and the weights that it finds, in float32."""
    torch.manual_seed(seed)
    model = _new(module, sizes)
    losses = module.train(model, _whole(data), n)
    if not isinstance(losses, (list, tuple, torch.Tensor)):
        raise UnsendableError("of-kind", type(losses).__name__)
    return [[number(loss) for loss in losses], [[name, value.astype(np.float64)] for name, value in _weights_of(model)]]


def evaluate(module: Any, table: Array, dropout: float, inputs: Array, targets: Array, size: int) -> list[float]:
    """Two evaluations of one model in batches of a size, and whether it is in training mode after each."""
    with _in(torch.float64), borrowed(module, loss_of=_loss):
        torch.manual_seed(0)
        model = _Table(table, inputs.shape[1], dropout)
        found = []
        for _ in range(2):
            model.train()
            found += [number(module.evaluate(model, _whole(inputs), _whole(targets), size)), float(model.training)]
        return found


def next_probabilities(module: Any, logits: Array, temperature: float, top_k: int | None) -> Array:
    """The probabilities that logits `[B, V]` become."""
    return _array(module.next_probabilities(torch.from_numpy(logits), temperature, top_k))


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
    with _in(torch.float64), borrowed(module, next_probabilities=_probabilities):
        torch.manual_seed(seed)
        model = _Table(table, context, dropout).train()
        texts = module.generate(model, _whole(tokens), n, temperature, top_k)
        return [_array(texts), float(model.training)]


def chances(table: Array, context: int, tokens: Array, temperature: float) -> Array:
    """The probabilities of the next token after one text, as `generate`'s model has them."""
    with _in(torch.float64), torch.no_grad():
        return _array(_probabilities(_Table(table, context, 0.0)(_whole(tokens))[:, -1], temperature)[0])


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
    with _in(torch.float64):
        model = _built(module, sizes, weights)
        return gpt_use.read(module, model, _whole, _array, tokens, parts, beside, lambda: _load(model, afterwards))


def roll_back(
    module: Any, sizes: Sequence[float], weights: Named, tokens: Array, length: int, others: Array, again: int
) -> Array:
    """See `gpt_use.roll_back`."""
    with _in(torch.float64):
        model = _built(module, sizes, weights)
        return gpt_use.roll_back(module, model, _whole, _array, tokens, length, others, again)


def classify(module: Any, sizes: Sequence[float], weights: Named, head: Array, bias: Array, tokens: Array) -> Array:
    """The scores of texts."""
    with _in(torch.float64), torch.no_grad():
        linear = nn.Linear(head.shape[1], len(head))
        linear.weight.copy_(torch.from_numpy(head.copy()))
        linear.bias.copy_(torch.from_numpy(bias.copy()))
        return _array(module.classify(_built(module, sizes, weights), linear, _whole(tokens)))


def scores_everywhere(
    module: Any, sizes: Sequence[float], weights: Named, head: Array, bias: Array, tokens: Array
) -> Array:
    """The scores `[B, T, n_classes]` that each position would give."""
    with _in(torch.float64), torch.no_grad():
        hidden: Array = _built(module, sizes, weights).hidden(_whole(tokens)).numpy()
        scores: Array = hidden @ head.T + bias
        return scores
