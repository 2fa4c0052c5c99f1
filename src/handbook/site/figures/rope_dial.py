"""Rotary positions: a query and a key as hands on a dial, and the angle between them."""

from __future__ import annotations

from math import atan2, cos, sin

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Shown
from handbook.site.figures.svg import FILL, FRAME, NUMBER, QUIET, STRONG, Drawing, rect, text
from minimodel.rope import rotate

# Where the query was turned to, where the key was, and where the query stands.
PLACES = ((3, 1, 3), (103, 101, 103), (0, 1, 3))
_RADIUS, _PITCH, _TOP = 42, 104, 50


def hands(query_at: int, key_at: int) -> tuple[np.ndarray, np.ndarray]:
    """The two hands, which point to the right at position zero."""
    right = np.array([[1.0, 0.0]])
    q, k = (rotate(right, np.array([at]))[0] for at in (query_at, key_at))
    return q, k


def drawing(words: Words) -> Drawing:
    """One dial a place: the query's hand solid, the key's dashed, their dot product below."""
    body: list[str] = []
    sentences = [words.dial_describe]
    for n, (query_at, key_at, stands) in enumerate(PLACES):
        q, k = hands(query_at, key_at)
        x, y = _PITCH * (n + 0.5), float(_TOP + _RADIUS)
        wrong, score = query_at != stands, f"{q @ k:.4f}"
        body += [
            text(x, 12, words.dial_query.format(at=query_at), size=12, weight="bold" if wrong else ""),
            text(x, 29, words.dial_key.format(at=key_at), size=12),
            rect(x - _RADIUS, y - _RADIUS, 2 * _RADIUS, 2 * _RADIUS, FRAME, radius=_RADIUS),
            _between(x, y, q, k),
            _hand(x, y, k, FRAME, dashed=True),
            _hand(x, y, q, STRONG),
            text(x, y + _RADIUS + 18, score, cls=f"{NUMBER} lt-ink", size=13),
        ]
        if wrong:
            body.append(text(x, y + _RADIUS + 35, words.dial_wrong.format(at=stands), cls=QUIET, size=11))
        sentences.append(words.dial_panel.format(query=query_at, key=key_at, score=score))
        if wrong:
            sentences.append(words.dial_wrong.format(at=stands) + ".")
    bottom = _TOP + 2 * _RADIUS + 62
    for x, label, cls, dashed in ((12, words.dial_question, STRONG, False), (112, words.dial_note, FRAME, True)):
        body.append(_hand(x, bottom, np.array([0.6, 0.0]), cls, dashed=dashed))
        body.append(text(x + 34, bottom, label, size=12, anchor="start"))
    width = _PITCH * len(PLACES)
    return Drawing(width, bottom + 14, words.dial_title, " ".join(sentences), tuple(body))


def _hand(x: float, y: float, hand: np.ndarray, cls: str, *, dashed: bool = False) -> str:
    angle, reach = atan2(hand[1], hand[0]), (_RADIUS - 4) * float(np.hypot(*hand))
    tip = (x + reach * cos(angle), y - reach * sin(angle))  # on paper y grows downwards
    barbs = [(tip[0] - 8 * cos(angle + turn), tip[1] + 8 * sin(angle + turn)) for turn in (0.4, -0.4)]
    dash = ' stroke-dasharray="3 4"' if dashed else ""
    head = f"M{barbs[0][0]:.2f} {barbs[0][1]:.2f}L{tip[0]:.2f} {tip[1]:.2f}L{barbs[1][0]:.2f} {barbs[1][1]:.2f}"
    shaft = f'<path class="{cls}" d="M{x:.2f} {y:.2f}L{tip[0]:.2f} {tip[1]:.2f}"{dash}/>'
    return f'{shaft}<path class="{cls}" d="{head}"/>'


def _between(x: float, y: float, q: np.ndarray, k: np.ndarray) -> str:
    """The slice of the dial between the hands."""
    start, turn = atan2(k[1], k[0]), atan2(k[0] * q[1] - k[1] * q[0], float(q @ k))
    radius = 15.0
    ends = [(x + radius * cos(angle), y - radius * sin(angle)) for angle in (start, start + turn)]
    sweep = 0 if turn > 0 else 1
    (x1, y1), (x2, y2) = ends
    arc = f"A{radius:.0f} {radius:.0f} 0 0 {sweep} {x2:.2f} {y2:.2f}"
    return f'<path class="{FILL}" d="M{x:.2f} {y:.2f}L{x1:.2f} {y1:.2f}{arc}Z"/>'


def shown() -> Shown:
    places = [(3, 1), (103, 101), (0, 1)]
    says = " ".join(f"{q} {k} {np.cos(q - k):.4f}" for q, k in places) + " 3"
    return Shown(says, says, filled=len(places))
