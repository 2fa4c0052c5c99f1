from decoder import batch, forward, step

from causality import assert_cache_exact, assert_causal, assert_padding_invariant


def test_nobody_sees_the_future():
    assert_causal(forward)


def test_the_cache_changes_nothing():
    assert_cache_exact(forward, step)


def test_pads_change_no_word():
    assert_padding_invariant(batch)
