"""Fewer bits: how far numbers, scores and weights may move, and that a scale knows no token of the future."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.cache import KVCache
from minimodel.decoder import decoder_logits, draw_decoder
from minimodel.influence import influence
from minimodel.masks import causal_allowed
from minimodel.predicates import ask
from minimodel.quantised import QuantisedCache, dequantise, quantise, score_error
from minimodel.softmax import softmax

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
axes = st.sampled_from([-1, -2, None])
depths = st.integers(2, 8)
TOKENS = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
SAME = {"rtol": 0, "atol": 1e-12}


def arrays(seed, *shape):
    """Numbers of very different sizes, some of them zero."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) * 10.0 ** rng.integers(-3, 3, shape) * (rng.random(shape) < 0.9)


# --- numbers ----------------------------------------------------------------------------------------------------


@quick
@given(seed=seeds, axis=axes, bits=depths, T=st.integers(1, 6), d=st.integers(1, 6))
def test_a_number_is_off_by_half_its_scale_at_most(seed, axis, bits, T, d):
    x = arrays(seed, 2, T, d)
    codes, scale = quantise(x, axis, bits)
    off = abs(dequantise(codes, scale) - x)
    assert (off <= scale / 2 * (1 + 1e-9)).all()
    assert codes.dtype == np.int8
    assert abs(codes.astype(int)).max() <= 2 ** (bits - 1) - 1
    np.testing.assert_array_equal(quantise(dequantise(codes, scale), axis, bits)[0], codes)  # a second time: as before


@quick
@given(seed=seeds, bits=depths)
def test_the_largest_number_of_a_scale_is_kept_and_uses_the_last_level(seed, bits):
    x = arrays(seed, 5, 4) + 1
    for axis, shape in ((-2, (1, 4)), (-1, (5, 1)), (None, (1, 1))):
        codes, scale = quantise(x, axis, bits)
        assert scale.shape == shape
        largest = abs(x) == abs(x).max(axis=axis, keepdims=True)
        assert (abs(codes[largest].astype(int)) == 2 ** (bits - 1) - 1).all()
        np.testing.assert_allclose(dequantise(codes, scale)[largest], x[largest], rtol=1e-12)


@quick
@given(seed=seeds, factor=st.floats(1, 1e4))
def test_a_loud_channel_costs_its_own_scale_and_in_one_scale_for_all_it_costs_everybody(seed, factor):
    quiet = np.random.default_rng(seed).normal(size=(8, 4))
    loud = quiet * [1, 1, 1, factor]
    np.testing.assert_array_equal(quantise(loud, -2)[1][:, :3], quantise(quiet, -2)[1][:, :3])
    np.testing.assert_allclose(quantise(loud, None)[1], abs(loud).max() / 127, rtol=1e-12)
    assert (quantise(loud, None)[1] >= quantise(loud, -2)[1]).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_the_dtype_is_kept_and_zeros_stay_zeros(dtype):
    codes, scale = quantise(np.zeros((3, 2), dtype), None)
    assert scale.dtype == dtype
    assert dequantise(codes, scale).dtype == dtype
    assert not codes.any()
    assert np.isfinite(scale).all()


@pytest.mark.parametrize("bits", [1, 9])
def test_bits_that_no_byte_holds(bits):
    with pytest.raises(ValueError, match="one byte"):
        quantise(np.ones((2, 2)), None, bits)


# --- scores and weights -----------------------------------------------------------------------------------------


@quick
@given(seed=seeds, axis=axes, bits=depths, L=st.integers(1, 4), S=st.integers(1, 6), d=st.integers(1, 6))
def test_scores_and_weights_stay_within_their_bounds(seed, axis, bits, L, S, d):
    rng = np.random.default_rng(seed)
    q, k = rng.normal(size=(2, L, d)), rng.normal(size=(2, S, d))
    codes, scale = quantise(k, axis, bits)
    scores, moved = (q @ keys.swapaxes(-1, -2) / np.sqrt(d) for keys in (k, dequantise(codes, scale)))
    bound = score_error(q, scale, S)
    assert (abs(moved - scores) <= bound * (1 + 1e-9) + 1e-15).all()
    factor = softmax(moved) / softmax(scores)
    e = bound.max(axis=-1, keepdims=True)
    assert (factor <= np.exp(2 * e) * (1 + 1e-9)).all()
    assert (factor >= np.exp(-2 * e) * (1 - 1e-9)).all()


@quick
@given(e=st.floats(0.001, 1))
def test_a_small_weight_comes_as_near_to_the_bound_as_one_likes(e):
    factors = []
    for score in (0.0, -5.0, -20.0):
        scores, off = np.array([score, 0.0]), np.array([e, -e])
        factors.append((softmax(scores + off) / softmax(scores))[0] / np.exp(2 * e))
    assert factors[0] < factors[1] < factors[2] <= 1 + 1e-9
    assert factors[2] > 1 - 1e-6


# --- the cache --------------------------------------------------------------------------------------------------


