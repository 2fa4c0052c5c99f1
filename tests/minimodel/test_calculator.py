"""What attention costs, counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.cache import KVCache, RingCache, cached_logits
from minimodel.calculator import (
    CachedLayers,
    decoding,
    kv_bytes,
    mixed_bytes,
    pass_seconds,
    quantised_itemsize,
    score_pairs,
    turning_batch,
    weight_count,
)
from minimodel.decoder import draw_decoder
from minimodel.gpt import draw_weights
from minimodel.latent import attend_absorbed, draw_latent
from minimodel.masks import causal_allowed

quick = settings(max_examples=40, deadline=None)
small = st.integers(1, 4)
dtypes = st.sampled_from([np.float16, np.float32, np.float64])


@quick
@given(n_layers=small, n_kv_heads=small, d_head=small, tokens=small, batch=small, dtype=dtypes)
def test_the_count_is_that_of_real_arrays(n_layers, n_kv_heads, d_head, tokens, batch, dtype):
    shape = {"n_layers": n_layers, "n_kv_heads": n_kv_heads, "d_head": d_head, "itemsize": np.dtype(dtype).itemsize}
    new = np.ones((batch, n_kv_heads, tokens, d_head), dtype)
    caches, rings = [KVCache() for _ in range(n_layers)], [RingCache(3) for _ in range(n_layers)]
    for cache in (*caches, *rings):
        cache.append(new, new)
    assert sum(cache.nbytes for cache in caches) == kv_bytes(**shape, tokens=tokens, batch=batch)
    assert sum(ring.nbytes for ring in rings) == kv_bytes(**shape, tokens=3, batch=batch)


def test_the_count_is_that_of_a_model_that_has_run():
    weights = draw_weights(V=11, n_positions=8, d_model=12, n_heads=3, n_layers=2)
    caches = [KVCache(), KVCache()]
    cached_logits(np.zeros((4, 5), dtype=int), weights, caches)
    expected = kv_bytes(n_layers=2, n_kv_heads=3, d_head=4, itemsize=8, tokens=5, batch=4)
    assert sum(cache.nbytes for cache in caches) == expected


def test_published_shapes():
    llama_3_8b = {"n_layers": 32, "n_kv_heads": 8, "d_head": 128, "itemsize": 2}
    assert kv_bytes(**llama_3_8b) == 128 * 1024
    assert kv_bytes(**llama_3_8b, tokens=8192) == 1024**3


def test_no_tokens_need_no_bytes():
    assert kv_bytes(n_layers=1, n_kv_heads=1, d_head=1, itemsize=1, tokens=0) == 0


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="is negative; each of them counts something"):
        kv_bytes(n_layers=1, n_kv_heads=-1, d_head=1, itemsize=1)


@quick
@given(L=st.integers(0, 12), offset=st.integers(0, 12))
def test_the_pairs_are_the_open_cells_of_the_mask(L, offset):
    assert score_pairs(L, offset=offset) == causal_allowed(L, offset=offset).sum()


@quick
@given(sizes=st.lists(st.integers(0, 9), max_size=6))
def test_a_text_costs_the_same_pairs_however_it_is_cut(sizes):
    starts = np.cumsum([0, *sizes])
    assert sum(score_pairs(L, offset=int(start)) for L, start in zip(sizes, starts, strict=False)) == score_pairs(
        int(starts[-1])
    )


@quick
@given(L=st.integers(1, 10**12))
def test_one_token_more_reads_all_of_them_exactly_however_many_they_are(L):
    assert score_pairs(L) - score_pairs(L - 1) == L


def test_without_a_cache_the_pairs_grow_with_the_cube():
    n = 1024
    uncached = sum(score_pairs(t) for t in range(1, n + 1))
    cached = sum(score_pairs(1, offset=t) for t in range(n))
    assert (uncached, cached) == (179_481_600, 524_800)
    assert uncached == n * (n + 1) * (n + 2) // 6
    assert cached == n * (n + 1) // 2


@quick
@given(n_layers=small, n_kv_heads=st.sampled_from([1, 2, 4]), V=st.integers(1, 9))
def test_the_weights_are_those_of_a_model_that_is_drawn(n_layers, n_kv_heads, V):
    decoder = draw_decoder(V, 16, 4, n_kv_heads, n_layers)
    drawn = sum(array.size for one in decoder.blocks for array in vars(one).values())
    shape = {"V": V, "d_model": 16, "d_ff": 64, "n_layers": n_layers, "n_heads": 4, "n_kv_heads": n_kv_heads}
    counted = weight_count(**shape, gated=False, tied=True)
    assert counted == drawn + decoder.tokens.size + decoder.gain.size
    assert isinstance(counted, int)  # exact, however large
    assert weight_count(**shape, gated=True, tied=True) - counted == n_layers * 16 * 64
    assert weight_count(**shape, gated=False, tied=False) - counted == V * 16


def test_the_published_count_of_weights():
    shape = {"V": 128_256, "d_model": 4096, "d_ff": 14_336, "n_layers": 32, "n_heads": 32, "n_kv_heads": 8}
    assert weight_count(**shape, gated=True, tied=False) == 8_030_261_248


def test_reading_does_not_grow_with_the_tokens_and_arithmetic_does():
    device = {"weights": 8e9, "itemsize": 2, "flops": 1e15, "bandwidth": 4e12}
    reading, computing = pass_seconds(tokens=1, **device)
    assert (reading, computing) == (4e-3, 16e-6)
    assert pass_seconds(tokens=10, **device) == (reading, pytest.approx(10 * computing))
    ridge = 1e15 / 4e12  # operations a byte; one token is 2 operations for 2 bytes
    assert pass_seconds(tokens=int(ridge), **device) == (reading, pytest.approx(reading))
    assert pass_seconds(tokens=1, **device, cache_bytes=4e9) == (pytest.approx(reading + 1e-3), computing)


def test_a_device_slower_than_one_operation_a_second_is_slow_and_no_mistake():
    assert pass_seconds(weights=1, tokens=1, itemsize=2, flops=0.5, bandwidth=0.5) == (4, 4)


def test_impossible_passes_and_devices_are_refused():
    with pytest.raises(ValueError, match="both count tokens; neither can be negative"):
        score_pairs(2, offset=-1)
    for rates in ({"flops": 0, "bandwidth": 1}, {"flops": 1, "bandwidth": 0}):
        with pytest.raises(ValueError, match="both are rates and larger than zero"):
            pass_seconds(weights=1, tokens=1, itemsize=2, **rates)


def test_a_mixed_cache_is_that_of_real_arrays_of_every_kind():
    tokens, batch = 7, 2
    new = np.ones((batch, 3, tokens, 4), np.float16)
    latent = np.ones((batch, tokens, 9), np.float16)
    whole, ring = KVCache(), RingCache(5)
    for cache in (whole, ring):
        cache.append(new, new)
    layers = [
        CachedLayers(n=3, kept=2 * 3 * 4, sharing=2),
        CachedLayers(n=2, kept=2 * 3 * 4, window=5),
        CachedLayers(n=4, kept=9),
    ]
    held = whole.nbytes + 2 * ring.nbytes + 4 * latent.nbytes
    assert mixed_bytes(layers, itemsize=2, tokens=tokens, batch=batch) == held
    read = batch * 2 * sum(kind.read(tokens) for kind in layers)
    assert read == 3 * whole.nbytes + 2 * ring.nbytes + 4 * latent.nbytes  # a layer that shares reads what it shares


def test_a_latent_is_counted_as_the_cache_that_a_layer_has_filled():
    weights, cache = draw_latent(d_model=12, n_heads=3, d_head=4, d_latent=5, d_rotary=2), KVCache()
    attend_absorbed(np.ones((7, 12)), weights, cache)
    assert cache.nbytes == mixed_bytes([CachedLayers(n=1, kept=5 + 2)], itemsize=8, tokens=7)


def test_one_kind_that_shares_nothing_is_counted_as_before():
    layers = [CachedLayers(n=32, kept=2 * 8 * 128)]
    expected = kv_bytes(n_layers=32, n_kv_heads=8, d_head=128, itemsize=2, tokens=100, batch=3)
    assert mixed_bytes(layers, itemsize=2, tokens=100, batch=3) == expected


def test_published_caches():
    latent = CachedLayers(n=60, kept=512 + 64)  # DeepSeek-V2
    assert mixed_bytes([latent], itemsize=2) == 69_120
    hybrid = CachedLayers(n=4, kept=2 * 8 * 128)  # Jamba: four of its 32 layers attend
    assert mixed_bytes([hybrid], itemsize=2, tokens=2**18) == 4 * 2**30


def test_a_few_bits_and_a_scale_for_each_group():
    assert quantised_itemsize(16) == np.dtype(np.float16).itemsize
    numbers, group = 256, 32
    packed, scales = np.zeros(numbers // 2, np.uint8), np.zeros(numbers // group, np.float16)  # two numbers a byte
    assert numbers * quantised_itemsize(4, group) == packed.nbytes + scales.nbytes


DEVICE = {"flops": 1e15, "bandwidth": 3e12}
LLAMA = CachedLayers(n=32, kept=2 * 8 * 128, work=2 * 32 * 128)


def of(layers, tokens, batch, weights=8e9, active=8e9, **more):
    model = {"weights": weights, "active": active, "weight_itemsize": 2, "itemsize": 2}
    return decoding(layers, **{**model, **more}, tokens=tokens, batch=batch, **DEVICE)


def test_decoding_is_a_pass_and_attentions_own_part():
    one = of([LLAMA], 8192, 16)
    cached = kv_bytes(n_layers=32, n_kv_heads=8, d_head=128, itemsize=2, tokens=8192, batch=16)
    reading, computing = pass_seconds(weights=8e9, tokens=16, itemsize=2, cache_bytes=cached, **DEVICE)
    assert np.isclose(one.reading, reading, rtol=1e-12)
    pairs = score_pairs(1, offset=8191)
    both_products = 2 * 2 * 4096 * 32 * pairs  # scores and averages, 32 heads of 128 in 32 layers
    assert np.isclose(one.computing, computing + 16 * both_products / DEVICE["flops"], rtol=1e-12)
    assert one.seconds == one.reading
    assert np.isclose(one.attention_share, cached / (cached + 16e9))


def test_where_arithmetic_takes_longer_attentions_share_is_of_the_arithmetic():
    short = of([LLAMA], 1, 2000)
    assert short.seconds == short.computing > short.reading
    assert short.attention_share == short.computing_attention / short.computing < 1e-3


@pytest.mark.parametrize(("batch", "needed"), [(1, 21e9), (4, 84e9), (12, 236e9), (100, 236e9)])
def test_a_batch_reads_what_its_tokens_use_and_at_most_all_experts(batch, needed):
    experts = of([], 0, batch, weights=236e9, active=21e9)
    assert np.isclose(experts.reading_weights, 2 * needed / DEVICE["bandwidth"], rtol=1e-12)
    assert np.isclose(experts.computing_weights, 2 * 21e9 * batch / DEVICE["flops"], rtol=1e-12)


@quick
@given(
    tokens=st.integers(0, 2000),
    kept=st.integers(1, 4096),
    work=st.integers(0, 300_000),
    window=st.sampled_from([128, np.inf]),
    active=st.floats(1e8, 8e9),
    itemsize=st.sampled_from([0.25, 2.0, 4.0]),
)
def test_below_the_turning_batch_reading_takes_longer_and_above_it_arithmetic(
    tokens, kept, work, window, active, itemsize
):
    layers = [CachedLayers(n=32, kept=kept, work=work, window=window)]
    model = {"weights": 8e9, "active": active, "weight_itemsize": 2, "itemsize": itemsize}
    texts = turning_batch(layers, **model, tokens=tokens, **DEVICE)
    assert texts >= 1
    for share in (0.01, 0.5, 0.999):
        if np.isfinite(texts) and share * texts >= 1:
            below = of(layers, tokens, share * texts, **model)
            assert below.reading > below.computing
    if np.isfinite(texts):
        above = of(layers, tokens, 1.001 * texts, **model)
        assert above.computing > above.reading
    else:
        many = of(layers, tokens, 10**9, **model)
        assert many.reading > many.computing


def test_a_long_text_of_many_key_heads_never_leaves_the_memory_bound_side():
    model = {"weights": 8e9, "active": 8e9, "weight_itemsize": 2, "itemsize": 2}
    texts = [turning_batch([LLAMA], **model, tokens=tokens, **DEVICE) for tokens in (0, 128, 1024)]
    assert np.isclose(texts[0], DEVICE["flops"] / DEVICE["bandwidth"])  # without a cache: the ridge of the device
    assert texts[0] < texts[1] < texts[2] == np.inf
