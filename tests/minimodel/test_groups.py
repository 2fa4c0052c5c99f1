"""Grouped heads: who shares whose keys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.groups import group_size, repeat_kv
from minimodel.masks import causal_allowed

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
few = st.integers(1, 4)
S, D_HEAD = 5, 4


def draw(seed, *leading):
    return np.random.default_rng(seed).normal(size=(*leading, S, D_HEAD))


@quick
@given(seed=seeds, n_kv_heads=few, n_rep=few)
def test_query_head_h_reads_key_head_h_over_n_rep(seed, n_kv_heads, n_rep):
    k = draw(seed, 2, n_kv_heads)
    repeated = repeat_kv(k, n_rep)
    assert repeated.shape == (2, n_kv_heads * n_rep, S, D_HEAD)
    for h in range(n_kv_heads * n_rep):
        assert np.array_equal(repeated[:, h], k[:, h // n_rep])


@quick
@given(seed=seeds, n_kv_heads=few, n_rep=few)
def test_tiling_agrees_only_where_there_is_nothing_to_confuse(seed, n_kv_heads, n_rep):
    k = draw(seed, n_kv_heads)
    tiled = np.tile(k, (n_rep, 1, 1))
    assert tiled.shape == repeat_kv(k, n_rep).shape
    assert np.array_equal(tiled, repeat_kv(k, n_rep)) == (n_kv_heads == 1 or n_rep == 1)


@quick
@given(seed=seeds, n_kv_heads=few, n_rep=few)
def test_a_group_reads_as_its_heads_would_one_by_one(seed, n_kv_heads, n_rep):
    q, k, v = draw(seed, n_kv_heads * n_rep), draw(seed + 1, n_kv_heads), draw(seed + 2, n_kv_heads)
    allowed = causal_allowed(S)
    together, _ = scaled_dot_product_attention(q, repeat_kv(k, n_rep), repeat_kv(v, n_rep), allowed)
    for h in range(n_kv_heads * n_rep):
        alone, _ = scaled_dot_product_attention(q[h], k[h // n_rep], v[h // n_rep], allowed)
        np.testing.assert_allclose(together[h], alone, rtol=0, atol=1e-13)


def test_a_group_of_one_is_not_copied():
    k = draw(0, 3)
    assert repeat_kv(k, 1) is k


def test_errors_name_the_likely_mistake():
    with pytest.raises(ValueError, match="n_rep = 0; are there fewer query heads than key heads"):
        repeat_kv(draw(0, 2), 0)
    with pytest.raises(ValueError, match="8 query heads do not divide into 3 groups"):
        group_size(8, 3)
    with pytest.raises(ValueError, match="8 query heads do not divide into 0 groups"):
        group_size(8, 0)
    assert group_size(8, 2) == 4


@quick
@given(seed=seeds, n_kv_heads=few, n_rep=few)
def test_torch_groups_in_the_same_order(seed, n_kv_heads, n_rep):
    torch = pytest.importorskip("torch")
    q, k, v = (
        draw(seed, 2, n_kv_heads * n_rep),
        draw(seed + 1, 2, n_kv_heads),
        draw(seed + 2, 2, n_kv_heads),
    )
    tensors = [torch.from_numpy(a) for a in (q, k, v)]
    official = torch.nn.functional.scaled_dot_product_attention(*tensors, is_causal=True, enable_gqa=True)
    ours, _ = scaled_dot_product_attention(q, repeat_kv(k, n_rep), repeat_kv(v, n_rep), causal_allowed(S))
    np.testing.assert_allclose(ours, official.numpy(), rtol=0, atol=1e-12)
    assert np.array_equal(repeat_kv(k, n_rep), tensors[1].repeat_interleave(n_rep, dim=-3).numpy())


def test_the_size_of_a_group_counts_heads():
    assert [type(group_size(8, n)) for n in (1, 2, 8)] == [int, int, int]
