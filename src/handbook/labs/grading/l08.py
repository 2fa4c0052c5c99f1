"""L08, Repair a GPT: who sees whom, the same numbers as a right model, and each function alone, then all together.

What is wrong is said by its symptom: where it shows, and not in which line it stands. Whatever uses other functions
of the learner's is given right ones in their place, so that a fault is told where it is, and nowhere else.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import numpy as np

from handbook.labs.grading.bench import Bench
from handbook.labs.grading.growth import time_growth
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.visibility import listed
from handbook.labs.planting import Variant
from handbook.labs.sandbox.process import SubjectError
from handbook.labs.texts import Say, say

CLOSE = 1e-7
MOVED = 1e-9
NUDGE = 1e-5
"""How far weights and logits are moved to either side for a central difference."""

VOCAB, CONTEXT = 11, 8
SIZES = (VOCAB, CONTEXT, 12, 3, 2, 0.3)
"""Vocabulary, context, width, heads, blocks and dropout of the models that are compared."""

TRAINED, STEPS, LENGTH, KEPT = (9, 8, 32, 2, 1, 0.0), 100, 4000, 0.9
"""The sizes of the model that is trained, for how many steps, on how many tokens, and how often the rule holds."""

ABOVE, BELOW = 0.12, 0.05
"""How far from the floor, in nats, the loss of a trained model may lie. Eleven trainings lay between -0.02 and 0.06."""

SHORT, LONG, WIDE, MOST = 16, 256, 128, 28
"""Lengths of texts that are read token by token by a model of some width, and how many times more time the long one
may take. A cache took 11 to 15 times more, preallocated or growing, and reading everything again 54."""

ANSWERED = {"raises", "raises-somewhere", "no-array"}
"""What is said of a function that was written and has run: something that it builds on may be wrong."""


@functools.cache
def right(variant: Variant) -> Any:
    """The solution, as a module."""
    file = variant.home / "solution" / variant.file
    spec = spec_from_file_location(f"handbook_right_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _variant(bench: Bench) -> Variant:
    assert bench.variant is not None
    return bench.variant


def _calls(bench: Bench) -> Any:
    """Numbers in, numbers out, whatever the file's arrays are."""
    return import_module(_variant(bench).through)


def _ask(bench: Bench, name: str, *arguments: Any) -> Any:
    return bench.subject.call(_variant(bench).file, name, *arguments)


def _array(bench: Bench, name: str, *arguments: Any) -> np.ndarray:
    return bench.array(_variant(bench).file, name, *arguments)


def _wanted(bench: Bench, name: str, *arguments: Any) -> Any:
    return getattr(_calls(bench), name)(right(_variant(bench)), *arguments)


def _weights(bench: Bench, sizes: Sequence[float] = SIZES) -> list[list[Any]]:
    drawn: list[list[Any]] = _wanted(bench, "drawn", sizes, int(bench.rng.integers(1 << 31)))
    return drawn


def _tokens(bench: Bench, *shape: int, vocab: int = VOCAB) -> np.ndarray:
    tokens: np.ndarray = bench.rng.integers(1, vocab, size=shape)
    return tokens


def _same(found: Any, wanted: Any) -> bool:
    found, wanted = np.asarray(found), np.asarray(wanted)
    return found.shape == wanted.shape and np.allclose(found, wanted, rtol=CLOSE, atol=CLOSE)


def _number(value: float) -> str:
    return f"{value:.4g}"


# Part 1: the model ----------------------------------------------------------------------------------------------


def sight(bench: Bench) -> None:
    """Every output moves with its own token and those before it, and with no other."""
    weights, T = _weights(bench), CONTEXT - 2
    tokens, logits = _tokens(bench, 1, T), _reader(bench, SIZES, weights)
    base = logits(tokens)
    if base.shape != (1, T, VOCAB):
        raise fail("causal", "logits-shape", shape=base.shape, wanted=(1, T, VOCAB))
    if np.isnan(base).any():
        raise fail("causal", "nan", rows=listed(np.flatnonzero(np.isnan(base).any(axis=(0, 2))).tolist()))
    if not np.array_equal(logits(tokens), base):
        raise fail("causal", "random")
    moves = np.zeros((T, T), dtype=bool)  # [output, token]
    for j in range(T):
        other = tokens.copy()
        other[0, j] = tokens[0, j] % (VOCAB - 1) + 1
        moves[:, j] = np.abs(logits(other) - base).max(axis=(0, 2)) > MOVED
    past = np.tri(T, dtype=bool)
    for key, cells in (("sees", moves & ~past), ("misses", past & ~moves)):
        for i in np.flatnonzero(cells.any(axis=1))[:1].tolist():
            raise fail("causal", key, output=i, tokens=listed(np.flatnonzero(cells[i]).tolist()))


