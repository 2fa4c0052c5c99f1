"""Attention over parts of the keys: merged, they are the attention over all of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.cascade import attention_part, cascade_attention, merge_parts
from minimodel.masks import causal_allowed

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
SAME = {"rtol": 0, "atol": 1e-14}


def arrays(seed, *shape):
    return np.random.default_rng(seed).normal(size=(3, *shape))


@given(seeds, st.lists(st.integers(1, 9), max_size=3, unique=True), st.booleans())
@quick
def test_merged_parts_are_the_attention_over_all_keys(seed, cuts, masked):
    q, k, v = arrays(seed, 2, 10, 4)
    q = 20 * q  # some parts weigh nearly nothing
    allowed = causal_allowed(10) if masked else np.ones((10, 10), bool)
    whole, _ = scaled_dot_product_attention(q, k, v, allowed)
    spans = np.split(np.arange(10), sorted(cuts))
    parts = [attention_part(q, k[:, span], v[:, span], allowed[:, span]) for span in spans]
    output, lse = merge_parts(*parts)
    np.testing.assert_allclose(output, whole, **SAME)
    np.testing.assert_allclose(lse, attention_part(q, k, v, allowed)[1], rtol=1e-14)
    backwards, _ = merge_parts(*parts[::-1])
    np.testing.assert_allclose(backwards, whole, **SAME)


def test_a_part_says_what_it_weighs():
    q, k, v = arrays(0, 3, 4)
    _, lse = attention_part(q, k, v)
    np.testing.assert_allclose(np.exp(lse), np.exp(q @ k.T / 2).sum(axis=-1, keepdims=True), rtol=1e-14)


def test_scores_too_large_for_an_exponential_are_merged_too():
    q, k, v = arrays(1, 1, 4)
    k = 1e4 * np.concatenate([k, -k])
    v = np.concatenate([v, -v])
    with np.errstate(all="raise", under="ignore"):
        output, lse = merge_parts(attention_part(q, k[:1], v[:1]), attention_part(q, k[1:], v[1:]))
    np.testing.assert_allclose(output, scaled_dot_product_attention(q, k, v)[0], **SAME)
    assert lse[0, 0] == pytest.approx(abs(q @ k[0] / 2).item())


def test_a_part_without_an_open_key_changes_nothing():
    q, k, v = arrays(0, 3, 4)
    nothing, everything = np.zeros((3, 3), bool), np.ones((3, 3), bool)
    empty, part = attention_part(q, k, v, nothing), attention_part(q, k, v, everything)
    assert (empty[0] == 0).all()
    assert np.isneginf(empty[1]).all()
    for parts in ((empty, part), (part, empty)):
        for merged, alone in zip(merge_parts(*parts), part, strict=True):
            np.testing.assert_array_equal(merged, alone)
    output, lse = merge_parts(empty, empty)
    assert (output == 0).all()
    assert np.isneginf(lse).all()


@given(seeds, st.integers(1, 4), st.integers(1, 7), st.integers(1, 3), st.integers(0, 3))
@quick
def test_texts_that_share_a_beginning_read_it_together(seed, B, P, L, before):
    rng, H, d = np.random.default_rng(seed), 2, 4
    S = L + before
    q = rng.normal(size=(B, H, L, d))
    shared = rng.normal(size=(2, H, P, d))
    own = rng.normal(size=(2, B, H, S, d))
    together = cascade_attention(q, *shared, *own)
    for b in range(B):
        k, v = (np.concatenate([shared[n], own[n, b]], axis=-2) for n in (0, 1))
        alone, _ = scaled_dot_product_attention(q[b], k, v, causal_allowed(L, offset=P + before))
        np.testing.assert_allclose(together[b], alone, **SAME)


def test_more_queries_than_own_keys_are_refused():
    q, k, v = arrays(0, 2, 3, 4, 8)
    with pytest.raises(ValueError, match="negative"):
        cascade_attention(q, k[0], v[0], k[..., :2, :], v[..., :2, :])
