"""Attention in blocks: which blocks are computed, and which are skipped."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import BLOCK, LONG
from handbook.site.figures.shown import Shown, index, masks, rows
from handbook.site.figures.svg import QUIET, STRONG, Drawing, line, mask_cell, rect, spell_all, text
from minimodel.blockwise import block_map
from minimodel.predicates import Predicate, all_of, causal, materialise, window

_CELL, _LEFT, _TOP, _ACROSS, _WINDOW = 15, 18, 56, 150, 3
_SIDE = _CELL * LONG


def drawing(words: Words) -> Drawing:
    """Two masks side by side, cut into blocks; a skipped block is crossed out and holds no cells."""
    body: list[str] = []
    sentences = [words.blocks_describe]
    for n, (title, rule) in enumerate(rules(words)):
        x = _LEFT + _ACROSS * n
        computed = block_map(rule, LONG, block_q=BLOCK, block_k=BLOCK)
        count = words.blocks_count.format(computed=computed.sum(), all=computed.size)
        body.append(text(x, 10, title, size=13, anchor="start", weight="bold"))
        body.append(text(x, 27, count, cls=QUIET, size=11.5, anchor="start"))
        body += _matrix(x, materialise(rule, LONG), computed)
        sentences.append(f"{title}: {count}.")
        sentences += [
            words.blocks_row.format(i=i, computed=spell_all(np.flatnonzero(row))) for i, row in enumerate(computed)
        ]
    y = _TOP + _SIDE + 16
    for n, (drawn, label) in enumerate(_legend(words, y)):
        body += drawn
        body.append(text(_LEFT + 2 * _CELL + 8, y + 22 * n + _CELL / 2, label, size=12, anchor="start"))
    width = _LEFT + _ACROSS + _SIDE + 8
    return Drawing(width, y + 66, words.blocks_title, " ".join(sentences), tuple(body))


def rules(words: Words) -> list[tuple[str, Predicate]]:
    """The name of each rule, and the rule."""
    return [
        (words.columns_causal, causal),
        (words.columns_window.format(width=_WINDOW), all_of(causal, window(_WINDOW))),
    ]


def _matrix(x: float, allowed: np.ndarray, computed: np.ndarray) -> list[str]:
    drawn: list[str] = []
    for i in range(LONG):
        middle = _CELL * (i + 0.5)
        drawn.append(text(x + middle, _TOP - 9, str(i), cls=QUIET, size=10.5))
        drawn.append(text(x - 9, _TOP + middle, str(i), cls=QUIET, size=10.5))
        for j in range(LONG):
            at = (x + _CELL * j, _TOP + _CELL * i)
            if computed[i // BLOCK, j // BLOCK]:
                drawn.append(mask_cell(*at, _CELL, allowed=bool(allowed[i, j])))
    for row, column in np.ndindex(computed.shape):
        at = (x + _CELL * BLOCK * column, _TOP + _CELL * BLOCK * row)
        drawn += [rect(*at, _CELL * BLOCK, _CELL * BLOCK, STRONG)] if computed[row, column] else _skipped(*at, BLOCK)
    return drawn


def _skipped(x: float, y: float, cells: int) -> list[str]:
    edge = _CELL * cells
    return [
        line(x + 4, y + 4, x + edge - 4, y + edge - 4, dashed=True),
        line(x + 4, y + edge - 4, x + edge - 4, y + 4, dashed=True),
    ]


def _legend(words: Words, y: float) -> list[tuple[list[str], str]]:
    at = _LEFT + _CELL
    return [
        ([mask_cell(at, y, _CELL, allowed=True)], words.blocks_open),
        ([mask_cell(at, y + 22, _CELL, allowed=False)], words.blocks_masked),
        (_skipped(at, y + 44, 1), words.blocks_skipped),
    ]


def shown() -> Shown:
    whole = [materialise(rule, LONG) for rule in (causal, all_of(causal, window(3)))]
    blocks = [np.logical_or.reduce(mask.reshape(4, 2, 4, 2), axis=(1, 3)) for mask in whole]
    drawn = [mask[np.kron(block, np.ones((2, 2), dtype=bool))] for mask, block in zip(whole, blocks, strict=True)]
    says = " ".join(
        f"{title} {block.sum()} {block.size} {rows(block)}" for title, block in zip(("", 3), blocks, strict=True)
    )
    counts = " ".join(f"{block.sum()} {block.size}" for block in blocks)
    return masks(drawn, says, f"{counts} 3 {index(*4 * [LONG])}")