def _reader(bench: Bench, sizes: Sequence[float], weights: Any) -> Callable[[np.ndarray], np.ndarray]:
    return lambda tokens: _array(bench, "forward", list(sizes), weights, tokens)


def logits(bench: Bench) -> None:
    """The logits of a right model with the same weights, however texts are long, wide, and beside one another."""
    weights = _weights(bench)
    tokens, ask = _tokens(bench, 3, CONTEXT - 3), _reader(bench, SIZES, weights)
    found = ask(tokens)
    if found.shape != (*tokens.shape, VOCAB):
        raise fail("parity", "logits-shape", shape=found.shape, wanted=(*tokens.shape, VOCAB))
    if np.isnan(found).any():
        raise fail("parity", "some-nan")
    if not np.array_equal(ask(tokens), found):
        raise fail("parity", "random")
    full = _tokens(bench, 2, CONTEXT)
    try:
        whole = ask(full)
    except SubjectError as error:
        raise FailError(say("parity"), say("full", T=CONTEXT, text=error.found)) from None
    shorter, longest = _agrees(bench, found, tokens, SIZES, weights), _agrees(bench, whole, full, SIZES, weights)
    if shorter and longest:
        return
    if longest:
        raise fail("parity", "shorter", T=CONTEXT)
    if not _same(ask(tokens[:1]), found[:1]):
        raise fail("parity", "neighbours")
    raise FailError(say("parity"), _where_first(bench))


def _agrees(bench: Bench, found: np.ndarray, tokens: np.ndarray, sizes: Sequence[float], weights: Any) -> bool:
    return _same(found, _wanted(bench, "forward", sizes, weights, tokens))


def _where_first(bench: Bench) -> Say:
    """The smallest model and the shortest text in which the logits are wrong."""

    def wrong(T: int, blocks: int, heads: int, quiet: bool = False) -> bool:
        sizes = [VOCAB, CONTEXT, 12, heads, blocks, 0.0]
        weights, tokens = _weights(bench, sizes), _tokens(bench, 2, T)
        if quiet:
            weights = [[name, _quiet(name, value)] for name, value in weights]
        return not _agrees(bench, _reader(bench, sizes, weights)(tokens), tokens, sizes, weights)

    if wrong(4, 0, 3):
        bare = [VOCAB, CONTEXT, 12, 3, 0, 0.0]
        repeated = _reader(bench, bare, _weights(bench, bare))(np.full((1, 3), 1))
        return say("no-order" if _same(repeated[:, 1:], repeated[:, :-1]) else "no-blocks")
    if wrong(1, 1, 3):
        return say("one-token")
    if not wrong(4, 1, 3, quiet=True):
        return say("loud")
    if not wrong(4, 1, 1):
        return say("one-head")
    return say("many-tokens")


