"""Torch's own customs, as the handbook states them, and its attention against `minimodel`, mask by mask."""

import re
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel import attention, masks
from minimodel.predicates import (
    all_of,
    any_of,
    causal,
    documents,
    first,
    materialise,
    padding,
    tree,
    window,
)

torch = pytest.importorskip("torch")

from torch.nn.attention.bias import causal_lower_right  # noqa: E402  (after the skip)
from torch.nn.attention.flex_attention import create_block_mask, create_mask, flex_attention  # noqa: E402

quick = settings(max_examples=20, deadline=None)
small = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)
sdpa = torch.nn.functional.scaled_dot_product_attention

IDS = np.array([[0, 0, 0, 1, 1], [0, 1, 1, 1, 2]])  # [B, T]
REAL = np.array([[True, True, True, True, False], [True, True, True, False, False]])  # [B, S]
PARENTS = [-1, 0, 0, 1, 2]
T = 5


def of_tensors(rule_of_arrays, values):
    """The same rule with its lookups in tensors, as FlexAttention needs it."""
    table = torch.as_tensor(values)
    return {
        documents: lambda b, h, q, k: table[b, q] == table[b, k],
        padding: lambda b, h, q, k: table[b, k],
        tree: lambda b, h, q, k: table[q, k],
    }[rule_of_arrays]


COMPARING = {
    "causal": causal,
    "window": all_of(causal, window(2)),
    "prefix": any_of(causal, first(3)),
    "sinks": all_of(causal, any_of(window(2), first(1))),
}
LOOKING_UP = {
    "documents": (documents(IDS), of_tensors(documents, IDS)),
    "padding": (padding(REAL), of_tensors(padding, REAL)),
    "tree": (tree(PARENTS), of_tensors(tree, materialise(tree(PARENTS), T))),
}
PAIRS = {name: (rule, rule) for name, rule in COMPARING.items()} | LOOKING_UP


def shifted(rule, offset):
    return lambda b, h, q, k: rule(b, h, q + offset, k)


def arrays(seed, L, S, d=4, leading=()):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(*leading, n, d)) for n in (L, S, S)]


def tensors(*those):
    return [torch.from_numpy(np.ascontiguousarray(a)) for a in those]


def plain_mha():
    """One head whose projections are identity matrices, so that its scores are those of its inputs."""
    with torch.random.fork_rng():
        mha = torch.nn.MultiheadAttention(4, 1, bias=False, batch_first=True)
    mha = mha.double().requires_grad_(False)
    mha.in_proj_weight.copy_(torch.eye(4).repeat(3, 1))
    mha.out_proj.weight.copy_(torch.eye(4))
    return mha


# Which keys are read


@quick
@given(seed=seeds, L=small, S=small)
def test_true_is_read_in_sdpa_and_blocked_in_multihead_attention(seed, L, S):
    q, k, v = arrays(seed, L, S)
    allowed = np.random.default_rng(seed).random((L, S)) < 0.5
    allowed[:, 0] = True  # no row is empty
    expected, weights = attention.scaled_dot_product_attention(q, k, v, allowed)
    by_sdpa = sdpa(*tensors(q, k, v), attn_mask=torch.from_numpy(allowed))
    by_mha, by_mha_weights = plain_mha()(*(t[None] for t in tensors(q, k, v)), attn_mask=torch.from_numpy(~allowed))
    np.testing.assert_allclose(by_sdpa, expected, atol=1e-12)
    np.testing.assert_allclose(by_mha[0], expected, atol=1e-12)
    np.testing.assert_allclose(by_mha_weights[0], weights, atol=1e-12)


@pytest.mark.parametrize("weights", [True, False])
def test_a_triangle_given_to_multihead_attention_shows_the_future_alone(weights):
    q, k, v = (t[None] for t in tensors(*arrays(0, T, T)))
    triangle = torch.ones(T, T, dtype=torch.bool).tril()
    output, shares = plain_mha()(q, k, v, attn_mask=triangle, need_weights=weights)
    expected = sdpa(q, k, v, attn_mask=~triangle)
    torch.testing.assert_close(output[:, :-1], expected[:, :-1])
    if weights:
        assert shares[0, :-1].tril().eq(0).all()
        assert shares[0, -1].isnan().all()
        assert output[0, -1].isnan().all()
    else:
        assert output[0, -1].eq(0).all()


@quick
@given(seed=seeds)
def test_a_float_mask_is_added_so_ones_and_zeros_block_nothing(seed):
    q, k, v = arrays(seed, T, T)
    ones = np.tril(np.ones((T, T)))
    shares = sdpa(*tensors(q, k), torch.eye(T, dtype=torch.float64), attn_mask=torch.from_numpy(ones)).numpy()
    unmasked = attention.scaled_dot_product_attention(q, k, v)[1]
    raised = unmasked * np.exp(ones)
    np.testing.assert_allclose(shares, raised / raised.sum(axis=1, keepdims=True), atol=1e-12)
    _, by_mha = plain_mha()(*(t[None] for t in tensors(q, k, v)), attn_mask=torch.from_numpy(ones))
    np.testing.assert_allclose(by_mha[0], shares, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.float16, torch.bfloat16])
