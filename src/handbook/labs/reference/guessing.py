"""Speculative decoding, as it should be and with each bug that an answer may hold, followed over a grid of numbers.

What an answer does with a number between 0 and 1 is its own affair; how often something comes out of all of them is
not. So probabilities are drawn whose shares are whole cells of a grid. A number is taken from inside each cell, and the
cells are counted: that is exact, and no luck is in it. The arithmetic is written out without `minimodel`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from handbook.labs.texts import Say, say

Array = np.ndarray
Tokens = tuple[int, ...]
Verify = Callable[[Array, Array, Array, Array, float], Sequence[int]]
"""Guesses `[n]`, q `[n, V]`, p `[n + 1, V]`, numbers `[n]` and one more to the tokens that come out."""


class Place(NamedTuple):
    """One place of a text: the probabilities `[V]` of the target there, and those of the draft."""

    p: Array
    q: Array


Kind = Callable[[np.random.Generator, int, int, int], Place]
"""Draws a place for V tokens: chances of staying are multiples of 1 / ``cells``, p and the residual of 1 / ``fine``."""


def mixed_place(rng: np.random.Generator, V: int, cells: int, fine: int) -> Place:
    """Some tokens are guessed too often, and some too rarely: of three or more, not all in the same proportion."""
    while True:
        p = rng.multinomial(fine, np.full(V, 1 / V)) / fine
        too_often = rng.permutation(V) < rng.integers(1, max(V - 1, 2))
        guessed = np.where(p > 0, p * cells / rng.integers(1, cells, size=V), rng.uniform(0.05, 0.3, size=V))
        rejected = (guessed - p)[too_often].sum()
        left = rng.multinomial(fine, ~too_often / (~too_often).sum()) / fine  # the residual
        q = np.where(too_often, guessed, p - rejected * left)
        q[abs(q) < 1e-12] = 0  # what is subtracted there leaves nothing but rounding
        if (q >= 0).all() and _tells(p, too_often, left):
            return Place(p, q)


def _tells(p: Array, too_often: Array, left: Array) -> bool:
    """Whether neighbouring bugs differ here: some tokens stay by chance, some never, and what is left is uneven.

    Where there are few tokens, there is no room for all of that.
    """
    by_chance, never = (too_often & (p > 0)).any(), (too_often & (p == 0)).any()
    one, as_p = np.eye(len(p))[left.argmax()], _divided(p * (left > 0))
    uneven = not np.allclose(left, one) and not np.allclose(left, as_p)
    return bool(by_chance and (never or len(p) < 4) and (uneven or len(p) < 3))


def certain_place(rng: np.random.Generator, V: int, cells: int, fine: int) -> Place:
    """The target is sure, the draft is sure, or both say the same; ``fine`` is a multiple of ``cells``."""
    sure, even = np.eye(V)[rng.integers(V)], rng.multinomial(fine, np.full(V, 1 / V)) / fine
    kind = rng.integers(4)
    if kind == 0:
        return Place(sure, rng.dirichlet(np.ones(V)))
    if kind == 1:
        return Place(even, even)
    kept = rng.integers(cells + 1) / cells
    others = rng.multinomial(fine // cells, (1 - sure) / (V - 1)) * cells / fine
    return Place(kept * sure + (1 - kept) * others, sure)


def sure_place(rng: np.random.Generator, V: int, cells: int, fine: int) -> Place:
    """The target knows the next token, as at temperature 0; the draft knows nothing."""
    return Place(np.eye(V)[rng.integers(V)], np.full(V, 1 / V))


def _inside(rng: np.random.Generator, count: int) -> list[float]:
    """A number from inside each of so many cells between 0 and 1."""
    numbers: list[float] = ((np.arange(count) + rng.uniform(0.2, 0.8, size=count)) / count).tolist()
    return numbers


class World:
    """A target and a draft: for each beginning of a text a place of its own, and the numbers that stand for chance.

    ``cells`` says how fine the chances of staying are at the first place after ``start`` tokens, at the second, and so
    on; the last one holds for all that follow.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        V: int,
        cells: Sequence[int],
        fine: int,
        kind: Kind = mixed_place,
        start: int = 0,
    ) -> None:
        self.V, self._cells, self._start = V, cells, start
        self._drawn: Callable[[int], Place] = lambda cells: kind(rng, V, cells, fine)
        self.at: Callable[[Tokens], Place] = cache(self._place)
        self._numbers = {count: _inside(rng, count) for count in cells}
        self.last = _inside(rng, fine)

    def _place(self, text: Tokens) -> Place:
        """A place whose row is not that of the place before, or the two could be confused unnoticed."""
        while True:
            place = self._drawn(self._cells_at(len(text)))
            if len(text) <= self._start or not np.allclose(place.p, self.at(text[:-1]).p):
                return place

    def _cells_at(self, length: int) -> int:
        return self._cells[min(max(length - self._start, 0), len(self._cells) - 1)]

    def numbers(self, length: int) -> list[float]:
        """A number for each cell, of those that decide on a guess after so many tokens."""
        return self._numbers[self._cells_at(length)]

    def rows(self, text: Tokens, guesses: Tokens) -> tuple[Array, Array]:
        """The rows `[n, V]` of the draft and `[n + 1, V]` of the target, after the text and each of the guesses."""
        places = [self.at(text + guesses[:n]) for n in range(len(guesses) + 1)]
        return np.array([place.q for place in places[:-1]]).reshape(-1, self.V), np.array([one.p for one in places])

    def guessed(self, text: Tokens, n: int) -> dict[Tokens, float]:
        """All that the draft may guess, ``n`` tokens in a row, with its probability."""
        found: dict[Tokens, float] = {(): 1.0}
        for _ in range(n):
            found = {
                (*guesses, token): share * float(chance)
                for guesses, share in found.items()
                for token, chance in enumerate(self.at(text + guesses).q)
                if chance > 0
            }
        return found

    def goes_on(self, text: Tokens, new: Tokens) -> float:
        """The probability that the target alone writes these tokens after the text."""
        return float(np.prod([self.at(text + new[:n]).p[token] for n, token in enumerate(new)]))


