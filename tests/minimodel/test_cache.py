"""Caches of keys and values, and decoding with them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.cache import KVCache, RingCache, cached_logits, tokens_seen
from minimodel.gpt import block, draw_weights, embed, layer_norm, logits
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, ask, causal, materialise, window

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
V, N, D_MODEL, H, D_HEAD, N_LAYERS = 11, 12, 12, 3, 4, 2
# Another shape is added up in another order. In double precision that costs some 1e-15 of a logit, whose size
# is 1 to 10 here; a wrong token, key or position moves logits by more than 1e-3.
SAME = {"rtol": 0, "atol": 1e-12}

lengths = st.integers(1, N)


def model(seed=0, n_layers=N_LAYERS):
    return draw_weights(V, N, D_MODEL, H, n_layers, seed=seed)


def text(seed=0, *batch, T=N):
    return np.random.default_rng(seed).integers(0, V, (*batch, T))


def keys_and_values(T, seed=0, *batch):
    return np.random.default_rng(seed).normal(size=(2, *batch, H, T, D_HEAD))


@st.composite
def chunks(draw, total=N):
    """Cut `total` tokens into pieces of at least one."""
    cuts = draw(st.sets(st.integers(1, total - 1)))
    return np.diff([0, *sorted(cuts), total]).tolist()


def full():
    return [KVCache() for _ in range(N_LAYERS)]


def in_chunks(tokens, weights, caches, sizes):
    parts = np.split(tokens, np.cumsum(sizes)[:-1], axis=-1)
    return np.concatenate([cached_logits(part, weights, caches) for part in parts], axis=-2)


def window_logits(tokens, weights, W):
    """The whole model without a cache, under the mask of a window."""
    x = embed(tokens, weights)
    allowed = materialise(all_of(causal, window(W)), x.shape[-2])
    for one in weights.blocks:
        x = block(x, one, weights.n_heads, allowed)
    return layer_norm(x, weights.gain) @ weights.tokens.T


@pytest.mark.parametrize("split", range(1, N))
def test_cached_logits_equal_the_uncached_at_every_split_point(split):
    weights, tokens = model(), text()
    got = in_chunks(tokens, weights, full(), [split, N - split])
    np.testing.assert_allclose(got, logits(tokens, weights), **SAME)


@quick
@given(seed=seeds, sizes=chunks(), batch=st.sampled_from([(), (1,), (3,), (2, 2)]))
def test_the_size_of_the_chunks_does_not_matter(seed, sizes, batch):
    weights, tokens = model(seed % 100), text(seed, *batch)
    np.testing.assert_allclose(in_chunks(tokens, weights, full(), sizes), logits(tokens, weights), **SAME)


def test_the_tolerance_is_far_below_what_one_wrong_token_does():
    weights, tokens = model(), text()
    wrong = tokens.copy()
    wrong[0] = (wrong[0] + 1) % V
    moved = np.abs(logits(wrong, weights) - logits(tokens, weights)).max(axis=-1)
    assert moved.min() > 1e-3


@quick
@given(seed=seeds, sizes=chunks(), W=st.integers(1, N + 2))
def test_rings_give_the_logits_of_a_window_mask(seed, sizes, W):
    weights, tokens = model(seed % 100), text(seed)
    rings = [RingCache(W) for _ in range(N_LAYERS)]
    np.testing.assert_allclose(in_chunks(tokens, weights, rings, sizes), window_logits(tokens, weights, W), **SAME)


@quick
@given(seed=seeds, sizes=chunks(), kind=st.sampled_from([KVCache, lambda: RingCache(N)]))
def test_every_append_returns_what_was_given_in_order(seed, sizes, kind):
    k, v = keys_and_values(N, seed, 2)
    cache, end = kind(), 0
    for size in sizes:
        start, end = end, end + size
        keys, values, positions = cache.append(k[..., start:end, :], v[..., start:end, :])
        assert np.array_equal(positions, np.arange(end))
        assert np.array_equal(keys, k[..., :end, :])
        assert np.array_equal(values, v[..., :end, :])
        assert cache.length == end


@quick
@given(seed=seeds, sizes=chunks(), W=st.integers(1, N))
def test_a_ring_returns_the_last_w_and_all_the_new_ones(seed, sizes, W):
    k, v = keys_and_values(N, seed)
    ring, end = RingCache(W), 0
    for size in sizes:
        start, end = end, end + size
        keys, values, positions = ring.append(k[:, start:end], v[:, start:end])
        assert np.array_equal(positions, np.arange(max(0, start - W), end))
        assert np.array_equal(keys, k[:, positions])
        assert np.array_equal(values, v[:, positions])
        assert ring.length == end


@pytest.mark.parametrize("kind", [KVCache, lambda: RingCache(3)])
def test_caches_change_nothing_that_they_are_given_and_keep_no_hold_on_it(kind):
    k, v = keys_and_values(4)
    before = k.copy(), v.copy()
    cache = kind()
    cache.append(k, v)
    assert np.array_equal(k, before[0])
    assert np.array_equal(v, before[1])
    k[:], v[:] = 0, 0
    keys, values, positions = cache.append(*keys_and_values(1, seed=1))
    assert np.array_equal(keys[:, :-1], before[0][:, positions[:-1]])
    assert np.array_equal(values[:, :-1], before[1][:, positions[:-1]])


@quick
@given(seed=seeds, sizes=chunks(), data=st.data())
def test_a_truncated_cache_goes_on_as_if_the_rest_had_never_come(seed, sizes, data):
    weights, tokens, caches = model(), text(seed), full()
    in_chunks(tokens, weights, caches, sizes)
    back = data.draw(st.integers(0, N - 1))
    for cache in caches:
        cache.truncate(back)
    other = text(seed + 1)[back:]
    expected = logits(np.concatenate([tokens[:back], other]), weights)[back:]
    np.testing.assert_allclose(cached_logits(other, weights, caches), expected, **SAME)


@quick
@given(n=lengths, back=st.integers(0, N), W=st.integers(1, N))
def test_a_ring_goes_back_as_far_as_what_the_next_query_reads_is_there(n, back, W):
    k, v = keys_and_values(N + 1)
    ring = RingCache(W)
    for t in range(n):
        ring.append(k[:, t : t + 1], v[:, t : t + 1])
    overwritten = set(range(max(0, n - W)))
    wanted = set(range(max(0, back - W + 1), back))
    if back > n or wanted & overwritten:
        with pytest.raises(ValueError, match="cannot"):
            ring.truncate(back)
        assert ring.length == n
        return
    ring.truncate(back)
    assert ring.length == back
    keys, _, positions = ring.append(k[:, back : back + 1], v[:, back : back + 1])
    assert wanted | {back} <= set(positions.tolist())
    assert np.array_equal(keys, k[:, positions])


def test_going_back_frees_the_memory_of_a_full_cache():
    cache = KVCache()
    cache.append(*keys_and_values(8))
    eight = cache.nbytes
    cache.truncate(2)
    assert cache.nbytes * 4 == eight
    keys, _, _ = cache.append(*keys_and_values(1))
    assert keys.base is None  # a view would hold the eight


@quick
@given(n=st.integers(0, 9), S=st.integers(0, 9), L=st.integers(0, 5))
def test_the_rule_of_a_cache_is_the_causal_mask_and_that_of_a_ring_its_window(n, S, L):
    queries, keys = n + np.arange(L), np.arange(S)
    assert np.array_equal(ask(KVCache().rule, queries, keys), causal_allowed(L, S, offset=n))
    expected = materialise(all_of(causal, window(3)), L, S, offset=n)
    assert np.array_equal(ask(RingCache(3).rule, queries, keys), expected)


def test_trimming_before_attending_would_lose_keys_that_a_ring_returns():
    k, v = keys_and_values(6)
    q = keys_and_values(6, seed=1)[0]
    ring = RingCache(4)
    keys, values, positions = ring.append(k, v)
    assert len(positions) == 6
    allowed = ask(ring.rule, np.arange(6), positions)
    right, _ = scaled_dot_product_attention(q, keys, values, allowed)
    with np.errstate(invalid="ignore"):
        early, _ = scaled_dot_product_attention(q, k[:, -4:], v[:, -4:], allowed[:, -4:])
    same = np.isclose(right, early, **SAME).all(axis=(0, 2))
    assert same.tolist() == [False] * 5 + [True]


def test_nbytes_counts_the_numbers_of_both_and_a_ring_stops_growing():
    cache, ring = KVCache(), RingCache(4)
    assert (cache.nbytes, ring.nbytes) == (0, 0)
    a_token = 2 * H * D_HEAD * 8
    for t in range(1, N + 1):
        k, v = keys_and_values(1)
        cache.append(k, v)
        ring.append(k, v)
        assert cache.nbytes == t * a_token
        assert ring.nbytes == 4 * a_token


def test_the_dtype_of_the_first_tokens_is_kept():
    k, v = keys_and_values(2).astype(np.float16)
    for cache in (KVCache(), RingCache(2)):
        cache.append(k, v)
        keys, values, _ = cache.append(k, v)
        assert keys.dtype == values.dtype == np.float16
        with pytest.raises(TypeError, match="holds keys in float16 and the new ones are float64; cast them first"):
            cache.append(k.astype(np.float64), v)
        with pytest.raises(TypeError, match="holds values in float16 and the new ones are float64; cast them first"):
            cache.append(k, v.astype(np.float64))


@pytest.mark.parametrize("kind", [KVCache, lambda: RingCache(3)])
def test_errors_of_append_name_the_likely_mistake(kind):
    cache = kind()
    k, v = keys_and_values(2)
    cache.append(k, v)
    with pytest.raises(ValueError, match="L is 2 in k but 1 in v"):
        cache.append(k, v[:, :1])
    with pytest.raises(ValueError, match="was the cache made for another batch or another layer"):
        cache.append(k[:2], v[:2])
    with pytest.raises(ValueError, match="H_kv is 3 in k but 2 in v"):
        cache.append(k, v[:2])
    with pytest.raises(ValueError, match=r"holds values .* axis of tokens, the last but one, may differ: was"):
        cache.append(k, v[..., :2])
    with pytest.raises(ValueError, match="needs the axes"):
        cache.append(k[0, 0], v[0, 0])
    assert cache.length == 2


def test_errors_of_truncate_and_of_the_ring_say_what_is_wrong():
    cache, ring = KVCache(), RingCache(2)
    for one in (cache, ring):
        one.append(*keys_and_values(5))
        for length in (-1, 6):
            with pytest.raises(ValueError, match=f"cannot truncate to {length} tokens: the cache has seen 5"):
                one.truncate(length)
    with pytest.raises(ValueError, match="next query reads from token 2, but the ring has overwritten all before 3"):
        ring.truncate(3)
    barely_full = RingCache(3)
    barely_full.append(*keys_and_values(4))
    with pytest.raises(ValueError, match="next query reads from token 0, but the ring has overwritten all before 1"):
        barely_full.truncate(2)
    with pytest.raises(ValueError, match="capacity = 0: a window counts the query's own key"):
        RingCache(0)


def test_errors_of_cached_logits_say_what_is_wrong_and_leave_the_caches_alone():
    weights, caches = model(), full()
    with pytest.raises(ValueError, match=r"2 layers and 1 different caches.* own: did you write \[KVCache\(\)\] \* n"):
        cached_logits(text(), weights, [KVCache()] * 2)
    with pytest.raises(ValueError, match="2 layers and 1 different caches"):
        cached_logits(text(), weights, caches[:1])
    with pytest.raises(ValueError, match="3 layers and 2 different caches"):
        tokens_seen([*caches, caches[0]], 3)  # one of them is there twice
    cached_logits(text(T=3), weights, caches)
    caches[1].truncate(2)
    with pytest.raises(ValueError, match=r"have seen \[3, 2\] tokens; were all of them truncated"):
        cached_logits(text(T=1), weights, caches)
    caches[0].truncate(2)
    with pytest.raises(ValueError, match="the text has 14 tokens but the model has 12 positions"):
        cached_logits(text(), weights, caches)
    assert [cache.length for cache in caches] == [2, 2]


def test_a_model_without_blocks_needs_no_cache():
    weights = draw_weights(V=5, n_positions=3, d_model=4, n_heads=2, n_layers=0)
    tokens = np.array([1, 0, 4])
    assert tokens_seen([], 0) == 0
    assert np.array_equal(cached_logits(tokens, weights, []), logits(tokens, weights))
