"""The cell of an influence matrix: what was promised of it, and what was measured."""

from __future__ import annotations

from handbook.site.figures.svg import FRAME, LEAK, PAPER, hatched, rect, square, text
from handbook.site.figures.words import FigureWords


def cell(x: float, y: float, size: float, *, allowed: bool, moved: bool) -> list[str]:
    """A square if read, a cross on colour if leaked, empty if unread, hatched if blocked."""
    centre = (x + size / 2, y + size / 2)
    if allowed:
        frame = rect(x, y, size, size, f"{PAPER} {FRAME}")
        return [frame, square(*centre, 0.3, size)] if moved else [frame]
    if not moved:
        return [hatched(x, y, size, size)]
    return [rect(x, y, size, size, f"{LEAK} {FRAME}"), text(*centre, "×", size=6 + 0.54 * size, weight="bold")]


def legend(words: FigureWords) -> list[tuple[bool, bool, str]]:
    """Every kind of cell: allowed, moved, and the word for it."""
    return [
        (True, True, words.reads),
        (False, True, words.leak),
        (True, False, words.unread),
        (False, False, words.blocked),
    ]
