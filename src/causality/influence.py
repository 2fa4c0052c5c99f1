"""Who sees whom: every token is changed in its turn, and the rows that move are measured."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence

import numpy as np

from causality.answer import Answer, CannotAskError, Verdict
from causality.cache import of_pattern
from causality.diagnosis import Diagnosis, diagnose
from causality.expected import Expected, recognise
from causality.model import MEMORY, Model, settled
from minimodel.influence import perturb
from minimodel.oracle import verdict

Tap = Callable[[np.ndarray, int], np.ndarray]
"""Copies a text, with position j changed."""

LENGTHS = (13, 67, 131, 259)
"""Asked beside the given length: odd ones, beyond 64, 128 and 256, where tiles end."""

WHOLE, SAMPLED = 131, 64
"""Of a text that is longer than the first, as many tokens as the second are changed."""

ROUNDING = 1e-6
"""A movement below this, relative to the output's scale, may be rounding, and is looked at again."""

WHAT = {"causal": "its own token and all before it, and none after it", "full": "every token"}

CHOICE = 0.25
"""Of the cells that moved, the share that another text or change left as they were, from which a choice is assumed."""

EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "bfloat16": 2.0**-7, "float16": 2.0**-10}

FAINT = {"float64": 1e-7, "float32": 1e-5, "bfloat16": np.inf, "float16": np.inf}
"""What is seen less than this may be lost a little farther on: attention that fades, and not one that ends."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """What was measured at one length.

    Args:
        sizes: `[L, T]`, how far output i moved with token j, relative to the outputs' scale: the largest of all taps.
        least: the same, the smallest of all taps: zero where a tap showed nothing.
        ranks: of the movements of outputs 0 and 1 under all later tokens; 1 where all move it in one direction.
        rounded: how many movements proved to be rounding.
    """

    sizes: np.ndarray
    least: np.ndarray
    ranks: tuple[int, int] = (0, 0)
    rounded: int = 0

    @property
    def matrix(self) -> np.ndarray:
        """Boolean `[L, T]`: output i moved with token j."""
        return self.sizes > 0


def taps(model: Model, seed: int, *, few: bool = False) -> list[Tap]:
    """Give the ways to change a position: for vectors up, down and far; for token numbers, other tokens."""
    rng = np.random.default_rng((seed, 1))
    if model.tokens:
        return [lambda text, j: model.other(text, j, rng)] * (1 if few else 6)
    sizes = (1.0,) if few else (1.0, -1.0, 16.0, -16.0)
    fixed: list[Tap] = [lambda text, j, size=size: perturb(text, j, size) for size in sizes]  # type: ignore[misc]
    return fixed if few else [*fixed, *[lambda text, j: model.other(text, j, rng)] * 6]


def tokens_asked(T: int) -> np.ndarray:
    """Choose which tokens are changed: all of a text up to `WHOLE`; of a longer one those at borders, and some more."""
    if T <= WHOLE:
        return np.arange(T)
    borders = [border + side for border in range(64, T, 64) for side in (-1, 0)]
    sure = {0, 1, 2, 3, T - 1, T - 2, T - 3, T // 2, *borders[:32]}
    others = [int(j) for j in np.random.default_rng(T).permutation(T) if j not in sure]
    return np.sort([*sure, *others[: SAMPLED - len(sure)]])


def movements(
    model: Model,
    text: np.ndarray,
    tap: Tap,
    *,
    role: str | None = None,
    tokens: np.ndarray | None = None,
    alone: bool = False,
) -> np.ndarray:
    """Change each position in turn, and measure how far each row moves: `[L, T]`, relative to the scale.

    Copies go through the model in batches, and each is compared with the unchanged text in the same place of a batch
    of the same shape: the same arithmetic on the same numbers, so that what is not read moves nothing, to the last bit.

    Args:
        model: takes texts, and gives rows.
        text: what is changed: the text, or the memory where `role` says so.
        tap: changes one position.
        role: the role of what is changed, for cross-attention; the text itself when left out.
        tokens: the positions that are changed, all when left out; the columns of the others stay zero.
        alone: one text at a time, where the texts of a batch read each other.

    Raises:
        CannotAskError: NaN, or a model that gives two results for one input.
    """
    own = model.text(np.random.default_rng(3), len(text) - 4) if role else text

    def ask(batch: np.ndarray) -> np.ndarray:
        return model.rows(np.stack([own] * len(batch)), **{role: batch}) if role else model.rows(batch)

    base = ask(text[None])
    settled(base, ask(text[None]))
    B = int(np.clip(2**22 // max(base.size, 1), 1, 16)) if model.batched and not alone else 1
    still = ask(np.stack([text] * B))  # [B, L, ...]
    every = np.arange(len(text)) if tokens is None else tokens
    scale = np.abs(base).max() or 1.0
    moved = np.zeros((base.shape[1], len(text)))
    for start in range(0, len(every), B):
        columns = every[start : start + B]
        batch = np.stack([tap(text, j) for j in columns] + [text] * (B - len(columns)))
        difference = np.abs(ask(batch) - still).reshape(B, base.shape[1], -1).max(-1)  # [B, L]
        moved[:, columns] = np.nan_to_num(difference[: len(columns)].T / scale, nan=np.inf)
    return moved


def measure(model: Model, T: int, expected: np.ndarray, *, seeds: int = 1, few: bool = False) -> Seen:
    """Measure who sees whom at one length, with several texts and ways to change them.

    Faint movements are looked at again where none is expected: rounding counts as none.
    """
    largest, least, ranks, rounded = np.zeros((T, T)), np.full((T, T), np.inf), (0, 0), 0
    if model.last_row:
        largest, least = largest[:1], least[:1]
    tokens, alone = tokens_asked(T), False
    for seed in range(seeds):
        text = model.text(np.random.default_rng(seed), T)
        for tap in taps(model, seed, few=few):
            moved = movements(model, text, tap, tokens=tokens, alone=alone)
            if not alone and model.batched and _by_batch(model, text, tap, (moved > 0) & ~expected[-len(moved) :]):
                alone = True
                moved = movements(model, text, tap, tokens=tokens, alone=alone)
            faint = (moved > 0) & (moved < ROUNDING) & ~expected[-len(moved) :]
            if faint.any():
                is_rounding = faint & ~_grows(model, text, moved, faint)
                rounded += int(is_rounding.sum())
                moved[is_rounding] = 0
            largest, least = np.maximum(largest, moved), np.minimum(least, moved)
        if not few and T > 3 and not model.last_row and largest[1, 2:].any():
            ranks = _ranks(model, text)
    return Seen(largest, least, ranks, rounded)


def _by_batch(model: Model, text: np.ndarray, tap: Tap, leaks: np.ndarray) -> bool:
    """Say whether a leak is one from text to text in the batch: alone, the same rows stay where they are."""
    leaking = np.flatnonzero(leaks.any(0))
    if not len(leaking):
        return False
    by_itself = _column(model, text, tap(text, int(leaking[0])))
    return not (by_itself[leaks[:, leaking[0]]] > 0).any()


def _grows(model: Model, text: np.ndarray, moved: np.ndarray, faint: np.ndarray) -> np.ndarray:
    """Say which faint movements are real: a leak grows with the tap and stays in float64, rounding does neither."""
    real = np.zeros_like(faint)
    doubled = model.in_float64()
    for j in np.flatnonzero(faint.any(0))[:24]:
        if doubled is not None:
            again = _column(doubled, text, doubled.other(text, j, np.random.default_rng(5)))
            real[:, j] = again > np.minimum(moved[:, j] / 100, 1e-9)
        elif model.tokens:
            real[:, j] = moved[:, j] > (1e-12 if model.rounding() < 1e-6 else ROUNDING)
        else:
            small, large = (_column(model, text, perturb(text, j, size)) for size in (1.0, 16.0))
            real[:, j] = large > np.maximum(8 * small, 1e3 * EPSILON[model.dtype])
    grown: np.ndarray = real & faint
    return grown


def _column(model: Model, text: np.ndarray, changed: np.ndarray) -> np.ndarray:
    base = model(text)
    moved: np.ndarray = np.abs(model(changed) - base).reshape(len(base), -1).max(1) / (np.abs(base).max() or 1.0)
    return moved


def _ranks(model: Model, text: np.ndarray) -> tuple[int, int]:
    """Count the directions in which later tokens move outputs 0 and 1."""
    base = model(text)
    moves = np.stack([model(model.other(text, j, np.random.default_rng(j))) - base for j in range(2, len(text))])
    values = [np.linalg.svd(moves[:, i].reshape(len(moves), -1), compute_uv=False) for i in (0, 1)]
    first, second = (int((one > 1e-6 * max(one[0], 1e-300)).sum()) for one in values)
    return first, second


def influence(
    model: Model,
    expected: Expected,
    *,
    T: int = 8,
    lengths: Sequence[int] = LENGTHS,
    seeds: int = 3,
    seconds: float = 20,
    asked_for: str = "causal",
) -> Answer:
    """Ask who sees whom, in both directions, at several lengths, and compare with what is expected.

    Args:
        model: understood by `understand`.
        expected: gives the boolean `[T, T]` that is expected.
        T: the first length, asked with several texts and taps; a long one with a single one.
        lengths: asked after it, each with one text and one tap, as far as the model takes them.
        seeds: number of texts at the first length.
        seconds: no further length is begun after this.
        asked_for: the expectation in words.

    Raises:
        CannotAskError: NaN, a random model, or one that nothing moves.
    """
    started, asked, noted = time.monotonic(), [], []
    for length in (T, *(one for one in lengths if one != T)):
        first = length == T
        if not first and (model.seconds(T) * length > seconds or time.monotonic() - started > seconds):
            break
        try:
            few = not first or T > 32
            seen = measure(model, length, expected(length), seeds=1 if few else seeds, few=few)
            seen = _with_float64(seen, model, length, expected(length))
            seen = _looked_again(seen, model, length, expected(length))
        except CannotAskError as error:
            if first:
                raise
            noted.append(f"not at T = {length}: {error}")
            break
        asked.append(str(length) if length <= WHOLE else f"{length} ({SAMPLED} of its tokens)")
        answer = _compare(seen, expected(length), model, first, asked_for)
        if answer is not None:
            return dataclasses.replace(answer, asked=f"T = {', '.join(asked)}; {model.dtype}; expected: {asked_for}")
        if seen.rounded:
            noted.append(
                f"at T = {length}, {seen.rounded} movements were rounding: they do not grow with what causes them"
            )
    what = f"T = {', '.join(asked)}; {seeds if T <= 32 else 1} texts at the first; {model.dtype}; expected: {asked_for}"
    who = "the last output" if model.last_row else "every output"
    said = f"{who} sees {WHAT.get(asked_for, 'what is expected, and nothing else')}"
    return Answer("influence", what, Verdict.RIGHT, (said, *noted))


def _compare(seen: Seen, expected: np.ndarray, model: Model, first: bool, asked_for: str) -> Answer | None:
    """Put what was seen beside what was expected; None where they agree."""
    if not seen.matrix.any():
        raise CannotAskError("no token moves any output; is the model blind to its input, or a constant?")
    if model.last_row:
        expected = expected[-1:]
    if expected.shape != seen.sizes.shape:
        raise CannotAskError(f"the expected array has shape {expected.shape} and the measured one {seen.sizes.shape}")
    matrix = seen.matrix | (expected & _fading(seen.sizes, FAINT[model.dtype]))
    unasked = np.setdiff1d(np.arange(expected.shape[1]), tokens_asked(expected.shape[1]))
    matrix[:, unasked] = expected[:, unasked]
    if np.array_equal(matrix, expected):
        return None
    off = matrix != expected
    leaks = matrix & ~expected
    if not leaks.any() and _chooses(seen, expected):
        said = (
            f"of what it may see, {int(off.sum())} of {int(expected.sum())} pairs moved nothing, and which depends on"
            " the text: it chooses what it reads (the top k, an argmax), rounds, or its weights underflow"
        )
        return Answer("influence", "", Verdict.NOTED, ("no output sees what it should not", said))
    i, j = (int(n) for n in np.argwhere(off)[0])
    sentences = verdict(matrix, expected) if not model.last_row else _of_last_row(matrix[0], expected[0])
    name = recognise(matrix) if not model.last_row and (first or not leaks.any()) else None
    told = [_pattern(name, asked_for)] if name and name != asked_for else []
    told += sentences[:4] + ([f"and {len(sentences) - 4} outputs more"] if len(sentences) > 4 else [])
    size = float(seen.sizes[leaks].max(initial=0))
    diagnosis = None if model.last_row else _likely(seen, matrix, expected, first)
    return Answer("influence", "", Verdict.WRONG, tuple(told), (i, j), size if np.isfinite(size) else 0.0, diagnosis)


def _pattern(name: str, asked_for: str) -> str:
    known = {
        "full": "every output sees every token, as in an encoder",
        "causal": "it sees the triangle: all before, none after",
    }
    kind = name.partition(":")[0]
    said = (
        known.get(name)
        or {
            "window": "a band",
            "documents": "documents kept apart",
            "blocks": "blocks that are open inside",
            "chunks": "chunks that see nothing before themselves",
            "prefix": "an open prefix",
            "sinks": "a band with sinks",
        }[kind]
    )
    return f"{said}: this is {name}, and {asked_for} was expected; if it is meant, say so (--expect {name})"


def _of_last_row(seen: np.ndarray, expected: np.ndarray) -> list[str]:
    missed, more = np.flatnonzero(expected & ~seen).tolist(), np.flatnonzero(seen & ~expected).tolist()
    said = [f"the last output does not see tokens {', '.join(map(str, missed))}, which it should"] if missed else []
    return said + ([f"the last output sees tokens {', '.join(map(str, more))}, which it should not"] if more else [])


def _fading(sizes: np.ndarray, faintest: float) -> np.ndarray:
    """Say which cells may only have faded: those as far away as one that is nearly lost in rounding, or farther."""
    faint = (sizes > 0) & (sizes < faintest)
    nearer = np.flip(np.logical_or.accumulate(np.flip(faint, 1), 1), 1)  # faint at j or at any later token
    return np.pad(nearer, ((0, 0), (3, 0)))[:, : sizes.shape[1]] | nearer


def _with_float64(seen: Seen, model: Model, T: int, expected: np.ndarray) -> Seen:
    """Add what float64 shows where the model's own dtype shows nothing and something is expected."""
    missed = expected[-len(seen.sizes) :] & ~seen.matrix
    missed[:, np.setdiff1d(np.arange(T), tokens_asked(T))] = False
    doubled = model.in_float64() if missed.any() else None
    if doubled is None:
        return seen
    again = measure(doubled, T, expected, few=True).sizes
    return dataclasses.replace(seen, sizes=np.where(missed, again, seen.sizes))


