"""What is known of one bug: its row in the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a bug can be noticed by, in the order of the table."""

    PAGE = "page"
    TESTS = "tests"
    INFLUENCE = "influence"
    JACOBIAN = "jacobian"
    ENTROPY = "entropy"
    CONTRACTS = "contracts"
    PREFIXES = "prefixes"
    CACHE = "cache"
    PADDING = "padding"
    PACKING = "packing"
    POSITIONS = "positions"
    LABELS = "labels"


@dataclass(frozen=True)
class Row:
    """One bug: what its run prints without it and with it, and which checks notice it (None: not asked)."""

    without: str
    printed: str
    noticed: dict[Kind, bool | None]

    @property
    def survives(self) -> bool:
        """Whether nothing notices it."""
        return not any(self.noticed.values())

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the record."""
        noticed = {str(kind): answer for kind, answer in self.noticed.items()}
        return {"without": self.without, "printed": self.printed, "noticed": noticed}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Row:
        """The row that ``to_json`` wrote."""
        noticed = {Kind(name): answer for name, answer in data["noticed"].items()}
        return cls(data["without"], data["printed"], noticed)