def test_sdpa_refuses_a_mask_of_integers_or_of_a_narrower_float_type(dtype):
    with pytest.raises(RuntimeError, match="Expected attn_mask dtype to be bool or float or to match query dtype"):
        sdpa(*tensors(*arrays(0, T, T)), attn_mask=torch.ones(T, T, dtype=dtype))


def test_sdpa_takes_a_float32_mask_for_wider_queries_but_no_float64_mask_for_narrower_ones():
    q, k, v = tensors(*arrays(0, T, T))
    mask = torch.from_numpy(masks.causal_mask(T))
    torch.testing.assert_close(sdpa(q, k, v, attn_mask=mask.float()), sdpa(q, k, v, is_causal=True))
    with pytest.raises(RuntimeError, match="Expected attn_mask dtype"):
        sdpa(q.float(), k.float(), v.float(), attn_mask=mask)


# Corners and flags


@quick
@given(seed=seeds, L=small, S=small)
def test_the_flag_hangs_the_triangle_from_the_upper_left_corner(seed, L, S):
    q, k, v = arrays(seed, L, S)
    expected = attention.scaled_dot_product_attention(q, k, v, masks.causal_allowed(L, S))[0]
    np.testing.assert_allclose(sdpa(*tensors(q, k, v), is_causal=True), expected, atol=1e-12)


@quick
@given(seed=seeds, L=small, offset=st.integers(0, 4))
def test_the_bias_for_the_lower_right_corner_is_the_mask_with_an_offset(seed, L, offset):
    q, k, v = arrays(seed, L, offset + L, leading=(1, 1))
    expected = attention.scaled_dot_product_attention(q, k, v, masks.causal_allowed(L, offset=offset)[None, None])[0]
    by_bias = sdpa(*tensors(q, k, v), attn_mask=causal_lower_right(L, offset + L))
    np.testing.assert_allclose(by_bias, expected, atol=1e-12)


