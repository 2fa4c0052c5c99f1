"""Splitting features into heads: with the transpose, and by a reshape alone."""

from __future__ import annotations

from handbook.locale import Words
from handbook.site.figures.data import D_MODEL, HEADS, NUMBERED, T
from handbook.site.figures.shown import Explorer, Shown, index, spelled
from handbook.site.figures.svg import QUIET, Drawing, box, number, text
from minimodel.attention import split_heads

_WIDE, _HIGH, _LEFT, _GAP = 38, 24, 62, 14


def drawing(words: Words) -> Drawing:
    """The same numbers three times: whole, split into heads, and cut without the transpose."""
    T, d_model = NUMBERED.shape
    d_head = d_model // HEADS
    panels = [
        (words.split_whole, NUMBERED[None]),
        (words.split_right, split_heads(NUMBERED, HEADS)),
        (words.split_wrong, NUMBERED.reshape(HEADS, T, d_head)),
    ]
    body: list[str] = []
    sentences = [words.split_describe]
    y = 0.0
    for title, grids in panels:
        body.append(text(4, y + 12, title, size=13, anchor="start", weight="bold"))
        x, top = float(_LEFT), y + (48 if len(grids) > 1 else 28)
        for h, grid in enumerate(grids):
            if len(grids) > 1:
                label = words.head.format(h=h)
                body.append(text(x + _WIDE * grid.shape[1] / 2, y + 36, label, cls=QUIET, size=12.5))
            for i, row in enumerate(grid):
                for c, value in enumerate(row):
                    body += _numbered(x + _WIDE * c, top + _HIGH * i, int(value))
            x += _WIDE * grid.shape[1] + _GAP
            rows = "; ".join(", ".join(str(v) for v in row) for row in grid)
            sentences.append(words.split_rows.format(title=title, head=words.head.format(h=h), rows=rows))
        for i in range(T):
            label = (words.token if len(grids) == 1 else words.row).format(i=i)
            body.append(text(_LEFT - 10, top + _HIGH * (i + 0.5), label, cls=QUIET, size=12.5, anchor="end"))
        y = top + _HIGH * T + 26
    width = _LEFT + _WIDE * d_model + _GAP + 4
    return Drawing(width, y - 22, words.split_title, " ".join(sentences), tuple(body))


def _numbered(x: float, y: float, value: int) -> list[str]:
    """A cell with its number; hatched if the feature belongs to a head other than the first."""
    frame = box(x, y, _WIDE, _HIGH, closed=value % 10 >= D_MODEL // HEADS)
    return [frame, number(x + _WIDE / 2, y + _HIGH / 2, value, size=13)]


def shown() -> Shown:
    cut = [split_heads(NUMBERED, HEADS), NUMBERED.reshape(HEADS, T, -1)]
    whole = spelled(NUMBERED.ravel())
    says = " ".join(f"{h} {spelled(head.ravel())}" for heads in cut for h, head in enumerate(heads))
    return Shown(f"1 0 {whole} {says}", f"{whole} {says} {index(T, T, T)}", hatched=3 * NUMBERED.size // HEADS)


def explorer() -> Explorer:
    """The heads explorer starts from the same numbers."""
    return Explorer("heads", {"T": T, "width": D_MODEL, "heads": HEADS})
