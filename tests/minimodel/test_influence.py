"""The influence matrix: it finds what reads too much, and what reads too little."""

import numpy as np
import pytest

from minimodel.attention import (
    MultiHeadAttention,
    causal_mask,
    merge_heads,
    scaled_dot_product_attention,
    split_heads,
)
from minimodel.influence import another_token, influence, perturb
from minimodel.masks import additive, causal_allowed

T, D = 8, 16
x = np.random.default_rng(0).standard_normal((T, D))
model = MultiHeadAttention(D, 2)


def measured(allowed):
    return influence(lambda x: model.forward(x, additive(allowed)), x)


position = np.arange(T)
window = causal_allowed(T) & (position[:, None] - position < 3)
first_four_see_each_other = causal_allowed(T) | ((position < 4) & (position[:, None] < 4))


@pytest.mark.parametrize(
    "allowed",
    [causal_allowed(T), np.eye(T, dtype=bool), window, first_four_see_each_other, np.ones((T, T), bool)],
    ids=["causal", "identity", "window", "open start", "no mask"],
)
def test_the_matrix_is_the_mask_the_model_really_has(allowed):
    assert np.array_equal(measured(allowed), allowed)


@pytest.mark.parametrize(
    "allowed",
    [np.eye(T, dtype=bool), window, first_four_see_each_other],
    ids=["identity", "window", "open start"],
)
def test_perturbing_only_the_last_position_would_not_tell_these_from_causal(allowed):
    causal = causal_allowed(T)
    assert np.array_equal(measured(allowed)[:, -1], causal[:, -1])
    assert not np.array_equal(measured(allowed), causal)


def test_rows_are_outputs_and_columns_are_inputs():
    def each_reads_the_first(x):
        return x + x[0]

    expected = np.eye(3, dtype=bool)
    expected[:, 0] = True
    assert np.array_equal(influence(each_reads_the_first, np.ones((3, 2))), expected)


def test_a_change_in_the_last_bit_counts():
    def nearly_deaf(x):
        return x + 1e-15 * x.sum()

    assert influence(nearly_deaf, np.zeros(4)).all()


def test_a_leak_behind_a_layer_norm_is_found():
    def leaks_through_layer_norm(x):
        centred = x - x.mean(axis=-1, keepdims=True)
        normed = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        return x + normed.mean(axis=0)

    assert influence(leaks_through_layer_norm, x).all()


def test_an_input_that_moves_nothing_is_refused():
    def blind_to_the_last(x):
        return x * (np.arange(len(x)) < len(x) - 1)

    with pytest.raises(ValueError, match="perturbing input 3 moved no output"):
        influence(blind_to_the_last, np.ones(4))


def test_a_perturbation_too_small_to_change_the_input_is_refused():
    with pytest.raises(ValueError, match=r"perturbing input 0 moved no output; .* delta too small\?"):
        influence(np.cumsum, np.full(4, 1e9), delta=1e-9)


def test_a_function_that_is_not_deterministic_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"^f gave two different results for one input; is there dropout"):
        influence(lambda x: x + rng.standard_normal(x.shape), x)


def test_nan_in_the_output_is_refused():
    with pytest.raises(ValueError, match=r"^f\(x\) holds NaN, which never equals itself"):
        influence(lambda x: x * np.nan, x)


def test_a_function_that_changes_the_number_of_positions_is_refused():
    with pytest.raises(ValueError, match="f turned 8 positions into 7"):
        influence(lambda x: x[1:], x)


def test_a_function_that_writes_into_its_input_does_not_reach_ours():
    def in_place(x):
        x *= 2
        return x

    before = x.copy()
    assert np.array_equal(influence(in_place, x), np.eye(T, dtype=bool))
    assert np.array_equal(x, before)


def test_token_ids_can_be_perturbed():
    embedding = np.random.default_rng(0).standard_normal((6, D))
    tokens = np.array([0, 3, 1, 4])
    moved = influence(lambda tokens: model.forward(embedding[tokens], causal_mask(4)), tokens)
    assert np.array_equal(moved, causal_allowed(4))


@pytest.mark.parametrize("std", [0.02, 0.25])
def test_masking_after_softmax_leaks_at_any_scale_of_the_weights(std):
    """The lab's broken model: the future's share of the denominator moves the past."""
    model = MultiHeadAttention(D, 2, seed=0, std=std)

    def zeroed_after_softmax(x):
        q, k, v = (split_heads(x @ W, 2) for W in (model.W_q, model.W_k, model.W_v))
        _, weights = scaled_dot_product_attention(q, k, v)
        return merge_heads((weights * causal_allowed(T)) @ v) @ model.W_o

    assert influence(zeroed_after_softmax, x).all()


def test_each_feature_is_raised_by_an_amount_of_its_own_from_delta_to_twice_delta():
    x = np.zeros((2, 3))
    assert perturb(x, 1, delta=0.5).tolist() == [[0, 0, 0], [0.5, 0.75, 1]]
    assert not x.any()


def test_another_token_is_the_next_of_the_vocabulary_and_the_first_after_the_last():
    tokens, change = np.array([0, 4]), another_token(5)
    assert change(tokens, 0).tolist() == [1, 4]
    assert change(tokens, 1).tolist() == [0, 0]
    assert tokens.tolist() == [0, 4]
