"""What running a page showed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple


class Trespass(NamedTuple):
    """What a block changed for everything after it, and how to do without."""

    what: str
    fix: str


@dataclass(frozen=True)
class Ran:
    """One block's run. ``line`` is the line within the block (one-based) where it failed."""

    stdout: str = ""
    error: str | None = None
    line: int = 0
    trespasses: tuple[Trespass, ...] = ()
    skipped: str | None = None
    picture: str = ""
    """The SVG that the last line of a notebook's cell shows."""


@dataclass(frozen=True)
class Value:
    """What a pin's expression gave: plain data, or the error it raised."""

    value: Any = None
    error: str | None = None
    shape_names: dict[str, int] = field(default_factory=dict)


@dataclass
class Transcript:
    """The runs of a page's blocks by index, the values of its pins, and the numbers in its namespace.

    ``values`` is keyed by ``key(after, expression)``; ``computed`` lists ``(expression, value)`` for the
    numbers that stand in the namespace when the page is done.
    """

    ran: dict[int, Ran] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    computed: list[tuple[str, float]] = field(default_factory=list)

    @staticmethod
    def key(after: int, expression: str) -> str:
        """How ``values`` names an expression evaluated after a block."""
        return f"{after}:{expression}"

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the store."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Transcript:
        """The transcript that ``to_json`` wrote."""
        return cls(
            ran={int(k): _ran(**v) for k, v in data["ran"].items()},
            values={k: Value(**v) for k, v in data["values"].items()},
            computed=[(name, value) for name, value in data["computed"]],
        )


def _ran(trespasses: list[list[str]], **rest: Any) -> Ran:
    return Ran(trespasses=tuple(Trespass(*one) for one in trespasses), **rest)
