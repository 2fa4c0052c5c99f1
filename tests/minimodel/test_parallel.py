"""The shares of several devices add up to the whole, and a causal text is shared out evenly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minimodel.gpt import attend, draw_block, mlp
from minimodel.masks import causal_allowed
from minimodel.parallel import shards, zigzag

DEVICES = st.sampled_from([1, 2, 4])


@given(DEVICES, st.integers(1, 2), st.integers(1, 6), st.integers(0, 99))
def test_the_outputs_of_the_devices_add_up_to_the_output_of_the_block(n: int, each: int, T: int, seed: int) -> None:
    n_heads, d_model = n * each, 3 * n * each
    rng = np.random.default_rng(seed)
    weights = draw_block(rng, d_model, d_model, std=0.5)
    x, allowed = rng.standard_normal((T, d_model)), causal_allowed(T)
    parts = shards(weights, n)
    assert len(parts) == n
    added = sum(attend(x, one, each, allowed) for one in parts)
    assert np.allclose(added, attend(x, weights, n_heads, allowed), rtol=0, atol=1e-12)
    added = sum(mlp(x, one.W_in, one.W_out) for one in parts)
    assert np.allclose(added, mlp(x, weights.W_in, weights.W_out), rtol=0, atol=1e-12)


def test_a_block_that_does_not_divide_is_refused() -> None:
    weights = draw_block(np.random.default_rng(0), 6, 6, std=0.5)
    with pytest.raises(ValueError, match="equal division"):
        shards(weights, 4)


@given(st.integers(1, 6), st.integers(1, 5))
def test_every_position_has_one_device_and_every_device_as_many_open_cells(n: int, chunk: int) -> None:
    T = 2 * n * chunk
    shares = zigzag(T, n)
    assert sorted(np.concatenate(shares).tolist()) == list(range(T))
    assert all((np.diff(one) > 0).all() for one in shares)
    assert {int(causal_allowed(T)[one].sum()) for one in shares} == {T * (T + 1) // 2 // n}


def test_a_text_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="equal division"):
        zigzag(6, 2)
