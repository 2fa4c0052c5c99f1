"""A small GPT: embeddings, pre-norm blocks, tied head."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import MultiHeadAttention
from minimodel.gpt import (
    attend,
    block,
    draw_block,
    draw_weights,
    embed,
    gelu,
    layer_norm,
    logits,
    mlp,
    pre_norm_block,
    predict,
)
from minimodel.influence import influence
from minimodel.masks import causal_allowed

quick = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 2**32 - 1)
V, T, D_MODEL, H = 11, 5, 12, 3


def model(seed=0, n_layers=2):
    return draw_weights(V, T, D_MODEL, H, n_layers, seed=seed)


def stream(seed=0, *batch):
    return np.random.default_rng(seed).normal(size=(*batch, T, D_MODEL))


def text(seed=0, *batch):
    return np.random.default_rng(seed).integers(0, V, (*batch, T))


@quick
@given(seed=seeds)
def test_each_normed_row_has_mean_zero_and_variance_one(seed):
    normed = layer_norm(stream(seed), np.ones(D_MODEL), eps=0.0)
    np.testing.assert_allclose(normed.mean(axis=-1), 0, atol=1e-14)
    np.testing.assert_allclose(normed.var(axis=-1), 1, rtol=1e-12)


def test_a_constant_row_is_normed_to_zeros_and_the_gain_scales_each_feature():
    assert np.array_equal(layer_norm(np.full((1, 4), 3.0), np.ones(4)), np.zeros((1, 4)))
    gain = np.arange(4.0)
    plain = layer_norm(stream()[:, :4], np.ones(4))
    assert np.array_equal(layer_norm(stream()[:, :4], gain), plain * gain)


@quick
@given(seed=seeds)
def test_a_norm_ignores_scale_and_shift_of_the_row(seed):
    x = stream(seed)
    gain = np.ones(D_MODEL)
    np.testing.assert_allclose(layer_norm(3 * x + 7, gain, eps=0.0), layer_norm(x, gain, eps=0.0), atol=1e-12)


def test_gelu_is_near_zero_far_below_and_near_the_identity_far_above():
    assert gelu(np.array([0.0])) == 0
    np.testing.assert_allclose(gelu(np.array([-8.0, 8.0])), [0, 8], atol=1e-9)
    assert gelu(np.array([-1.0])) < 0  # it holds back; it does not cut off


@quick
@given(seed=seeds)
def test_norm_and_mlp_keep_positions_apart(seed):
    one = model(seed % 100).blocks[0]
    for alone in (lambda x: layer_norm(x, one.gain_1), lambda x: mlp(x, one.W_in, one.W_out)):
        assert np.array_equal(influence(alone, stream(seed)), np.eye(T, dtype=bool))


def test_attend_equals_the_module_with_the_same_weights():
    module = MultiHeadAttention(D_MODEL, H, seed=4)
    one = replace(model().blocks[0], W_q=module.W_q, W_k=module.W_k, W_v=module.W_v, W_o=module.W_o)
    x, allowed = stream(1, 2), causal_allowed(T)
    assert np.array_equal(attend(x, one, H, allowed), module.forward(x, allowed))


def test_the_stream_begins_as_the_sum_of_token_and_position():
    weights = model()
    tokens = weights.tokens[[3, 1]]
    assert np.array_equal(embed(np.array([3, 1]), weights), tokens + weights.positions[:2])
    assert np.array_equal(embed(np.array([3, 1]), weights, offset=2), tokens + weights.positions[2:4])


def test_a_block_whose_sublayers_are_silent_is_the_identity():
    one = model().blocks[0]
    silent = replace(one, W_o=np.zeros_like(one.W_o), W_out=np.zeros_like(one.W_out))
    assert np.array_equal(block(stream(), silent, H, causal_allowed(T)), stream())


@quick
@given(seed=seeds)
def test_positions_meet_in_the_attention_of_a_block_and_nowhere_else(seed):
    one = model(seed % 100).blocks[0]
    for allowed in (np.eye(T, dtype=bool), causal_allowed(T), np.ones((T, T), dtype=bool)):
        averages = allowed / allowed.sum(axis=1, keepdims=True)  # [T, T]
        moved = influence(lambda x, averages=averages: pre_norm_block(x, one, lambda y: averages @ y), stream(seed))
        assert np.array_equal(moved, allowed)


def test_a_block_is_the_pre_norm_block_of_its_attention():
    one, x, allowed = model().blocks[0], stream(1, 2), causal_allowed(T)
    by_hand = pre_norm_block(x, one, lambda normed: attend(normed, one, H, allowed))
    assert np.array_equal(block(x, one, H, allowed), by_hand)


@quick
@given(seed=seeds, n_layers=st.integers(1, 3))
def test_the_whole_model_is_causal_and_reads_all_of_the_past(seed, n_layers):
    weights = model(seed % 100, n_layers)
    moved = influence(lambda x: predict(x, weights), embed(text(seed), weights))
    assert np.array_equal(moved, causal_allowed(T))


@quick
@given(seed=seeds)
def test_a_prefix_gets_the_logits_it_gets_in_the_whole_text(seed):
    weights, tokens = model(), text(seed)
    whole = logits(tokens, weights)
    for n in range(1, T + 1):
        np.testing.assert_allclose(logits(tokens[:n], weights), whole[:n], rtol=1e-12, atol=1e-13)


def test_the_texts_of_a_batch_do_not_meet():
    weights, tokens = model(), text(0, 3)
    together = logits(tokens, weights)
    assert together.shape == (3, T, V)
    for b in range(3):
        np.testing.assert_allclose(together[b], logits(tokens[b], weights), rtol=1e-12, atol=1e-13)


def test_the_head_is_the_embedding():
    weights = model(n_layers=0)
    x = stream()
    expected = layer_norm(x, weights.gain) @ weights.tokens.T
    assert np.array_equal(predict(x, weights), expected)
    renamed = replace(weights, tokens=weights.tokens[::-1])  # the vocabulary in reverse order
    assert np.array_equal(predict(x, renamed), expected[:, ::-1])


def test_positions_tell_equal_tokens_apart():
    weights = model()
    same = np.zeros(T, dtype=int)
    rows = logits(same, weights)
    assert len({row.tobytes() for row in rows}) == T
    nowhere = replace(weights, positions=np.zeros_like(weights.positions))
    np.testing.assert_allclose(logits(same, nowhere), np.tile(logits(same, nowhere)[0], (T, 1)), atol=1e-12)


def test_one_seed_gives_one_model():
    assert np.array_equal(logits(text(), model(seed=3)), logits(text(), model(seed=3)))
    assert not np.array_equal(logits(text(), model(seed=3)), logits(text(), model(seed=4)))


def test_errors_name_the_likely_mistake():
    with pytest.raises(ValueError, match=r"the text has 6 tokens but the model has 5 positions; was it cut to fit\?"):
        logits(np.zeros(6, dtype=int), model())
    with pytest.raises(IndexError):
        logits(np.full(T, V), model())
    with pytest.raises(ValueError, match="d_model = 12 does not divide into 5 heads"):
        draw_weights(V, T, D_MODEL, 5, 1)


def test_a_block_equals_that_of_torch_with_the_same_weights():
    torch = pytest.importorskip("torch")

    def tensor(array):
        return torch.tensor(array.T.copy())  # torch's linear layers keep their matrices transposed

    one, x = model().blocks[0], stream(2, 2)
    gains = np.random.default_rng(5).normal(1, 0.1, (2, D_MODEL))
    one = replace(one, gain_1=gains[0], gain_2=gains[1])
    theirs = torch.nn.TransformerEncoderLayer(
        D_MODEL,
        H,
        4 * D_MODEL,
        dropout=0.0,
        activation=torch.nn.GELU(approximate="tanh"),
        norm_first=True,
        bias=False,
        batch_first=True,
        device="meta",
    )
    weights = {
        "self_attn.in_proj_weight": torch.cat([tensor(W) for W in (one.W_q, one.W_k, one.W_v)]),
        "self_attn.out_proj.weight": tensor(one.W_o),
        "linear1.weight": tensor(one.W_in),
        "linear2.weight": tensor(one.W_out),
        "norm1.weight": tensor(one.gain_1),
        "norm2.weight": tensor(one.gain_2),
    }
    blocked = torch.ones(T, T, dtype=torch.bool).triu(1)  # here True = blocked
    output = torch.func.functional_call(theirs, weights, (torch.tensor(x),), {"src_mask": blocked})
    np.testing.assert_allclose(output.numpy(), block(x, one, H, causal_allowed(T)), rtol=1e-12, atol=1e-13)


def test_matrices_are_drawn_one_after_another_in_the_order_of_the_docstring():
    rng = np.random.default_rng(3)
    drawn = draw_block(np.random.default_rng(3), D_MODEL, 4, std=0.5)
    for matrix in (drawn.W_q, drawn.W_k, drawn.W_v, drawn.W_o, drawn.W_in, drawn.W_out):
        assert np.array_equal(matrix, rng.normal(0, 0.5, matrix.shape))
    assert drawn.W_k.shape == drawn.W_v.shape == (D_MODEL, 4)
    assert np.array_equal(drawn.gain_1, np.ones(D_MODEL))
    assert np.array_equal(drawn.gain_2, np.ones(D_MODEL))


def test_weights_are_drawn_around_zero_and_the_defaults_are_seed_zero_and_a_quarter():
    sizes = {"V": 64, "n_positions": 64, "d_model": 64, "n_heads": 4, "n_layers": 1}
    weights = draw_weights(**sizes)
    assert np.array_equal(weights.tokens, draw_weights(**sizes, seed=0, std=0.25).tokens)
    for matrix in (weights.tokens, weights.positions, weights.blocks[0].W_q, weights.blocks[0].W_in):
        assert abs(matrix.mean()) < 0.02
        assert abs(matrix.std() - 0.25) < 0.02