def test_a_mask_beside_the_flag_is_refused_by_sdpa_and_thrown_away_by_multihead_attention_without_weights():
    q, k, v = (t[None] for t in tensors(*arrays(0, T, T)))
    local = torch.from_numpy(materialise(COMPARING["window"], T))
    with pytest.raises(RuntimeError, match="Explicit attn_mask should not be set when is_causal=True"):
        sdpa(q, k, v, attn_mask=local, is_causal=True)
    with pytest.raises(RuntimeError, match="Need attn_mask if specifying the is_causal hint"):
        plain_mha()(q, k, v, is_causal=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it happens in silence
        with_weights, _ = plain_mha()(q, k, v, attn_mask=~local, is_causal=True)
        without, _ = plain_mha()(q, k, v, attn_mask=~local, is_causal=True, need_weights=False)
    torch.testing.assert_close(with_weights, sdpa(q, k, v, attn_mask=local))
    torch.testing.assert_close(without, sdpa(q, k, v, is_causal=True))
    assert not torch.allclose(without, with_weights)


@pytest.mark.parametrize("weights", [True, False])
def test_the_flag_alone_is_refused_by_multihead_attention_in_training_and_masks_nothing_in_evaluation(weights):
    x = torch.from_numpy(arrays(0, T, T)[0])[None]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        mha = torch.nn.MultiheadAttention(4, 2, batch_first=True).double()
    with torch.no_grad():
        with pytest.raises(RuntimeError, match="Need attn_mask if specifying the is_causal hint"):
            mha(x, x, x, is_causal=True, need_weights=weights)
        by_flag, _ = mha.eval()(x, x, x, is_causal=True, need_weights=weights)
        torch.testing.assert_close(by_flag, mha(x, x, x, need_weights=weights)[0])
        triangle = torch.ones(T, T, dtype=torch.bool).tril()
        assert not torch.allclose(by_flag, mha(x, x, x, attn_mask=~triangle)[0])


# Materialised masks


@quick
@given(seed=seeds, name=st.sampled_from(sorted(PAIRS)), as_float=st.booleans())
def test_sdpa_and_minimodel_read_a_materialised_mask_alike(seed, name, as_float):
    B, H = 2, 3
    q, k, v = arrays(seed, T, T, leading=(B, H))
    rule = all_of(PAIRS[name][0], causal)
    mask = materialise(rule, T, B=B, H=H, dtype=np.float64 if as_float else np.bool_)  # [B, H, T, T]
    expected = attention.scaled_dot_product_attention(q, k, v, mask)[0]
    by_torch = sdpa(*tensors(q, k, v), attn_mask=torch.from_numpy(mask))
    np.testing.assert_allclose(by_torch, expected, atol=1e-12)


def test_a_query_that_may_read_nothing_is_zero_in_sdpa_and_nan_here():
    q, k, v = arrays(0, 2, 3)
    nothing = materialise(all_of(causal, first(0)), 2, 3)
    assert sdpa(*tensors(q, k, v), attn_mask=torch.from_numpy(nothing)).eq(0).all()
    with np.errstate(invalid="ignore"):
        assert np.isnan(attention.scaled_dot_product_attention(q, k, v, nothing)[0]).all()


def test_dropout_is_applied_by_sdpa_whether_or_not_a_model_trains():
    q, k, v = tensors(*arrays(0, T, T))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        assert not torch.allclose(sdpa(q, k, v, dropout_p=0.5), sdpa(q, k, v))


# FlexAttention


@pytest.mark.parametrize("name", sorted(PAIRS))
@pytest.mark.parametrize("offset", [0, 2])
def test_a_predicate_is_a_mask_mod(name, offset):
    rule, torch_rule = PAIRS[name]
    L = T - offset
    table = create_mask(shifted(torch_rule, offset), 2, 1, L, T, device="cpu")  # [B, H, L, S]
    assert np.array_equal(table.numpy(), materialise(rule, L, T, B=2, offset=offset))


@quick
@given(W=small, n=small, L=small, S=small)
def test_rules_that_compare_compose_under_flex_attention_as_they_do_here(W, n, L, S):
    rule = all_of(causal, any_of(window(W), first(n)))
    assert np.array_equal(create_mask(rule, 1, 1, L, S, device="cpu")[0, 0].numpy(), materialise(rule, L, S))


@pytest.mark.parametrize("name", sorted(LOOKING_UP))
def test_a_rule_that_looks_up_in_an_array_is_refused_under_flex_attention(name):
    with pytest.raises(RuntimeError, match="Cannot access data pointer"):
        create_mask(LOOKING_UP[name][0], 2, 1, T, T, device="cpu")


@pytest.mark.parametrize("name", ["documents", "prefix"])
@pytest.mark.parametrize("offset", [0, 4])
def test_flex_attention_gives_what_minimodel_gives(name, offset):
    rule, torch_rule = PAIRS[name]
    L = T - offset
    q, k, v = arrays(0, L, T, leading=(2, 2))
    block_mask = create_block_mask(shifted(torch_rule, offset), 2, None, L, T, device="cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks to be compiled
        output = flex_attention(*tensors(q, k, v), block_mask=block_mask)
    mask = materialise(rule, L, T, B=2, H=2, offset=offset)
    np.testing.assert_allclose(output, attention.scaled_dot_product_attention(q, k, v, mask)[0], atol=1e-12)


def test_a_query_that_may_read_nothing_is_zero_in_flex_attention():
    q, k, v = tensors(*arrays(0, 2, 3, leading=(1, 1)))
    block_mask = create_block_mask(first(0), None, None, 2, 3, device="cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert flex_attention(q, k, v, block_mask=block_mask).eq(0).all()


def test_without_its_offset_a_decoding_query_reads_as_if_it_came_first():
    assert create_mask(causal, 1, 1, 1, T, device="cpu").flatten().tolist() == [True] + [False] * (T - 1)
    assert create_mask(shifted(causal, T - 1), 1, 1, 1, T, device="cpu").all()


@pytest.mark.parametrize("rule", [causal, all_of(causal, window(200))], ids=["causal", "window"])
def test_a_block_mask_sorts_its_tiles_into_skipped_full_and_partial(rule):
    blocks = create_block_mask(rule, None, None, 512, 512, device="cpu")
    share = materialise(rule, 512).reshape(4, 128, 4, 128).mean(axis=(1, 3))  # [4, 4] of open cells
    assert blocks.full_kv_num_blocks.flatten().tolist() == (share == 1).sum(axis=1).tolist()
    assert blocks.kv_num_blocks.flatten().tolist() == ((share > 0) & (share < 1)).sum(axis=1).tolist()


def test_uncompiled_it_materializes_the_scores_and_says_so(monkeypatch):
    monkeypatch.setattr("torch.nn.attention.flex_attention._WARNINGS_SHOWN", set())  # it warns once a process
    q, k, v = tensors(*arrays(0, 2, 3, leading=(1, 1)))
    with pytest.warns(UserWarning, match="materializes the full scores matrix"):
        flex_attention(q, k, v)


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile writes C++ for the CPU")
def test_compiled_it_gives_what_minimodel_gives(monkeypatch):
    if sys.version_info < (3, 12):  # setuptools, asked by torch, refuses a process in which Python's own distutils is
        monkeypatch.setenv("SETUPTOOLS_USE_DISTUTILS", "stdlib")
    q, k, v = arrays(0, 256, 256, leading=(1, 2))
    rule = all_of(causal, window(100))
    block_mask = create_block_mask(rule, None, None, 256, 256, device="cpu")
    single = [tensor.to(torch.float32) for tensor in tensors(q, k, v)]
    output = torch.compile(flex_attention)(*single, block_mask=block_mask)
    expected = attention.scaled_dot_product_attention(q, k, v, materialise(rule, 256))[0]
    np.testing.assert_allclose(output, expected, atol=1e-5)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_table_of_conventions_names_tests_that_are_here(language):
    page = Path(__file__).parents[2] / "docs" / language / "reference" / "conventions.md"
    named = set(re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8")))
    assert len(named) >= 6
    assert named <= set(globals())
