"""Labels: the same tokens, moved by one."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import AFTER_THE_LAST, TOKENS, T
from handbook.site.figures.shown import Shown, index
from handbook.site.figures.svg import FRAME, INK, NUMBER, PAPER, QUIET, STRONG, Drawing, arrow, line, rect, text
from minimodel.next_token import shift_labels

_BOX, _PITCH, _LEFT, _INPUTS, _TARGETS = 44, 62, 82, 30, 126


def drawing(words: Words) -> Drawing:
    """Arrows lead from each token to its target; dashed lines join a token with itself."""
    inputs, targets = shift_labels(np.append(TOKENS, AFTER_THE_LAST))
    body = [
        text(_LEFT - 14, _INPUTS + _BOX / 2, words.inputs, cls=QUIET, size=13, anchor="end"),
        text(_LEFT - 14, _TARGETS + _BOX / 2, words.targets, cls=QUIET, size=13, anchor="end"),
    ]
    sentences = [words.labels_describe]
    for i, (token, target) in enumerate(zip(inputs, targets, strict=True)):
        x = _LEFT + i * _PITCH
        body.append(text(x + _BOX / 2, 14, str(i), cls=f"{QUIET} {NUMBER}", size=12))
        body += _box(x, _INPUTS, str(token), FRAME) + _box(x, _TARGETS, str(target), STRONG)
        body.append(arrow(x + _BOX / 2, _INPUTS + _BOX + 5, _TARGETS - 6, STRONG))
        if i:
            body.append(line(x + 4, _INPUTS + _BOX + 4, x - _PITCH + _BOX - 4, _TARGETS - 4, dashed=True))
        said = words.nothing if target == AFTER_THE_LAST else target
        sentences.append(words.labels_pair.format(i=i, token=token, target=said))
    width = _LEFT + (T - 1) * _PITCH + _BOX + 4
    return Drawing(width, _TARGETS + _BOX + 6, words.labels_title, " ".join(sentences), tuple(body))


def _box(x: float, y: float, token: str, frame: str) -> list[str]:
    ink = QUIET if token == AFTER_THE_LAST else INK
    return [
        rect(x, y, _BOX, _BOX, f"{PAPER} {frame}", radius=4),
        text(x + _BOX / 2, y + _BOX / 2, token, cls=f"{ink} {NUMBER}", size=18),
    ]


def shown() -> Shown:
    return Shown(index(T), index(T))