def _quiet(name: str, value: np.ndarray) -> np.ndarray:
    """With queries and keys next to nothing, every token reads all that it may evenly."""
    if "qkv" not in name:
        return value
    scaled = value.copy()
    scaled[: 2 * len(value) // 3] *= 1e-6
    return scaled


# Part 1: batches, loss, steps -------------------------------------------------------------------------------------


def batch(bench: Bench) -> None:
    """Inputs as they stand in the data, and for each the token after it."""
    data, T = 100 + bench.rng.permutation(60), 6  # no number twice: each says where it stood
    starts = bench.rng.integers(5, 40, size=3).tolist()
    found = [np.asarray(one) for one in _ask(bench, "get_batch", data, starts, T)]
    wanted = _wanted(bench, "get_batch", data, starts, T)
    if len(found) != len(wanted):
        raise fail("shifted", "pair", count=len(found))
    if all(map(_same, found, wanted)):
        return
    if any(one.shape != (3, T) for one in found):
        raise fail("shifted", "batch-shape", shapes=" ".join(str(one.shape) for one in found), wanted=(3, T))
    place = {int(token): number for number, token in enumerate(data)}
    ahead = place.get(int(found[1][0, 0]), -1) - place.get(int(found[0][0, 0]), -1)
    if ahead != 1:
        raise fail("shifted", "labels", ahead=ahead)
    raise fail("shifted", "elsewhere")


def loss(bench: Bench) -> None:
    """The mean over the targets that count, with and without PAD among them."""
    logits = bench.rng.normal(0, 2, size=(3, 5, VOCAB))
    targets = _tokens(bench, 3, 5)
    padded = targets.copy()
    padded[0, 2:] = padded[1, 4:] = 0
    for key, given in (("loss-plain", targets), ("loss-padded", padded)):
        found, wanted = _ask(bench, "loss_of", logits, given), _wanted(bench, "loss_of", logits, given)
        if not _same(found, wanted):
            values: dict[str, Any] = {
                "value": _number(found),
                "wanted": _number(wanted),
                "count": int((given > 0).sum()),
            }
            raise fail("loss-wanted", key, **values)


def step(bench: Bench) -> None:
    """One update after another, with plain gradient descent on a small model that is the grader's."""
    table = bench.rng.normal(size=(VOCAB, VOCAB))

    def wrong(batches: list[int], rate: list[float], clip: float) -> tuple[bool, bool, np.ndarray]:
        """Whether the losses are wrong, whether the table is, and how far each step went."""
        texts = [_tokens(bench, count, 2, 2, 4) for count in batches]
        arguments = table, texts, rate, clip
        found, wanted = _ask(bench, "train_step", *arguments), _wanted(bench, "train_step", *arguments)
        gone = np.diff(np.stack([table, *found[1]]), axis=0)
        far: np.ndarray = np.sqrt((gone**2).sum(axis=(1, 2)))
        return not _same(found[0], wanted[0]), not _same(found[1], wanted[1]), far

    wide = 1e9
    if wrong([1], [0.0], wide)[2][0] > MOVED:
        raise fail("step-wanted", "step-rate")
    one = wrong([1], [0.5], wide)
    if one[2][0] < MOVED:
        raise fail("step-wanted", "step-still")
    if one[1]:
        raise fail("step-wanted", "step-one")
    if wrong([3], [0.5], wide)[1]:
        raise fail("step-wanted", "step-batches")
    if wrong([3], [0.5], 1e-3)[1]:  # of three, so that a sum that is cut before it is divided is told from the mean
        raise fail("step-wanted", "step-clip")
    if wrong([1, 1, 1], [0.5, 0.3, 0.1], wide)[1]:
        raise fail("step-wanted", "step-remembers")
    if one[0] or wrong([3], [0.5], wide)[0]:
        raise fail("step-wanted", "step-loss")


def optimizer(bench: Bench) -> None:
    """What decays, and how fast is learned when."""
    weights, lr, decay = _weights(bench), 0.1, 0.5
    arguments = list(SIZES), weights, lr, decay
    found = dict(_ask(bench, "make_optimizer", *arguments))
    wanted = dict(_wanted(bench, "make_optimizer", *arguments))
    for name, value in weights:
        if not _same(found.get(name), wanted[name]):
            key = "decay-gains" if value.ndim < 2 else "decay-matrices"
            raise fail("decay-wanted", key, name=name)
    if not _variant(bench).by_hand:  # else `update` asks more
        _check_push(bench, arguments, found)
    for steps, warmup in ((30, 10), (12, 3)):
        given = steps, float(bench.rng.uniform(0.1, 1)), warmup
        rates, right_rates = _ask(bench, "lr_at", *given), _wanted(bench, "lr_at", *given)
        if not _same(rates, right_rates):
            at = int(np.flatnonzero(~np.isclose(rates, right_rates))[0])
            share = [_number(one[at] / given[1]) for one in (rates, right_rates)]
            raise fail("rates-wanted", "rates", at=at, steps=steps, warmup=warmup, share=share[0], wanted=share[1])


def _check_push(bench: Bench, arguments: tuple[Any, ...], found: Mapping[str, np.ndarray]) -> None:
    """How far a gradient moves the weights; ``found`` is where they are without one."""
    arguments, lr = (*arguments, float(bench.rng.uniform(0.2, 0.4))), arguments[2]
    pushed, wanted = dict(_ask(bench, "make_optimizer", *arguments)), dict(_wanted(bench, "make_optimizer", *arguments))
    for name in wanted:
        if not np.allclose(pushed[name], wanted[name], rtol=0, atol=lr / 100):  # whatever its betas and its epsilon
            far = float(np.abs(pushed[name] - found[name]).max()) / lr
            raise fail("push-wanted", "push", name=name, far=_number(far), gradient=_number(arguments[-1]))


# Part 1, where gradients and AdamW are written by hand ------------------------------------------------------------


def gradients(bench: Bench) -> None:
    """The gradients of loss and weights are those of central differences, once the loss and the logits are right."""
    _check_slope_of_loss(bench)
    weights, tokens = _weights(bench), _tokens(bench, 2, CONTEXT - 2)
    if not _agrees(bench, _reader(bench, SIZES, weights)(tokens), tokens, SIZES, weights):
        raise fail("slopes-wanted", "slopes-later-logits")
    each_once = 1 + bench.rng.permutation(VOCAB - 1)[None, : CONTEXT - 2]
    repeated = each_once.copy()
    repeated[0, -2:] = repeated[0, 0]
    if wrong := _wrong_slopes(bench, each_once):
        raise _where_it_leaves(wrong)
    for key, tokens, times, dropout in (
        ("slope-repeated", repeated, 1, 0.0),
        ("slope-batch", np.concatenate([each_once, repeated]), 1, 0.0),
        ("slope-adds", each_once, 2, 0.0),
        ("slope-dropout", each_once, 1, 0.3),
    ):
        if wrong := _wrong_slopes(bench, tokens, times, dropout):
            name = next(name for name, is_wrong in wrong.items() if is_wrong)
            raise fail("slopes-wanted", key, name=name)


def _check_slope_of_loss(bench: Bench) -> None:
    values, targets = bench.rng.normal(0, 2, size=(3, 5, VOCAB)), _tokens(bench, 3, 5)
    padded = targets.copy()
    padded[0, 2:] = padded[1, 4:] = 0
    for given in (targets, padded):
        if not _same(_ask(bench, "loss_of", values, given), _wanted(bench, "loss_of", values, given)):
            raise fail("slopes-wanted", "slopes-later-loss")
    for key, given in (("loss-slope-plain", targets), ("loss-slope-padded", padded)):
        found, way = _array(bench, "slope_of_loss", values, given), bench.rng.normal(size=values.shape)
        if found.shape != values.shape:
            raise fail("slopes-wanted", "slope-shape", name="loss_of", shape=found.shape)
        up, down = (_wanted(bench, "loss_of", values + step * way, given) for step in (NUDGE, -NUDGE))
        if not _near((found * way).sum(), (up - down) / (2 * NUDGE)):
            raise fail("slopes-wanted", key)


def _near(found: float, slope: float) -> bool:
    return bool(np.isclose(found, slope, rtol=1e-5, atol=1e-6))


def _wrong_slopes(bench: Bench, tokens: np.ndarray, times: int = 1, dropout: float = 0.0) -> dict[str, bool]:
    """Whether the gradient of each weight is wrong, from the output to the input; nothing where none is."""
    sizes = [*SIZES[:-1], dropout]
    weights, chance = _weights(bench, sizes), int(bench.rng.integers(1 << 31))
    ways = [[name, bench.rng.normal(size=value.shape)] for name, value in sorted(weights, key=_from_the_output)]
    given = sizes, weights, tokens, bench.rng.normal(size=(*tokens.shape, VOCAB)), chance
    found = dict(_ask(bench, "backward", *given, times))
    # which numbers fall to dropout is the model's own affair: its own logits are then what is differed
    slopes = (_ask if dropout else _wanted)(bench, "differences", *given, ways, NUDGE)
    wrong = {}
    for (name, way), slope in zip(ways, slopes, strict=True):
        shape = np.shape(found.get(name, 0.0))
        if shape != way.shape:
            raise fail("slopes-wanted", "slope-shape", name=name, shape=shape)
        wrong[name] = not _near((found[name] * way).sum(), times * slope)
    return wrong if any(wrong.values()) else {}


WAY_BACK = ("mlp.down", "mlp.up", "norm_2", "attention.out", "attention.qkv", "norm_1")


def _from_the_output(named: Sequence[Any]) -> tuple[int, int]:
    """Where a weight is met on the way from the logits to the tokens."""
    layer = named[0].rpartition(".")[0]
    if layer.startswith("blocks."):
        _, block, part = layer.split(".", 2)
        return 2, WAY_BACK.index(part) - int(block) * len(WAY_BACK)
    return {"head": 0, "norm": 1}.get(layer, 3), 0


def _where_it_leaves(wrong: dict[str, bool]) -> FailError:
    """Wrong for some weights alone, or from somewhere on."""
    layers: dict[str, list[bool]] = {}
    for name, is_wrong in wrong.items():
        layers.setdefault(name.rpartition(".")[0], []).append(is_wrong)
    any_wrong = [any(one) for one in layers.values()]
    first, names = any_wrong.index(True), [name for name, is_wrong in wrong.items() if is_wrong]
    if not all(all(one) for one in list(layers.values())[first:]):
        return fail("slopes-wanted", "slope-of", names=", ".join(names[:3]) + (", …" if len(names) > 3 else ""))
    if first == 0:
        return fail("slopes-wanted", "slope-first", name=names[0])
    return fail("slopes-wanted", "slope-from", right=list(layers)[first - 1], name=names[0])


def update(bench: Bench) -> None:
    """Three steps of the optimizer, from gradients that are given."""
    weights, lr, steps = _weights(bench), 0.01, 3
    given = [[[name, bench.rng.choice([-1, 1], v.shape) * bench.rng.uniform(0.5, 2, v.shape)] for name, v in weights]
             for _ in range(steps)]  # fmt: skip
    found, wanted = (
        [dict(one) for one in ask(bench, "step", list(SIZES), weights, given, lr)] for ask in (_ask, _wanted)
    )
    before = dict(weights)
    for number in range(steps):
        off = {name: np.abs(found[number][name] - wanted[number][name]) for name in before}
        if all(one.max() < CLOSE for one in off.values()):
            continue
        if number:
            raise fail("update-wanted", "update-later", step=number + 1)
        if all(_same(found[0][name] - before[name], before[name] - wanted[0][name]) for name in before):
            raise fail("update-wanted", "update-uphill")
        name = max(off, key=lambda name: float(off[name].max()))
        at = np.unravel_index(off[name].argmax(), off[name].shape)
        moved, gradient = found[0][name][at] - before[name][at], dict(given[0])[name][at]
        values = {"name": name, "gradient": _number(gradient), "times": _number(abs(moved) / lr)}
        raise fail("update-wanted", "update-first", **values)


# Part 1: evaluation and sampling ----------------------------------------------------------------------------------


def evaluation(bench: Bench) -> None:
    """One loss whoever asks, over all tokens alike, and a model that then goes on training."""
    table, inputs = bench.rng.normal(size=(VOCAB, VOCAB)), _tokens(bench, 5, 6)
    targets = _tokens(bench, 5, 6)
    targets[1, 1:] = targets[4, 3:] = 0
    for size in (2, 5):
        first, training, second, again = _ask(bench, "evaluate", table, 0.4, inputs, targets, size)
        if first != second:
            raise fail("evaluation-wanted", "evaluation-random")
        if not (training and again):
            raise fail("evaluation-wanted", "evaluation-mode")
        wanted = _wanted(bench, "evaluate", table, 0.4, inputs, targets, size)[0]
        if not _same(first, wanted):
            raise fail("evaluation-wanted", "evaluation-mean", value=_number(first), wanted=_number(wanted))


def probabilities(bench: Bench) -> None:
    """The temperature divides, and each row keeps its own largest."""
    logits = bench.rng.normal(0, 2, size=(4, VOCAB)) + 5 * np.arange(4)[:, None]
    for temperature in (1.0, 0.5, 3.0):
        given = logits, temperature, None
        found, wanted = _array(bench, "next_probabilities", *given), _wanted(bench, "next_probabilities", *given)
        if not _same(found, wanted):
            key = "distribution" if temperature == 1 else "temperature"
            raise fail("probabilities-wanted", key, temperature=temperature)
    for top_k in (1, 3, VOCAB):
        kept = logits, 1.0, top_k
        found, wanted = _array(bench, "next_probabilities", *kept), _wanted(bench, "next_probabilities", *kept)
        if not _same(found, wanted):
            left = (found > 0).sum(axis=-1).tolist()
            key = "top-k-shares" if set(left) == {top_k} else "top-k"
            raise fail("probabilities-wanted", key, top_k=top_k, left=listed(left))


def generation(bench: Bench) -> None:
    """Sampled from the last logits, past the context too, without dropout."""
    sure, prompts = bench.rng.normal(0, 2, size=(VOCAB, VOCAB)), _tokens(bench, 3, 4)
    unsure = sure / 4  # no token so likely that to draw it and to choose it would be alike

    def check(key: str, tokens: np.ndarray, n: int, dropout: float) -> bool:
        """Greedy texts are those of a right function; whether the model trains again."""
        given = sure, CONTEXT, dropout, tokens, n, 1, 0
        texts, training = _ask(bench, "generate", *given)
        found, wanted = np.asarray(texts), _wanted(bench, "generate", *given)[0]
        if found.shape != wanted.shape:
            raise fail("generated-wanted", "generated-shape", shape=found.shape, wanted=wanted.shape, n=n)
        if not np.array_equal(found, wanted):
            raise fail("generated-wanted", key, T=tokens.shape[1], context=CONTEXT)
        return bool(training)

    check("generated-greedy", prompts, 3, 0.0)
    try:
        check("generated-long", _tokens(bench, 9, CONTEXT + 3), 4, 0.0)  # so many that no text is right by chance
    except SubjectError as error:
        raise FailError(say("generated-wanted"), say("generated-past", context=CONTEXT, text=error.found)) from None
    training = check("generated-dropout", prompts, 4, 0.6)
    many = np.repeat(prompts[:1], 4000, axis=0)
    for temperature in (1.0, 0.25):
        seed = int(bench.rng.integers(1 << 31))
        drawn = np.asarray(_ask(bench, "generate", unsure, CONTEXT, 0.0, many, 1, None, seed, temperature)[0])
        shares = np.bincount(drawn[:, -1], minlength=VOCAB)[:VOCAB] / len(many)
        chances = _calls(bench).chances(unsure, CONTEXT, prompts[:1], temperature)
        if np.abs(shares - chances).max() > 0.05:
            token = int(np.abs(shares - chances).argmax())
            values: dict[str, Any] = {"share": f"{shares[token]:.2f}", "chance": f"{chances[token]:.2f}"}
            raise fail(
                "generated-wanted", "generated-frequencies", token=token, temperature=f"{temperature:g}", **values
            )
    if not training:
        raise fail("generated-wanted", "generated-mode")


# Part 1: all together ---------------------------------------------------------------------------------------------


def floor(bench: Bench) -> Say | None:
    """A model that the learner's file trains comes to the floor of its source, by its own logits."""
    lowest = _floor()
    data, fresh = _text(bench, 5 * LENGTH), _text(bench, LENGTH)
    values: dict[str, Any]
    losses, weights = _ask(bench, "train", list(TRAINED), data, STEPS, int(bench.rng.integers(1 << 31)))
    if len(losses) != STEPS:
        raise fail("losses-wanted", "losses", steps=STEPS, count=len(losses))
    T = TRAINED[1]
    inputs, targets = (fresh[at : at + T * (LENGTH // T - 1)].reshape(-1, T) for at in (0, 1))
    logits = _reader(bench, TRAINED, weights)(inputs)
    if logits.shape != (*inputs.shape, TRAINED[0]):
        values = {"shape": logits.shape, "wanted": (*inputs.shape, TRAINED[0])}
        raise fail("floor-wanted", "logits-shape", **values, floor=f"{lowest:.2f}", steps=STEPS)
    # the rule looks two back: the first cannot know
    found = float(_wanted(bench, "loss_of", logits[:, 1:], targets[:, 1:]))
    values = {"floor": f"{lowest:.2f}", "value": f"{found:.2f}", "steps": STEPS}
    if not found < lowest + ABOVE:
        raise fail("floor-wanted", "floor-above", **values)
    if found < lowest - BELOW:
        raise fail("floor-wanted", "floor-below", **values)
    return say("floor-reached", **values)


def _floor() -> float:
    """The entropy of a token of the source, in nats."""
    sides = TRAINED[0] - 1
    chances = np.full(sides, (1 - KEPT) / sides)
    chances[0] += KEPT
    return float(-(chances * np.log(chances)).sum())


def _text(bench: Bench, n: int) -> np.ndarray:
    """Mostly, a token is one more than that two places before it; else any, with equal chances."""
    sides = TRAINED[0] - 1
    tokens = bench.rng.integers(1, sides + 1, size=n)
    rule = bench.rng.random(n) < KEPT
    for i in np.flatnonzero(rule[2:]) + 2:
        tokens[i] = tokens[i - 2] % sides + 1
    return tokens


# Part 2 -----------------------------------------------------------------------------------------------------------


@contextmanager
def _after(look: Callable[[FailError | SubjectError], None]) -> Iterator[None]:
    """What fails here is told of here, unless a look at what it builds on raises what has to be right first."""
    try:
        yield
    except (FailError, SubjectError) as error:
        if not isinstance(error, SubjectError) or error.found.key in ANSWERED:
            look(error)
        raise


def _building_on(
    bench: Bench, sizes: Sequence[float], weights: Any, tokens: np.ndarray
) -> AbstractContextManager[None]:
    """What fails here is told of here only where `forward` is right for these tokens; else Part 1 has to be first."""

    def look(error: FailError | SubjectError) -> None:
        try:
            wrong = not _agrees(bench, _reader(bench, sizes, weights)(tokens), tokens, sizes, weights)
        except SubjectError:
            raise fail("model-wanted", "model-silent") from None
        if wrong and isinstance(error, FailError):  # an error that is raised is not made by wrong numbers
            raise fail("model-wanted", "model-wrong") from None

    return _after(look)


def cache(bench: Bench) -> Say | None:
    """In parts as in one, wherever the text is cut, with several texts at once, and with a second cache beside."""
    weights, T = _weights(bench), CONTEXT
    tokens = _tokens(bench, 2, T)
    wanted = _wanted(bench, "forward", SIZES, weights, tokens)
    ways = [[T], [1] * T, [T - 2, 1, 1], *([cut, T - cut] for cut in range(1, T))]
    with _building_on(bench, SIZES, weights, tokens):
        for parts in ways:
            _check_read(bench, weights, tokens, parts, wanted)
        try:
            found = _array(bench, "read", list(SIZES), weights, tokens, [3, 1, T - 4], _tokens(bench, 2, T))
        except SubjectError as error:
            raise FailError(say("cuts", tokens=T), say("beside-raises", text=error.found)) from None
        if not _same(found, wanted):
            raise FailError(say("cuts", tokens=T), say("cut-beside", at=_first(found, wanted)))
    return say("cuts", tokens=T)


def _check_read(bench: Bench, weights: Any, tokens: np.ndarray, parts: Sequence[int], wanted: np.ndarray) -> None:
    found = _array(bench, "read", list(SIZES), weights, tokens, list(parts))
    if found.shape != wanted.shape:
        raise FailError(say("cuts", tokens=sum(parts)), say("cut-shape", how=_how(parts), shape=found.shape))
    if not _same(found, wanted):
        raise FailError(say("cuts", tokens=sum(parts)), say("cut-wrong", how=_how(parts), at=_first(found, wanted)))


def _how(parts: Sequence[int]) -> Say:
    """In which parts a text is read."""
    if len(parts) == 1:
        return say("at-once")
    return say("one-by-one") if set(parts) == {1} else say("in-parts", parts=" + ".join(map(str, parts)))


def _first(found: np.ndarray, wanted: np.ndarray) -> int:
    """The first position of `[B, T, V]` at which two arrays differ, or one of them is NaN."""
    if found.shape != wanted.shape:
        return 0
    near = np.isclose(found, wanted, rtol=CLOSE, atol=CLOSE).all(axis=(0, 2))
    return int(np.flatnonzero(~near)[0])


def rollback(bench: Bench) -> None:
    """What was rolled back is as if it had never been read, and may be written over, more than once."""
    weights = _weights(bench)
    for read, length, again in ((6, 3, 2), (CONTEXT, 0, 1), (4, 4, 3)):
        tokens, others = _tokens(bench, 2, read), _tokens(bench, 2, 4)
        kept = np.concatenate([tokens[:, :length], others], axis=1)
        logits = _wanted(bench, "forward", SIZES, weights, kept)
        parts = [part for part in (length, 4 - again, again) if part]
        with _building_on(bench, SIZES, weights, kept), _reading(bench, weights, {(read,): tokens, (*parts,): kept}):
            found = _array(bench, "roll_back", list(SIZES), weights, tokens, length, others, again)
            wanted = np.concatenate([logits[:, length:], logits[:, -again:]], axis=1)
            if found.shape != wanted.shape:
                raise fail("rolled", "rolled-shape", read=read, length=length, shape=found.shape)
            if not _same(found, wanted):
                first = _first(found, wanted)  # positions are those in the text, which what was forgotten is no part of
                key, at = ("rolled-wrong", length) if first < 4 else ("rolled-again", length - again)
                raise fail("rolled", key, read=read, length=length, at=at + first, back=length + 4 - again)


def _reading(bench: Bench, weights: Any, texts: Mapping[tuple[int, ...], np.ndarray]) -> AbstractContextManager[None]:
    """What fails here is told of here only where these texts are read rightly in these parts; else `read` is first."""

    def look(error: FailError | SubjectError) -> None:
        try:
            for parts, tokens in texts.items():
                _check_read(bench, weights, tokens, parts, _wanted(bench, "forward", SIZES, weights, tokens))
        except FailError as wrong:
            raise FailError(say("read-wanted"), say("read-wrong", text=wrong.found)) from None
        if error.found.key == "raises" and error.found.values["name"] != "roll_back":
            raise FailError(say("read-afterwards"), say("raises-afterwards", text=error.found)) from None

    return _after(look)


def cost(bench: Bench) -> Say | None:
    """Token by token, a long text against a short one."""
    sizes = [VOCAB, LONG, WIDE, 2, 2, 0.0]
    weights = _weights(bench, sizes)

    def drawn(T: int) -> Callable[[], list[Any]]:
        return lambda: [sizes, weights, _tokens(bench, 1, T), [1] * T]

    def judge(arguments: Sequence[Any], value: Any) -> None:
        tokens = arguments[2]
        found, wanted = np.asarray(value), _wanted(bench, "forward", sizes, weights, tokens)
        if not _same(found, wanted):
            T, how = tokens.shape[1], say("one-by-one")
            raise FailError(say("cuts", tokens=T), say("cut-wrong", how=how, at=_first(found, wanted)))

    with _building_on(bench, sizes, weights, _tokens(bench, 1, SHORT)):
        ratio = time_growth(bench, _variant(bench).file, "read", drawn(SHORT), drawn(LONG), judge)
    values: dict[str, Any] = {"short": SHORT, "long": LONG, "most": MOST, "times": f"{ratio:.0f}"}
    if ratio > MOST:
        raise fail("grows", "grown", bug="all-again" if _made_again(bench) else None, **values)
    return say("took", **values)


def _made_again(bench: Bench) -> bool:
    """Whether what was read counts as it does with new weights, which have come since: then nothing of it was kept."""
    tokens, before, after = _tokens(bench, 2, CONTEXT), _weights(bench), _weights(bench)
    given = list(SIZES), before, tokens, [CONTEXT - 1, 1], None, after
    return not _same(_array(bench, "read", *given), _wanted(bench, "read", *given))


# Part 3 -----------------------------------------------------------------------------------------------------------


def classify(bench: Bench) -> None:
    """The last token of each text, where all are as long as the batch."""
    _check_scores(bench, [5, 5, 5], "scores-wrong")
    _check_scores(bench, [CONTEXT], "scores-wrong")
    _check_scores(bench, [1, 1], "scores-wrong")


def padded(bench: Bench) -> None:
    """The last token of each text, however much PAD stands after it."""
    for lengths in ([2, 5, 1, 4], [CONTEXT, 3], [3]):
        _check_scores(bench, lengths, "scores-padded", width=max(*lengths, 4))


def _check_scores(bench: Bench, lengths: Sequence[int], key: str, width: int = 0) -> None:
    weights, classes = _weights(bench), int(bench.rng.integers(2, 6))
    tokens = np.zeros((len(lengths), max(*lengths, width)), dtype=np.int64)
    for row, length in zip(tokens, lengths, strict=True):
        row[:length] = _tokens(bench, length)
    head, bias = bench.rng.normal(size=(classes, SIZES[2])), bench.rng.normal(size=classes)
    given = list(SIZES), weights, head, bias, tokens
    wanted = _wanted(bench, "classify", *given)
    with _building_on(bench, SIZES, weights, tokens):
        found = _array(bench, "classify", *given)
        if found.shape != wanted.shape:
            raise fail("scores-wanted", "scores-shape", shape=found.shape)
        for number, length in enumerate(lengths):
            if not _same(found[number], wanted[number]):
                places = _wanted(bench, "scores_everywhere", *given)[number]
                at = next((at for at, scores in enumerate(places) if _same(found[number], scores)), None)
                if at is not None:
                    raise fail("scores-wanted", "scores-at", at=at, last=length - 1)
                raise fail("scores-wanted", key, row=number)
