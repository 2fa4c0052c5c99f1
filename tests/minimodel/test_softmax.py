"""Softmax: weights that sum to one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from minimodel.softmax import log_softmax, softmax

quick = settings(max_examples=40, deadline=None)
scores_of_any_size = arrays(np.float64, array_shapes(max_dims=3, max_side=5), elements=st.floats(-1e4, 1e4))


@quick
@given(scores=scores_of_any_size)
def test_weights_are_never_negative_and_sum_to_one(scores):
    weights = softmax(scores)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-14)


@quick
@given(scores=scores_of_any_size, axis=st.integers(0, 2))
def test_the_sum_runs_along_the_axis_that_is_named(scores, axis):
    axis %= scores.ndim
    np.testing.assert_allclose(softmax(scores, axis=axis).sum(axis=axis), 1, rtol=1e-14)


@quick
@given(scores=arrays(np.float64, 5, elements=st.floats(-30, 30)))
def test_the_vector_form_equals_the_definition(scores):
    exps = [math.exp(score) for score in scores]
    np.testing.assert_allclose(softmax(scores), [e / sum(exps) for e in exps], rtol=1e-12)


@quick
@given(scores=scores_of_any_size)
def test_the_logarithm_agrees_with_softmax(scores):
    np.testing.assert_allclose(np.exp(log_softmax(scores)), softmax(scores), rtol=1e-11, atol=1e-300)


def test_scores_far_beyond_the_range_of_exp_do_not_overflow():
    with np.errstate(all="raise", under="ignore"):
        assert softmax(np.array([1e308, 0.0, 1e308])).tolist() == [0.5, 0.0, 0.5]
        assert log_softmax(np.array([0.0, 1e308])).tolist() == [-1e308, 0.0]


def test_the_row_of_section_02_to_four_decimals():
    row = np.array([2.0, 1.0, 4.0, 3.0])
    assert softmax(row).round(4).tolist() == [0.0871, 0.0321, 0.6439, 0.2369]
    row[3] = -np.inf
    assert softmax(row).round(4).tolist() == [0.1142, 0.0420, 0.8438, 0.0]


def test_a_score_of_minus_infinity_weighs_exactly_zero():
    assert softmax(np.array([1.0, -np.inf, 2.0]))[1] == 0


def test_a_row_with_nothing_to_read_is_nan_and_numpy_says_so():
    scores = np.array([[0.0, 0.0], [-np.inf, -np.inf]])
    with pytest.warns(RuntimeWarning, match="invalid value"):
        weights = softmax(scores)
    assert weights[0].tolist() == [0.5, 0.5]
    assert np.isnan(weights[1]).all()


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_is_kept_and_the_argument_left_alone(function, dtype):
    scores = np.array([[1, 2, 3], [3, 1, 2]], dtype)
    before = scores.copy()
    assert function(scores).dtype == dtype
    assert np.array_equal(scores, before)


def test_an_axis_without_entries_is_refused():
    with pytest.raises(ValueError, match="zero-size array"):
        softmax(np.zeros((2, 0)))