Outcomes = Mapping[tuple[Tokens, Tokens], float]
"""What was guessed and what came out of it, with its probability."""


def outcomes(world: World, text: Tokens, n: int, verify: Verify) -> Outcomes:
    """Everything that can come out of one step after the text, with its probability."""
    found: dict[tuple[Tokens, Tokens], float] = {}
    for guesses, chance in world.guessed(text, n).items():
        q, p = world.rows(text, guesses)
        numbers = [*(world.numbers(len(text) + i) for i in range(n)), world.last]
        share = chance / prod(map(len, numbers))
        for *u, last in product(*numbers):
            tokens = tuple(verify(np.array(guesses, dtype=int), q, p, np.array(u), last))
            found[guesses, tokens] = found.get((guesses, tokens), 0.0) + share
    return found


def beginnings(world: World, text: Tokens, shares: Mapping[Tokens, float], length: int) -> dict[Tokens, float]:
    """How probable each beginning of so many tokens is, where the target alone goes on after what came out."""
    return {
        new: sum(
            share * world.goes_on(text + tokens, new[len(tokens) :])
            for tokens, share in shares.items()
            if new[: len(tokens)] == tokens[:length]
        )
        for new in product(range(world.V), repeat=length)
    }


def pick(probabilities: Array, u: float) -> int:
    """The token whose share of the numbers from 0 to 1 holds ``u``; the last one, where the shares do not reach it."""
    return next((token for token, end in enumerate(np.cumsum(probabilities)) if u < end), len(probabilities) - 1)


def stays(token: int, p: Array, q: Array, u: float) -> bool:
    """Whether a guess is accepted."""
    return bool(u < p[token] / q[token])


def residual(p: Array, q: Array) -> Array:
    """What the target has more than the draft, made to sum to one."""
    return _divided(np.maximum(p - q, 0))


def _divided(left: Array) -> Array:
    with np.errstate(all="ignore"):
        shares: Array = left / left.sum()
    return shares


class Rule(NamedTuple):
    """What a bug may replace: who stays, what is drawn from otherwise, the row that judges, the end of the chain."""

    stays: Callable[[int, Array, Array, float], bool] = stays
    again: Callable[[Array, Array], Array] = residual
    shift: int = 0
    same_number: bool = False
    goes_on: str = ""
    bonus: str = "target"


def verified(rule: Rule, guesses: Array, q: Array, p: Array, u: Array, last: float) -> Tokens:
    """The tokens that come out of a chain of guesses."""
    tokens: list[int] = []
    for i, guess in enumerate(guesses.tolist()):
        row = p[i + rule.shift]
        if rule.stays(guess, row, q[i], u[i]):
            tokens.append(guess)
        elif rule.goes_on != "skips":
            tokens.append(pick(rule.again(row, q[i]), u[i] if rule.same_number else last))
            if not rule.goes_on:
                return tuple(tokens)
    if rule.bonus:
        tokens.append(pick(q[-1] if rule.bonus == "draft" and len(q) else p[-1], last))
    return tuple(tokens)


def _best(p: Array) -> Array:
    alone: Array = np.eye(len(p))[p.argmax()]
    return alone


