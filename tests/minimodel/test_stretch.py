"""Stretched rotary positions: who is slowed down, and what the scores still know."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.influence import influence
from minimodel.masks import causal_allowed
from minimodel.rope import rotary_speeds, rotate
from minimodel.stretch import by_parts, ntk_base

quick = settings(max_examples=40, deadline=None)
widths = st.sampled_from([4, 8, 16, 64, 128])
factors = st.floats(1, 64)
bases = st.floats(100, 1e6)
lengths = st.integers(8, 100_000)


@quick
@given(d_head=widths, factor=factors, base=bases)
def test_ntk_slows_the_slowest_pair_by_the_factor_and_the_fastest_not_at_all(d_head, factor, base):
    slowdown = rotary_speeds(d_head, base) / rotary_speeds(d_head, ntk_base(base, factor, d_head))
    np.testing.assert_allclose([slowdown[0], slowdown[-1]], [1, factor], rtol=1e-9)
    evenly = factor ** (np.arange(d_head // 2) / (d_head // 2 - 1))  # each pair by the same ratio more
    np.testing.assert_allclose(slowdown, evenly, rtol=1e-9)


@quick
@given(d_head=widths, factor=factors, base=bases, trained=lengths)
def test_parts_keep_what_often_turned_and_slow_what_never_did(d_head, factor, base, trained):
    speeds = rotary_speeds(d_head, base)
    slower, turns = by_parts(speeds, factor, trained), trained * speeds / (2 * np.pi)
    np.testing.assert_allclose(slower[turns >= 32], 1, rtol=1e-12)
    np.testing.assert_allclose(slower[turns <= 1], factor, rtol=1e-12)
    assert (np.diff(slower) >= -1e-9).all()  # the slower a pair, the more it is slowed down
    assert ((slower >= 1 - 1e-12) & (slower <= factor * (1 + 1e-12))).all()


def test_with_one_and_four_turns_it_is_the_scaling_of_llama_3_1():
    speeds = rotary_speeds(128, 500_000.0)
    ours = speeds / by_parts(speeds, factor=8, trained=8192, slow=1, fast=4)
    for speed, stretched in zip(speeds, ours, strict=True):  # in wavelengths, pair by pair, as Meta writes it
        wavelength = 2 * np.pi / speed
        if wavelength < 8192 / 4:
            expected = speed
        elif wavelength > 8192:
            expected = speed / 8
        else:
            share = (8192 / wavelength - 1) / (4 - 1)
            expected = (1 - share) * speed / 8 + share * speed
        assert stretched == pytest.approx(expected, rel=1e-12)


@quick
@given(seed=st.integers(0, 2**32 - 1), factor=factors, shift=st.integers(0, 10_000))
def test_stretched_scores_still_know_the_distance_alone(seed, factor, shift):
    q, k = np.random.default_rng(seed).normal(size=(2, 5, 16))
    slower, at = by_parts(rotary_speeds(16), factor, trained=512), np.arange(5)
    here = rotate(q, at, slower=slower) @ rotate(k, at, slower=slower).T
    there = rotate(q, at + shift, slower=slower) @ rotate(k, at + shift, slower=slower).T
    np.testing.assert_allclose(here, there, rtol=0, atol=1e-9)


@quick
@given(seed=st.integers(0, 2**32 - 1), factor=st.integers(1, 16))
def test_interpolation_is_the_same_as_closer_positions(seed, factor):
    x, at = np.random.default_rng(seed).normal(size=(6, 8)), np.arange(6)
    np.testing.assert_allclose(rotate(x, factor * at, slower=float(factor)), rotate(x, at), rtol=0, atol=1e-9)


def rotary_attention(x, slower):
    at = np.arange(len(x))
    q, k = (rotate(x, at, slower=slower) for _ in range(2))
    return scaled_dot_product_attention(q, k, x, causal_allowed(len(x)))[0]


@pytest.mark.parametrize("kind", ["interpolation", "by parts"])
def test_a_fixed_scaling_is_causal_and_keeps_every_prefix(kind):
    slower = 4.0 if kind == "interpolation" else by_parts(rotary_speeds(8), 4, trained=6)
    x = np.random.default_rng(0).normal(size=(9, 8))
    assert np.array_equal(influence(lambda y: rotary_attention(y, slower), x), causal_allowed(9))
    whole = rotary_attention(x, slower)
    for length in range(1, 9):
        np.testing.assert_allclose(rotary_attention(x[:length], slower), whole[:length], rtol=0, atol=1e-12)


def test_a_scaling_that_follows_the_length_is_causal_at_each_length_and_keeps_no_prefix():
    def follows(x):
        return rotary_attention(x, slower=max(1.0, len(x) / 4))

    x = np.random.default_rng(0).normal(size=(9, 8))
    for length in (5, 9):
        assert np.array_equal(influence(follows, x[:length]), causal_allowed(length))
    assert abs(follows(x[:5]) - follows(x)[:5])[1:].max(axis=-1).min() > 1e-4


def test_errors_name_the_likely_mistake():
    with pytest.raises(ValueError, match="one pair cannot both keep its speed and be slowed down"):
        ntk_base(10_000.0, 4, d_head=2)
    with pytest.raises(ValueError, match=r"fast = 1 is not above slow = 4; both count turns in 512 positions"):
        by_parts(rotary_speeds(8), 4, trained=512, slow=4, fast=1)
