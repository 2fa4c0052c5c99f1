"""Rotary positions: a turn keeps lengths, and a score knows the distance alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.rope import rotary_speeds, rotate

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
widths = st.sampled_from([2, 4, 8, 16])
T = 6


def draw(seed, d_head, *leading):
    return np.random.default_rng(seed).normal(size=(*leading, T, d_head))


def scores(q, k, positions):
    return rotate(q, positions) @ rotate(k, positions).swapaxes(-1, -2)


@quick
@given(seed=seeds, d_head=widths, shift=st.integers(0, 10_000))
def test_scores_do_not_change_when_the_whole_text_moves(seed, d_head, shift):
    q, k, positions = draw(seed, d_head, 2), draw(seed + 1, d_head, 2), np.arange(T)
    moved = scores(q, k, positions + shift)
    np.testing.assert_allclose(moved, scores(q, k, positions), rtol=0, atol=1e-9)


@quick
@given(seed=seeds, d_head=widths)
def test_scores_change_when_only_the_queries_move(seed, d_head):
    q, k, positions = draw(seed, d_head), draw(seed + 1, d_head), np.arange(T)
    alone = rotate(q, positions + 1) @ rotate(k, positions).T
    assert not np.allclose(alone, scores(q, k, positions), rtol=0, atol=1e-3)


@quick
@given(seed=seeds, d_head=widths, start=st.integers(0, 10_000))
def test_every_pair_keeps_its_length(seed, d_head, start):
    x = draw(seed, d_head, 2, 3)
    turned = rotate(x, start + np.arange(T))
    pairs = (2, 3, T, d_head // 2, 2)
    np.testing.assert_allclose(
        np.linalg.norm(turned.reshape(pairs), axis=-1), np.linalg.norm(x.reshape(pairs), axis=-1), rtol=1e-12
    )


@quick
@given(seed=seeds, d_head=widths, first=st.integers(0, 500), second=st.integers(0, 500))
def test_two_turns_add_up(seed, d_head, first, second):
    x, steps = draw(seed, d_head), np.arange(T)
    twice = rotate(rotate(x, first * steps), second * steps)
    np.testing.assert_allclose(twice, rotate(x, (first + second) * steps), rtol=0, atol=1e-9)


def test_position_zero_turns_nothing_and_later_pairs_turn_more_slowly():
    x = np.tile([1.0, 0.0], (2, 4))  # four pairs, all along the first axis
    turned = rotate(x, np.array([0, 1])).reshape(2, 4, 2)
    assert np.array_equal(turned[0], x[0].reshape(4, 2))
    angles = np.arctan2(turned[1, :, 1], turned[1, :, 0])
    np.testing.assert_allclose(angles, [1, 1 / 10, 1 / 100, 1 / 1000], rtol=1e-12)  # base 10000 over 8 features


def test_a_larger_base_turns_every_pair_but_the_first_more_slowly():
    x = np.tile([1.0, 0.0], (1, 4))
    quick_turn, slow_turn = (rotate(x, np.array([1]), base).reshape(4, 2)[:, 1] for base in (10_000.0, 500_000.0))
    assert quick_turn[0] == slow_turn[0]
    assert (slow_turn[1:] < quick_turn[1:]).all()


@quick
@given(seed=seeds, d_head=widths, factor=st.floats(1, 32))
def test_a_pair_that_is_slowed_down_turns_so_much_less(seed, d_head, factor):
    x, positions = draw(seed, d_head), np.arange(T)
    np.testing.assert_allclose(rotate(x, positions, slower=factor), rotate(x, positions / factor), rtol=0, atol=1e-12)
    one_pair = np.ones(d_head // 2)
    one_pair[-1] = factor
    kept = np.s_[..., : d_head - 2]  # the other pairs do not notice
    assert np.array_equal(rotate(x, positions, slower=one_pair)[kept], rotate(x, positions)[kept])


def test_the_slowest_pairs_of_two_known_bases():
    longest = [2 * np.pi / rotary_speeds(128, base)[-1] for base in (10_000.0, 500_000.0)]
    assert np.rint(longest).tolist() == [54_410, 2_559_196]


@quick
@given(seed=seeds, d_head=widths)
def test_halves_are_neighbours_in_another_order(seed, d_head):
    def rotate_halves(x, positions):  # the convention of GPT-NeoX
        half = d_head // 2
        angles = positions[:, None] * 10_000.0 ** (-np.arange(half) / half)
        cos, sin = np.cos(angles), np.sin(angles)
        left, right = x[..., :half], x[..., half:]
        return np.concatenate([left * cos - right * sin, right * cos + left * sin], axis=-1)

    x, positions = draw(seed, d_head), np.arange(T)
    order = np.arange(d_head).reshape(-1, 2).T.ravel()  # even features first, then the odd ones
    np.testing.assert_allclose(rotate_halves(x[:, order], positions), rotate(x, positions)[:, order], atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_stays_and_the_arguments_too(dtype):
    x, positions = draw(0, 4).astype(dtype), np.arange(T)
    before = x.copy()
    assert rotate(x, positions).dtype == dtype
    assert np.array_equal(x, before)
    assert np.array_equal(positions, np.arange(T))


def test_errors_name_the_likely_mistake():
    with pytest.raises(ValueError, match="d_head = 3 is odd"):
        rotate(np.ones((2, 3)), np.arange(2))
    with pytest.raises(ValueError, match="d_head = 5 is odd"):
        rotary_speeds(5)
    with pytest.raises(
        ValueError, match=r"x has 1 rows but positions have shape \(5,\); were the cached ones left out"
    ):
        rotate(np.ones((1, 4)), np.arange(5))


@quick
@given(seed=seeds, d_head=widths, start=st.integers(0, 1000))
def test_a_turn_is_a_complex_product_in_torch(seed, d_head, start):
    torch = pytest.importorskip("torch")
    x, positions = draw(seed, d_head, 2), start + np.arange(T)
    speeds = 1.0 / 10_000.0 ** (torch.arange(0, d_head, 2, dtype=torch.float64) / d_head)
    angles = torch.outer(torch.from_numpy(positions).double(), speeds)
    pairs = torch.view_as_complex(torch.from_numpy(x).reshape(2, T, -1, 2))
    turned = torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)
    np.testing.assert_allclose(rotate(x, positions), turned.numpy(), rtol=0, atol=1e-12)
