"""Sinusoids: vectors of one length, whose products know the distance until a projection comes between."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.rope import rotate
from minimodel.sinusoids import sinusoids

quick = settings(max_examples=40, deadline=None)
widths = st.sampled_from([2, 4, 8, 16])
places = st.integers(0, 10_000)


@quick
@given(d_model=widths, first=places, second=places, shift=places)
def test_the_product_of_two_positions_knows_their_distance_alone(d_model, first, second, shift):
    here = sinusoids(np.array([first, second]), d_model)
    there = sinusoids(np.array([first, second]) + shift, d_model)
    np.testing.assert_allclose(here @ here.T, there @ there.T, rtol=0, atol=1e-9)


@quick
@given(d_model=widths, position=places, steps=st.integers(0, 1000))
def test_a_step_is_the_rotation_that_rotary_positions_use(d_model, position, steps):
    sine_and_cosine = sinusoids(np.array([position + steps]), d_model)
    swapped = sinusoids(np.array([position]), d_model).reshape(-1, 2)[:, ::-1].reshape(1, d_model)  # cosine first
    turned = rotate(swapped, np.array([steps])).reshape(-1, 2)[:, ::-1].reshape(1, d_model)
    np.testing.assert_allclose(turned, sine_and_cosine, rtol=0, atol=1e-9)


@quick
@given(d_model=widths, seed=st.integers(0, 2**32 - 1))
def test_behind_projections_the_place_shows_as_well(d_model, seed):
    W_q, W_k = np.random.default_rng(seed).normal(size=(2, d_model, d_model))
    here, there = sinusoids(np.arange(3), d_model), sinusoids(np.arange(100, 103), d_model)
    assert not np.allclose(here @ W_q @ (here @ W_k).T, there @ W_q @ (there @ W_k).T, atol=1e-6)


def test_the_first_vectors_are_those_of_the_paper():
    expected = [[np.sin(p * w), np.cos(p * w)] for p in range(3) for w in (1, 1 / 100)]
    np.testing.assert_allclose(sinusoids(np.arange(3), 4).reshape(-1, 2), expected, rtol=1e-12)


def test_an_odd_width_is_refused():
    with pytest.raises(ValueError, match="d_model = 5 is odd"):
        sinusoids(np.arange(2), 5)
