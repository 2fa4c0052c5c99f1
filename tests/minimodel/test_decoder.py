"""A decoder with rotary positions, grouped heads, any mask and a cache: one function, run in two ways."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.cache import KVCache, RingCache
from minimodel.decoder import decoder_logits, draw_decoder, read
from minimodel.gpt import draw_weights, layer_norm, mlp
from minimodel.influence import another_token, influence
from minimodel.predicates import all_of, any_of, causal, first, materialise, window

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
V, D_MODEL, H = 11, 16, 4
kv_heads = st.sampled_from([1, 2, 4])
widths = st.none() | st.integers(1, 8)
layers = st.integers(1, 3)


def rule_of(width):
    return causal if width is None else all_of(causal, window(width))


def model(n_kv_heads=2, n_layers=2, rule=causal, seed=0):
    return draw_decoder(V, D_MODEL, H, n_kv_heads, n_layers, rule=rule, seed=seed % 1000)


def text(seed, T, *batch):
    return np.random.default_rng(seed).integers(0, V, (*batch, T))


def by_chunks(tokens, model, caches, sizes):
    """Feed the tokens in chunks of the given sizes, and what is left one by one."""
    parts, start = [], 0
    for size in (*sizes, *[1] * tokens.shape[-1]):
        chunk = tokens[..., start : start + size]
        if chunk.shape[-1]:
            parts.append(decoder_logits(chunk, model, caches))
        start += size
    return np.concatenate(parts, axis=-2)


def assert_close(cached, whole):
    np.testing.assert_allclose(cached, whole, rtol=0, atol=1e-11)


@quick
@given(
    seed=seeds,
    T=st.integers(1, 10),
    n_kv_heads=kv_heads,
    width=widths,
    n_layers=layers,
    sizes=st.lists(st.integers(1, 6), max_size=4),
    batch=st.sampled_from([(), (2,)]),
)
def test_cached_logits_equal_uncached_ones_in_any_chunks(seed, T, n_kv_heads, width, n_layers, sizes, batch):
    decoder, tokens = model(n_kv_heads, n_layers, rule_of(width), seed), text(seed, T, *batch)
    whole = decoder_logits(tokens, decoder)
    assert_close(by_chunks(tokens, decoder, [KVCache() for _ in range(n_layers)], sizes), whole)
    if width is not None:  # a window may forget what no later query reads
        assert_close(by_chunks(tokens, decoder, [RingCache(width) for _ in range(n_layers)], sizes), whole)


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4])
@pytest.mark.parametrize("width", [None, 1, 3, 8])
def test_cached_logits_equal_uncached_ones_at_every_split_point(n_kv_heads, width):
    decoder, tokens = model(n_kv_heads, 2, rule_of(width)), text(0, 9)
    whole = decoder_logits(tokens, decoder)
    for split in range(1, 9):
        assert_close(by_chunks(tokens, decoder, [KVCache(), KVCache()], [split, 9 - split]), whole)


@quick
@given(seed=seeds, T=st.integers(2, 9), keep=st.integers(0, 8), width=st.integers(1, 5))
def test_after_going_back_it_is_as_if_the_tokens_had_never_come(seed, T, keep, width):
    decoder, keep = model(rule=rule_of(width), seed=seed), min(keep, T - 1)
    caches = [KVCache(), KVCache()]
    decoder_logits(text(seed, T), decoder, caches)
    for cache in caches:
        cache.truncate(keep)
    other = np.concatenate([text(seed, T)[:keep], text(seed + 1, 3)])
    assert_close(decoder_logits(other[keep:], decoder, caches), decoder_logits(other, decoder)[keep:])


def reached(rule, T, n_layers):
    """What an output can know: the mask, walked once a layer."""
    one = materialise(rule, T)
    return np.linalg.matrix_power(one.astype(int), n_layers) > 0


@quick
@given(seed=seeds, T=st.integers(1, 8), n_kv_heads=kv_heads, width=widths, n_layers=layers)
def test_every_output_knows_what_its_mask_reaches_and_nothing_else(seed, T, n_kv_heads, width, n_layers):
    rule = rule_of(width)
    decoder, tokens = model(n_kv_heads, n_layers, rule, seed), text(seed, T)
    seen = influence(lambda tokens: decoder_logits(tokens, decoder), tokens, change=another_token(V))
    assert np.array_equal(seen, reached(rule, T, n_layers))


@settings(max_examples=10, deadline=None)
@given(seed=seeds, width=widths, sizes=st.lists(st.integers(1, 4), max_size=3))
def test_the_same_holds_when_it_runs_through_a_cache(seed, width, sizes):
    rule = rule_of(width)
    decoder, tokens = model(rule=rule, seed=seed), text(seed, 7)

    def cached(tokens):
        return by_chunks(tokens, decoder, [KVCache(), KVCache()], sizes)

    seen = influence(cached, tokens, change=another_token(V))
    assert np.array_equal(seen, reached(rule, 7, 2))


def test_any_rule_about_positions_will_do():
    sinks = all_of(causal, any_of(window(2), first(1)))  # the last two, and always the first
    decoder, tokens = model(rule=sinks), text(0, 8)
    whole = decoder_logits(tokens, decoder)
    assert_close(by_chunks(tokens, decoder, [KVCache(), KVCache()], [3, 2]), whole)
    seen = influence(lambda tokens: decoder_logits(tokens, decoder), tokens, change=another_token(V))
    assert np.array_equal(seen, reached(sinks, 8, 2))
    assert not np.array_equal(seen, reached(rule_of(2), 8, 2))


def test_the_rule_is_asked_about_the_first_text_and_head():
    decoder, tokens = model(), text(0, 5, 2)
    picky = replace(decoder, rule=lambda b, h, q, k: (b == 0) & (h == 0) & (k <= q))
    assert np.array_equal(decoder_logits(tokens, picky), decoder_logits(tokens, decoder))


@quick
@given(seed=seeds)
def test_one_group_with_equal_key_heads_is_the_ungrouped_model(seed):
    grouped = model(n_kv_heads=1, n_layers=2, seed=seed)
    copied = tuple(replace(one, W_k=np.tile(one.W_k, (1, H)), W_v=np.tile(one.W_v, (1, H))) for one in grouped.blocks)
    plain = replace(grouped, n_kv_heads=H, blocks=copied)
    tokens = text(seed, 6)
    assert_close(decoder_logits(tokens, grouped), decoder_logits(tokens, plain))


def test_positions_change_the_output_though_no_table_holds_them():
    decoder = model()
    ab, ba = np.array([1, 2, 3]), np.array([2, 1, 3])
    assert not np.allclose(decoder_logits(ab, decoder)[-1], decoder_logits(ba, decoder)[-1], rtol=0, atol=1e-3)


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4])
def test_the_cache_holds_the_key_heads_alone(n_kv_heads):
    caches = [KVCache(), KVCache()]
    decoder_logits(text(0, 5), model(n_kv_heads), caches)
    numbers = 2 * n_kv_heads * 5 * (D_MODEL // H)  # keys and values
    assert [cache.nbytes for cache in caches] == [8 * numbers] * 2


def test_one_seed_gives_one_model():
    tokens = text(0, 5)
    assert np.array_equal(decoder_logits(tokens, model(seed=3)), decoder_logits(tokens, model(seed=3)))
    assert not np.array_equal(decoder_logits(tokens, model(seed=3)), decoder_logits(tokens, model(seed=4)))


def test_errors_name_the_likely_mistake():
    one, tokens = KVCache(), text(0, 3)
    for caches, different in (([one], 1), ([one, one], 1), ([KVCache(), KVCache(), KVCache()], 3), ([], 0)):
        with pytest.raises(ValueError, match=f"2 layers and {different} different caches; each layer needs its own"):
            decoder_logits(tokens, model(), caches)
    ahead = KVCache()
    ahead.append(np.ones((2, 4, 4)), np.ones((2, 4, 4)))
    with pytest.raises(ValueError, match=r"the caches have seen \[4, 0\] tokens"):
        decoder_logits(tokens, model(), [ahead, KVCache()])
    with pytest.raises(IndexError):
        decoder_logits(np.array([V]), model())
    with pytest.raises(ValueError, match="4 query heads do not divide into 3 groups"):
        draw_decoder(V, D_MODEL, H, 3, 1)
    with pytest.raises(ValueError, match="heads are 3 wide"):
        draw_decoder(V, 12, 4, 2, 1)


def test_a_block_adds_what_it_reads_and_what_it_thinks():
    model = draw_decoder(V=7, d_model=8, n_heads=2, n_kv_heads=1, n_layers=1)
    weights, tokens = model.blocks[0], np.array([3, 1, 4, 1])
    x = model.tokens[tokens]
    x = x + read(layer_norm(x, weights.gain_1), weights, model, np.arange(4))
    x = x + mlp(layer_norm(x, weights.gain_2), weights.W_in, weights.W_out)
    assert np.array_equal(decoder_logits(tokens, model), layer_norm(x, model.gain) @ model.tokens.T)


@pytest.mark.parametrize("n_heads", [1, 2, 4])
def test_with_one_key_head_a_query_head_the_blocks_are_those_of_the_gpt_drawn_after_as_many_rows(n_heads):
    decoder = draw_decoder(V=7, d_model=8, n_heads=n_heads, n_kv_heads=n_heads, n_layers=2, seed=5)
    gpt = draw_weights(V=4, n_positions=3, d_model=8, n_heads=n_heads, n_layers=2, seed=5)
    assert np.array_equal(decoder.tokens, np.vstack([gpt.tokens, gpt.positions]))
    for ours, theirs in zip(decoder.blocks, gpt.blocks, strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(astuple(ours), astuple(theirs), strict=True))


def test_weights_are_drawn_around_zero_and_the_defaults_are_those_of_the_docstring():
    sizes = {"V": 64, "d_model": 64, "n_heads": 4, "n_kv_heads": 2, "n_layers": 1}
    model = draw_decoder(**sizes)
    assert np.array_equal(model.tokens, draw_decoder(**sizes, seed=0, std=0.25).tokens)
    for matrix in (model.tokens, model.blocks[0].W_q, model.blocks[0].W_k, model.blocks[0].W_in):
        assert abs(matrix.mean()) < 0.02
        assert abs(matrix.std() - 0.25) < 0.02