def _looked_again(seen: Seen, model: Model, T: int, expected: np.ndarray) -> Seen:
    """Ask with more texts and ways for tokens that moved nothing, where that is all that is wrong."""
    expected = expected[-len(seen.sizes) :]
    sizes, least = seen.sizes.copy(), seen.least.copy()
    asked = np.isin(np.arange(T), tokens_asked(T))
    missed = expected & ~seen.matrix & asked
    if (seen.matrix & ~expected).any():
        return seen
    for seed in range(10, 13):
        before, text = int(missed.sum()), model.text(np.random.default_rng(seed), T)
        for tap in taps(model, seed):
            tokens = np.flatnonzero(missed.any(0))
            if not len(tokens):
                break
            moved = movements(model, text, tap, tokens=tokens)
            sizes[:, tokens] = np.maximum(sizes, moved)[:, tokens]
            least[:, tokens] = np.minimum(least, moved)[:, tokens]
            missed &= moved == 0
        if missed.sum() in (0, before):
            break
    return dataclasses.replace(seen, sizes=np.where(expected, sizes, 0), least=least)


def _chooses(seen: Seen, expected: np.ndarray) -> bool:
    """Say whether what is read depends on the text: cells that some ways to change a token move, and others do not."""
    read = seen.matrix & expected & ~np.eye(expected.shape[1], dtype=bool)[-len(expected) :]
    return bool(read.any() and _jumps(seen, read))


