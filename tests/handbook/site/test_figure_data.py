"""What each figure says in words, and how many shapes it draws, against `minimodel` asked once more.

`handbook audit` alters both, one place at a time, and lets these tests notice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest

from handbook.locale import words
from handbook.site.figures import FIGURES, draw, floor
from handbook.site.figures.data import (
    EMBEDDINGS,
    HEADS,
    LONG,
    NEGATIVE_ROW,
    NUMBERED,
    SCORES,
    SMALL_MODEL,
    SMALL_TEXT,
    VALUES,
    W_K,
    W_Q,
    W_V,
    WIDE,
    WORKED_ROW,
    T,
)
from handbook.site.figures.floor import edges
from handbook.site.figures.heads import without_transpose
from handbook.site.figures.pulls import asked_twice
from handbook.site.figures.roofline import FLOPS, TOKENS, rate, ridge
from handbook.site.figures.saturation import DRAWS, KEYS, WIDTHS
from minimodel.attention import MultiHeadAttention, split_heads
from minimodel.influence import influence
from minimodel.masks import causal_allowed, causal_mask
from minimodel.predicates import all_of, any_of, causal, documents, first, materialise, tree, window
from minimodel.sampling import top_k, top_p
from minimodel.softmax import softmax

SVG = "{http://www.w3.org/2000/svg}"
Mask = np.ndarray
TOKEN_BYTES = 2 * SMALL_MODEL["d_model"] * np.dtype(np.float64).itemsize
"""Of the key and the value of one token in one layer, all heads together."""


@dataclass(frozen=True)
class Shown:
    """The numbers of the description in order, those that are written in the drawing, and the title's.

    Also how many shapes are filled, hatched and marked as leaks, and the values that the first filled ones stand for.
    """

    says: str
    writes: str
    titled: str = ""
    filled: int = 0
    hatched: int = 0
    leaks: int = 0
    values: tuple[float, ...] = ()


def spelled(values: Iterable[float], form: str = ".4f") -> str:
    """Integers bare, other values with four decimals."""
    return " ".join(
        f"{value:.0f}" if np.isfinite(value) and value == round(value) else f"{value:{form}}" for value in values
    )


def rows(*matrices: Mask, start: int = 0, title: object = "") -> str:
    """Each row's title and number, and for each matrix the columns where that row is true."""
    numbered = range(start, start + len(matrices[0]))
    return " ".join(
        f"{title} {i} " + " ".join(spelled(np.flatnonzero(matrix[i - start])) for matrix in matrices) for i in numbered
    )


def index(*lengths: int) -> str:
    """The numbers of rows or columns, for each length from zero on."""
    return " ".join(spelled(range(length)) for length in lengths)


def against(pairs: list[tuple[Mask, Mask]], says: str, writes: str = "") -> Shown:
    """What may be read beside what is: each kind of cell, and one of each more in the legend.

    Written are how many cells leak and how many go unread, and the numbers of rows, the last ones, and columns.
    """
    counts = [((seen & ~allowed).sum(), (allowed & ~seen).sum()) for allowed, seen in pairs]
    sides = [(index(S), spelled(range(S - L, S))) for (L, S) in (allowed.shape for allowed, _ in pairs)]
    return Shown(
        says,
        f"{writes} {' '.join(map(spelled, counts))} {' '.join(map(' '.join, sides))}",
        filled=sum(int((allowed & seen).sum()) for allowed, seen in pairs) + 1,
        hatched=sum(int((~allowed & ~seen).sum()) for allowed, seen in pairs) + 1,
        leaks=sum(int((seen & ~allowed).sum()) for allowed, seen in pairs) + 1,
    )


def masks(panels: Iterable[Mask], says: str, writes: str, titled: str = "") -> Shown:
    """Open cells and closed ones, and one of each more in the legend."""
    whole = list(panels)
    return Shown(
        says,
        writes,
        titled,
        filled=sum(int(mask.sum()) for mask in whole) + 1,
        hatched=sum(int((~mask).sum()) for mask in whole) + 1,
    )


def attention_blocks() -> Shown:
    whole = [materialise(rule, LONG) for rule in (causal, all_of(causal, window(3)))]
    blocks = [mask.reshape(4, 2, 4, 2).any(axis=(1, 3)) for mask in whole]
    drawn = [mask[np.kron(block, np.ones((2, 2), dtype=bool))] for mask, block in zip(whole, blocks, strict=True)]
    says = " ".join(
        f"{title} {block.sum()} {block.size} {rows(block)}" for title, block in zip(("", 3), blocks, strict=True)
    )
    counts = " ".join(f"{block.sum()} {block.size}" for block in blocks)
    return masks(drawn, says, f"{counts} 3 {index(*4 * [LONG])}")


