"""L05, the KV cache: equal to the layer without one at every cut, causal both ways, and cheaper as the text grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from handbook.labs.grading.bench import Bench, as_array
from handbook.labs.grading.growth import time_growth
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.visibility import check_apart, check_sight, compare, same
from handbook.labs.reference.attention import WRONG as WEIGHED_WRONGLY
from handbook.labs.reference.attention import Explained, Weights, only, softmax, the_one, too_loud
from handbook.labs.reference.decoding import READ_WRONGLY, RIGHT, buffered, decoded, likely, readable, share, tile
from handbook.labs.sandbox.process import SubjectError
from handbook.labs.texts import Say, say

FILE = "kv_cache.py"

SHORT, LONG, RING_SHORT, RING_LONG, WINDOW = 16, 256, 64, 1280, 16
"""Lengths of texts that are read token by token, without and with a window; sixteen and twenty times apart."""

MOST, MOST_RING = 40, 50
"""How many times more time the long text may take. Keeping what was made takes 23 times more (33 on a machine that does
three other things), making only the keys again at each step 55, everything 250. With a window, a ring takes 20 (33),
attending over all that was ever kept 90."""

SEEN_AGAIN = 48
"""Rows at the end of a long text that are compared: a score knows distances alone, so they need no more than a window
before them."""


def append(bench: Bench) -> None:
    """The new tokens, after the kept ones, on the axis of tokens."""
    H, S, L, d = bench.rng.integers((2, 2, 2, 2), (5, 7, 5, 6)).tolist()
    for shape, more in (((H, S, d), S), ((H, S, d), L), ((H, S, d), 1), ((H, 0, d), S), ((1, 1, d), 1)):
        kept, new = bench.rng.normal(size=shape), bench.rng.normal(size=(shape[0], more, d))
        found, wanted = bench.array(FILE, "append", kept, new), np.concatenate([kept, new], axis=-2)
        compare(found, wanted, "append", _bug_of_append(found, kept, new))


def _bug_of_append(found: np.ndarray, kept: np.ndarray, new: np.ndarray) -> str | None:
    if np.array_equal(found, np.concatenate([new, kept], axis=-2)):
        return "newest-first" if kept.size else None
    for axis in (0, 2):
        fits = kept.shape[:axis] + kept.shape[axis + 1 :] == new.shape[:axis] + new.shape[axis + 1 :]
        if fits and np.array_equal(found, np.concatenate([kept, new], axis=axis)):
            return "cache-on-the-wrong-axis"
    return None


def mask(bench: Bench) -> None:
    """Who may read whom, where both may stand anywhere in the text."""
    drawn, answers = bench.rng.integers((2, 4, 1), (5, 8, 3), size=(2, 3)).tolist(), []
    for L, before, dropped in [[4, 7, 1], *drawn, [1, 6, 0], [5, 0, 0]]:
        queries, keys = before + np.arange(L), np.arange(dropped if before else 0, before + L)
        for window in (None, int(bench.rng.integers(2, 5)), 1):
            found, wanted = bench.array(FILE, "may_read", queries, keys, window), readable(queries, keys, window)
            if found.shape == wanted.shape and found.dtype != np.bool_:
                raise fail("booleans", "no-booleans", dtype=found.dtype)
            answers.append(((queries, keys, window), found, wanted))
    wrong = [(found, *given) for given, found, wanted in answers if not np.array_equal(found, wanted)]
    without = [one for one in wrong if one[-1] is None]  # a window on top of it hides which bug it is
    bug = the_one(_misread(*one) for one in without or wrong)
    for (queries, keys, window), found, wanted in answers:
        compare(found, wanted, f"may_read({queries.tolist()}, {keys.tolist()}, {window})", bug)


def _misread(found: np.ndarray, queries: np.ndarray, keys: np.ndarray, window: int | None) -> Explained:
    """The bugs that make this mask."""
    return {name: 1 for name, wrong in READ_WRONGLY.items() if np.array_equal(found, wrong(queries, keys, window))}


def attend(bench: Bench) -> None:
    """Attention of new queries over all the keys, with heads that share them."""
    drawn = bench.rng.integers((2, 2, 2, 2, 2), (4, 4, 5, 5, 6), size=(2, 5)).tolist()
    for H_kv, times, L, more, d in [[3, 2, 4, 4, 5], *drawn, [1, 1, 1, 3, 4]]:
        H, S = H_kv * times, L + more
        q, (k, v) = bench.rng.normal(size=(H, L, d)), bench.rng.normal(size=(2, H_kv, S, d))
        allowed = readable(more + np.arange(L), np.arange(S), None)
        found, wanted = bench.array(FILE, "attend", q, k, v, allowed), _attended(q, k, v, allowed)
        compare(found, wanted, "attend", _bug_of_attention(found, q, k, v, allowed) if times > 1 else None)
        loud, wanted = bench.array(FILE, "attend", 60 * q, 60 * k, v, allowed), _attended(60 * q, 60 * k, v, allowed)
        known = too_loud(_scores(60 * q, 60 * k), allowed)
        with np.errstate(all="ignore"):
            named = [name for name, weights in known.items() if same(loud, weights @ share(v, times))]
        compare(loud, wanted, "attend", only(named))


def _scores(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    scores: np.ndarray = q @ share(k, len(q) // len(k)).swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    return scores


def _attended(q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    output: np.ndarray = softmax(np.where(allowed, _scores(q, k), -np.inf)) @ share(v, len(q) // len(v))
    return output


def _bug_of_attention(
    found: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray
) -> str | None:
    with np.errstate(all="ignore"):
        known = _wrongly_attended(q, k, v, allowed)
        same = (name for name, output in known if np.allclose(found, output, equal_nan=True))
        return next(same, None) if found.shape == q.shape else None


def _wrongly_attended(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    """What each bug that attention may hold gives, by name."""
    H, times, d = len(q), len(q) // len(k), q.shape[-1]
    tiled = q @ tile(k, times).swapaxes(-1, -2) / np.sqrt(d)  # [H, L, S]
    yield "groups-tiled", softmax(np.where(allowed, tiled, -np.inf)) @ tile(v, times)
    scores, values = _scores(q, k), share(v, times)
    for name in ("mask-after-softmax", "multiply-by-zero", "zero-one-mask", "softmax-over-queries"):
        yield name, WEIGHED_WRONGLY[name].weigh(scores, allowed) @ values
    for name, cells in (("polarity-swapped", ~allowed), ("not-masked", np.ones_like(allowed))):
        yield name, softmax(np.where(cells, scores, -np.inf)) @ values
    for name, factor in (("scaled-by-model-width", H**-0.5), ("not-scaled", d**0.5), ("scaled-without-root", d**-0.5)):
        yield name, softmax(np.where(allowed, factor * scores, -np.inf)) @ values


def decode(bench: Bench) -> Say | None:
    """In pieces as in one, wherever the text is cut; and who sees whom."""
    for H, H_kv in ((4, 2), (2, 2), (3, 1)):
        _check_cuts(bench, 8, H, H_kv, None, say("causal"))
    return say("cuts", tokens=8)


def _check_cuts(bench: Bench, T: int, H: int, H_kv: int, window: int | None, expected: Say) -> None:
    x, weights = _layer(bench, T, 4 * H, H, H_kv)
    for chunks in _chunkings(bench, T):
        _compare(bench, x, weights, H, chunks, window)
        _check_keeps(bench, x, weights, H, chunks, window)

    def f(x: np.ndarray) -> np.ndarray:
        return _decode(bench, x, weights, H, chunks, window)

    check_sight(f, x, readable(np.arange(T), np.arange(T), window), expected)


def _check_keeps(
    bench: Bench, x: np.ndarray, weights: Weights, H: int, chunks: Sequence[int], window: int | None
) -> None:
    """What has not been read yet cannot spoil what has: the last chunk is NaN, and the rows before it are not."""
    cut = len(x) - chunks[-1]
    if not cut:
        return
    unread = x.copy()
    unread[cut:] = np.nan
    found = _decode(bench, unread, weights, H, chunks, window)
    check_apart(found, cut, f"decode(…, chunks={list(chunks)}, window={window})")


def _layer(bench: Bench, T: int, d_model: int, H: int, H_kv: int, std: float = 0.4) -> tuple[np.ndarray, Weights]:
    narrow = d_model * H_kv // H
    shapes = ((d_model, d_model), (d_model, narrow), (d_model, narrow), (d_model, d_model))
    W_q, W_k, W_v, W_o = (bench.rng.normal(0, std, size=shape) for shape in shapes)
    return bench.rng.normal(size=(T, d_model)), (W_q, W_k, W_v, W_o)


def _chunkings(bench: Bench, T: int) -> Iterator[list[int]]:
    """All at once; a prompt and then single tokens; every cut in two; one by one; and cuts by chance."""
    yield [T]
    yield [T - 2, 1, 1]
    yield from ([cut, T - cut] for cut in range(1, T))
    yield [1] * T
    for _ in range(3):
        cuts = np.flatnonzero(bench.rng.integers(2, size=T - 1)) + 1
        yield np.diff([0, *cuts.tolist(), T]).tolist()


def _decode(
    bench: Bench, x: np.ndarray, weights: Weights, H: int, chunks: Sequence[int], window: int | None
) -> np.ndarray:
    return bench.array(FILE, "decode", x, *weights, H, list(chunks), window)


def _compare(bench: Bench, x: np.ndarray, weights: Weights, H: int, chunks: Sequence[int], window: int | None) -> None:
    found = _decode(bench, x, weights, H, chunks, window)
    wanted = decoded(RIGHT, x, weights, H, [len(x)], window)
    right = found.shape == wanted.shape and np.allclose(found, wanted, rtol=1e-9, atol=1e-9)
    bug = None if right else likely(found, x, weights, H, chunks, window)
    compare(found, wanted, f"decode(…, chunks={list(chunks)}, window={window})", bug)


def window(bench: Bench) -> None:
    """The same under a window: what has left it is read by nobody, and nothing is cut before it was read."""
    for T, W, H, H_kv in ((9, 4, 4, 2), (8, 3, 2, 1), (7, 1, 2, 2), (6, 8, 2, 2)):
        _check_cuts(bench, T, H, H_kv, W, say("windowed", window=W))


def bytes(bench: Bench) -> None:
    """The room for a text, and how many bytes it takes: worked out, and as many as the array has."""
    for dtype in (np.float16, np.float64, np.float32):
        H_kv, longest, d_head = bench.rng.integers((2, 5, 3), (6, 90, 17)).tolist()
        what = f"{H_kv}, {longest}, {d_head}, {np.dtype(dtype).name}"
        room, wanted = bench.array(FILE, "buffer", H_kv, longest, d_head, dtype), (2, H_kv, longest, d_head)
        if room.shape != wanted or room.dtype != dtype:
            raise fail("room", "room-found", what=what, shape=wanted, found=room.shape, dtype=room.dtype)
        found = bench.array(FILE, "cache_bytes", H_kv, longest, d_head, dtype)
        if found.shape != () or found != room.nbytes:
            raise fail("nbytes", "nbytes-found", what=what, count=room.nbytes, found=str(found.tolist())[:40])


def buffer(bench: Bench) -> None:
    """In a buffer as without one, whatever of it is empty; and no further than it reaches."""
    for H, H_kv, longest in ((4, 2, 8), (2, 2, 13), (3, 1, 21)):
        for steps in _chunkings(bench, 8):
            _compare_buffered(bench, H, H_kv, steps, longest)
    x, weights = _layer(bench, 8, 8, 2, 2)
    try:
        bench.subject.call(FILE, "decode_in_buffer", x, *weights, 2, [5, 3], 7)
    except SubjectError as error:
        if error.found.values.get("kind") != "ValueError":
            raise
    else:
        raise fail("refuses", "refuses-not")


def rollback(bench: Bench) -> None:
    """What was taken back has left no trace: neither its keys, nor its positions."""
    for H, H_kv, longest in ((4, 2, 16), (2, 1, 24)):
        drawn = bench.rng.integers(1, 4, size=4).tolist()
        for steps in (
            [5, 1, -2, 3],
            [4, -3, 1, 1, -1, 2],
            [6, -6, 4, 2],
            [4, *drawn[:2], -drawn[1], drawn[2], drawn[3]],
        ):
            _compare_buffered(bench, H, H_kv, steps, longest)


def _compare_buffered(bench: Bench, H: int, H_kv: int, steps: Sequence[int], longest: int) -> None:
    x, weights = _layer(bench, sum(step for step in steps if step > 0), 4 * H, H, H_kv)
    found = bench.array(FILE, "decode_in_buffer", x, *weights, H, list(steps), longest)
    wanted = buffered(x, weights, H, steps, longest)
    known = {
        "empty-slots": buffered(x, weights, H, steps, longest, reads_empty=True),
        "not-taken-back": buffered(x, weights, H, steps, longest, takes_back=False),
    }
    bug = only(name for name, wrong in known.items() if same(found, wrong))
    compare(found, wanted, f"decode_in_buffer(…, steps={list(steps)}, longest={longest})", bug)


def cost(bench: Bench) -> Say | None:
    """Token by token, a long text against a short one: nothing that was made is made again."""
    H, H_kv, d_model = 4, 4, 256

    def drawn(T: int) -> Callable[[], list[Any]]:
        return lambda: _arguments(bench, T, d_model, H, H_kv, None)

    def judge(arguments: Sequence[Any], value: Any) -> None:
        x, *weights, _, _, _ = arguments
        _compare_rows(value, decoded(RIGHT, x, _four(weights), H, [len(x)]), 0)

    ratio = time_growth(bench, FILE, "decode", drawn(SHORT), drawn(LONG), judge)
    times = f"{ratio:.0f}"
    if ratio > MOST:
        raise fail("grows", "grown", bug="all-again", short=SHORT, long=LONG, most=MOST, times=times)
    return say("took", short=SHORT, long=LONG, times=times)


def ring(bench: Bench) -> Say | None:
    """The same under a window: a step costs as much late in a text as early."""
    H, d_model, W = 1, 256, WINDOW

    def drawn(T: int) -> Callable[[], list[Any]]:
        return lambda: _arguments(bench, T, d_model, H, H, W)

    def judge(arguments: Sequence[Any], value: Any) -> None:
        x, *weights, _, _, _ = arguments
        before = max(0, len(x) - SEEN_AGAIN - W)
        _compare_rows(value, decoded(RIGHT, x[before:], _four(weights), H, [len(x) - before], W), SEEN_AGAIN)

    ratio = time_growth(bench, FILE, "decode", drawn(RING_SHORT), drawn(RING_LONG), judge)
    times = f"{ratio:.0f}"
    if ratio > MOST_RING:
        raise fail("grows", "grown", bug="kept-too-long", short=RING_SHORT, long=RING_LONG, most=MOST_RING, times=times)
    return say("took", short=RING_SHORT, long=RING_LONG, times=times)


def _arguments(bench: Bench, T: int, d_model: int, H: int, H_kv: int, window: int | None) -> list[Any]:
    x, weights = _layer(bench, T, d_model, H, H_kv, std=0.1)
    return [x, *weights, H, [1] * T, window]


def _four(weights: Sequence[np.ndarray]) -> Weights:
    W_q, W_k, W_v, W_o = weights
    return W_q, W_k, W_v, W_o


def _compare_rows(value: Any, wanted: np.ndarray, last: int) -> None:
    """All rows, or only the last ones; of the right shape in any case."""
    found = as_array("decode", value)
    if found.ndim != 2 or found.shape[1] != wanted.shape[1] or found.dtype.kind != "f":
        raise FailError(say("shape", what="decode", shape=wanted.shape), say("shape", what="decode", shape=found.shape))
    compare(found[-last:] if last else found, wanted[-last:] if last else wanted, "decode", within=1e-7)
