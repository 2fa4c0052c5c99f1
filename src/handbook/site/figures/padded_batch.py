"""Two texts in one batch, padded on the right and on the left: what the card hides, and what the strip."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.causal_mask import named_keys
from handbook.site.figures.shown import Shown, rows
from handbook.site.figures.svg import QUIET, STRONG, Drawing, box, line, mask_cell, rect, small, text
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, causal, materialise, padding

_CELL, _LEFT, _TOP, _ACROSS, _DOWN = 34, 26, 52, 150, 178
_BLANK = "–"

# Section 12: two texts, and where the words of each stand when it is padded on the right.
WORDS = (("a", "b", "c"), ("d", "e"))


def drawing(words: Words) -> Drawing:
    """Texts across, sides down; hatching is the card, lines are the strip, a frame is a row without a key."""
    body: list[str] = []
    sentences = [words.padded_describe]
    for down, (side, lines, masks) in enumerate(padded_masks(words)):
        for across, (tokens, mask) in enumerate(zip(lines, masks, strict=True)):
            x, y = _LEFT + _ACROSS * across, _DOWN * down
            title = words.padded_text.format(i=across, side=side)
            body.append(text(x, y + 10, words.padded_name.format(i=across), size=13, anchor="start", weight="bold"))
            body += small(x, y + 27, side)
            body += _grid(x, y + _TOP, tokens, mask)
            sentences += [_row(words, title, i, row) for i, row in enumerate(mask)]
    y = 2 * _DOWN
    body += _legend(words, y)
    width = _LEFT + _ACROSS + _CELL * 3 + 40
    return Drawing(width, y + 96, words.padded_title, " ".join(sentences), tuple(body))


def padded_masks(words: Words) -> list[tuple[str, list[list[str]], np.ndarray]]:
    """For each side its name, the lines of the two pages, and the two masks `[B, T, T]`."""
    T = max(map(len, WORDS))
    sides = []
    for name, left in ((words.padded_right, False), (words.padded_left, True)):
        blanks = [[_BLANK] * (T - len(one)) for one in WORDS]
        lines = [[*b, *one] if left else [*one, *b] for one, b in zip(WORDS, blanks, strict=True)]
        real = np.array([[token != _BLANK for token in one] for one in lines])  # [B, T]
        sides.append((name, lines, materialise(all_of(causal, padding(real)), T, B=len(WORDS))[:, 0]))
    return sides


def _grid(x: float, y: float, tokens: list[str], mask: np.ndarray) -> list[str]:
    drawn: list[str] = []
    for i, reader in enumerate(tokens):
        middle = _CELL * (i + 0.5)
        drawn.append(text(x + middle, y - 9, reader, cls=QUIET, size=13))
        drawn.append(text(x - 12, y + middle, reader, cls=QUIET, size=13))
        for k in range(len(tokens)):
            drawn += _cell(x + _CELL * k, y + _CELL * i, allowed=bool(mask[i, k]), future=k > i)
    empty = [i for i, row in enumerate(mask) if not row.any()]
    return drawn + [rect(x, y + _CELL * i, _CELL * len(tokens), _CELL, STRONG) for i in empty]


def _cell(x: float, y: float, *, allowed: bool, future: bool, size: float = _CELL) -> list[str]:
    if allowed or future:
        return [mask_cell(x, y, size, allowed=allowed)]
    return [
        box(x, y, size, size),
        *(line(x + 3, y + size * share, x + size - 3, y + size * share) for share in (0.25, 0.5, 0.75)),
    ]


def _legend(words: Words, y: float) -> list[str]:
    kinds = [(True, False, words.may_read), (False, True, words.padded_card), (False, False, words.padded_strip)]
    drawn: list[str] = []
    for n, (allowed, future, label) in enumerate(kinds):
        drawn += _cell(_LEFT, y + 23 * n, allowed=allowed, future=future, size=16)
        drawn.append(text(_LEFT + 25, y + 23 * n + 8, label, size=12, anchor="start"))
    drawn.append(rect(_LEFT, y + 69, 16, 16, STRONG))
    drawn.append(text(_LEFT + 25, y + 77, words.padded_empty, size=12, anchor="start"))
    return drawn


def _row(words: Words, title: str, i: int, row: np.ndarray) -> str:
    return words.padded_row.format(title=title, i=i, keys=named_keys(words, row))


def shown() -> Shown:
    past = causal_allowed(3)
    sides = [[past, past & (np.arange(3) < 2)], [past, past & (np.arange(3) > 0)]]
    says = " ".join(rows(mask, title=n) for side in sides for n, mask in enumerate(side))
    filled = sum(int(mask.sum()) for side in sides for mask in side)
    return Shown(says, "0 1 0 1", filled=filled + 1, hatched=4 * int((~past).sum()) + 1)