def as_it_was_read(q, k, v, cuts, group, bits):
    """One query at a time: the groups that were full before its part come out of their codes."""
    rows = []
    for i in range(k.shape[-2]):
        start = max(cut for cut in (0, *cuts) if cut <= i)
        keys, values = k[..., : i + 1, :].copy(), v[..., : i + 1, :].copy()
        for first in range(0, start // group * group, group):
            here = slice(first, first + group)
            keys[..., here, :] = dequantise(*quantise(k[..., here, :], -2, bits))
            values[..., here, :] = dequantise(*quantise(v[..., here, :], -1, bits))
        rows.append(scaled_dot_product_attention(q[..., i : i + 1, :], keys, values)[0])
    return np.concatenate(rows, axis=-2)


def attend(q, k, v, cache, cuts):
    rows = []
    for some_q, some_k, some_v in zip(*(np.split(x, cuts, axis=-2) for x in (q, k, v)), strict=True):
        at = cache.length + np.arange(some_q.shape[-2])
        keys, values, places = cache.append(some_k, some_v)
        rows.append(scaled_dot_product_attention(some_q, keys, values, ask(cache.rule, at, places))[0])
    return np.concatenate(rows, axis=-2)


@quick
@given(seed=seeds, T=st.integers(1, 9), group=st.integers(1, 4), bits=depths, data=st.data())
def test_a_query_reads_full_groups_from_their_codes_and_the_rest_as_it_came(seed, T, group, bits, data):
    q, k, v = np.random.default_rng(seed).normal(size=(3, 2, T, 4))
    cuts = sorted(data.draw(st.sets(st.integers(1, T)))) if T > 1 else []
    cuts = [cut for cut in cuts if cut < T]
    cache = QuantisedCache(group, bits)
    np.testing.assert_allclose(attend(q, k, v, cache, cuts), as_it_was_read(q, k, v, cuts, group, bits), **SAME)
    assert cache.length == T
    full = T // group
    codes_and_scales = full * (2 * group * 4 + 8 * 4 + 8 * group)
    assert cache.nbytes == 2 * (codes_and_scales + (T - full * group) * 2 * 4 * 8)


def test_what_is_read_in_one_piece_is_read_as_it_came():
    model = draw_decoder(V=11, d_model=16, n_heads=4, n_kv_heads=2, n_layers=2)
    caches = [QuantisedCache(2, bits=2) for _ in model.blocks]
    np.testing.assert_array_equal(decoder_logits(TOKENS, model, caches), decoder_logits(TOKENS, model))


@pytest.mark.parametrize("cuts", [[4], [3, 5, 8], list(range(1, 10))])
def test_in_pieces_the_logits_move_and_stay_causal(cuts):
    model = draw_decoder(V=11, d_model=16, n_heads=4, n_kv_heads=2, n_layers=2)

    def decode(tokens):
        caches = [QuantisedCache(2, bits=4) for _ in model.blocks]
        return np.vstack([decoder_logits(part, model, caches) for part in np.split(tokens, cuts) if len(part)])

    whole = decoder_logits(TOKENS, model)
    off = abs(decode(TOKENS) - whole).max(axis=-1)
    assert off[: cuts[0]].max() < 1e-12  # nothing was in codes yet
    assert off[cuts[0] :].max() > 1e-3  # far more than rounding

    def change(tokens, j):
        changed = tokens.copy()
        changed[j] = (changed[j] + 1) % 11
        return changed

    moved = influence(decode, TOKENS, change=change)
    assert not moved[~causal_allowed(10)].any()  # no scale has seen a later token
    assert moved[-1].all()
    assert moved.diagonal().all()
    np.testing.assert_allclose(decode(TOKENS[:9]), decode(TOKENS)[:9], **SAME)  # a text that ends earlier


def test_a_scale_over_tokens_to_come_lets_them_through():
    q, v = np.random.default_rng(0).normal(size=(2, 6, 4))

    def over_the_whole_text(k):
        return scaled_dot_product_attention(q, dequantise(*quantise(k, -2)), v, causal_allowed(6))[0]

    moved = influence(over_the_whole_text, np.random.default_rng(1).normal(size=(6, 4)), delta=10.0)
    assert moved[~causal_allowed(6)].any()


@quick
@given(seed=seeds, T=st.integers(0, 9), length=st.integers(0, 9), group=st.integers(1, 4))
def test_going_back_is_as_if_the_rest_had_never_come_or_is_refused(seed, T, length, group):
    k, v, more_k, more_v = np.random.default_rng(seed).normal(size=(4, 1, 9, 4))
    cache, fresh = QuantisedCache(group), QuantisedCache(group)
    if T:
        cache.append(k[:, :T], v[:, :T])
    if length > T or (length % group and length < T // group * group):
        with pytest.raises(ValueError, match="cannot"):
            cache.truncate(length)
        return
    cache.truncate(length)
    if length:
        fresh.append(k[:, :length], v[:, :length])
    assert cache.length == fresh.length == length
    for ours, expected in zip(cache.append(more_k, more_v), fresh.append(more_k, more_v), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_what_is_returned_is_no_door_into_the_cache():
    cache = QuantisedCache(4)
    k = np.ones((1, 6, 2))
    keys, values, _ = cache.append(k, k.copy())
    k[:], keys[:], values[:] = 7, 7, 7
    again, _, _ = cache.append(np.zeros((1, 1, 2)), np.zeros((1, 1, 2)))
    np.testing.assert_allclose(again[0, :6], 1, rtol=1e-12)


def test_it_is_smaller_and_refuses_what_does_not_fit():
    small, plain = QuantisedCache(16), KVCache()
    k, v = np.random.default_rng(0).normal(size=(2, 2, 64, 32)).astype(np.float32)
    for cache in (small, plain):
        cache.append(k, v)
    assert plain.nbytes > 3 * small.nbytes
    with pytest.raises(TypeError, match="cast"):
        small.append(k.astype(np.float64), v)
    with pytest.raises(ValueError, match="another batch"):
        small.append(k[:1], v[:1])
    with pytest.raises(ValueError, match="one token at least"):
        QuantisedCache(0)