def _jumps(seen: Seen, cells: np.ndarray) -> bool:
    """Say whether many of these cells are moved by some ways to change a token, and not by others."""
    return bool((seen.least[cells] == 0).mean() > CHOICE)


def _likely(seen: Seen, matrix: np.ndarray, expected: np.ndarray, first: bool) -> Diagnosis | None:
    """Name the bug that a pattern looks like."""
    T = len(matrix)
    leaks, missed = matrix & ~expected, expected & ~matrix
    q, k = np.arange(T)[:, None], np.arange(T)
    later = leaks & (k > q)
    triangular = np.array_equal(expected & (k <= q), expected)
    if not first:
        border = leaks.any() or int(missed.any(1).argmax()) % 32 == 0
        return diagnose("tile-across-a-border") if border and not recognise(matrix) else None
    if missed.any() and not later.any() and ((not leaks.any() and not expected[-1, 0]) or (leaks.any() and triangular)):
        return of_pattern(matrix, expected)
    if missed.any() and not later.any():
        if not (missed & (q != k)).any():  # where there is one key beside, the query itself shows
            return diagnose("diagonal-closed")
        if np.array_equal(matrix, (k <= q // 2) | (k == q)):
            return diagnose("half-the-past")
        return None
    if later.any() and missed.any() and np.array_equal(matrix & (q != k), (k >= q) & (q != k)):
        return diagnose("polarity-swapped")
    if later.any() and triangular:
        return _leak_ahead(seen, leaks, later, q, k)
    if later.any():
        blocks = expected & (k > q)
        inside = blocks.any(1) | blocks.any(0)
        return diagnose("blocks-see-later-blocks" if not leaks[~inside].any() else "no-mask")
    starts = expected.argmax(1)
    in_documents = len(np.unique(starts)) > 1 and np.array_equal(expected, (k >= starts[:, None]) & (k <= q))
    if in_documents and all(start in np.flatnonzero(starts == np.arange(T)) for start in starts):
        whole = leaks[-1, : starts[-1]].all()
        return diagnose("packed-without-documents" if whole else "convolution-across-documents")
    if in_documents and leaks.any():  # each document is a window: of the last W tokens
        more = leaks.sum(1)[starts > 0]
        if (more == 1).all():
            return diagnose("window-off-by-one")
        return diagnose("window-missing") if (more == starts[starts > 0]).all() else of_pattern(matrix, expected)
    return None


def _leak_ahead(seen: Seen, leaks: np.ndarray, later: np.ndarray, q: np.ndarray, k: np.ndarray) -> Diagnosis | None:
    T = len(leaks)
    if np.array_equal(later, k == q + 1):
        return diagnose("diagonal-ahead")
    ahead = np.unique((k - q)[later])
    if ahead.max() <= T // 2 and np.array_equal(later, np.isin(k - q, ahead)):
        return diagnose("looks-ahead")
    if ahead.min() > T - 4 and T > 6:
        return diagnose("wraps-around")
    if np.array_equal(later, k > q):
        if _jumps(seen, later):
            return diagnose("experts-choose-tokens")
        by_rank = {(1, 1): "mask-after-softmax", (1, 2): "softmax-over-queries", (2, 2): "statistics-over-time"}
        return diagnose(by_rank.get(seen.ranks, "no-mask"))
    name = recognise(leaks | (k <= q))
    if name and name.startswith("prefix"):
        return None
    rows = np.flatnonzero(later.any(1))
    if len(rows) < T // 2 and rows[-1] == len(rows) - 1 and not (later & (q + k > len(rows) + 1)).any():
        return diagnose("reflect-padding")
    if name and name.startswith("blocks"):
        return diagnose("blockwise-summary")
    if _jumps(seen, later):
        return diagnose("experts-choose-tokens")
    if np.array_equal(later, (k > q) & (q >= rows[0])):
        return diagnose("tile-across-a-border")
    return diagnose("irregular")


def cross_influence(model: Model) -> Answer:
    """Ask which tokens of the memory each output sees: all, and the memory is longer than the text."""
    seen = np.zeros((MEMORY - 4, MEMORY))
    for seed in range(2):
        memory = model.text(np.random.default_rng(seed + 11), MEMORY)
        for tap in taps(model, seed)[:6]:
            seen = np.maximum(seen, movements(model, memory, tap, role="memory"))
    matrix = seen > 0
    asked = f"text of {len(seen)}, memory of {MEMORY}; {model.dtype}; expected: all of it"
    if matrix.all():
        return Answer("memory", asked, Verdict.RIGHT)
    missing = [
        f"output {i} does not see tokens {', '.join(map(str, np.flatnonzero(~row)))} of the memory"
        for i, row in enumerate(matrix)
        if not row.all()
    ]
    i, j = (int(n) for n in np.argwhere(~matrix)[0])
    triangle = np.arange(len(seen))[:, None] >= np.arange(MEMORY)
    likely = diagnose("cross-attention-causal") if np.array_equal(matrix, triangle) else None
    return Answer("memory", asked, Verdict.WRONG, tuple(missing[:4]), (i, j), 0.0, likely)
