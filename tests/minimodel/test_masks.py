"""Masks: who may read whom."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.masks import additive, causal_allowed, causal_mask

quick = settings(max_examples=40, deadline=None)
sizes = st.integers(0, 6)


def allowed_by_loops(L, S, offset):
    """The specification: a query at an absolute position reads itself and what comes before."""
    allowed = np.zeros((L, S), dtype=bool)
    for i in range(L):
        for j in range(S):
            allowed[i, j] = j <= offset + i
    return allowed


@quick
@given(L=sizes, S=sizes, offset=sizes)
def test_the_vector_form_equals_the_loops(L, S, offset):
    assert np.array_equal(causal_allowed(L, S, offset=offset), allowed_by_loops(L, S, offset))


@quick
@given(L=sizes, offset=sizes)
def test_left_out_the_keys_end_with_the_last_query(L, offset):
    allowed = causal_allowed(L, offset=offset)
    assert allowed.shape == (L, offset + L)
    assert np.array_equal(allowed, np.tril(np.ones((L, offset + L), dtype=bool), k=offset))


@quick
@given(L=st.integers(1, 6), offset=sizes)
def test_each_query_reads_exactly_one_key_more_than_the_query_before(L, offset):
    readable = causal_allowed(L, offset=offset).sum(axis=1)
    assert readable.tolist() == list(range(offset + 1, offset + L + 1))


@quick
@given(T=st.integers(1, 6), split=sizes)
def test_a_mask_made_in_two_chunks_is_the_mask_made_at_once(T, split):
    split = min(split, T)
    chunks = [causal_allowed(split, T), causal_allowed(T - split, T, offset=split)]
    assert np.array_equal(np.concatenate(chunks), causal_allowed(T))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_additive_mask_holds_only_zero_and_minus_infinity_in_the_dtype_asked_for(dtype):
    mask = causal_mask(4, dtype, offset=2)
    assert mask.dtype == dtype
    assert np.array_equal(mask == 0, causal_allowed(4, offset=2))
    assert np.array_equal(np.isneginf(mask), ~causal_allowed(4, offset=2))


def test_the_default_is_double_precision():
    assert causal_mask(2).dtype == np.float64


def test_additive_keeps_its_argument_and_shares_no_memory_with_it():
    allowed = causal_allowed(3)
    before = allowed.copy()
    mask = additive(allowed)
    assert np.array_equal(allowed, before)
    assert not np.shares_memory(mask, allowed)


@pytest.mark.parametrize("sizes", [{"L": -1}, {"L": -1, "S": 2}, {"L": 2, "S": -1}, {"L": 2, "offset": -1}])
def test_a_negative_size_is_refused(sizes):
    with pytest.raises(ValueError, match="none can be negative"):
        causal_allowed(**sizes)


def test_a_mask_made_additive_twice_is_refused():
    with pytest.raises(TypeError, match=r"is this mask additive already\?"):
        additive(causal_mask(3))


@pytest.mark.parametrize("dtype", [np.int64, bool, complex])
def test_a_dtype_without_minus_infinity_is_refused(dtype):
    with pytest.raises(TypeError, match=f"^{np.dtype(dtype)} cannot hold -inf"):
        causal_mask(3, dtype)