def cache_growth() -> Shown:
    full = [TOKEN_BYTES * step for step in range(1, LONG + 1)]
    says = f"{spelled(full)} 4 {spelled([4 * TOKEN_BYTES] * LONG)}"
    return Shown(says, f"{says} {index(LONG, LONG)}", filled=2 * LONG)


def cache_steps() -> Shown:
    past = causal_allowed(len(SMALL_TEXT))
    own = np.eye(len(SMALL_TEXT), dtype=bool)
    made = [int(past.sum()), int(own.sum())]
    writes = f"{spelled(made)} {index(*4 * [len(SMALL_TEXT)])}"
    return Shown(f"{rows(past)} {rows(own, past & ~own)}", writes, filled=sum(made) + 1)


def four_customs() -> Shown:
    square, late, upper = causal_allowed(T), causal_allowed(2, offset=3), np.tril(np.ones((2, 5), dtype=bool))
    panels = [(square, square), (square, ~square), (late, late), (late, upper)]
    return against(panels, " ".join(rows(*pair, start=pair[0].shape[1] - len(pair[0])) for pair in panels))


def three_pages() -> Shown:
    rules = [all_of(causal, documents(np.array([0, 0, 0, 1, 1]))), any_of(causal, first(3)), tree([-1, 0, 0, 1])]
    panels = [(materialise(rule, n), causal_allowed(n)) for rule, n in zip(rules, (5, 5, 4), strict=True)]
    return against(panels, " ".join(rows(*pair) for pair in panels))


def last_column() -> Shown:
    past, early = causal_allowed(LONG), np.arange(LONG) < 4
    seen = [past, np.eye(LONG, dtype=bool), materialise(all_of(causal, window(3)), LONG), past | np.outer(early, early)]
    says = " ".join(rows(matrix, title=title) for matrix, title in zip(seen, ("", "", 3, ""), strict=True))
    return against([(past, matrix) for matrix in seen], says, "3")


def reshape_leaks() -> Shown:
    x = np.random.default_rng(0).normal(size=(LONG, WIDE))
    seen = [influence(lambda x, merge=merge: without_transpose(x, merge=merge), x) for merge in (True, False)]
    return against([(causal_allowed(LONG), matrix) for matrix in seen], " ".join(map(rows, seen)))


def tap_and_pull() -> Shown:
    past = causal_allowed(LONG)
    seen = [matrix for _, asked in asked_twice(words("en", "figures")) for matrix in asked]
    counts = spelled((matrix & ~past).sum() for matrix in seen)
    shown = against([(past, matrix) for matrix in seen], counts)
    return replace(shown, writes=f"{counts} {index(*12 * [LONG])}")


def window_masks() -> Shown:
    slots = [causal, all_of(causal, window(3)), all_of(causal, window(4))]
    whole = [materialise(rule, LONG) for rule in (*slots, all_of(causal, any_of(window(3), first(1))))]
    says = " ".join(rows(mask, title=title) for mask, title in zip(whole, ("", 3, 3, 3), strict=True))
    return masks(whole, says, f"3 3 3 {index(*8 * [LONG])}")


def receptive_field() -> Shown:
    last, width = 11, 3
    reached = [np.arange(last - layers * (width - 1), last + 1) for layers in range(1, 5)]
    says = " ".join(f"{n} {len(inputs)} {spelled(inputs)}" for n, inputs in enumerate(reached, start=1))
    writes = f"{index(last + 1)} {spelled(map(len, reached))} 1 2 3 4"
    return Shown(f"{last} {width} {says}", writes, filled=sum(map(len, reached)))


def padded_batch() -> Shown:
    past = causal_allowed(3)
    sides = [[past, past & (np.arange(3) < 2)], [past, past & (np.arange(3) > 0)]]
    says = " ".join(rows(mask, title=n) for side in sides for n, mask in enumerate(side))
    filled = sum(int(mask.sum()) for side in sides for mask in side)
    return Shown(says, "0 1 0 1", filled=filled + 1, hatched=4 * int((~past).sum()) + 1)


