"""Keys chosen by content: the choice is made among what may be read, so it is causal and keeps every prefix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.chosen_keys import choose_blocks, choose_keys
from minimodel.influence import influence
from minimodel.masks import causal_allowed

T, D = 10, 4
quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def draw(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((*shape, T, D))


@quick
@given(seed=seeds, n=st.integers(1, T + 2))
def test_each_query_gets_its_n_best_of_what_it_may_read(seed: int, n: int) -> None:
    q, k = draw(seed, 2, 3)  # [3, T, D] each
    scores = q @ k.swapaxes(-1, -2)
    chosen = choose_keys(scores, causal_allowed(T), n)
    for b, i in np.ndindex(3, T):
        best = sorted(range(i + 1), key=lambda j: -scores[b, i, j])[:n]
        assert np.flatnonzero(chosen[b, i]).tolist() == sorted(best)


def test_with_room_for_all_it_is_the_mask() -> None:
    assert np.array_equal(choose_keys(draw(0) @ draw(1).T, causal_allowed(T), T), causal_allowed(T))


def test_of_equal_scores_the_first_is_chosen() -> None:
    assert choose_keys(np.zeros((1, 4)), np.array([[False, True, True, True]]), 2).tolist() == [
        [False, True, True, False]
    ]


@quick
@given(seed=seeds, size=st.integers(1, T), n=st.integers(1, 4))
def test_a_query_reads_its_own_block_and_the_best_of_those_that_are_over(seed: int, size: int, n: int) -> None:
    q, k = draw(seed, 2, 2)
    chosen = choose_blocks(q, k, size, n)
    for b, i in np.ndindex(2, T):
        mine = i // size
        means = [k[b, c * size : (c + 1) * size].mean(axis=0) for c in range(mine)]
        best = sorted(range(mine), key=lambda c: -(q[b, i] @ means[c]))[:n]
        read = [j for j in range(i + 1) if j // size == mine or j // size in best]
        assert np.flatnonzero(chosen[b, i]).tolist() == read


def by_keys(x: np.ndarray) -> np.ndarray:
    mask = choose_keys(x @ x.T, causal_allowed(len(x)), 3)
    return scaled_dot_product_attention(x, x, x, mask)[0]


def by_blocks(x: np.ndarray) -> np.ndarray:
    return scaled_dot_product_attention(x, x, x, choose_blocks(x, x, 3, 1))[0]


@pytest.mark.parametrize("attend", [by_keys, by_blocks])
@quick
@given(seed=seeds)
def test_it_is_causal_and_keeps_every_prefix(attend, seed: int) -> None:
    x = draw(seed)
    for delta in (0.01, 4.0):  # a large step changes choices
        assert not (influence(attend, x, delta=delta) & ~causal_allowed(T)).any()
    for length in range(1, T):
        np.testing.assert_allclose(attend(x[:length]), attend(x)[:length], rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [0, -1])
def test_a_row_needs_a_key(n: int) -> None:
    with pytest.raises(ValueError, match=f"n = {n}, but a row with no key has no answer"):
        choose_keys(draw(0) @ draw(1).T, causal_allowed(T), n)
    with pytest.raises(ValueError, match=f"n = {n}, but"):
        choose_blocks(draw(0), draw(1), 2, n)
