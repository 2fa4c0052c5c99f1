"""Every word that the site itself puts on a page, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["easy", "medium", "hard"]

LEVEL_SIGNS: dict[Level, str] = {"easy": "🟢", "medium": "🟡", "hard": "🔴"}


@dataclass(frozen=True)
class Words:
    """The words of one language. Sentences with a gap are `str.format` templates."""

    trap: str
    proof: str
    answer: str
    right: str
    wrong: str
    block: str
    easy: str
    medium: str
    hard: str
    minutes: str
    level: str
    reading: str
    needs: str
    any_level: str
    any_topic: str

    def level_name(self, level: Level) -> str:
        """The level's name, as readers see it."""
        return {"easy": self.easy, "medium": self.medium, "hard": self.hard}[level]


WORDS: dict[str, Words] = {
    "en": Words(
        trap="Common wrong answer",
        proof="Proof",
        answer="Answer",
        right="{letter} is right",
        wrong="{letter} is wrong",
        block="block {number}",
        easy="Easy",
        medium="Medium",
        hard="Hard",
        minutes="{minutes} min read",
        level="Level",
        reading="Reading time",
        needs="Know first",
        any_level="Any level",
        any_topic="Any topic",
    ),
    "es": Words(
        trap="Respuesta equivocada frecuente",
        proof="Prueba",
        answer="Respuesta",
        right="{letter} es correcta",
        wrong="{letter} es incorrecta",
        block="bloque {number}",
        easy="Fácil",
        medium="Medio",
        hard="Difícil",
        minutes="{minutes} min de lectura",
        level="Nivel",
        reading="Tiempo de lectura",
        needs="Conviene saber antes",
        any_level="Cualquier nivel",
        any_topic="Cualquier tema",
    ),
}


TOPICS: dict[str, dict[str, str]] = {
    "en": {
        "attention": "attention",
        "blocks": "blocks",
        "broadcasting": "broadcasting",
        "cache": "cache",
        "causality": "causality",
        "cost": "cost",
        "gradients": "gradients",
        "heads": "heads",
        "inference": "inference",
        "labels": "labels",
        "loss": "loss",
        "masks": "masks",
        "memory": "memory",
        "padding": "padding",
        "positions": "positions",
        "precision": "precision",
        "probability": "probability",
        "pytorch": "PyTorch",
        "scaling": "scaling",
        "shapes": "shapes",
        "softmax": "softmax",
        "testing": "testing",
        "training": "training",
        "windows": "windows",
    },
    "es": {
        "attention": "atención",
        "blocks": "bloques",
        "broadcasting": "difusión",
        "cache": "caché",
        "causality": "causalidad",
        "cost": "costo",
        "gradients": "gradientes",
        "heads": "cabezas",
        "inference": "inferencia",
        "labels": "etiquetas",
        "loss": "pérdida",
        "masks": "máscaras",
        "memory": "memoria",
        "padding": "relleno",
        "positions": "posiciones",
        "precision": "precisión",
        "probability": "probabilidad",
        "pytorch": "PyTorch",
        "scaling": "escala",
        "shapes": "formas",
        "softmax": "softmax",
        "testing": "pruebas",
        "training": "entrenamiento",
        "windows": "ventanas",
    },
}
"""What a question may be about, as `data-topic` names it and as readers see it."""


def words(language: str) -> Words:
    """The words of `language`; raises `KeyError` for one that the handbook is not written in."""
    return WORDS[language]
