"""L09: the grids on which an answer is followed count exactly, and tell each bug from what is right."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from handbook.labs.grading import l09
from handbook.labs.lab import lab
from handbook.labs.reference.guessing import (
    WRONG,
    Kind,
    Rule,
    Target,
    World,
    beginnings,
    certain_place,
    mixed_place,
    outcomes,
    sure_place,
    verified,
)
from tests.handbook.labs.handed_in import failures, finished
from tests.handbook.labs.in_process import in_process

__all__ = ["in_process"]

TEXT = (1, 0)


def texts(world: World, rule: Rule, n: int) -> dict[tuple[int, ...], float]:
    """How probable each text of one token more than guesses is, if the target goes on alone where a rule has ended."""
    shares: dict[tuple[int, ...], float] = {}
    for (_, tokens), share in outcomes(world, TEXT, n, partial(verified, rule)).items():
        shares[tokens] = shares.get(tokens, 0.0) + share
    return beginnings(world, TEXT, shares, n + 1)


@pytest.mark.parametrize("kind", [mixed_place, certain_place, sure_place])
@pytest.mark.parametrize("seed", range(4))
def test_the_rule_gives_the_targets_texts_without_any_luck(kind: Kind, seed: int) -> None:
    for V, n, fine in ((3, 2, 6), (4, 1, 6), (5, 0, 8)):
        world = World(np.random.default_rng(seed), V, [2], fine, kind, len(TEXT))
        for new, share in texts(world, Rule(), n).items():
            assert share == pytest.approx(world.goes_on(TEXT, new), abs=l09.WITHIN)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", sorted({name for name, _ in WRONG if name} - {"no-bonus-token"}))
def test_a_bug_of_a_chain_gives_other_texts(name: str, seed: int) -> None:
    world = World(np.random.default_rng(seed), 3, [2, 3], 6, start=len(TEXT))
    for rule in (rule for known, rule in WRONG if known == name):
        found = texts(world, rule, 2)
        assert any(abs(share - world.goes_on(TEXT, new)) > 1e-3 for new, share in found.items())


def test_without_the_bonus_the_texts_are_right_and_the_passes_are_not() -> None:
    world, bonusless = World(np.random.default_rng(0), 3, [2, 3], 6, start=len(TEXT)), Rule(bonus="")
    for new, share in texts(world, bonusless, 2).items():
        assert share == pytest.approx(world.goes_on(TEXT, new), abs=l09.WITHIN)
    longest = [
        max(len(tokens) for _, tokens in outcomes(world, TEXT, 2, partial(verified, rule)))
        for rule in (Rule(), bonusless)
    ]
    assert longest == [3, 2]


def test_a_target_answers_for_what_is_in_the_cache_and_not_for_what_should_be() -> None:
    rng = np.random.default_rng(0)
    world = World(rng, 5, [2], 8, sure_place)
    target = Target(world, rng)
    rows, longer = target([2, 3], target.cache((4, 4, 1)))
    np.testing.assert_array_equal(rows, [world.at((4, 4, 1, 2)).p, world.at((4, 4, 1, 2, 3)).p])
    np.testing.assert_array_equal(longer, target.cache((4, 4, 1, 2, 3)))
    assert target.passes == [(3, [2, 3])]
    assert target.trouble is None
    target([2], target.cache((4, 4, 1))[:, :, ::-1])  # the same keys in another order are those of no text
    assert target.trouble is not None


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("seed", range(3))
def test_the_solution_passes_whatever_is_drawn(seed: int, tmp_path: Path) -> None:
    assert failures("L09", finished(lab("L09"), tmp_path), seed=seed) == {}
