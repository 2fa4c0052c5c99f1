"""Continuous batching: every token is computed, limits hold, and no text notices who else is in the batch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.cache import cached_logits
from minimodel.gpt import draw_weights, logits
from minimodel.paging import PagedCache, PagePool
from minimodel.scheduler import Pass, Request, serve

quick = settings(max_examples=60, deadline=None)
LENGTHS = [4, 20, 3, 7, 16, 2, 9, 5]
requests = st.lists(st.builds(Request, st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=6)


def test_the_example_of_the_section():
    texts = [Request(1, new) for new in LENGTHS]
    assert len(serve(texts, slots=4)) == 20
    assert len(serve(texts, slots=4, refill=False)) == 36


def test_fixed_batches_take_as_long_as_their_longest_texts():
    texts = [Request(1, new) for new in LENGTHS]
    passes = serve(texts, slots=3, refill=False)
    assert len(passes) == max(LENGTHS[:3]) + max(LENGTHS[3:6]) + max(LENGTHS[6:])


@given(requests, st.integers(1, 4), st.booleans(), st.integers(1, 8))
@quick
def test_each_token_goes_through_once_and_the_limits_hold(texts, slots, refill, budget):
    passes = serve(texts, slots=slots, refill=refill, budget=budget)
    for number, one in enumerate(texts):
        assert sum(p.tokens.get(number, 0) for p in passes) == sum(one) - 1  # the last one is output alone
    for one in passes:
        assert 1 <= len(one.tokens) <= slots
        assert sum(one.tokens.values()) <= budget
        assert not one.preempted
        assert min(one.tokens.values()) >= 1


@given(requests, st.integers(1, 3), st.integers(0, 5), st.integers(1, 9))
@quick
def test_pages_suffice_in_each_pass_and_all_are_served(texts, page_size, spare, budget):
    n_pages = max(-(-(sum(one) - 1) // page_size) for one in texts) + spare
    cached, known = [0] * len(texts), [one.prompt for one in texts]
    for one in serve(texts, slots=3, budget=budget, page_size=page_size, n_pages=n_pages):
        for number in one.preempted:
            assert number not in one.tokens
            cached[number] = 0
        for number, count in one.tokens.items():
            cached[number] += count
        assert sum(-(-length // page_size) for length in cached) <= n_pages
        for number in one.tokens:
            known[number] += cached[number] == known[number]
            if known[number] == sum(texts[number]):
                cached[number] = 0
    assert known == [sum(one) for one in texts]


def test_who_decodes_goes_first_and_a_prompt_gets_what_is_left():
    passes = serve([Request(2, 3), Request(7, 1)], slots=2, budget=4)
    assert [p.tokens for p in passes] == [{0: 2, 1: 2}, {0: 1, 1: 3}, {0: 1, 1: 2}]


def test_whoever_came_last_is_preempted_and_computed_again():
    passes = serve([Request(2, 4), Request(2, 4)], slots=2, page_size=2, n_pages=3)
    assert passes[1] == Pass({0: 1}, (1,))
    assert 0 not in [number for one in passes for number in one.preempted]
    assert sum(p.tokens.get(1, 0) for p in passes) > 2 + 4 - 1
    assert sum(p.tokens.get(0, 0) for p in passes) == 2 + 4 - 1


def test_what_could_never_be_served_is_refused():
    for wrong in ({"slots": 0}, {"slots": 1, "budget": 0}, {"slots": 1, "page_size": 0}):
        with pytest.raises(ValueError, match="at least 1"):
            serve([Request(1, 1)], **wrong)
    for one in (Request(0, 1), Request(1, 0)):
        with pytest.raises(ValueError, match="at least 1"):
            serve([one], slots=1)
    with pytest.raises(ValueError, match="request 1 needs 4 pages in the end, and there are 3"):
        serve([Request(1, 1), Request(4, 4)], slots=2, page_size=2, n_pages=3)
    assert serve([Request(4, 3)], slots=1, page_size=2, n_pages=3)[-1].tokens == {0: 1}
    assert serve([], slots=1) == []


@pytest.mark.parametrize("limits", [{}, {"budget": 3}, {"page_size": 2, "n_pages": 6}, {"refill": False}])
def test_no_text_notices_who_else_is_served(limits):
    """Run the passes with a model and pages: each text must come out as it does alone."""
    weights = draw_weights(V=11, n_positions=16, d_model=12, n_heads=3, n_layers=2, seed=3)
    prompts = [np.array(one) for one in ([3, 1, 4], [1, 5, 9, 2, 6], [5, 3], [5, 8, 9, 7])]
    texts = [list(one) for one in prompts]
    pools = [PagePool(12, 2, n_kv_heads=3, d_head=4) for _ in weights.blocks]
    caches = [[PagedCache(pool) for pool in pools] for _ in prompts]
    passes = serve([Request(len(one), 4) for one in prompts], slots=3, **limits)
    for one in passes:
        for number in one.preempted:
            for cache in caches[number]:
                cache.truncate(0)
        for number, count in one.tokens.items():
            start = caches[number][0].length
            rows = cached_logits(np.array(texts[number][start : start + count]), weights, caches[number])
            if start + count == len(texts[number]):
                texts[number].append(int(rows[-1].argmax()))
            if len(texts[number]) == len(prompts[number]) + 4:
                for cache in caches[number]:
                    cache.truncate(0)
    for text, prompt in zip(texts, prompts, strict=True):
        alone = list(prompt)
        for _ in range(4):
            alone.append(int(logits(np.array(alone), weights)[-1].argmax()))
        assert text == alone
    assert any(one.preempted for one in passes) == ("n_pages" in limits)
    assert all(pool.n_free == 12 for pool in pools)
