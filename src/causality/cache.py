"""Does a cache change anything but the time? In chunks, token by token, rolled back, joined, with slots set aside."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from causality import arrays, hugging_face, x_transformers
from causality.answer import Answer, CannotAskError, Verdict
from causality.diagnosis import Diagnosis, diagnose
from causality.model import Model, fades, relative, understand

FEEDS = ("step", "feed", "decode", "append", "update", "forward", "__call__")
TRIMS = ("trim", "crop", "rollback", "truncate", "rewind")
"""What the methods of a stateful cache are called."""

DISTINCT = (11, 9, 6, 3)
"""Chunks of which no two are alike: what is remembered by length alone goes wrong only when a length comes again."""


@dataclasses.dataclass
class Step:
    """A model that goes on where it stopped: `feed(tokens, cache)` gives rows and the next cache.

    Args:
        model: how its function is called.
        new: makes an empty cache; None is passed at first when left out.
        trim: takes the last n tokens from a cache; None for a cache whose arrays can be cut along the axis of time.
    """

    model: Model
    new: Callable[[], Any] = lambda: None
    trim: Callable[[Any, int], Any] | None = None

    def feed(self, tokens: np.ndarray, cache: Any, before: int = 0, **roles: Any) -> tuple[np.ndarray, Any]:
        """Feed a chunk `[L, ...]` that `before` tokens came before, and give its rows and the cache after it.

        Raises:
            CannotAskError: the model raised, or gave no pair, or another number of rows.
        """
        if "mask" in self.model.required and "mask" not in roles:
            roles["mask"] = np.ones((1, before + len(tokens)), dtype=bool)
        output = self.model.raw(tokens[None], cache=cache, **roles)
        return self.model.rows_of(output, 1, len(tokens))[0], arrays.second_in(output)

    def run(self, text: np.ndarray, chunks: Sequence[int], cache: Any = None, before: int = 0) -> np.ndarray:
        """Feed a text in chunks, from an empty cache unless one of `before` tokens is given, and give all rows."""
        cache = self.new() if cache is None else cache
        rows, at = [], 0
        for length in chunks:
            y, cache = self.feed(text[at : at + length], cache, before + at)
            rows.append(y)
            at += length
        return np.concatenate(rows)

    def cut(self, cache: Any, earlier: Any, n: int) -> Any:
        """Roll a cache back by the n tokens that it has more than an earlier one; None where it cannot be done."""
        if self.trim is not None:
            cache = copy.deepcopy(cache)
            back = self.trim(cache, n)
            return cache if back is None or isinstance(back, int) else back
        if hasattr(cache, "crop") and hugging_face.is_model(self.model.source):
            return hugging_face.crop(cache, n)
        if x_transformers.is_cache(cache):
            return x_transformers.crop(cache, n)
        return _cut(cache, earlier, n)


def stepping(source: Any, like: Model, trim: Callable[[Any, int], Any] | None = None) -> Step:
    """Understand what somebody steps with: `step(tokens, cache)`, a model with a cache, or a class that holds its own.

    Args:
        source: the function, module or class.
        like: the model whose rows the steps should give.
        trim: takes the last n tokens from a cache.

    Raises:
        CannotAskError: it takes no cache, or gives none back.
    """
    if isinstance(source, type) and not hasattr(source, "forward"):
        return _of_class(source, like, trim)
    if source is like.source:
        model = like
        if hugging_face.is_model(source):
            model = dataclasses.replace(like, fixed=like.fixed | {"use_cache": True})
        if x_transformers.is_model(source):
            roles = {role: name for role, name in like.roles.items() if role in ("cache", "memory")}
            model = dataclasses.replace(like, source=x_transformers.step(source), roles=roles)
    else:
        vocabulary, width = (like.width, None) if like.tokens else (None, like.width)
        model = understand(source, vocabulary=vocabulary, width=width, torch=like.library == "torch", cached=True)
    if "cache" not in model.roles:
        raise CannotAskError(
            f"{model.name} takes no cache; pass step(tokens, cache) -> (rows, cache), cache None at first"
        )
    if "memory" in like.required and "memory" not in model.required:
        raise CannotAskError(f"{model.name} takes no memory, and the model does; pass step(tokens, cache, memory)")
    model = dataclasses.replace(model, required=tuple(dict.fromkeys((*model.required, "cache"))))
    step = Step(model, trim=trim)
    step.feed(model.text(np.random.default_rng(0), 4), step.new())
    return step


def _of_class(source: type, like: Model, trim: Callable[[Any, int], Any] | None) -> Step:
    feed = next((name for name in FEEDS if callable(getattr(source, name, None))), None)
    if feed is None or (feed == "__call__" and "__call__" not in vars(source)):
        raise CannotAskError(
            f"{source.__name__} has no method such as {FEEDS[0]} or {FEEDS[1]}; pass step(tokens, cache)"
        )
    cuts = next((name for name in TRIMS if callable(getattr(source, name, None))), None)

    def step(tokens: Any, cache: Any = None) -> tuple[Any, Any]:
        return getattr(cache, feed)(tokens), cache

    try:
        source()
    except TypeError as error:
        raise CannotAskError(f"{source.__name__}() cannot be made: {error}; pass a function that makes one") from None
    model = dataclasses.replace(
        like, source=step, roles={"cache": "cache"}, required=("cache",), fixed={}, text_parameter=None
    )
    return Step(model, source, trim or ((lambda cache, n: getattr(cache, cuts)(n)) if cuts else None))


def cache(model: Model, step: Step, *, tolerance: float) -> Answer:
    """Ask whether the rows are the same without a cache, whole, in chunks, and token by token."""
    T = sum(DISTINCT)
    text = model.text(np.random.default_rng(21), T)
    try:
        base = model(text)
    except CannotAskError:  # longer than it takes
        T = 8
        text = text[:T]
        base = model(text)
    runs: dict[str, Sequence[int]] = {
        "in unequal chunks": DISTINCT if sum(DISTINCT) == T else (5, 3),
        "whole": (T,),
        "a prompt, then token by token": (T // 2, *[1] * (T - T // 2)),
        "in chunks of 3": (*[3] * (T // 3), *([T % 3] if T % 3 else [])),
        "token by token": [1] * T,
    }
    errors, raised = {}, {}
    for name, chunks in runs.items():
        try:
            rows = step.run(text, chunks)
            off = np.array([relative(rows[t] - base[t], base) for t in range(T)]) if not model.last_row else np.zeros(T)
            errors[name] = off
        except CannotAskError as error:
            raised[name] = str(error)
    asked = f"T = {T}, whole, in chunks, token by token; {step.model.dtype}"
    if not errors:
        raise CannotAskError(next(iter(raised.values())))
    wrong = {name: off for name, off in errors.items() if not (off <= tolerance).all()}
    if not wrong and not raised:
        worst = max(float(off.max()) for off in errors.values())
        return Answer("cache", asked, Verdict.RIGHT, ("the same, up to rounding",), None, worst)
    said = [_sentence(name, off, tolerance) for name, off in wrong.items()]
    said += [f"{name}: {why}" for name, why in raised.items()]
    first = min((int(np.flatnonzero(~(off <= tolerance))[0]) for off in wrong.values()), default=None)
    size = max((float(off.max()) for off in wrong.values()), default=0.0)
    likely = _likely(model, step, wrong, raised, tolerance)
    return Answer("cache", asked, Verdict.WRONG, tuple(said), None if first is None else (first,), size, likely)


def _sentence(name: str, off: np.ndarray, tolerance: float) -> str:
    bad = np.flatnonzero(~(off <= tolerance))
    last = (
        f" to {bad[-1]}"
        if len(bad) > 1 and (np.diff(bad) == 1).all()
        else f" and {len(bad) - 1} more"
        if len(bad) > 1
        else ""
    )
    heals = ", and it heals" if bad[-1] < len(off) - 3 else ""
    grows = ", and it grows" if len(bad) > 4 and off[bad[-1]] > 5 * off[bad[0]] else ""
    return f"{name}: off by {off.max():.2g}, at output {bad[0]}{last}{heals}{grows}"


def _likely(
    model: Model, step: Step, wrong: dict[str, np.ndarray], raised: dict[str, str], tolerance: float
) -> Diagnosis | None:
    """Name the bug by which chunks are wrong, and by whom the cached outputs see."""
    if not wrong:
        return diagnose("queries-cached") if any("into an output" in why for why in raised.values()) else None
    plain = sight(lambda text: model(text), model)
    if np.triu(plain, 1).any():
        return diagnose("prefill-reads-the-future")
    if "whole" in wrong:
        whole = sight(lambda text: step.run(text, [len(text)]), model)
        if np.triu(whole, 1).any():
            return diagnose("mask-of-prefill-only")
        if _evicts_the_newest(whole, plain):
            return diagnose("evicts-the-newest")
    if all(_fades(off, tolerance) for off in wrong.values()):
        return diagnose("empty-slots")
    if "whole" in wrong:
        return None
    if "in unequal chunks" not in wrong | raised and "in chunks of 3" in wrong:
        return diagnose("angles-without-offset")
    if "in chunks of 3" in wrong and (wrong["in chunks of 3"][5:-3:3] <= tolerance).all():
        return diagnose("conv-state")  # right again at the end of each chunk
    singly = sight(lambda text: step.run(text, [1] * len(text)), model)
    if "token by token" not in wrong:
        grouped = sight(lambda text: step.run(text, [3] * (len(text) // 3)), model)
        return of_pattern(grouped, plain) or diagnose("cache-drifts")
    return of_pattern(singly, plain) or _of_weights(model, step, tolerance)


def _fades(off: np.ndarray, tolerance: float) -> bool:
    """Say whether even the first row is wrong, and later ones less: something is read that is no token."""
    third = len(off) // 3
    return bool(off[0] > tolerance and off[-third:].mean() < off[:third].mean())


def _of_weights(model: Model, step: Step, tolerance: float) -> Diagnosis:
    """Tell a missing bias from missing positions: does the order of the past make a difference?"""
    rng = np.random.default_rng(22)
    text = model.text(rng, 8)
    shuffled = np.concatenate([text[:7][[3, 0, 5, 1, 6, 2, 4]], text[7:]])
    plain = relative(model(shuffled)[-1] - model(text)[-1], model(text))
    cached = relative(step.run(shuffled, (7, 1))[-1] - step.run(text, (7, 1))[-1], model(text))
    return diagnose("alibi-beside-cache" if plain > tolerance >= cached else "positions-reset")


def sight(run: Callable[[np.ndarray], np.ndarray], model: Model, T: int = 12) -> np.ndarray:
    """Measure who sees whom along any way to compute the rows: boolean `[T, T]`."""
    rng = np.random.default_rng(23)
    text = model.text(rng, T)
    base = run(text)
    moved = [
        np.abs(run(model.other(text, j, rng)) - base).reshape(T, -1).max(1) > 1e-9 * np.abs(base).max()
        for j in range(T)
    ]
    return np.stack(moved, axis=1)


def of_pattern(seen: np.ndarray, plain: np.ndarray) -> Diagnosis | None:
    """Name the bug from what a cached way sees and the plain one does not, and the other way round."""
    T = len(seen)
    q, k = np.arange(T)[:, None], np.arange(T)
    more, less = seen & ~plain, plain & ~seen
    if (more & (k > q)).any():
        return diagnose("mask-of-prefill-only")
    if _evicts_the_newest(seen, plain):
        return diagnose("evicts-the-newest")
    if more.any():
        return diagnose("chunk-over-window")
    if not less.any():
        return None
    if np.array_equal(seen | (k == 0), (k == 0) | (k == q)) and seen[:, 0].sum() > 1:
        return diagnose("top-left")
    rows = np.flatnonzero(less.any(1))
    if rows[-1] < T - 1 and (less.sum(1)[rows] == 1).all():
        return diagnose("rolled-early")
    if not plain[-1, 0] and not (less & (k == q - 1)).any():  # there is a window, and its oldest tokens are missing
        return diagnose("trimmed-before-attending")
    return diagnose("conv-state")


def _evicts_the_newest(seen: np.ndarray, plain: np.ndarray) -> bool:
    """Say whether, in each row that misses tokens, older ones are there in their place."""
    more, less = seen & ~plain, plain & ~seen
    rows, last = np.flatnonzero(less.any(1)), len(seen) - 1
    return len(rows) > 0 and all(more[t].any() and last - more[t][::-1].argmax() < less[t].argmax() for t in rows)


def rollback(model: Model, step: Step, *, tolerance: float) -> Answer:
    """Ask whether drafts that are taken back leave nothing behind."""
    text, drafts = (model.text(np.random.default_rng(seed), 9) for seed in (24, 25))
    own = hugging_face.recording(model.source) if hugging_face.is_model(step.model.source) else None
    _, prompt = step.feed(text[:5], step.new() if own is None else own)
    _, drafted = step.feed(drafts[:3], copy.deepcopy(prompt), 5)
    cut = step.cut(drafted, prompt, 3)
    if cut is None:
        return Answer(
            "rollback", "", Verdict.OPEN, ("its cache cannot be cut from outside; pass trim(cache, n) if it has one",)
        )
    truth, back = (step.run(text[5:], (1, 1, 1, 1), one, 5) for one in (prompt, cut))
    asked = f"5 tokens, 3 drafts, back by 3, 4 tokens; {step.model.dtype}"
    off = relative(back - truth, truth)
    if off <= tolerance:
        return Answer("rollback", asked, Verdict.RIGHT)
    _, prompt = step.feed(text[:5], step.new())
    stayed = step.run(text[5:], (1, 1, 1, 1), step.feed(drafts[:3], prompt, 5)[1], 8)
    likely = diagnose("rejected-drafts") if relative(back - stayed, stayed) <= tolerance else None
    same = "exactly as if they had never been taken back" if likely else "not as without the drafts"
    return Answer("rollback", asked, Verdict.WRONG, (f"after the rollback it goes on {same}",), (5,), off, likely)


def slots(model: Model, step: Step, new: Callable[[int], Any], *, tolerance: float) -> Answer:
    """Ask whether the number of slots that a cache sets aside makes a difference."""
    T = 12
    text = model.text(np.random.default_rng(26), T)
    base = model(text)
    off = {n: relative(step.run(text, (4, *[1] * (T - 4)), new(n)) - base, base) for n in (T, T + 1, 4 * T)}
    asked = f"T = {T} in {', '.join(map(str, off))} slots; {step.model.dtype}"
    if max(off.values()) <= tolerance:
        return Answer("slots", asked, Verdict.RIGHT)
    said = f"off by {', '.join(f'{size:.2g} with {n} slots' for n, size in off.items())}"
    return Answer("slots", asked, Verdict.WRONG, (said,), None, max(off.values()), diagnose("empty-slots"))


def joined(model: Model, step: Step | None, join: Any, *, tolerance: float) -> Answer:
    """Ask whether the caches of two parts, put together, are the cache of both: seldom so, and seldom checked.

    Args:
        model: gives the truth.
        step: feeds the two parts, where `join` is True.
        join: True to concatenate the caches along time, or a function of the text that gives its last rows.
        tolerance: relative to the output's scale.
    """
    text = model.text(np.random.default_rng(27), 9)
    base = model(text)
    if callable(join):
        rows = dataclasses.replace(model, source=join, last_row=True).raw(text[None])
        last = np.atleast_2d(arrays.rows_in(rows)).reshape(-1, base[-1].size)[-1]
    elif step is not None:
        a, b = step.feed(text[:4], step.new())[1], step.feed(text[4:-1], step.new())[1]
        longer = step.feed(text[:7], step.new())[1]
        last = step.feed(text[-1:], _joined(a, b, longer), 8)[0][-1].ravel()
    else:
        raise CannotAskError("two caches can be joined only where there is a step; pass step(tokens, cache)")
    off = relative(last - base[-1].ravel(), base)
    asked = f"4 and 4 tokens, then one; {model.dtype}"
    if off <= tolerance:
        return Answer("joined", asked, Verdict.RIGHT)
    said = "after the two caches the next token is not what it is after the whole text"
    return Answer("joined", asked, Verdict.WRONG, (said,), (8,), off, diagnose("caches-glued"))


def other_way(model: Model, way: Callable[[Any], Any], *, tolerance: float, name: str) -> Answer:
    """Ask whether another function of the text, such as a loop that decodes, gives the same rows."""
    T = 12
    route = dataclasses.replace(model, source=way, roles={}, required=(), fixed={}, layout=model.layout)
    text = model.text(np.random.default_rng(28), T)
    base, found = model(text), arrays.rows_in(route.raw(text[None]))
    rows = found.reshape(-1, base[0].size)
    if len(rows) != T:
        off = np.array([relative(rows[-1] - base[-1].ravel(), base)])
    else:
        off = np.array([relative(rows[t] - base[t].ravel(), base) for t in range(T)])
    asked = f"{name}, T = {T}; {model.dtype}"
    if (off <= tolerance).all():
        return Answer("other way", asked, Verdict.RIGHT, ("the same, up to rounding",), None, float(off.max()))
    likely = _of_route(model, route, off, tolerance) if len(rows) == T else None
    first = int(np.flatnonzero(~(off <= tolerance))[0])
    sentence = _sentence(name, off, tolerance)
    return Answer(
        "other way", asked, Verdict.WRONG, (sentence,), (first if len(rows) == T else T - 1,), float(off.max()), likely
    )


def _of_route(model: Model, route: Model, off: np.ndarray, tolerance: float) -> Diagnosis | None:
    plain, seen = sight(lambda text: model(text), model), sight(lambda text: route(text), model)
    if np.triu(plain, 1).any():
        return diagnose("prefill-reads-the-future")
    if _fades(off, tolerance):
        return diagnose("empty-slots")
    text = model.text(np.random.default_rng(22), 8)
    shuffled = np.concatenate([text[:7][[3, 0, 5, 1, 6, 2, 4]], text[7:]])
    ordered = relative(model(shuffled)[-1] - model(text)[-1], model(text)) > tolerance
    blind = relative(route(shuffled)[-1] - route(text)[-1], model(text)) <= tolerance
    alibi = ordered and blind and fades(model)  # rotary positions that stand still are blind too, and do not fade
    return of_pattern(seen, plain) or diagnose("alibi-beside-cache" if alibi else "positions-reset")


def _time_axis(cache: Any, earlier: Any) -> int | None:
    """Find the axis along which an array of a cache has grown since it was another."""
    shape, before = getattr(cache, "shape", ()), getattr(earlier, "shape", ())
    axes = [axis for axis, (now, then) in enumerate(zip(shape, before, strict=False)) if now != then]
    return axes[0] if len(axes) == 1 and len(shape) == len(before) else None


def _cut(cache: Any, earlier: Any, n: int) -> Any:
    """Cut the last n tokens from the arrays of a cache; None where an array has not grown with the tokens."""
    if isinstance(cache, tuple | list) and isinstance(earlier, tuple | list) and len(cache) == len(earlier):
        parts = [_cut(part, before, n) for part, before in zip(cache, earlier, strict=True)]
        return None if any(part is None for part in parts) else type(cache)(parts)
    axis = _time_axis(cache, earlier)
    if axis is None or cache.shape[axis] - earlier.shape[axis] != n:
        return None
    return cache[(slice(None),) * axis + (slice(0, -n),)]


def _joined(a: Any, b: Any, longer: Any) -> Any:
    """Put two caches of one length behind each other, along the axis along which a longer one is longer."""
    if isinstance(a, tuple | list):
        return type(a)(_joined(*parts) for parts in zip(a, b, longer, strict=True))
    axis = _time_axis(longer, a)
    if axis is None:
        raise CannotAskError("the caches cannot be joined from outside; pass the function that joins them")
    if isinstance(a, np.ndarray):
        return np.concatenate([a, b], axis)
    return arrays.torch_module().cat([a, b], axis)
