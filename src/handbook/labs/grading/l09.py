"""L09, guess and verify: every guess and every number is followed, and what comes out has to be the target's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from handbook.labs.grading.bench import Bench, as_array
from handbook.labs.grading.outcome import FailError, fail
from handbook.labs.grading.visibility import compare, same
from handbook.labs.reference import guessing
from handbook.labs.reference.attention import only
from handbook.labs.reference.guessing import (
    LEFT_WRONGLY,
    STAY_WRONGLY,
    WRONG,
    Outcomes,
    Place,
    Rule,
    Target,
    Tokens,
    World,
    beginnings,
    certain_place,
    mixed_place,
    outcomes,
    sure_place,
    verified,
)
from handbook.labs.sandbox.process import SubjectError
from handbook.labs.sandbox.wire import Remote
from handbook.labs.texts import say

FILE = "guess.py"

WITHIN = 1e-9
"""How far a probability may be off: sums round, and one cell of a grid weighs far more."""


def draw(bench: Bench) -> None:
    """Of the numbers, each token gets as many as its probability says, wherever on the line they lie."""
    for V, fine in bench.rng.integers((2, 6), (7, 16), size=(5, 2)).tolist():
        world = World(bench.rng, V, [2], fine)
        probabilities, shares = world.at(()).p, np.zeros(V)
        for u in world.last:
            shares[_token(bench, V, probabilities, u)] += 1 / fine
        for token in np.flatnonzero(abs(shares - probabilities) > WITHIN).tolist():
            wanted, share, what = f"{probabilities[token]:.4f}", f"{shares[token]:.4f}", np.round(probabilities, 4)
            raise fail("drawn", "share", what=what.tolist(), token=token, wanted=wanted, share=share)


def _token(bench: Bench, V: int, *arguments: Any) -> int:
    found = bench.array(FILE, "draw", *arguments)
    if found.shape != () or found.dtype.kind not in "iu" or not 0 <= found < V:
        raise fail("a-token", "no-token", last=V - 1, value=str(found.tolist())[:60])
    return int(found)


def accepts(bench: Bench) -> None:
    """Of the numbers, the share p / q lets a guess stay, and all of them where q is no larger than p."""
    asked = []
    for V, cells, fine in bench.rng.integers((2, 3, 4), (6, 7, 9), size=(6, 3)).tolist():
        world = World(bench.rng, V, [cells], fine)
        place = world.at(())
        for token in np.flatnonzero(place.q).tolist():
            found = float(np.mean([_truth(bench, token, place, u) for u in world.numbers(0)]))
            known = [np.mean([wrong(token, *place, u) for u in world.numbers(0)]) for _, wrong in STAY_WRONGLY]
            bugs = {i for i, share in enumerate(known) if abs(share - found) < WITHIN}
            asked.append((token, place, found, bugs))
    bug = _name(STAY_WRONGLY[i][0] for i in set.intersection(*(bugs for _, _, _, bugs in asked)))
    for token, (p, q), found, _ in asked:
        wanted = min(1.0, p[token] / q[token])
        if abs(found - wanted) > WITHIN:
            values = {"p": f"{p[token]:.4f}", "q": f"{q[token]:.4f}"}
            raise fail(
                "accepted", "share", bug=bug, token=token, wanted=f"{wanted:.4f}", share=f"{found:.4f}", **values
            )


def _name(explaining: Iterable[str]) -> str | None:
    """The one name of all bugs that would explain an answer; None where one of them has none."""
    return only(explaining) or None


def _truth(bench: Bench, token: int, place: Place, u: float) -> bool:
    found = bench.array(FILE, "accepts", token, *place, u)
    if found.shape != () or found not in (0, 1):
        raise fail("a-truth", "no-truth", value=str(found.tolist())[:60])
    return bool(found)


def residual(bench: Bench) -> None:
    """What the target has more than the draft, divided by its sum; zeros on either side among them."""
    answers = []
    for trial, V in enumerate(bench.rng.integers(2, 9, size=8).tolist()):
        drawn = Place(*bench.rng.dirichlet(np.ones(V), size=2))
        place = mixed_place(bench.rng, V, 4, 12) if trial % 2 else drawn
        found = bench.array(FILE, "residual", *place)
        bugs = {i for i, (_, wrong) in enumerate(LEFT_WRONGLY) if same(found, wrong(*place))}
        answers.append((place, found, bugs))
    bug = _name(LEFT_WRONGLY[i][0] for i in set.intersection(*(bugs for _, _, bugs in answers)))
    for place, found, _ in answers:
        compare(found, guessing.residual(*place), "residual", bug)


def verify(bench: Bench) -> None:
    """One guess, and chains: every guess, every number, and how often each text comes out."""
    asked = []
    for V, cells, fine in ((3, [4], 6), (4, [3], 6), (3, [2, 3], 6)):
        text, n = _text(bench, V, 2), len(cells)
        world = World(bench.rng, V, cells, fine, start=len(text))
        asked.append((world, text, n, outcomes(world, text, n, partial(_verified, bench, V))))
    bug = _name(name for name, rule in WRONG if all(_gives(rule, *one) for one in asked))
    for one in asked:
        _check_outcomes(*one, bug)


def certain(bench: Bench) -> None:
    """The same where the target is sure, or the draft, or both agree; and without any guess."""
    for V, n, fine in ((3, 2, 4), (4, 1, 6), (5, 0, 8), (3, 2, 4)):
        world, text = World(bench.rng, V, [2], fine, certain_place), _text(bench, V, 2)
        _check_outcomes(world, text, n, outcomes(world, text, n, partial(_verified, bench, V)))


def _text(bench: Bench, V: int, length: int) -> Tokens:
    return tuple(bench.rng.integers(V, size=length).tolist())


def _verified(
    bench: Bench, V: int, guesses: np.ndarray, q: np.ndarray, p: np.ndarray, u: np.ndarray, last: float
) -> Tokens:
    return _tokens("verify", bench.array(FILE, "verify", guesses, q, p, u, last), V)


def _tokens(name: str, found: np.ndarray, V: int) -> Tokens:
    if found.ndim != 1 or found.dtype.kind not in "iu" or not ((found >= 0) & (found < V)).all():
        value = str(found.tolist())[:60]
        raise fail("some-tokens", "no-tokens", name=name, last=V - 1, value=value, dtype=found.dtype)
    return tuple(found.tolist())


def _gives(rule: Rule, world: World, text: Tokens, n: int, found: Outcomes) -> bool:
    """Whether a rule gives just these outcomes."""
    known = outcomes(world, text, n, partial(verified, rule))
    return found.keys() == known.keys() and all(abs(found[one] - known[one]) < WITHIN for one in found)


def _check_outcomes(world: World, text: Tokens, n: int, found: Outcomes, bug: str | None = None) -> None:
    """What comes out of a chain: its form, its text, and how long it is."""
    for guesses, tokens in found:
        if not 1 <= len(tokens) <= n + 1 or tokens[:-1] != guesses[: len(tokens) - 1]:
            raise fail("form", "other-form", bug=bug, guesses=list(guesses), most=n + 1, tokens=list(tokens))
    _check_text(world, text, _summed((tokens, share) for (_, tokens), share in found.items()), n + 1, bug)
    right = outcomes(world, text, n, partial(verified, Rule()))
    for least in range(2, n + 2):
        wanted, share = _at_least(right, least), _at_least(found, least)
        if abs(share - wanted) > WITHIN:
            raise fail("tokens-a-pass", "share", bug=bug, least=least, wanted=f"{wanted:.4f}", share=f"{share:.4f}")


def _at_least(found: Outcomes, least: int) -> float:
    return sum(share for (_, tokens), share in found.items() if len(tokens) >= least)


def _summed(found: Iterable[tuple[Tokens, float]]) -> dict[Tokens, float]:
    sums: dict[Tokens, float] = {}
    for tokens, share in found:
        sums[tokens] = sums.get(tokens, 0.0) + share
    return sums


def _check_text(
    world: World, text: Tokens, shares: Mapping[Tokens, float], longest: int, bug: str | None = None
) -> None:
    """Each text that may come out has the probability that the target alone gives it."""
    for length in range(1, longest + 1):
        for new, share in beginnings(world, text, shares, length).items():
            wanted = world.goes_on(text, new)
            if abs(share - wanted) > WITHIN:
                p, q = (np.round(row, 4).tolist() for row in world.at(text))  # enough to try it, where one token is off
                values = {"tokens": str(list(new)), "wanted": f"{wanted:.4f}", "share": f"{share:.4f}"}
                raise fail("goes-on", "share", bug=bug, p=str(p), q=str(q), **values)


class _Step(NamedTuple):
    """A step that is asked for where the target is sure: so many guesses are right, whatever the numbers are."""

    target: Target
    text: Tokens
    guesses: Tokens
    right: Tokens
    found: Tokens
    kept: np.ndarray


def _step(bench: Bench, T: int, n: int, right: int) -> _Step:
    """One step from a text of T tokens with n guesses, of which the first ``right`` are what the target would say."""
    world = World(bench.rng, 7, [4], 4, sure_place)
    target, text = Target(world, bench.rng), _text(bench, 7, T)
    written: Tokens = ()
    for _ in range(n + 1):
        written += (int(world.at(text + written).p.argmax()),)
    wrong = (written[right] + int(bench.rng.integers(1, 7))) % 7
    guesses = (*written[:right], wrong, *written[right + 1 :])[:n]
    q, _ = world.rows(text, guesses)
    found, kept = _advanced(bench, target, text, target.cache(text[:-1]), guesses, q, bench.rng.uniform(size=n + 1))
    return _Step(target, text, guesses, text + written[: right + 1], found, kept)


def _advanced(
    bench: Bench, target: Target, text: Tokens, kept: np.ndarray, guesses: Tokens, q: np.ndarray, numbers: np.ndarray
) -> tuple[Tokens, np.ndarray]:
    """What a step gives: the longer text, and its cache."""
    given = kept, np.array(text), np.array(guesses, dtype=int), q, numbers[:-1], float(numbers[-1])
    try:
        value = bench.subject.call(FILE, "advance", Remote(target), *given)
    except SubjectError:
        if target.trouble is None:
            raise
        value = None
    if target.trouble is not None:
        raise FailError(say("readable", shape=("S", *kept.shape[3:])), target.trouble)
    if not isinstance(value, list) or len(value) != 2:
        raise fail("a-pair", "no-pair")
    return _tokens("advance", as_array("advance", value[0]), target.world.V), as_array("advance", value[1])


def passes(bench: Bench) -> None:
    """One pass of the target for each step, over what it has not read yet."""
    for T, n in ((4, 3), (1, 2), (6, 1), (3, 0), (2, 4)):
        step = _step(bench, T, n, int(bench.rng.integers(n + 1)))
        wanted, found = [(T - 1, [step.text[-1], *step.guesses])], step.target.passes
        if found != wanted:
            bug = None
            if found == [(0, [*step.text, *step.guesses])]:
                bug = "all-again"
            elif len(found) > 1 and all(len(read) == 1 for _, read in found):
                bug = "pass-for-each-guess"
            shown = {"wanted": _listed(wanted), "found": _listed(found)}
            raise fail("one-pass", "passes", bug=bug, count=len(found), **shown)


def _listed(passes: list[tuple[int, list[int]]]) -> str:
    """How many tokens each pass found in the cache, and which it read: `3 + [7, 4]`."""
    return ", ".join(f"{kept} + {read}" for kept, read in passes)


def cache(bench: Bench) -> None:
    """After every number of guesses that stay: the text, the length of the cache, and what is in it."""
    steps = [_step(bench, T, n, right) for T, n in ((4, 3), (1, 2), (3, 0), (6, 4)) for right in range(n + 1)]
    lengths = [_length(step) for step in steps]
    known = {
        "rejected-drafts": [len(step.text) + len(step.guesses) for step in steps],
        "rolled-back-too-far": [len(step.right) - 2 for step in steps],
        "one-rejected-stays": [min(len(step.right), len(step.text) + len(step.guesses)) for step in steps],
    }
    bug = only(name for name, wrong in known.items() if lengths == wrong)
    for step in steps:
        if step.found != step.right:
            given, wanted, found = (str(list(tokens)) for tokens in (step.text, step.right, step.found))
            raise fail("text", "other-text", text=given, guesses=list(step.guesses), wanted=wanted, found=found)
        compare(step.kept, step.target.cache(step.right[:-1]), say("cache", text=list(step.right)), bug)


def _length(step: _Step) -> int | None:
    """How many tokens the cache holds; None where it has lost its other axes."""
    right = step.target.cache(()).shape
    return step.kept.shape[2] if step.kept.shape[:2] + step.kept.shape[3:] == right[:2] + right[3:] else None


def text(bench: Bench) -> None:
    """Two steps, one upon the other: what a step hands on is what the next one needs."""
    world, prompt = World(bench.rng, 3, [2], 4), _text(bench, 3, 2)
    target = Target(world, bench.rng)
    reached = {prompt: (1.0, target.cache(prompt[:-1]))}
    for _ in range(2):
        before, reached = reached, {}
        for so_far, (chance, kept) in before.items():
            for longer, (share, after) in _steps_from(bench, target, so_far, kept).items():
                reached[longer] = reached.get(longer, (0.0,))[0] + chance * share, after
    shares = {longer[len(prompt) :]: share for longer, (share, _) in reached.items()}
    _check_text(world, prompt, shares, 4)


def _steps_from(bench: Bench, target: Target, text: Tokens, kept: np.ndarray) -> dict[Tokens, tuple[float, np.ndarray]]:
    """Every text that one step with one guess may lead to, with its probability and its cache."""
    caches: dict[Tokens, np.ndarray] = {}

    def verify(guesses: np.ndarray, q: np.ndarray, p: np.ndarray, u: np.ndarray, last: float) -> Tokens:
        given = tuple(guesses.tolist())
        longer, after = _advanced(bench, target, text, kept, given, q, np.append(u, last))
        if longer[: len(text)] != text or longer == text:
            raise fail("longer", "other-text", text=list(text), found=list(longer))
        caches.setdefault(longer, after)
        return longer

    sums = _summed((longer, share) for (_, longer), share in outcomes(target.world, text, 1, verify).items())
    return {longer: (share, caches[longer]) for longer, share in sums.items()}
