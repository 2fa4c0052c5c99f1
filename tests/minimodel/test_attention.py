"""Attention: a weighted mean of the values that the mask leaves."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minimodel.masks
from minimodel import attention
from minimodel.attention import (
    MultiHeadAttention,
    causal_mask,
    merge_heads,
    scaled_dot_product_attention,
    split_heads,
)
from minimodel.influence import influence
from minimodel.masks import causal_allowed

quick = settings(max_examples=25, deadline=None)
small = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)


def draw_qkv(seed, L, S, *, leading=(), d_head=4, d_v=3, dtype=np.float64):
    rng = np.random.default_rng(seed)
    q, k, v = (rng.standard_normal((*leading, n, d)) for n, d in [(L, d_head), (S, d_head), (S, d_v)])
    return q.astype(dtype), k.astype(dtype), v.astype(dtype)


def attention_by_loops(q, k, v, allowed):
    """The specification, for one head: every query on its own, over the keys it may read."""
    output = np.zeros((len(q), v.shape[-1]))
    weights = np.zeros((len(q), len(k)))
    for i in range(len(q)):
        readable = [j for j in range(len(k)) if allowed[i, j]]
        exps = {j: math.exp(sum(q[i] * k[j]) / math.sqrt(len(q[i]))) for j in readable}
        for j in readable:
            weights[i, j] = exps[j] / sum(exps.values())
            output[i] += weights[i, j] * v[j]
    return output, weights


@quick
@given(seed=seeds, L=small, offset=st.integers(0, 4))
def test_the_vector_form_equals_the_loops(seed, L, offset):
    q, k, v = draw_qkv(seed, L, offset + L)
    allowed = causal_allowed(L, offset=offset)
    output, weights = scaled_dot_product_attention(q, k, v, allowed)
    expected_output, expected_weights = attention_by_loops(q, k, v, allowed)
    np.testing.assert_allclose(weights, expected_weights, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(output, expected_output, rtol=1e-12, atol=1e-14)


@quick
@given(seed=seeds, L=small, offset=st.integers(0, 4))
def test_rows_sum_to_one_and_masked_weights_are_exactly_zero(seed, L, offset):
    q, k, v = draw_qkv(seed, L, offset + L, leading=(2, 3))
    _, weights = scaled_dot_product_attention(q, k, v, causal_mask(L, offset=offset))
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-14)
    blocked = np.broadcast_to(~causal_allowed(L, offset=offset), weights.shape)
    assert (weights[blocked] == 0).all()
    assert (weights[~blocked] > 0).all()


@quick
@given(seed=seeds, L=small, offset=st.integers(0, 4))
def test_perturbing_any_key_and_value_moves_just_the_queries_that_may_read_it(seed, L, offset):
    q, k, v = draw_qkv(seed, L, offset + L)
    mask = causal_mask(L, offset=offset)
    base, _ = scaled_dot_product_attention(q, k, v, mask)
    for j in range(offset + L):
        k_j, v_j = k.copy(), v.copy()
        k_j[j] += 1
        v_j[j] += 1
        output, _ = scaled_dot_product_attention(q, k_j, v_j, mask)
        moved = (output != base).any(axis=-1)
        assert np.array_equal(moved, causal_allowed(L, offset=offset)[:, j])


def test_boolean_and_additive_masks_say_the_same():
    q, k, v = draw_qkv(0, 4, 4)
    for by_boolean, by_sum in zip(
        scaled_dot_product_attention(q, k, v, causal_allowed(4)),
        scaled_dot_product_attention(q, k, v, causal_mask(4)),
        strict=True,
    ):
        assert np.array_equal(by_boolean, by_sum)


def test_a_finite_float_mask_is_a_bias_on_the_scores():
    q, k, v = draw_qkv(0, 2, 2)
    _, plain = scaled_dot_product_attention(q, k, v)
    _, biased = scaled_dot_product_attention(q, k, v, np.array([[0.0, math.log(2)], [0.0, math.log(2)]]))
    np.testing.assert_allclose(biased[:, 1] / biased[:, 0], 2 * plain[:, 1] / plain[:, 0])


def test_a_mask_of_all_zeros_blocks_nothing_and_is_accepted():
    q, k, v = draw_qkv(0, 1, 4)
    _, weights = scaled_dot_product_attention(q, k, v, causal_mask(1, offset=3))
    assert np.array_equal(weights, scaled_dot_product_attention(q, k, v)[1])


def test_a_mask_of_two_ones_stretches_over_batch_and_heads():
    q, k, v = draw_qkv(0, 4, 4, leading=(2, 3))
    mask = causal_mask(4)
    output, weights = scaled_dot_product_attention(q, k, v, mask[None, None])
    assert weights.shape == (2, 3, 4, 4)
    for b in range(2):
        for h in range(3):
            alone = scaled_dot_product_attention(q[b, h], k[b, h], v[b, h], mask)
            np.testing.assert_allclose(output[b, h], alone[0], rtol=1e-14)
            np.testing.assert_allclose(weights[b, h], alone[1], rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("mask_dtype", [np.bool_, np.float16, np.float32, np.float64])
def test_the_dtype_of_the_inputs_is_kept_whatever_the_mask(dtype, mask_dtype):
    q, k, v = draw_qkv(0, 3, 3, dtype=dtype)
    mask = causal_allowed(3) if mask_dtype is np.bool_ else causal_mask(3, mask_dtype)
    output, weights = scaled_dot_product_attention(q, k, v, mask)
    assert (output.dtype, weights.dtype) == (dtype, dtype)
    assert (weights[~causal_allowed(3)] == 0).all()


def test_arguments_are_left_alone():
    arguments = [*draw_qkv(0, 3, 3), causal_mask(3)]
    before = [a.copy() for a in arguments]
    scaled_dot_product_attention(*arguments)
    assert all(np.array_equal(a, b) for a, b in zip(arguments, before, strict=True))


def test_a_query_that_may_read_nothing_gets_nan_and_the_others_do_not():
    q, k, v = draw_qkv(0, 2, 2)
    with pytest.warns(RuntimeWarning, match="invalid value"):
        output, weights = scaled_dot_product_attention(q, k, v, np.array([[False, False], [True, True]]))
    assert np.isnan(weights[0]).all()
    assert np.isnan(output[0]).all()
    assert np.isfinite(output[1]).all()


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_an_integer_mask_is_refused(dtype):
    with pytest.raises(TypeError, match=r"mask has dtype u?int\d+; did you mean mask.astype\(bool\)\?"):
        scaled_dot_product_attention(*draw_qkv(0, 3, 3), causal_allowed(3).astype(dtype))


@pytest.mark.parametrize("mask", [np.tril(np.ones((3, 3))), np.ones((3, 3), np.float16)])
def test_a_float_mask_of_zeros_and_ones_is_refused(mask):
    with pytest.raises(ValueError, match=r"blocks? nothing; did you mean mask.astype\(bool\)\? True = may"):
        scaled_dot_product_attention(*draw_qkv(0, 3, 3), mask)


def test_a_mask_that_forgot_the_cached_keys_is_refused():
    with pytest.raises(ValueError, match=r"did you forget the cached ones\?"):
        scaled_dot_product_attention(*draw_qkv(0, 1, 4), causal_mask(3))


def test_a_batch_of_masks_never_lines_up_with_the_heads():
    q, k, v = draw_qkv(0, 4, 4, leading=(2, 2))
    with pytest.raises(ValueError, match=r"is the head axis missing\?"):
        scaled_dot_product_attention(q, k, v, np.stack([causal_allowed(4)] * 2))


def test_values_for_other_keys_are_refused():
    q, k, v = draw_qkv(0, 4, 4)
    with pytest.raises(ValueError, match=r"was only one of them cached\?"):
        scaled_dot_product_attention(q, k, v[:3])


@quick
@given(T=small, n_heads=small, d_head=small, leading=st.lists(small, max_size=2))
def test_merging_undoes_splitting(T, n_heads, d_head, leading):
    x = np.arange(math.prod([*leading, T, n_heads, d_head])).reshape(*leading, T, n_heads * d_head)
    heads = split_heads(x, n_heads)
    assert heads.shape == (*leading, n_heads, T, d_head)
    assert np.array_equal(merge_heads(heads), x)


def test_each_head_holds_its_own_slice_of_the_features_of_every_position():
    x = np.arange(24).reshape(4, 6)
    heads = split_heads(x, 2)
    for h in range(2):
        assert np.array_equal(heads[h], x[:, 3 * h : 3 * h + 3])


@pytest.mark.parametrize("n_heads", [0, 3])
def test_heads_of_unequal_width_are_refused(n_heads):
    message = f"d_model = 16 does not divide into {n_heads} heads"
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(16, n_heads)
    with pytest.raises(ValueError, match=message):
        split_heads(np.zeros((4, 16)), n_heads)


@quick
@given(seed=seeds, T=st.integers(1, 6), n_heads=st.sampled_from([1, 2, 4]))
def test_a_causal_model_moves_the_present_and_the_future_only(seed, T, n_heads):
    x = np.random.default_rng(seed).standard_normal((T, 8))
    model = MultiHeadAttention(8, n_heads, seed=seed)
    moved = influence(lambda x: model.forward(x, causal_mask(T)), x)
    assert np.array_equal(moved, causal_allowed(T))


def test_without_a_mask_every_position_moves_every_other():
    x = np.random.default_rng(0).standard_normal((5, 8))
    assert influence(MultiHeadAttention(8, 2).forward, x).all()


def test_the_model_equals_its_heads_worked_one_by_one():
    x = np.random.default_rng(1).standard_normal((5, 8))
    model = MultiHeadAttention(8, 2)
    heads = []
    for h in range(2):
        columns = slice(4 * h, 4 * h + 4)
        q, k, v = (x @ W[:, columns] for W in (model.W_q, model.W_k, model.W_v))
        heads.append(attention_by_loops(q, k, v, causal_allowed(5))[0])
    np.testing.assert_allclose(
        model.forward(x, causal_mask(5)), np.concatenate(heads, axis=-1) @ model.W_o, rtol=1e-10, atol=1e-13
    )


def test_sequences_of_a_batch_do_not_meet():
    x = np.random.default_rng(0).standard_normal((3, 5, 8))
    model = MultiHeadAttention(8, 2)
    together = model.forward(x, causal_mask(5))
    assert together.shape == x.shape
    for b in range(3):
        np.testing.assert_allclose(together[b], model.forward(x[b], causal_mask(5)), rtol=1e-12, atol=1e-14)


def test_one_seed_gives_one_model_and_another_seed_another():
    x = np.ones((2, 8))
    assert np.array_equal(MultiHeadAttention(8, 2).forward(x), MultiHeadAttention(8, 2, seed=0).forward(x))
    assert not np.array_equal(MultiHeadAttention(8, 2).forward(x), MultiHeadAttention(8, 2, seed=1).forward(x))


def test_making_a_model_leaves_the_global_random_state_alone():
    before = np.random.get_state()[1].tolist()
    MultiHeadAttention(8, 2)
    assert np.random.get_state()[1].tolist() == before


def test_std_is_the_standard_deviation_of_the_weights():
    narrow, wide = MultiHeadAttention(64, 2, std=0.02), MultiHeadAttention(64, 2)
    np.testing.assert_allclose(narrow.W_q / 0.02, wide.W_q / 0.25)
    assert wide.W_o.std() == pytest.approx(0.25, rel=0.05)


def test_the_model_has_four_different_weight_matrices():
    model = MultiHeadAttention(8, 2)
    matrices = [model.W_q, model.W_k, model.W_v, model.W_o]
    assert len({W.tobytes() for W in matrices}) == 4


def test_a_model_in_single_precision_stays_there():
    model = MultiHeadAttention(8, 2, dtype=np.float32)
    assert model.forward(np.ones((3, 8), np.float32), causal_mask(3)).dtype == np.float32
    assert MultiHeadAttention(8, 2).forward(np.ones((3, 8))).dtype == np.float64


def test_embeddings_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"d_model is 16 in W_q but 8 in x \(5, 8\); was this model made for"):
        MultiHeadAttention(16, 2).forward(np.zeros((5, 8)))


def test_a_single_embedding_without_positions_is_refused():
    with pytest.raises(ValueError, match=r"x has shape \(16,\) but needs the axes \[... T d_model\]; was an axis"):
        MultiHeadAttention(16, 2).forward(np.zeros(16))


def test_causal_mask_can_be_had_from_here_too():
    assert attention.causal_mask is minimodel.masks.causal_mask