STAY_WRONGLY: Sequence[tuple[str, Callable[[int, Array, Array, float], bool]]] = (
    ("upside-down", lambda token, p, q, u: bool(u * p[token] < q[token])),
    ("accepted-by-p", lambda token, p, q, u: bool(u < p[token])),
    ("all-accepted", lambda token, p, q, u: True),
    ("argmax-compared", lambda token, p, q, u: bool(token == p.argmax())),
    ("kept-if-rejected", lambda token, p, q, u: not stays(token, p, q, u)),
    ("", lambda token, p, q, u: bool(p[token] > 0)),
    ("", lambda token, p, q, u: bool(p[token] >= q[token])),
    ("", lambda token, p, q, u: bool(2 * p[token] >= q[token])),
    ("", lambda token, p, q, u: bool(q[token] >= p[token])),
    ("", lambda token, p, q, u: bool(u < q[token])),
)
"""The bugs that a decision on one guess may hold, by name; and neighbours without one, from which a bug is told."""

LEFT_WRONGLY: Sequence[tuple[str, Callable[[Array, Array], Array]]] = (
    ("drawn-from-p-again", lambda p, q: p),
    ("residual-not-divided", lambda p, q: np.maximum(p - q, 0)),
    ("distance-for-residual", lambda p, q: _divided(abs(p - q))),
    ("residual-of-the-draft", lambda p, q: residual(q, p)),
    ("", lambda p, q: _divided((p - q) ** 2)),
    ("", lambda p, q: q),
)
"""The same of a residual."""

_STAYS = dict(STAY_WRONGLY)

_TOLD = {"all-accepted", "argmax-compared", "drawn-from-p-again"}

WRONG: Sequence[tuple[str, Rule]] = (
    *((name if name in _TOLD else "", Rule(stays=wrong)) for name, wrong in STAY_WRONGLY),
    *((name if name in _TOLD else "", Rule(again=wrong)) for name, wrong in LEFT_WRONGLY),
    ("argmax-compared", Rule(stays=_STAYS["argmax-compared"], again=lambda p, q: _best(p))),
    ("argmax-compared", Rule(stays=_STAYS["argmax-compared"], again=lambda p, q: p)),
    ("row-too-late", Rule(shift=1)),
    ("one-number-twice", Rule(same_number=True)),
    ("judged-after-a-rejection", Rule(goes_on="replaces")),
    ("judged-after-a-rejection", Rule(goes_on="skips")),
    ("no-bonus-token", Rule(bonus="")),
    ("bonus-from-the-draft", Rule(bonus="draft")),
)
"""The same of a chain, each one change away from what is right. Its grids are too coarse for the names of some."""


class Target:
    """The target as a learner's function is handed it: a pass over new tokens behind a cache, which is written down.

    A key or value holds its token and, in its mean, all before it: so what a cache was made of can be read from it.
    """

    H, D = 2, 3

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.world = world
        self._own = rng.normal(size=(world.V, 2, self.H, self.D))  # [V, 2, H, d]
        self.passes: list[tuple[int, list[int]]] = []
        self.trouble: Say | None = None

    def cache(self, text: Sequence[int]) -> Array:
        """The keys and values `[2, H, S, d]` of a text, as one pass makes them."""
        return self._grown(np.zeros((2, self.H, 0, self.D)), text)

    def _grown(self, kept: Array, tokens: Sequence[int]) -> Array:
        for token in tokens:
            new = self._own[token] + self._past(kept)  # [2, H, d]
            kept = np.concatenate([kept, new[:, :, None]], axis=2)
        return kept

    def _past(self, kept: Array) -> Array:
        return kept.mean(axis=2) / 2 if kept.shape[2] else np.zeros((2, self.H, self.D))

    def _read(self, kept: Array) -> Tokens | None:
        """The text that these keys and values were made of; None for what no pass has made."""
        text: list[int] = []
        for t in range(kept.shape[2]):
            off = abs(kept[:, :, t] - self._past(kept[:, :, :t]) - self._own).max(axis=(1, 2, 3))  # [V]
            if not off.min() < 1e-6:
                return None
            text.append(int(off.argmin()))
        return tuple(text)

    def __call__(self, tokens: object, kept: object) -> tuple[Array, Array]:
        """One pass. What cannot be read is kept as ``trouble``, and answered with even rows."""
        new, before = np.asarray(tokens), np.asarray(kept)
        if new.ndim != 1 or not len(new) or new.dtype.kind not in "iu" or not ((new >= 0) & (new < self.world.V)).all():
            return self._lost(say("no-tokens-to-read", tokens=str(tokens)[:60]))
        if before.shape[:2] + before.shape[3:] != (2, self.H, self.D) or before.dtype.kind != "f":
            return self._lost(say("no-cache-to-read", shape=before.shape))
        text, read = self._read(before), tuple(new.tolist())
        if text is None:
            return self._lost(say("unknown-cache"))
        self.passes.append((len(text), list(read)))
        p = np.array([self.world.at(text + read[: n + 1]).p for n in range(len(read))])  # [L, V]
        return p, self._grown(before, read)

    def _lost(self, trouble: Say) -> tuple[Array, Array]:
        self.trouble = self.trouble or trouble
        return np.full((1, self.world.V), 1 / self.world.V), self.cache(())
