"""Make many alterations of a page at once, where none can be mistaken for another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.audit.alterations import FENCE, Alteration, Kind

CLAIMS = frozenset({Kind.DECIMAL, Kind.CODE_FONT, Kind.TABLE, Kind.MATH, Kind.PROSE, Kind.SOURCE, Kind.SIGN, Kind.TICK})
"""What is compared with the code and its output, and never with another claim."""

_BEGINS = re.compile(r"\||- |\d+\. ")


@dataclass(frozen=True)
class Seen:
    """Of a page: the lines at which its checks find something, and each number, name and formula with its line."""

    found: tuple[int, ...]
    said: tuple[tuple[str, int], ...]


def in_place(text: str, facts: list[Alteration], see: Callable[[str], Seen]) -> Iterator[tuple[Alteration, bool]]:
    """The alterations that show in the very paragraph, item, row or output that holds them.

    With each, whether a check of the page finds it; if not, the place holds other numbers than its twin's.
    Each place holds one alteration at a time, so that what shows there is about that one. Claims and outputs take
    turns, because a claim may be compared with an output.
    """
    places = _places(text)
    true = _by_place(places, see(text).said)
    for kinds in (CLAIMS, frozenset({Kind.OUTPUT})):
        waiting = [fact for fact in facts if fact.kind in kinds]
        while waiting:
            batch: dict[int, Alteration] = {}
            for fact in waiting:
                batch.setdefault(places[fact.line(text)], fact)
            waiting = [fact for fact in waiting if batch[places[fact.line(text)]] is not fact]
            changed = text
            for fact in sorted(batch.values(), key=lambda fact: -fact.start):
                changed = fact.apply(changed)
            seen = see(changed)
            found, said = {places[line] for line in seen.found}, _by_place(places, seen.said)
            for place, fact in batch.items():
                if place in found or said[place] != true[place]:
                    yield fact, place in found


def _by_place(places: list[int], said: Iterable[tuple[str, int]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for what, line in said:
        found[places[line]].append(what)
    return defaultdict(list, {place: sorted(whole) for place, whole in found.items()})


def _places(text: str) -> list[int]:
    """The first line of the place that each line belongs to; lines count from one."""
    fenced = {
        line: text.count("\n", 0, fence.start()) + 1
        for fence in FENCE.finditer(text)
        for line in range(text.count("\n", 0, fence.start()) + 1, text.count("\n", 0, fence.end()) + 2)
    }
    places, begins = [0], True
    for number, line in enumerate(text.split("\n"), start=1):
        begins = begins or not line.strip() or bool(_BEGINS.match(line))
        places.append(fenced.get(number, number if begins else places[-1]))
        begins = not line.strip()
    return places