def heads_split() -> Shown:
    cut = [split_heads(NUMBERED, HEADS), NUMBERED.reshape(HEADS, T, -1)]
    whole = spelled(NUMBERED.ravel())
    says = " ".join(f"{h} {spelled(head.ravel())}" for heads in cut for h, head in enumerate(heads))
    return Shown(f"1 0 {whole} {says}", f"{whole} {says} {index(T, T, T)}", hatched=3 * NUMBERED.size // HEADS)


def memory_order() -> Shown:
    array = np.arange(6).reshape(2, 3)
    read = [array, array.reshape(3, 2), array.T]
    says = " ".join(f"{spelled(one.shape)} {spelled(one.ravel())}" for one in read)
    says = f"{index(6)} {says}"
    return Shown(says, says, hatched=4 * 3)


def prefill_decode() -> Shown:
    lengths = range(4, 8)
    uncached = [n * (n + 1) // 2 for n in lengths]
    cached = [uncached[0], *lengths[1:]]
    says = " ".join(f"{spelled(counts)} {sum(counts)}" for counts in (uncached, cached))
    return Shown(f"4 3 {says}", says, filled=sum(uncached) + sum(cached) + 1)


def query_key_value() -> Shown:
    q, k, v = (EMBEDDINGS @ W for W in (W_Q, W_K, W_V))
    shares = softmax(q @ k.T / np.sqrt(k.shape[1]) + causal_mask(T))[WORKED_ROW]
    read = " ".join(f"{j} {spelled([*k[j], SCORES[WORKED_ROW, j], shares[j], *v[j]])}" for j in range(WORKED_ROW + 1))
    says = f"{WORKED_ROW} {spelled(q[WORKED_ROW])} {read} {spelled(shares @ v)}"
    columns = range(WORKED_ROW + 1)
    written = [*k[columns].ravel(), *SCORES[WORKED_ROW, columns], *shares[columns], *v[columns].ravel(), *shares @ v]
    writes = f"{WORKED_ROW} {spelled(q[WORKED_ROW])} {spelled(written)}"
    return Shown(says, writes, titled=f"{WORKED_ROW}", filled=WORKED_ROW + 2, hatched=1, values=(*shares[columns],))


def worked() -> np.ndarray:
    masked: np.ndarray = SCORES[WORKED_ROW] + causal_mask(T)[WORKED_ROW]
    return masked


def softmax_steps() -> Shown:
    shifted = worked() - worked().max()
    steps = [SCORES[WORKED_ROW], worked(), shifted, np.exp(shifted), softmax(worked())]
    says = " ".join(map(spelled, steps))
    return Shown(says, f"{says} {spelled([np.exp(shifted).sum()])}", filled=T, hatched=4, values=(*steps[-1],))


def weights() -> Shown:
    masked = SCORES + causal_mask(T)
    says = " ".join(f"{i} {spelled(masked[i])} {spelled(softmax(masked[i]))}" for i in range(T))
    hatched = 2 * int(np.isinf(masked).sum())
    return Shown(says, f"{says} {index(T, T)}", filled=T * T, hatched=hatched, values=(*softmax(masked).ravel(),))


def three_wrong_ways() -> Shown:
    row, allowed = SCORES[WORKED_ROW], np.isfinite(worked())
    tall = np.array([2, 1, 4, 22])
    nowhere = np.full(T, np.nan)
    ways = [
        (row, softmax(worked())),
        (row, softmax(row) * allowed),
        (tall, nowhere),
        (NEGATIVE_ROW, softmax(NEGATIVE_ROW * allowed)),
    ]
    told = [f"{spelled(scores)} {spelled(shares)} {spelled([shares.sum().round(12)])}" for scores, shares in ways]
    told[2] = f"16 {told[2]}"  # the way's name says float16
    says = " ".join(told)
    bars = tuple(np.nan_to_num([shares[:-1] for _, shares in ways]).ravel())  # the last of each is a leak
    return Shown(f"3 {says}", f"{says} {index(*4 * [T])}", filled=len(bars), hatched=4, leaks=4, values=bars)


def empty_row() -> Shown:
    ways = [
        ("", np.full(T, np.nan)),
        ("-1e9", np.full(T, 1 / T)),
        ("-1e4", softmax(SCORES[0])),
        ("", np.array([1, 0, 1, 1]) / 3),
    ]
    says = " ".join(f"{fill} {spelled(shares)}" for fill, shares in ways)
    lowest = [np.finfo(np.float32).min] * 3  # what was lowest already is -inf
    hidden = " ".join(f"{score:.4g}" for score in (*[-1e9] * T, *(SCORES[0] - 1e4), *lowest))
    return Shown(says, f"{says} {hidden} {index(*4 * [T])}", hatched=4 * T, leaks=4 * T)


def online_softmax() -> Shown:
    row = worked()
    blocks = [slice(0, 2), slice(2, 4), slice(0, 4)]
    highest = [row[keys].max() for keys in blocks]
    powers = [np.exp(row[keys] - top) for keys, top in zip(blocks, highest, strict=True)]
    totals = [power.sum() for power in powers]
    values = [power @ VALUES[keys] for power, keys in zip(powers, blocks, strict=True)]
    three = " ".join(f"0 {spelled([a])} 1 {spelled([b])} {spelled([both])}" for a, b, both in (highest, totals, values))
    factors = np.exp(np.array(highest[:2]) - highest[2])
    says = f"{spelled(row)} {spelled(VALUES)} {three} 0 {spelled(factors[:1])} 1 {spelled(factors[1:])}"
    result = spelled([softmax(row) @ VALUES])
    summed = " ".join(map(spelled, (highest, totals, values, factors)))
    return Shown(f"{says} {result}", f"0 1 {spelled(row)} {summed} {result}", hatched=1)


def sampling_filters() -> Shown:
    row = SCORES[WORKED_ROW]
    ways = [(heat, softmax(row / heat)) for heat in (0.5, 1, 2)]
    ways += [(2, softmax(top_k(row, 2))), (0.6, softmax(top_p(row, 0.6)))]
    ruled_out = sum(int((shares == 0).sum()) for _, shares in ways)
    says = " ".join(f"{setting} {spelled(shares)}" for setting, shares in ways)
    values = tuple(share for _, shares in ways for share in shares if share)
    return Shown(f"{spelled(row)} {says}", f"{says} {index(T)}", filled=len(values), hatched=ruled_out, values=values)


def saturation() -> Shown:
    says, writes, values = [f"{KEYS}"], [], []
    for d_head in WIDTHS:
        rng = np.random.default_rng(0)
        q, k = rng.normal(size=(DRAWS, 1, d_head)), rng.normal(size=(DRAWS, KEYS, d_head))
        scores = np.einsum("nqd,nkd->nk", q, k)
        means = [-np.sort(-softmax(scores / scale), axis=-1).mean(axis=0) for scale in (1, d_head**0.5)]
        says += [f"{d_head}", *(" ".join(f"{share:.2f}" for share in mean) for mean in means)]
        writes += [f"{d_head}", *(f"{mean[0]:.2f}" for mean in means)]
        values += [share for mean in means for share in mean]
    return Shown(" ".join(says), " ".join(writes), filled=len(values), values=tuple(values))


def unmasked_prompt() -> Shown:
    x = np.random.default_rng(0).normal(size=(LONG, WIDE))
    models = [MultiHeadAttention(WIDE, HEADS, seed=seed) for seed in range(2)]
    one = [model.forward(x, mask) for model in models[:1] for mask in (causal_allowed(LONG), None)]
    two = [models[1].forward(y, mask) for y, mask in zip(one, (causal_allowed(LONG), None), strict=True)]
    moved = [np.abs(masked - everywhere).mean(axis=-1) for masked, everywhere in (one, two)]
    says = " ".join(f"{n} {spelled(row, '.3f')}" for n, row in enumerate(moved, start=1))
    values = tuple(value for row in moved for value in row if value)
    return Shown(says, f"{says} {index(LONG)}", filled=len(values), values=values)


def rope_dial() -> Shown:
    places = [(3, 1), (103, 101), (0, 1)]
    says = " ".join(f"{q} {k} {np.cos(q - k):.4f}" for q, k in places) + " 3"
    return Shown(says, says, filled=len(places))


def roofline() -> Shown:
    shares = [f"{100 * rate(tokens) / FLOPS:.1f}".removesuffix(".0") for tokens in TOKENS]
    points = " ".join(f"{tokens} {share}" for tokens, share in zip(TOKENS, shares, strict=True))
    says = f"{ridge():.0f} {points}"
    return Shown(says, f"{says} 1 10 100 1000", filled=len(TOKENS))


def loss_curves() -> Shown:
    curves = json.loads(floor.CURVES.read_text("utf-8")).values()
    middle = len(edges()) // 2
    says = " ".join(f"{one[0]:.3f} {one[middle]:.3f} {edges()[middle]} {one[-1]:.3f}" for one in curves)
    ends = " ".join(f"{one[-1]:.3f}" for one in curves)
    marks = 2 * " 1 2 3 4 5 6 7 8"
    return Shown(f"800 {np.log(16):.3f} {says}", f"1 10 100 800 0 1 2 3 {ends} {marks}")


def stream() -> Shown:
    n, V, d, heads = len(SMALL_TEXT), SMALL_MODEL["V"], SMALL_MODEL["d_model"], SMALL_MODEL["n_heads"]
    row = f"{n} {d}"
    says = f"{n} {row} {row} {heads} {n} {d // heads} {row} {n} {4 * d} {row} {n} {V}"
    return Shown(says, f"{says} {SMALL_MODEL['n_layers']}")


SHOWN: dict[str, Callable[[], Shown]] = {
    "attention-blocks": attention_blocks,
    "cache-growth": cache_growth,
    "cache-steps": cache_steps,
    "card": lambda: Shown(index(T), index(T), titled=f"{T}", filled=T, hatched=T),
    "causal-mask": lambda: masks(
        [causal_allowed(T)], rows(causal_allowed(T), ~causal_allowed(T)), index(T, T), titled=f"{T}"
    ),
    "empty-row": empty_row,
    "four-customs": four_customs,
    "heads-split": heads_split,
    "label-shift": lambda: Shown(index(T), index(T)),
    "last-column": last_column,
    "loss-curves": loss_curves,
    "memory-order": memory_order,
    "online-softmax": online_softmax,
    "padded-batch": padded_batch,
    "prefill-decode": prefill_decode,
    "query-key-value": query_key_value,
    "receptive-field": receptive_field,
    "reshape-leaks": reshape_leaks,
    "roofline": roofline,
    "rope-dial": rope_dial,
    "sampling-filters": sampling_filters,
    "saturation": saturation,
    "softmax-steps": softmax_steps,
    "stream": stream,
    "tap-and-pull": tap_and_pull,
    "three-pages": three_pages,
    "three-wrong-ways": three_wrong_ways,
    "unmasked-prompt": unmasked_prompt,
    "weights": weights,
    "window-masks": window_masks,
}


@cache
def expected(name: str) -> Shown:
    """What a figure must show; asked for once, however often it is drawn."""
    return SHOWN[name]()


def of_class(svg: Element, name: str) -> int:
    return sum(node.get("class", "").split(" ")[0] == f"lt-{name}" for node in svg.iter())


def numbers_in(text: str) -> list[str]:
    """Every number; whatever is not a number (`nan`, `-inf`) has none."""
    return re.findall(r"-?\d+(?:\.\d+)?", text)


def test_every_figure_is_asked_for_its_data() -> None:
    assert SHOWN.keys() == FIGURES.keys()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_and_draws_what_minimodel_computes(name: str) -> None:
    svg, shown = fromstring(draw(name, "en", "f")), expected(name)
    assert numbers_in(svg.find(f"{SVG}title").text) == numbers_in(shown.titled)
    assert numbers_in(svg.find(f"{SVG}desc").text) == numbers_in(shown.says)
    written = [number for text in svg.iter(f"{SVG}text") for number in numbers_in(text.text)]
    assert sorted(written) == sorted(numbers_in(shown.writes))
    assert of_class(svg, "fill") == shown.filled
    assert of_class(svg, "leak") == shown.leaks
    assert sum(node.get("fill") == "url(#f-hatch)" for node in svg.iter()) == shown.hatched


@pytest.mark.parametrize("name", [name for name in FIGURES if expected(name).values])
def test_the_area_of_each_filled_shape_is_its_value(name: str) -> None:
    """All are squares, or bars with one side in common; sides are drawn to a hundredth."""
    svg, values = fromstring(draw(name, "en", "f")), np.array(expected(name).values)
    filled = [node for node in svg.iter(f"{SVG}rect") if node.get("class", "").startswith("lt-fill")][: len(values)]
    sides = np.array([[float(node.get(side)) for side in ("width", "height")] for node in filled])
    across, up = sides.T
    assert np.allclose(across, up, atol=0.011) or np.ptp(across) == 0 or np.ptp(up) == 0
    scale = (across * up).sum() / values.sum()
    assert (np.abs(across * up - scale * values) <= 0.02 * (across + up)).all()
