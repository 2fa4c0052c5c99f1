"""Eight texts in four slots: in fixed batches, and with each slot filled again as soon as it is empty."""

from __future__ import annotations

from handbook.locale import Words
from handbook.site.figures.shown import Shown, spelled
from handbook.site.figures.svg import QUIET, Drawing, box, hatched, number, small, text
from minimodel.scheduler import Pass, Request, serve

# Section 22: tokens that each text generates, one a pass.
NEW = (4, 20, 3, 7, 16, 2, 9, 5)
SLOTS = 4

_CELL, _HIGH, _LEFT = 8, 24, 60

Run = tuple[int, int, int]
"""A text, its first pass, and the pass after its last."""


def drawing(words: Words) -> Drawing:
    """A line a slot, a box a text, as long as it takes; hatching is a slot that waits."""
    both = [(words.slots_fixed, False), (words.slots_refilled, True)]
    body: list[str] = []
    sentences = [words.slots_describe]
    y, widest = 0.0, 0
    for title, refill in both:
        passes = serve([Request(1, new) for new in NEW], slots=SLOTS, refill=refill)
        widest = max(widest, len(passes))
        heading = words.slots_heading.format(title=title, n=len(passes))
        body.append(text(4, y + 12, heading, size=13, anchor="start", weight="bold"))
        sentences.append(f"{heading}.")
        for slot, runs in enumerate(runs_by_slot(passes)):
            top = y + 28 + _HIGH * slot
            label = words.slots_slot.format(i=slot)
            body.append(text(_LEFT - 8, top + _HIGH / 2, label, cls=QUIET, size=11, anchor="end"))
            body += _line(runs, len(passes), top)
            sentences.append(words.slots_line.format(i=slot, texts=", ".join(str(one) for one, _, _ in runs)))
        y += 28 + _HIGH * SLOTS + 20
    body += [hatched(_LEFT, y, 16, 16), *small(_LEFT + 25, y + 8, words.slots_waits)]
    return Drawing(_LEFT + _CELL * widest + 4, y + 22, words.slots_title, " ".join(sentences), tuple(body))


def runs_by_slot(passes: list[Pass]) -> list[list[Run]]:
    """What lies in each slot, in order; a text takes the first slot that is free."""
    slots: list[list[Run]] = [[] for _ in range(SLOTS)]
    for at, one in enumerate(passes):
        begun = {run[0] for runs in slots for run in runs}
        for new in sorted(set(one.tokens) - begun):
            end = at + sum(new in later.tokens for later in passes)
            free = next(runs for runs in slots if not runs or runs[-1][2] <= at)
            free.append((new, at, end))
    return slots


def _line(runs: list[Run], passes: int, top: float) -> list[str]:
    drawn: list[str] = []
    idle_from = 0
    for one, first, end in [*runs, (None, passes, passes)]:
        if first > idle_from:
            drawn.append(hatched(_LEFT + _CELL * idle_from, top, _CELL * (first - idle_from), _HIGH))
        if one is not None:
            x, width = _LEFT + _CELL * first, _CELL * (end - first)
            drawn += [
                box(x, top, width, _HIGH),
                number(x + width / 2, top + _HIGH / 2, one, size=13),
            ]
        idle_from = end
    return drawn


def shown() -> Shown:
    says, writes, waits = [], [], 0
    for refill in (False, True):
        ends, slots = [0] * SLOTS, [list[int]() for _ in range(SLOTS)]
        gaps = set[tuple[int, int]]()
        for one, new in enumerate(NEW):
            batch_ends = max(ends)
            slot = ends.index(min(ends)) if refill else one % SLOTS
            if not refill and slot == 0:
                gaps |= {(k, batch_ends) for k in range(SLOTS) if one and ends[k] < batch_ends}
                ends = [batch_ends] * SLOTS
            slots[slot].append(one)
            ends[slot] += new
        gaps |= {(k, max(ends)) for k in range(SLOTS) if ends[k] < max(ends)}
        waits += len(gaps)
        says.append(" ".join(f"{k} {spelled(texts)}" for k, texts in enumerate(slots)))
        says[-1] = f"{max(ends)} {says[-1]}"
        writes.append(says[-1])
    return Shown(" ".join(says), " ".join(writes), hatched=waits + 1)
