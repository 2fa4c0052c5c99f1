"""What the width of a head does to the weights, with the scores divided and not."""

from __future__ import annotations

from functools import cache

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Shown
from handbook.site.figures.svg import FILL, FRAME, INK, NUMBER, QUIET, Drawing, line, rect, text
from minimodel.softmax import softmax

WIDTHS, KEYS, DRAWS = (4, 16, 64, 256), 8, 1000
_BAR, _TALL, _PITCH, _LEFTS, _TOP = 15, 60, 92, (8, 164), 48


@cache
def mean_weights() -> list[tuple[np.ndarray, np.ndarray]]:
    """For each width the mean weights of random keys, sorted: scores as they are, and divided by the root."""
    pairs = []
    for d_head in WIDTHS:
        rng = np.random.default_rng(0)
        q = rng.normal(size=(DRAWS, 1, d_head))
        k = rng.normal(size=(DRAWS, KEYS, d_head))
        scores = (q @ k.swapaxes(-1, -2))[:, 0]  # [DRAWS, KEYS]
        raw, scaled = (np.sort(softmax(s))[:, ::-1].mean(0) for s in (scores, scores / np.sqrt(d_head)))
        pairs.append((raw, scaled))
    return pairs


def drawing(words: Words) -> Drawing:
    """Two columns of bars, one row a width; the largest weight stands above its bar."""
    width = _LEFTS[1] + KEYS * (_BAR + 3) + 4
    body = [
        text(left, 12, label, size=12.5, anchor="start", weight="bold")
        for left, label in zip(_LEFTS, (words.not_divided, words.divided_by_root), strict=True)
    ]
    sentences = [words.saturation_describe.format(count=KEYS)]
    for row, (d_head, pair) in enumerate(zip(WIDTHS, mean_weights(), strict=True)):
        floor = _TOP + row * _PITCH + _TALL
        for left, shares in zip(_LEFTS, pair, strict=True):
            body += _bars(left, floor, shares)
        body.append(text(_LEFTS[0] + 60, floor - _TALL + 4, f"d_head = {d_head}", cls=QUIET, size=12, anchor="start"))
        rounded = [[round(float(share), 2) for share in shares] for shares in pair]
        raw, scaled = (", ".join(f"{share:.2f}" for share in shares) for shares in rounded)
        sentences.append(words.saturation_width.format(d=d_head, raw=raw, scaled=scaled))
    height = _TOP + (len(WIDTHS) - 1) * _PITCH + _TALL + 8
    return Drawing(width, height, words.saturation_title, " ".join(sentences), tuple(body))


def _bars(left: float, floor: float, shares: np.ndarray) -> list[str]:
    bars = [
        rect(left + i * (_BAR + 3), floor - _TALL * float(share), _BAR, _TALL * float(share), FILL)
        for i, share in enumerate(shares)
    ]
    largest = text(
        left, floor - _TALL * float(shares[0]) - 9, f"{shares[0]:.2f}", cls=f"{INK} {NUMBER}", size=12, anchor="start"
    )
    return [*bars, largest, line(left, floor, left + KEYS * (_BAR + 3), floor, FRAME)]


def shown() -> Shown:
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
