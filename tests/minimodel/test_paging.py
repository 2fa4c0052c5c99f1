"""A paged cache: the same numbers as in one row, in pages that are lent, shared, copied and given back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.cache import KVCache, cached_logits
from minimodel.gpt import draw_weights, logits
from minimodel.masks import causal_allowed
from minimodel.paging import PagedCache, PagePool

quick = settings(max_examples=40, deadline=None)
H, D_HEAD = 3, 4


def pool(n_pages=16, page_size=3):
    return PagePool(n_pages, page_size, n_kv_heads=H, d_head=D_HEAD)


def keys_and_values(T, seed=0):
    return np.random.default_rng(seed).normal(size=(2, H, T, D_HEAD))


def pieces(array, sizes):
    return np.split(array, np.cumsum(sizes)[:-1], axis=-2)


@given(st.lists(st.integers(0, 7), min_size=1, max_size=6), st.integers(1, 5), st.integers(0, 99))
@quick
def test_pages_hold_what_a_row_holds_bit_for_bit(sizes, page_size, seed):
    k, v = keys_and_values(sum(sizes), seed)
    row, paged, taken = KVCache(), PagedCache(pool(40, page_size)), []
    for one_k, one_v in zip(pieces(k, sizes), pieces(v, sizes), strict=True):
        in_a_row, in_pages = row.append(one_k, one_v), paged.append(one_k, one_v)
        for whole, gathered in zip(in_a_row, in_pages, strict=True):
            np.testing.assert_array_equal(whole, gathered)
        taken.append(len(paged.table))
        assert paged.length == row.length
        assert taken[-1] == -(-row.length // page_size)
    q = keys_and_values(1, seed + 1)[0]
    expected, _ = scaled_dot_product_attention(q, *in_a_row[:2]) if k.size else (np.zeros(0), None)
    output, _ = scaled_dot_product_attention(q, *in_pages[:2]) if k.size else (np.zeros(0), None)
    np.testing.assert_array_equal(output, expected)


def test_pages_need_not_lie_in_order():
    shared = pool()
    text, other = PagedCache(shared), PagedCache(shared)
    k, v = keys_and_values(8)
    for piece in (slice(0, 3), slice(3, 6), slice(6, 8)):
        text.append(k[:, piece], v[:, piece])
        other.append(-k[:, piece], -v[:, piece])
    assert text.table == [0, 2, 4]
    assert other.table == [1, 3, 5]
    np.testing.assert_array_equal(text.gather(shared.keys), k)
    np.testing.assert_array_equal(other.gather(shared.values), -v)


def test_a_whole_model_decodes_through_a_block_table():
    weights = draw_weights(V=11, n_positions=12, d_model=12, n_heads=H, n_layers=2, seed=1)
    tokens = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5])
    caches = [PagedCache(pool(page_size=4)) for _ in weights.blocks]
    parts = [cached_logits(part, weights, caches) for part in np.split(tokens, [4, 5, 7])]
    np.testing.assert_allclose(np.vstack(parts), logits(tokens, weights), rtol=0, atol=1e-12)


def test_a_fork_shares_until_somebody_writes():
    pages = pool(n_pages=4)
    k, v = keys_and_values(5)
    first = PagedCache(pages)
    first.append(k, v)
    second = first.fork()
    assert second.table == first.table
    assert pages.n_free == 2
    assert pages.holders[:2] == [2, 2]
    second.append(-k[:, :1], -v[:, :1])  # into the empty row of the page that both hold
    assert second.table[0] == first.table[0]
    assert second.table[1] != first.table[1]
    assert pages.n_free == 1
    assert pages.holders[:3] == [2, 1, 1]
    np.testing.assert_array_equal(first.gather(pages.keys), k)
    np.testing.assert_array_equal(second.gather(pages.keys), np.concatenate([k, -k[:, :1]], axis=1))
    np.testing.assert_array_equal(second.gather(pages.values), np.concatenate([v, -v[:, :1]], axis=1))
    first.append(k[:, :1], v[:, :1])  # nobody else holds this page any more
    assert pages.n_free == 1


def test_a_full_page_is_shared_without_a_copy():
    pages = pool()
    k, v = keys_and_values(6)
    first = PagedCache(pages)
    first.append(k, v)
    second = first.fork()
    second.append(k[:, :1], v[:, :1])
    assert second.table[:2] == first.table
    assert pages.n_free == 16 - 3


def test_appending_nothing_copies_nothing():
    pages = pool()
    first = PagedCache(pages)
    first.append(*keys_and_values(2))
    second = first.fork()
    second.append(*keys_and_values(0))
    assert second.table == first.table
    assert second.length == 2


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6)), max_size=12), st.integers(0, 99))
@quick
def test_forks_and_rollbacks_never_mix_texts_and_lose_no_page(steps, seed):
    pages, k_and_v = pool(80), keys_and_values(60, seed)
    texts = [(PagedCache(pages), KVCache())]
    at = 0
    for what, size in steps:
        paged, row = texts[size % len(texts)]
        if what == 0:
            k, v = k_and_v[:, :, at : at + size]
            paged.append(k, v)
            row.append(k, v)
            at += size
        elif what == 1:
            keep = min(size, row.length)
            paged.truncate(keep)
            row.truncate(keep)
        elif row.length:
            other = KVCache()
            other.append(*row.append(*keys_and_values(0))[:2])
            texts.append((paged.fork(), other))
    for paged, row in texts:
        assert paged.length == row.length
        if row.length:
            np.testing.assert_array_equal(paged.gather(pages.keys), row.append(*keys_and_values(0))[0])
    held = {page for paged, _ in texts for page in paged.table}
    assert pages.n_free == 80 - len(held)
    for paged, _ in texts:
        paged.truncate(0)
    assert pages.n_free == 80
    assert pages.holders == [0] * 80


def test_bytes_are_those_of_the_pages():
    cache = PagedCache(pool(page_size=3))
    assert cache.nbytes == 0
    cache.append(*keys_and_values(4))
    assert cache.nbytes == 2 * 2 * 3 * H * D_HEAD * 8


def test_a_full_pool_refuses_and_changes_nothing():
    pages = pool(n_pages=2)
    cache = PagedCache(pages)
    cache.append(*keys_and_values(4))
    with pytest.raises(MemoryError, match=r"1 pages are needed and 0 are free: .*preempt"):
        cache.append(*keys_and_values(3))
    assert cache.length == 4
    assert len(cache.table) == 2
    cache.append(*keys_and_values(2))  # fills the last page
    with pytest.raises(MemoryError, match="all 2 pages are held"):
        pages.take()


def test_a_copy_needs_a_page_too():
    pages = pool(n_pages=2)
    first = PagedCache(pages)
    first.append(*keys_and_values(5))
    second = first.fork()
    with pytest.raises(MemoryError, match="1 pages are needed and 0 are free"):
        second.append(*keys_and_values(1))
    assert second.table == first.table
    assert pages.holders == [2, 2]


def test_what_does_not_fit_is_refused():
    cache = PagedCache(pool())
    k, v = keys_and_values(2)
    with pytest.raises(ValueError, match="H_kv"):
        cache.append(k[:2], v[:2])
    with pytest.raises(ValueError, match="L is 2 in k but 1 in v"):
        cache.append(k, v[:, :1])
    with pytest.raises(TypeError, match="float64 and the new ones are float32"):
        cache.append(k.astype(np.float32), v.astype(np.float32))
    with pytest.raises(TypeError, match="float64, float32"):
        cache.append(k, v.astype(np.float32))
    with pytest.raises(ValueError, match="cannot truncate to 1"):
        cache.truncate(1)
    for sizes in ((0, 3), (3, 0)):
        with pytest.raises(ValueError, match="at least 1"):
            pool(*sizes)
    with pytest.raises(ValueError, match="at least 1"):
        PagePool(1, 1, n_kv_heads=0, d_head=1)
    with pytest.raises(ValueError, match="at least 1"):
        PagePool(1, 1, n_kv_heads=1, d_head=0)


def test_attention_through_a_block_table_is_causal():
    k, v = keys_and_values(7)
    q = keys_and_values(7, seed=1)[0]
    whole, _ = scaled_dot_product_attention(q, k, v, causal_allowed(7))
    cache = PagedCache(pool(page_size=2))
    rows = []
    for t in range(7):
        keys, values, _ = cache.append(k[:, t : t + 1], v[:, t : t + 1])
        rows.append(scaled_dot_product_attention(q[:, t : t + 1], keys, values)[0])
    np.testing.assert_allclose(np.concatenate(rows, axis=1), whole, rtol=0, atol=1e-14)
