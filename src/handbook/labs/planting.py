"""The starter of L08: its own solution without Parts 2 and 3, and with bugs planted that a number draws.

The lab is offered in two variants, with torch and with NumPy. Each has a file, a solution and a pool of its own. The
pool of the second says of a bug that the first has too only how it is written there. Everything else stands once:
graders see numbers alone, and `Variant.through` names the module that asks a file for them.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from handbook.labs.texts import HERE

HOME = HERE / "L08"
FILE = "gpt.py"


@dataclass(frozen=True)
class Variant:
    """What a lab is offered in: the learner's file, where its pool and its solution lie, and who asks it.

    Where it is written ``by_hand``, gradients and AdamW are the file's own.
    """

    file: str
    home: Path
    through: str
    by_hand: bool = False


TORCH = Variant(FILE, HOME, "handbook.labs.sandbox.gpt_calls")
NUMPY = Variant("gpt_numpy.py", HOME / "numpy", "handbook.labs.sandbox.gpt_numpy_calls", by_hand=True)

BUGS = 4
YOURS = "\n\n# Part two"
"""Where the part begins that the learner writes."""


@dataclass(frozen=True)
class Kind:
    """A bug: what becomes what, the step that fails of it alone and what that says, and what is told afterwards."""

    id: str
    group: str
    old: str
    new: str
    step: str
    symptom: str
    title: Mapping[str, str]
    soonest: Mapping[str, str]
    variant: Variant = TORCH

    def place(self) -> range:
        """Where it is planted.

        Raises ``ValueError`` where that is not one place.
        """
        source = given(self.variant)
        if source.count(self.old) != 1:
            found = source.count(self.old)
            raise ValueError(f"{self.id}: its `old` stands {found} times in {self.variant.file}, not once")
        start = source.index(self.old)
        return range(start, start + len(self.old))


@cache
def pool(variant: Variant = TORCH) -> tuple[Kind, ...]:
    """Every bug that may be planted."""
    told = {one["id"]: one for one in _kinds(TORCH)}
    return tuple(Kind(**{**told.get(one["id"], {}), **one}, variant=variant) for one in _kinds(variant))


def _kinds(variant: Variant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((variant.home / "pool.toml").read_text(encoding="utf-8"))["kinds"]
    return found


def drawn(seed: int, variant: Variant = TORCH) -> list[Kind]:
    """Four bugs of four groups, no two in one place; the same for the same number."""
    rng = np.random.default_rng(seed)
    groups = sorted({kind.group for kind in pool(variant)})
    while True:
        chosen = rng.choice(groups, size=BUGS, replace=False).tolist()
        kinds = [rng.choice(np.array([one for one in pool(variant) if one.group == group])) for group in chosen]
        places = sorted((kind.place() for kind in kinds), key=lambda place: place.start)
        if all(before.stop <= after.start for before, after in pairwise(places)):
            return kinds


def planted(kinds: Sequence[Kind], variant: Variant = TORCH) -> str:
    """The starter with these bugs in it."""
    source = given(variant)
    for kind in sorted(kinds, key=lambda kind: kind.place().start, reverse=True):
        source = source[: kind.place().start] + kind.new + source[kind.place().stop :]
    return source


@cache
def given(variant: Variant = TORCH) -> str:
    """The starter when nothing is planted: of Parts 2 and 3, what the functions are called and what they promise."""
    text = (variant.home / "solution" / variant.file).read_text(encoding="utf-8")
    lines, dropped = text.splitlines(), set[int]()
    first = text[: text.index(YOURS)].count("\n")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.lineno > first and node.end_lineno:
            own = node.name.startswith("_")  # a helper of the solution: not even its name is given
            begin = node.lineno - 1 if own else node.body[1].lineno
            dropped.update(range(begin, node.end_lineno + 2 * own))
            if not own:
                lines[begin - 1] = "    raise NotImplementedError"
    return "\n".join(line for number, line in enumerate(lines) if number not in dropped) + "\n"
