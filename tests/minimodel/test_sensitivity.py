"""The sensitivity matrix: exact derivatives, where perturbations round too, and zero where the gradient is cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import MultiHeadAttention, causal_mask
from minimodel.influence import influence
from minimodel.masks import causal_allowed
from minimodel.sensitivity import sensitivity

T, D = 6, 8
quick = settings(max_examples=20, deadline=None)
x = np.random.default_rng(0).standard_normal((T, D))
model = MultiHeadAttention(D, 2)


def attend(x):
    return model.forward(x, causal_mask(T))


@quick
@given(seed=st.integers(0, 2**32 - 1))
def test_both_ways_of_asking_agree_on_attention(seed):
    x = np.random.default_rng(seed).standard_normal((T, D))
    assert np.array_equal(sensitivity(attend, x) != 0, causal_allowed(T))
    assert np.array_equal(influence(attend, x), causal_allowed(T))


@quick
@given(point=st.floats(-3, 3), power=st.integers(1, 5))
def test_the_slope_of_a_power_is_exact_to_rounding(point, power):
    slope = sensitivity(lambda x: x**power, np.array([point]))[0, 0]
    assert slope == pytest.approx(abs(power * point ** (power - 1)), rel=1e-13)


def test_the_largest_slope_of_a_pair_is_kept():
    weights = np.array([[1.0, -7.0], [2.0, 3.0]])
    assert sensitivity(lambda x: x @ weights, np.ones((1, 2)))[0, 0] == 7


def test_rows_are_outputs_and_columns_are_inputs():
    slopes = sensitivity(lambda x: x + 4 * x[0], np.ones((3, 2)))
    assert np.array_equal(slopes, [[5, 0, 0], [4, 1, 0], [4, 0, 1]])


@pytest.mark.parametrize("loudness", [1e-9, 1e-20, 1e-200])
def test_a_leak_of_any_size_has_a_slope(loudness):
    def whisper(x):
        return attend(x) + loudness * x.mean(axis=0)

    ahead = sensitivity(whisper, x)[~causal_allowed(T)]
    assert ahead == pytest.approx(loudness / T, rel=1e-12)


def test_a_cut_thread_hides_the_leak_that_a_tap_finds():
    def cut(x):
        return attend(x) + 0.5 * x.real[-1]

    assert np.array_equal(sensitivity(cut, x) != 0, causal_allowed(T))
    assert influence(cut, x)[:, -1].all()


def test_what_drops_the_imaginary_part_is_refused():
    with pytest.raises(ValueError, match=r"^f gave real numbers for complex ones; does it take .real or abs"):
        sensitivity(np.abs, x)


def test_nan_is_refused():
    with pytest.raises(ValueError, match=r"^f\(x\) holds NaN, which has no derivative; is a row fully masked\?$"):
        sensitivity(lambda x: x * np.nan, x)


def test_a_function_that_changes_the_number_of_positions_is_refused():
    with pytest.raises(ValueError, match="f turned 6 positions into 5"):
        sensitivity(lambda x: x[1:], x)


def test_the_input_is_left_alone():
    before = x.copy()

    def in_place(x):
        x *= 2
        return x

    assert np.array_equal(np.diagonal(sensitivity(in_place, x)), np.full(T, 2.0))
    assert np.array_equal(x, before)
