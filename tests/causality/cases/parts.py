"""What the cases are made of: one head of attention in NumPy, rotary positions, fixed weights."""

from __future__ import annotations

import numpy as np

D, V = 16, 20


def weights(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape) / 4


QKV = weights(3, D, D)
WORDS, OUT = weights(V, D, seed=2) * 4, weights(D, V, seed=3)


def attend(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray, bias: np.ndarray | float = 0.0
) -> np.ndarray:
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]) + bias
    scores = np.where(allowed, scores, -np.inf)
    with np.errstate(invalid="ignore"):
        e = np.exp(scores - scores.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True) @ v


def triangle(L: int, S: int | None = None) -> np.ndarray:
    """Row i of L queries at the end of S keys."""
    S = L if S is None else S
    return np.arange(L)[:, None] + S - L >= np.arange(S)


def rotate(x: np.ndarray, positions: np.ndarray, base: float = 100.0) -> np.ndarray:
    angle = positions[:, None] * base ** (-np.arange(0, D, 2) / D)
    a, b = x[..., : D // 2], x[..., D // 2 :]
    return np.concatenate([a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)], -1)


def grown(cache: tuple[np.ndarray, np.ndarray] | None, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if cache is None:
        return k, v
    return np.concatenate([cache[0], k], -2), np.concatenate([cache[1], v], -2)
