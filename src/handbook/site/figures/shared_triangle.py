"""A causal text on four devices: rows in one piece for each, and an early row with a late one."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.shown import Shown
from handbook.site.figures.svg import QUIET, Drawing, box, number, text
from minimodel.masks import causal_allowed
from minimodel.parallel import zigzag

_T, _DEVICES = 8, 4
_CELL, _LEFT, _TOP, _ACROSS = 19, 4, 44, 190


def drawing(words: Words) -> Drawing:
    """Two triangles; in each open cell stands the device that computes it."""
    body: list[str] = []
    sentences = [words.shared_describe.format(devices=_DEVICES, rows=_T)]
    for n, (title, shares) in enumerate(zip((words.shared_pieces, words.shared_zigzag), _ways(), strict=True)):
        x = _LEFT + _ACROSS * n
        body.append(text(x, 12, title, size=12.5, anchor="start", weight="bold"))
        owner = _owner(shares)
        for (i, j), allowed in np.ndenumerate(causal_allowed(_T)):
            left, top = x + _CELL * j, _TOP + _CELL * i
            body.append(box(left, top, _CELL, _CELL, closed=not allowed))
            if allowed:
                body.append(number(left + _CELL / 2, top + _CELL / 2, owner[i], size=11))
        for device, cells in enumerate(_cells(shares)):
            place = x + (_CELL * _T / _DEVICES) * (device + 0.5)
            body.append(text(place, _TOP + _CELL * _T + 16, str(cells), size=12))
            sentences.append(words.shared_device.format(title=title, device=device, cells=cells))
        below = words.shared_cells.format(last=_DEVICES - 1)
        body.append(text(x, _TOP + _CELL * _T + 36, below, size=11, cls=QUIET, anchor="start"))
        body.append(text(x, 30, words.shared_owner, size=11, cls=QUIET, anchor="start"))
    size = _LEFT + _ACROSS + _CELL * _T + 8, _TOP + _CELL * _T + 46
    return Drawing(*size, words.shared_title.format(devices=_DEVICES), " ".join(sentences), tuple(body))


def _ways() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The rows of each device, in one piece and in two."""
    return np.split(np.arange(_T), _DEVICES), zigzag(_T, _DEVICES)


def _owner(shares: list[np.ndarray]) -> list[int]:
    """The device of each row."""
    return [next(device for device, rows in enumerate(shares) if i in rows) for i in range(_T)]


def _cells(shares: list[np.ndarray]) -> list[int]:
    """How many open cells each device computes."""
    return [int(causal_allowed(_T)[rows].sum()) for rows in shares]


def shown() -> Shown:
    pieces = [sum(i + 1 for i in range(2 * device, 2 * device + 2)) for device in range(4)]
    pairs = [(device + 1) + (8 - device) for device in range(4)]
    written = [str(i // 2) for i in range(8) for _ in range(i + 1)]
    written += [str(min(i, 7 - i)) for i in range(8) for _ in range(i + 1)]
    said = " ".join(f"{device} {cells}" for cells_of in (pieces, pairs) for device, cells in enumerate(cells_of))
    sums = " ".join(map(str, (*pieces, *pairs)))
    closed = 2 * int((~causal_allowed(8)).sum())
    return Shown(f"4 8 {said}", f"{' '.join(written)} {sums} 0 3 0 3", titled="4", hatched=closed)
