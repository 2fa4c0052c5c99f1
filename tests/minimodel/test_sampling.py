"""Sampling: what the filters keep, how often a token is drawn, and how a text grows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.gpt import draw_weights, logits
from minimodel.sampling import generate, greedy, sampler, top_k, top_p, with_temperature
from minimodel.softmax import softmax

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
widths = st.integers(1, 12)
shares = st.floats(0.01, 1)
temperatures = st.floats(0.1, 10)


def draw(seed, V, leading=()):
    return 3 * np.random.default_rng(seed).standard_normal((*leading, V))


def entropy(row):
    p = softmax(row)
    return -(p[p > 0] * np.log(p[p > 0])).sum()


@quick
@given(seed=seeds, V=widths, temperature=temperatures)
def test_temperature_keeps_the_order(seed, V, temperature):
    row = draw(seed, V)
    assert np.array_equal(np.argsort(with_temperature(row, temperature)), np.argsort(row))


@quick
@given(seed=seeds, V=widths, low=st.floats(0.1, 2), factor=st.floats(1, 5))
def test_a_higher_temperature_never_lowers_the_entropy(seed, V, low, factor):
    row = draw(seed, V)
    assert entropy(with_temperature(row, low * factor)) >= entropy(with_temperature(row, low)) - 1e-12


def test_a_higher_temperature_raises_the_entropy():
    row = draw(0, 7)
    spread = [entropy(with_temperature(row, temperature)) for temperature in (0.1, 0.5, 1, 2, 10)]
    assert (np.diff(spread) > 0.01).all()
    assert spread[-1] == pytest.approx(np.log(7), abs=0.05)


def test_temperature_one_changes_nothing():
    row = draw(0, 7)
    assert np.array_equal(with_temperature(row, 1), row)


@quick
@given(seed=seeds, V=widths, k=st.integers(1, 15))
def test_top_k_keeps_the_k_largest_as_they_are(seed, V, k):
    rows = draw(seed, V, leading=(2, 3))
    kept = top_k(rows, k)
    open_cells = np.isfinite(kept)
    assert (open_cells.sum(axis=-1) == min(k, V)).all()
    assert np.array_equal(kept[open_cells], rows[open_cells])
    largest_out = np.where(open_cells, -np.inf, rows).max(axis=-1)
    assert (kept.max(axis=-1, initial=-np.inf) >= largest_out).all()
    assert (np.where(open_cells, rows, np.inf).min(axis=-1) >= largest_out).all()


def test_of_equal_logits_top_k_keeps_the_first():
    assert np.isfinite(top_k(np.array([1.0, 2.0, 2.0, 2.0]), 2)).tolist() == [False, True, True, False]


@pytest.mark.parametrize("levels", [1, 2, 7])
def test_of_many_equal_logits_the_first_are_kept(levels):
    row = np.arange(100.0) % levels
    likeliest_first = sorted(range(100), key=lambda token: (-row[token], token))
    for k in range(1, 101):
        expected = sorted(likeliest_first[:k])
        assert np.flatnonzero(np.isfinite(top_k(row, k))).tolist() == expected
        share = softmax(row)[expected].sum() - 1e-6
        assert np.flatnonzero(np.isfinite(top_p(row, share))).tolist() == expected


def test_top_p_stops_where_p_is_reached_to_the_last_bit():
    assert np.isfinite(top_p(np.zeros(4), 0.5)).tolist() == [True, True, False, False]


@quick
@given(seed=seeds, V=widths, p=shares)
def test_top_p_keeps_the_fewest_likeliest_tokens_that_reach_p(seed, V, p):
    row = draw(seed, V)
    open_cells = np.isfinite(top_p(row, p))
    probabilities = softmax(row)
    kept = np.sort(probabilities[open_cells])
    assert kept.sum() >= p - 1e-12
    assert p == 1 or kept[1:].sum() < p + 1e-12  # without the least likely of them it would not be reached
    assert kept[0] >= probabilities[~open_cells].max(initial=0)


def test_top_p_of_one_keeps_even_what_rounds_away():
    assert np.isfinite(top_p(np.array([0.0, -30.0, -60.0]), 1)).all()
    assert np.isfinite(top_p(np.array([0.0, -30.0, -60.0]), 0.999)).sum() == 1


@quick
@given(seed=seeds, V=widths, p=shares, T=st.integers(1, 4))
def test_top_p_of_many_rows_is_top_p_of_each(seed, V, p, T):
    rows = draw(seed, V, leading=(T,))
    assert np.array_equal(top_p(rows, p), np.stack([top_p(row, p) for row in rows]))


@quick
@given(seed=seeds, V=widths, k=st.integers(1, 12), temperature=temperatures)
def test_top_k_and_temperature_commute(seed, V, k, temperature):
    row = draw(seed, V)
    assert np.array_equal(top_k(with_temperature(row, temperature), k), with_temperature(top_k(row, k), temperature))


def test_top_p_and_temperature_do_not_commute():
    row = np.array([3.0, 2.0, 1.0, 0.0])
    hot_first, hot_last = top_p(with_temperature(row, 5), 0.6), with_temperature(top_p(row, 0.6), 5)
    assert np.isfinite(hot_first).sum() > np.isfinite(hot_last).sum()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_filters_keep_the_dtype_and_their_argument(dtype):
    row = draw(0, 6).astype(dtype)
    before = row.copy()
    assert with_temperature(row, 0.5).dtype == top_k(row, 2).dtype == top_p(row, 0.5).dtype == dtype
    assert np.array_equal(row, before)


@quick
@given(seed=seeds, V=widths, temperature=temperatures)
def test_drawing_from_one_token_is_greedy(seed, V, temperature):
    row = draw(seed, V)
    assert sampler(temperature, k=1)(row) == sampler(temperature, p=1e-9)(row) == greedy(row) == row.argmax()


@quick
@given(seed=seeds, V=widths, k=st.integers(1, 12), p=shares)
def test_what_is_ruled_out_is_never_drawn(seed, V, k, p):
    row = draw(seed, V)
    choose = sampler(2.0, k=k, p=p, seed=seed)
    possible = np.isfinite(top_p(top_k(with_temperature(row, 2.0), k), p))
    assert all(possible[choose(row)] for _ in range(30))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tokens_are_drawn_as_often_as_their_probabilities_say(dtype):
    row = np.array([2, 1, 4, 3], dtype=dtype)
    choose = sampler(2.0)
    drawn = np.bincount([choose(row) for _ in range(5000)], minlength=4) / 5000
    np.testing.assert_allclose(drawn, softmax(row / 2), atol=0.03)


def test_a_sampler_without_settings_is_that_of_temperature_one_and_seed_zero():
    row, plain, spelt = draw(0, 50), sampler(), sampler(1.0, k=50, p=1, seed=0)
    assert [plain(row) for _ in range(30)] == [spelt(row) for _ in range(30)]


def test_one_seed_one_text_and_another_seed_another():
    def text(seed):
        return generate(lambda tokens: np.zeros(10), [0], 20, sampler(seed=seed)).tolist()

    assert text(1) == text(1) != text(2)


def test_drawing_leaves_the_global_random_state_alone():
    before = np.random.get_state()[1].tolist()
    sampler()(np.zeros(4))
    assert np.random.get_state()[1].tolist() == before


weights = draw_weights(V=11, n_positions=12, d_model=12, n_heads=3, n_layers=2)


def next_logits(tokens):
    return logits(tokens, weights)[-1]


@quick
@given(seed=seeds, prompt=st.lists(st.integers(0, 10), min_size=1, max_size=4), steps=st.integers(0, 6))
def test_a_longer_text_begins_with_the_shorter_one(seed, prompt, steps):
    short = generate(next_logits, prompt, steps, sampler(seed=seed))
    long = generate(next_logits, prompt, steps + 2, sampler(seed=seed))
    assert len(short) == len(prompt) + steps
    assert short[: len(prompt)].tolist() == prompt
    assert np.array_equal(long[: len(short)], short)


def test_every_greedy_token_is_the_likeliest_after_those_before_it():
    text = generate(next_logits, [3, 1], 6)
    rows = logits(text, weights)  # one pass over the whole text, as in training
    assert text[2:].tolist() == rows[1:-1].argmax(axis=-1).tolist()


def test_a_text_is_of_one_integer_type_whatever_the_prompt():
    assert generate(next_logits, np.array([3], np.int8), 0).dtype == np.int64


def test_the_text_ends_after_the_stop_token():
    def counts_up(tokens):
        return np.eye(10)[tokens[-1] + 1]

    assert generate(counts_up, [2], 5, stop=5).tolist() == [2, 3, 4, 5]
    assert generate(counts_up, [2], 2, stop=5).tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: with_temperature(np.zeros(3), 0), "for its limit at 0 use greedy"),
        (lambda: sampler(0.0)(np.zeros(3)), "for its limit at 0 use greedy"),
        (lambda: with_temperature(np.zeros(3), np.nan), "temperature = nan"),
        (lambda: top_k(np.zeros(3), 0), "at least one token must be left"),
        (lambda: top_p(np.zeros(3), 0), "it is a share of the probability"),
        (lambda: top_p(np.zeros(3), 1.5), "it is a share of the probability"),
        (lambda: greedy(np.zeros((2, 3))), r"did you mean logits\[-1\]\?"),
        (lambda: greedy(np.array([0, np.nan])), r"^logits hold NaN; was a row of attention fully masked\?"),
        (lambda: greedy(np.full(3, -np.inf)), r"^no logit is finite at the top; did a filter rule out every token\?"),
        (lambda: greedy(np.zeros(0)), r"did a filter rule out every token\?"),
        (lambda: sampler()(np.array([0, np.nan])), r"was a row of attention fully masked\?"),
        (lambda: generate(next_logits, [], 1), "one text of at least one token"),
        (lambda: generate(next_logits, [[1, 2]], 1), "one text of at least one token"),
        (lambda: generate(lambda tokens: logits(tokens, weights), [1], 1), r"did you mean logits\[-1\]\?"),
    ],
)
def test_what_cannot_be_right_is_refused_with_the_likely_mistake(action, message):
    with pytest.raises(ValueError, match=message):
        action()
