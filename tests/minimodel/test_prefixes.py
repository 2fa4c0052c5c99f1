"""Prefix caching: a page is found again only after the same tokens, and what nobody needs is evicted."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.cache import cached_logits
from minimodel.gpt import draw_weights, logits
from minimodel.paging import PagePool
from minimodel.prefixes import PrefixTree, page_names

quick = settings(max_examples=60, deadline=None)
short = st.lists(st.integers(0, 2), max_size=9).map(np.array)
WEIGHTS = draw_weights(V=11, n_positions=16, d_model=12, n_heads=3, n_layers=2, seed=1)


def pools(n_pages=12, page_size=2):
    return [PagePool(n_pages, page_size, n_kv_heads=3, d_head=4) for _ in WEIGHTS.blocks]


def read(tree, tokens):
    """Run a text, keep its pages, free it; return its logits and how many tokens were found."""
    tokens = np.array(tokens)
    caches = tree.begin(tokens)
    found = caches[0].length
    got = cached_logits(tokens[found:], WEIGHTS, caches)
    tree.keep(tokens, caches)
    for cache in caches:
        cache.truncate(0)
    np.testing.assert_allclose(got, logits(tokens, WEIGHTS)[found:], rtol=0, atol=1e-12)
    return found


@given(short, short, st.integers(1, 3))
@quick
def test_two_pages_have_one_name_exactly_where_all_tokens_up_to_them_agree(first, second, page_size):
    names = [page_names(text, page_size) for text in (first, second)]
    assert [len(one) for one in names] == [len(first) // page_size, len(second) // page_size]
    for n, (one, other) in enumerate(zip(*names, strict=False), 1):
        same = np.array_equal(first[: n * page_size], second[: n * page_size])
        assert (one == other) == same
    assert len({*names[0]}) == len(names[0])  # a page twice in one text has two names


def test_a_name_does_not_depend_on_the_dtype():
    assert page_names(np.array([1, 2], np.int32), 2) == page_names(np.array([1, 2], np.int64), 2)


def test_a_text_begins_with_the_pages_of_its_longest_known_beginning():
    tree = PrefixTree(pools())
    assert read(tree, [3, 1, 4, 1, 5]) == 0
    assert read(tree, [3, 1, 4, 1, 5, 9]) == 4
    assert read(tree, [3, 1, 7, 1, 5, 9]) == 2
    assert read(tree, [7, 1, 4, 1, 5, 9]) == 0  # the same page, after other tokens
    assert read(tree, [3]) == 0


def test_the_last_token_is_left_to_the_model():
    tree = PrefixTree(pools())
    read(tree, [3, 1, 4, 1])
    assert read(tree, [3, 1, 4, 1]) == 2


def test_a_known_page_is_kept_once():
    tree = PrefixTree(pools())
    for _ in range(2):
        read(tree, [3, 1, 4, 1])  # its second page was computed twice
    assert [pool.n_free for pool in tree.pools] == [10, 10]
    assert len(tree.nodes) == 2


def test_pages_that_a_text_reads_are_not_evicted_and_leaves_go_first():
    tree = PrefixTree(pools())
    read(tree, [3, 1, 4, 1, 5, 9])
    caches = tree.begin(np.array([3, 1, 0]))  # holds the first page
    assert tree.evict()
    assert tree.evict()
    assert not tree.evict()
    assert [cache.length for cache in caches] == [2, 2]
    assert len(tree.nodes) == 1
    assert read(tree, [3, 1, 4, 1, 5, 9]) == 2
    for cache in caches:
        cache.truncate(0)
    assert [tree.evict() for _ in range(4)] == [True, True, True, False]
    assert all(pool.n_free == 12 for pool in tree.pools)
    assert not tree.nodes


def test_the_leaf_that_was_not_used_for_the_longest_time_goes_first():
    tree = PrefixTree(pools())
    read(tree, [3, 1, 0])
    read(tree, [4, 1, 0])
    read(tree, [3, 1, 0])
    tree.evict()
    assert read(tree, [4, 1, 5]) == 0
    assert read(tree, [3, 1, 5]) == 2


@given(st.lists(st.tuples(st.lists(st.integers(0, 1), min_size=1, max_size=8), st.integers(0, 3)), max_size=6))
@settings(max_examples=20, deadline=None)
def test_whatever_was_kept_and_evicted_the_logits_are_those_of_the_text(texts):
    tree = PrefixTree(pools())
    for tokens, evicted in texts:
        read(tree, tokens)
        for _ in range(evicted):
            tree.evict()
        while tree.pools[0].n_free < 4:
            assert tree.evict()
    assert all(pool.n_free == 12 - len(tree.nodes) for pool in tree.pools)


def test_only_tokens_that_were_read_are_kept():
    tree = PrefixTree(pools())
    tokens = np.array([3, 1, 4, 1])
    caches = tree.begin(tokens)
    cached_logits(tokens[:3], WEIGHTS, caches)
    tree.keep(tokens, caches)
    assert list(tree.nodes) == page_names(tokens[:2], 2)
