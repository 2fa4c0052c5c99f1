"""How the loss falls on random tokens: one curve for the right mask, one for each wrong way.

Training takes longer than drawing should, so the curves lie beside this file. `python -m
handbook.site.figures.loss_curves` trains again and writes them; a test compares them with a fresh run.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Shown
from handbook.site.figures.svg import FRAME, INK, NUMBER, PAPER, QUIET, STRONG, Drawing, line, text
from minimodel.masks import causal_allowed
from minimodel.next_token import shift_labels
from minimodel.training import Array, Back, Labels, Weigh, masked, train

CURVES = Path(__file__).with_name("loss_curves.json")
V = T = 16
STEPS = 800
_LEFT, _TOP, _WIDE, _TALL, _HIGHEST = 34, 22, 300, 220, 3.5
_MARK_AT, _MARKS_ON_THE_FLOOR = 1.6, {"mask_first": 13, "itself": 16}


def ways() -> dict[str, tuple[Weigh, Labels]]:
    """How scores become weights and where the labels come from, for each model of the section."""
    causal = causal_allowed(T)
    everything = np.ones((T, T), dtype=bool)
    unmasked = masked(everything)

    def zeroed_after(scores: Array) -> tuple[Array, Back]:
        weights, backward = unmasked(scores)
        return weights * causal, lambda d_weights: backward(d_weights * causal)

    def multiplied(scores: Array) -> tuple[Array, Back]:
        weights, backward = unmasked(scores * causal)
        return weights, lambda d_weights: backward(d_weights) * causal

    return {
        "mask_first": (masked(causal), shift_labels),
        "zeroed_after": (zeroed_after, shift_labels),
        "multiplied": (multiplied, shift_labels),
        "ones_added": (lambda scores: unmasked(scores + causal), shift_labels),
        "no_mask": (unmasked, shift_labels),
        "off_by_one": (masked(np.tril(everything, k=1)), shift_labels),
        "unshifted": (masked(causal), lambda tokens: (tokens[:, :-1], tokens[:, :-1])),
        "itself": (masked(np.eye(T, dtype=bool)), shift_labels),
    }


def edges() -> list[int]:
    """Where each stretch of steps begins, and where the last one ends: every stretch a third longer."""
    return [*sorted({round(STEPS ** (k / 22)) for k in range(22)}), STEPS + 1]


def measure() -> dict[str, list[float]]:
    """Train every model, and average its losses over each stretch of steps."""
    bounds = np.array(edges()) - 1
    curves = {}
    for name, (weigh, labels) in ways().items():
        losses = train(weigh, labels, V=V, T=T, steps=STEPS).losses
        curves[name] = [round(float(losses[a:b].mean()), 4) for a, b in pairwise(bounds)]
    return curves


def drawing(words: Words) -> Drawing:
    """The curves over a logarithmic axis of steps, each with a number; the names stand below, with the last loss."""
    curves: dict[str, list[float]] = json.loads(CURVES.read_text("utf-8"))
    bounds = edges()
    middle = [_x((a * (b - 1)) ** 0.5) for a, b in pairwise(bounds)]
    names = dict(zip(curves, words.floor_names.split("; "), strict=True))
    floor = float(np.log(V))
    body = _axes(words, floor)
    sentences = [words.floor_describe.format(floor=f"{floor:.3f}", steps=STEPS)]
    for n, (name, losses) in enumerate(curves.items(), start=1):
        points = [(x, _y(loss)) for x, loss in zip(middle, losses, strict=True)]
        body.append(_curve(points, STRONG if name == "mask_first" else FRAME))
        mark = _MARKS_ON_THE_FLOOR.get(name) or next(k for k, loss in enumerate(losses) if loss < _MARK_AT)
        body += _mark(*(points[mark] if name in _MARKS_ON_THE_FLOOR else _crossing(points, mark)), n)
        row = _TOP + _TALL + 52 + 20 * (n - 1)
        body += [
            *_mark(_LEFT, row, n),
            text(_LEFT + 16, row, names[name], size=12.5, anchor="start"),
            text(_LEFT + _WIDE, row, f"{losses[-1]:.3f}", cls=f"{INK} {NUMBER}", size=12.5, anchor="end"),
        ]
        sentences.append(
            words.floor_curve.format(
                name=names[name],
                first=f"{losses[0]:.3f}",
                middle=f"{losses[len(losses) // 2]:.3f}",
                at=bounds[len(losses) // 2],
                last=f"{losses[-1]:.3f}",
            )
        )
    height = _TOP + _TALL + 52 + 20 * (len(curves) - 1) + 12
    return Drawing(_LEFT + _WIDE + 10, height, words.floor_title, " ".join(sentences), tuple(body))


def _x(step: float) -> float:
    return _LEFT + _WIDE * float(np.log(step) / np.log(STEPS))


def _y(loss: float) -> float:
    return _TOP + _TALL * (1 - loss / _HIGHEST)


def _axes(words: Words, floor: float) -> list[str]:
    below = _TOP + _TALL
    ticks = [text(_x(step), below + 12, str(step), cls=f"{QUIET} {NUMBER}", size=11.5) for step in (1, 10, 100, STEPS)]
    losses = [
        text(_LEFT - 8, _y(loss), str(loss), cls=f"{QUIET} {NUMBER}", size=11.5, anchor="end") for loss in range(4)
    ]
    return [
        text(4, 8, words.floor_loss, cls=QUIET, size=11.5, anchor="start"),
        text(_LEFT + _WIDE, 8, words.floor_line, cls=QUIET, size=11.5, anchor="end"),
        text(_LEFT + _WIDE / 2, below + 30, words.floor_step, cls=QUIET, size=11.5),
        line(_LEFT, below, _LEFT + _WIDE, below),
        line(_LEFT, _TOP, _LEFT, below),
        line(_LEFT, _y(floor), _LEFT + _WIDE, _y(floor), dashed=True),
        *ticks,
        *losses,
    ]


def _crossing(points: list[tuple[float, float]], k: int) -> tuple[float, float]:
    """Where the curve goes through the height of the marks, just before point k."""
    (x0, y0), (x1, y1) = points[max(k - 1, 0)], points[k]
    height = _y(_MARK_AT)
    return (x0 + (x1 - x0) * (height - y0) / (y1 - y0), height) if k else (x1, y1)


def _mark(x: float, y: float, n: int) -> list[str]:
    circle = f'<circle class="{PAPER} {FRAME}" cx="{x:.2f}" cy="{y:.2f}" r="8"/>'
    return [circle, text(x, y, str(n), cls=f"{INK} {NUMBER}", size=11)]


def _curve(points: list[tuple[float, float]], cls: str) -> str:
    path = "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return f'<path class="{cls}" d="M{path}" fill="none"/>'


def shown() -> Shown:
    curves = json.loads(CURVES.read_text("utf-8")).values()
    middle = len(edges()) // 2
    says = " ".join(f"{one[0]:.3f} {one[middle]:.3f} {edges()[middle]} {one[-1]:.3f}" for one in curves)
    ends = " ".join(f"{one[-1]:.3f}" for one in curves)
    marks = 2 * " 1 2 3 4 5 6 7 8"
    return Shown(f"800 {np.log(16):.3f} {says}", f"1 10 100 800 0 1 2 3 {ends} {marks}")


if __name__ == "__main__":
    CURVES.write_text(json.dumps(measure(), indent=1) + "\n", "utf-8")
