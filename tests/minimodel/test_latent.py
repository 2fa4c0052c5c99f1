"""Latent attention: both forms give one output, the cache holds what it says, and no token reads the future."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.cache import KVCache, RingCache
from minimodel.influence import influence
from minimodel.latent import attend_absorbed, attend_expanded, compress, draw_latent, take_in
from minimodel.rope import rotate
from minimodel.softmax import softmax

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
shapes = st.fixed_dictionaries(
    {
        "d_model": st.integers(1, 12),
        "n_heads": st.integers(1, 4),
        "d_head": st.integers(1, 6),
        "d_latent": st.integers(1, 8),
        "d_rotary": st.sampled_from([2, 4]),
    }
)
FORMS = [attend_expanded, attend_absorbed]
SMALL = {"d_model": 12, "n_heads": 3, "d_head": 4, "d_latent": 5, "d_rotary": 2}
SAME = {"rtol": 0, "atol": 1e-12}


def one_pair_at_a_time(x, weights):
    """The definition, written for a single query and head: no cache, no mask, no merged heads."""
    at, H = np.arange(len(x)), weights.n_heads
    latents, k_rotary = x @ weights.W_down, rotate(x @ weights.W_k_rotary, at)
    q_rotary = [rotate(part, at) for part in np.split(x @ weights.W_q_rotary, H, axis=-1)]
    rows = []
    for i in at:
        heads = []
        for h in range(H):
            q, up_k, up_v = (np.split(W, H, axis=-1)[h] for W in (x @ weights.W_q, weights.W_up_k, weights.W_up_v))
            width = q.shape[-1] + k_rotary.shape[-1]
            scores = [q[i] @ (latents[j] @ up_k) + q_rotary[h][i] @ k_rotary[j] for j in range(i + 1)]
            heads.append(softmax(np.array(scores) / np.sqrt(width)) @ (latents[: i + 1] @ up_v))
        rows.append(np.concatenate(heads) @ weights.W_o)
    return np.array(rows)


@quick
@given(seed=seeds, shape=shapes, T=st.integers(1, 8))
def test_both_forms_are_the_definition(seed, shape, T):
    weights = draw_latent(**shape, seed=seed)
    x = np.random.default_rng(seed).normal(size=(T, shape["d_model"]))
    expected = one_pair_at_a_time(x, weights)
    for attend in FORMS:
        np.testing.assert_allclose(attend(x, weights, KVCache()), expected, **SAME)


@quick
@given(seed=seeds, shape=shapes, T=st.integers(2, 8), batch=st.integers(0, 2), data=st.data())
def test_at_every_split_and_in_either_form_the_output_is_that_of_one_pass(seed, shape, T, batch, data):
    weights = draw_latent(**shape, seed=seed)
    x = np.random.default_rng(seed).normal(size=(*[2] * batch, T, shape["d_model"]))
    expected = attend_expanded(x, weights, KVCache())
    cuts = sorted(data.draw(st.sets(st.integers(1, T - 1))))
    cache, parts = KVCache(), []
    for part in np.split(x, cuts, axis=-2):
        parts.append(data.draw(st.sampled_from(FORMS))(part, weights, cache))  # the forms share a cache
    np.testing.assert_allclose(np.concatenate(parts, axis=-2), expected, **SAME)


@quick
@given(seed=seeds, shape=shapes, T=st.integers(1, 8))
def test_the_cache_holds_one_latent_and_one_rotated_key_a_token(seed, shape, T):
    cache, x = KVCache(), np.random.default_rng(seed).normal(size=(T, shape["d_model"]))
    attend_absorbed(x, draw_latent(**shape, seed=seed), cache)
    assert cache.nbytes == T * (shape["d_latent"] + shape["d_rotary"]) * 8


@pytest.mark.parametrize("attend", FORMS)
def test_two_layers_read_the_past_and_all_of_it(attend):
    layers = [draw_latent(**SMALL, seed=seed) for seed in (1, 2)]

    def model(x):
        for weights in layers:
            x = x + attend(x, weights, KVCache())
        return x

    x = np.random.default_rng(0).normal(size=(7, 12))
    np.testing.assert_array_equal(influence(model, x), np.tri(7, dtype=bool))
    np.testing.assert_allclose(model(x)[:4], model(x[:4]), **SAME)  # a text that ends earlier


@pytest.mark.parametrize("attend", FORMS)
def test_a_ring_keeps_latents_as_well(attend):
    weights, x = draw_latent(**SMALL), np.random.default_rng(0).normal(size=(7, 12))
    whole, cache = attend(x, weights, RingCache(3)), RingCache(3)
    parts = [attend(part, weights, cache) for part in np.split(x, [3, 4])]
    np.testing.assert_allclose(np.vstack(parts), whole, **SAME)


@quick
@given(seed=seeds, shift=st.integers(1, 1000))
def test_scores_know_of_the_positions_the_distance_alone(seed, shift):
    weights, x = draw_latent(**SMALL, seed=seed), np.random.default_rng(seed).normal(size=(5, 12))
    here = take_in(x, weights, KVCache())
    moved = KVCache()
    filler = np.zeros((1, shift, 5)), np.zeros((1, shift, 2))
    moved.append(*filler)
    there = take_in(x, weights, moved)
    np.testing.assert_allclose(there[0] @ there[0].swapaxes(-1, -2), here[0] @ here[0].swapaxes(-1, -2), **SAME)
    there_scores = there[1] @ there[3][..., shift:, :].swapaxes(-1, -2)
    np.testing.assert_allclose(there_scores, here[1] @ here[3].swapaxes(-1, -2), rtol=0, atol=1e-9)
    np.testing.assert_array_equal(there[2][..., shift:, :], here[2])  # a latent knows no position


def test_the_rotated_key_is_what_knows_the_order():
    weights, x = draw_latent(**SMALL), np.random.default_rng(0).normal(size=(5, 12))
    latents, rotated = compress(x, weights, np.arange(5))
    later_latents, later = compress(x, weights, np.arange(5) + 1)
    np.testing.assert_array_equal(latents, later_latents)
    assert abs(rotated - later).max() > 0.1


def test_weights_are_drawn_around_zero_and_are_the_same_for_one_seed():
    one, same, other = (
        draw_latent(40, 4, 8, 16, 4, seed=3),
        draw_latent(40, 4, 8, 16, 4, seed=3),
        draw_latent(40, 4, 8, 16, 4),
    )
    for name, shape in (
        ("W_q", (40, 32)),
        ("W_q_rotary", (40, 16)),
        ("W_down", (40, 16)),
        ("W_k_rotary", (40, 4)),
        ("W_up_k", (16, 32)),
        ("W_up_v", (16, 32)),
        ("W_o", (32, 40)),
    ):
        drawn = getattr(one, name)
        assert drawn.shape == shape
        assert abs(drawn.mean()) < 0.1
        assert drawn.std() == pytest.approx(0.25, abs=0.05)
        np.testing.assert_array_equal(drawn, getattr(same, name))
        assert not np.array_equal(drawn, getattr(other, name))
    assert draw_latent(40, 4, 8, 16, 4, std=1.0).W_q.std() == pytest.approx(1, abs=0.1)


def test_an_odd_width_cannot_be_rotated():
    with pytest.raises(ValueError, match="odd"):
        draw_latent(12, 3, 4, 5, d_rotary=3)
