"""Linear attention as a mask with numbers in it: nothing decays, half is left at a token, and chunks with a state."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Shown, spelled
from handbook.site.figures.svg import NUMBER, PAPER, QUIET, STRONG, Drawing, box, cell, rect, small, spell_all, text
from minimodel.linear_attention import decay_mask

_T, _CHUNK, _HALF = 6, 3, 0.5
_CELL, _LEFT, _TOP, _ACROSS, _DOWN = 18, 20, 44, 150, 176


def drawing(words: Words) -> Drawing:
    """Three squares; in each cell a part of its area says how much of the key is left."""
    body: list[str] = []
    for n, (title, mask) in enumerate(zip(_titles(words), _masks(), strict=True)):
        x, top = _LEFT + _ACROSS * (n % 2), _TOP + _DOWN * (n // 2)
        body.append(text(x - 14, top - 32, title, size=13, anchor="start", weight="bold"))
        for (i, j), left in np.ndenumerate(mask):
            at = x + _CELL * j, top + _CELL * i
            if j > i:
                body.append(box(*at, _CELL, _CELL, closed=True))
            elif n < 2 or i // _CHUNK == j // _CHUNK:
                body.append(cell(*at, _CELL, 0.7 * float(left)))
        for k in range(_T):
            body.append(text(x + _CELL * (k + 0.5), top - 10, str(k), cls=f"{QUIET} {NUMBER}", size=11))
            body.append(text(x - 9, top + _CELL * (k + 0.5), str(k), cls=f"{QUIET} {NUMBER}", size=11))
    x, top, side = _LEFT, _TOP + _DOWN, _CELL * _CHUNK
    body.append(rect(x, top + side, side, side, f"{PAPER} {STRONG}"))  # all that comes through the state
    body.append(text(x + side / 2, top + 1.5 * side, words.sums_state, size=12))
    body += small(_LEFT + _ACROSS - 14, top, words.sums_row, words.sums_column, words.sums_area, words.sums_hatched)
    plain, halved, _ = _masks()
    sentences = [
        words.sums_describe.format(tokens=_T),
        words.sums_plain.format(title=_titles(words)[0], left=spell_all(plain[-1])),
        words.sums_halved.format(title=_titles(words)[1], left=", ".join(spelled([one], ".5f") for one in halved[-1])),
        words.sums_chunks.format(title=_titles(words)[2], size=_CHUNK, first=_CHUNK, last=_T - 1),
    ]
    size = _LEFT + _ACROSS + _CELL * _T + 8, _TOP + _DOWN + _CELL * _T + 8
    return Drawing(*size, words.sums_title, " ".join(sentences), tuple(body))


def _titles(words: Words) -> tuple[str, str, str]:
    return words.sums_no_decay, words.sums_decay, words.sums_in_chunks


def _masks() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How much of each key is left at each query: without a decay, with one, and again without, for the chunks."""
    plain = decay_mask(np.ones(_T))
    return plain, decay_mask(np.full(_T, _HALF)), plain


def shown() -> Shown:
    halves = spelled((0.5 ** np.arange(6))[::-1], ".5f")
    open_cells = 21  # 6 + 5 + 4 + 3 + 2 + 1
    halved = [0.5 ** (i - j) for i in range(6) for j in range(i + 1)]
    values = [*[1.0] * open_cells, *halved, *[1.0] * 2 * 6]
    return Shown(
        f"6 1 1 1 1 1 1 {halves} 3 3 5",
        " ".join(3 * [" ".join(f"{k} {k}" for k in range(6))]),
        filled=len(values),
        hatched=3 * 15,
        values=tuple(values),
    )
