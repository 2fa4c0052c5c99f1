"""What a page may say of itself, in one place: levels and topics."""

from __future__ import annotations

from typing import Literal

Level = Literal["easy", "medium", "hard"]

LEVEL_SIGNS: dict[Level, str] = {"easy": "🟢", "medium": "🟡", "hard": "🔴"}
"""The levels, and the signs that let them be read without colour."""

TOPICS = tuple(
    "attention blocks broadcasting cache causality cost gradients heads inference labels loss masks memory padding "
    "positions precision probability pytorch scaling shapes softmax testing training windows".split()
)
"""What a question may be about, as `data-topic` names it; `locale` says it to readers."""
