"""ALiBi: a penalty on distance, wherever queries and keys stand."""

import numpy as np
import pytest

from minimodel.alibi import alibi
from minimodel.softmax import softmax


def test_the_slopes_are_those_of_the_paper() -> None:
    one_back = -alibi(np.array([1]), np.array([0]), n_heads=8).ravel()
    assert one_back.tolist() == [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]


@pytest.mark.parametrize("n_heads", [1, 2, 4, 8, 16])
def test_each_step_back_costs_one_slope(n_heads: int) -> None:
    bias = alibi(np.arange(6), np.arange(6), n_heads)
    assert bias.shape == (n_heads, 6, 6)
    assert not np.diagonal(bias, axis1=-2, axis2=-1).any()
    assert np.allclose(np.diff(bias, axis=-1), -bias[:, 1:2, :1])


def test_the_last_queries_of_a_text_have_its_last_rows() -> None:
    whole = alibi(np.arange(7), np.arange(7), n_heads=4)
    assert np.array_equal(alibi(np.array([5, 6]), np.arange(7), n_heads=4), whole[:, 5:])


def test_a_text_that_is_moved_keeps_its_bias() -> None:
    here, there = np.arange(5), 100 + np.arange(5)
    assert np.array_equal(alibi(here, here, 2), alibi(there, there, 2))


def test_one_row_for_all_queries_gives_the_same_weights() -> None:
    scores = np.random.default_rng(0).standard_normal((2, 5, 5))
    blocked = np.where(np.tril(np.ones((5, 5), dtype=bool)), 0, -np.inf)
    bias = alibi(np.arange(5), np.arange(5), 2)
    assert np.allclose(softmax(scores + bias + blocked), softmax(scores + bias[:, -1:] + blocked))
