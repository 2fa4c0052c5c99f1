"""Speculation: what comes out is distributed as the target says, and the cache ends as if nobody had guessed."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.cache import KVCache, cached_logits
from minimodel.gpt import draw_weights, logits
from minimodel.predicates import materialise, tree
from minimodel.speculation import (
    chi_square,
    drawer,
    outcomes,
    residual,
    speculate,
    tokens_a_pass,
    tree_logits,
    verify,
    verify_tree,
)

quick = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)
P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])
PARENTS = [-1, -1, 0, 0, 1, 3]
V, N, N_LAYERS = 11, 12, 2
TEXT = np.array([3, 1, 4, 1])
GUESSES = np.array([5, 9, 2, 6, 5, 3])
SAME = {"rtol": 0, "atol": 1e-12}


def bigram(seed, V=3):
    """A table whose row is the distribution after a token; some entries are zero, as after top-k."""
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.ones(V), size=V) * (rng.random((V, V)) < 0.8)
    table[np.arange(V), rng.integers(0, V, V)] += 0.1
    return table / table.sum(axis=-1, keepdims=True)


def probability(text, table):
    return float(np.prod([table[a, b] for a, b in pairwise(text)]))


def off_target(found, table, first=0):
    """How far the probability of any text is from the target's."""
    assert sum(found.values()) == pytest.approx(1)
    return max(abs(chance - probability((first, *text), table)) for text, chance in found.items())


# --- outcomes ---------------------------------------------------------------------------------------------------


@quick
@given(seed=seeds, n=st.integers(1, 4))
def test_outcomes_are_those_of_the_draws_multiplied_out(seed, n):
    rows = bigram(seed, 4)[:n]
    found = outcomes(lambda draw: [draw(row) for row in rows])
    expected = np.ones(1)
    for row in rows:
        expected = np.multiply.outer(expected, row)
    for text, chance in found.items():
        assert chance == pytest.approx(expected[(0, *text)])
    assert sum(found.values()) == pytest.approx(1)


def test_a_later_draw_may_depend_on_an_earlier_one():
    found = outcomes(lambda draw: [draw(P), *([draw(Q)] if draw(P) else [])])
    assert found[(0,)] == pytest.approx(0.5 * 0.5)
    assert found[(2, 1)] == pytest.approx(0.2 * 0.5 * 0.5)


def test_one_seed_gives_the_same_draws_and_draws_follow_the_probabilities():
    assert [drawer(3)(P) for _ in range(2)] == [drawer(3)(P)] * 2
    draw = drawer(1)
    counts = np.bincount([draw(P) for _ in range(5000)], minlength=3)
    assert np.allclose(counts / 5000, P, atol=0.03)
    assert [drawer(1)(P), drawer()(P)] == [drawer(1)(P), drawer(0)(P)]


# --- the rule ---------------------------------------------------------------------------------------------------


@quick
@given(seed=seeds)
def test_the_residual_is_what_the_target_has_left(seed):
    (p, q), total = bigram(seed, 5)[:2], np.minimum(*bigram(seed, 5)[:2]).sum()
    left = residual(p, q)
    assert left.sum() == pytest.approx(1)
    assert (left[q >= p] == 0).all() or np.array_equal(p, q)
    assert np.allclose(np.minimum(p, q) + (1 - total) * left, p)


def test_equal_distributions_leave_the_target_itself():
    assert np.array_equal(residual(P, P), P)
    assert outcomes(lambda draw: verify(np.array([draw(P)]), P[None], np.stack([P, P]), draw)[:1]).keys() == {
        (0,),
        (1,),
        (2,),
    }


def test_the_worked_example():
    found = outcomes(lambda draw: verify(np.array([draw(Q)]), Q[None], np.stack([P, P]), draw))
    accepted = sum(chance for tokens, chance in found.items() if len(tokens) == 2)
    assert accepted == pytest.approx(0.7)
    for token in range(3):
        assert sum(chance for tokens, chance in found.items() if tokens[0] == token) == pytest.approx(P[token])


@quick
@given(target=seeds, draft=seeds, gamma=st.integers(0, 4))
def test_a_speculated_text_has_the_distribution_of_the_target_whatever_the_draft(target, draft, gamma):
    p, q = bigram(target), bigram(draft)
    found = outcomes(lambda draw: speculate(lambda x: p[x], lambda x: q[x], [0], 4, gamma, draw)[1:])
    assert off_target(found, p) < 1e-12


@quick
@given(seed=seeds, gamma=st.integers(1, 3))
def test_greedy_verification_writes_the_greedy_text(seed, gamma):
    p, q = bigram(seed), bigram(seed + 1)
    greedy = np.eye(3)[p.argmax(axis=-1)]
    found = outcomes(lambda draw: speculate(lambda x: greedy[x], lambda x: q[x], [0], 5, gamma, draw)[1:])
    text = [0]
    for _ in range(4):
        text.append(int(p[text[-1]].argmax()))
    assert found == {tuple(text[1:]): pytest.approx(1)}


def test_the_target_is_asked_once_for_all_guesses():
    asked = []

    def target(tokens):
        asked.append(len(tokens))
        return np.eye(10)[(tokens + 1) % 10]

    assert speculate(target, lambda x: np.eye(10)[(x + 1) % 10], [7], 9, 3, drawer()).tolist() == [
        *(7, 8, 9, 0, 1, 2, 3, 4, 5),
    ]
    assert asked == [4, 8]  # 1 + 3 guesses give 4 tokens; then 5 + 3 give the last 4


@settings(max_examples=10, deadline=None)  # some thousand paths each
@given(target=seeds, draft=seeds)
def test_a_tree_keeps_the_distribution_of_the_target(target, draft):
    p, q = bigram(target), bigram(draft)

    def run(draw):
        first = [draw(q[0]), draw(q[0])]
        guesses = np.array([*first, draw(q[first[0]]), draw(q[first[0]]), draw(q[first[1]])])
        rows = np.array([0, *guesses])
        path, token = verify_tree(guesses, [-1, -1, 0, 0, 1], q[rows], p[rows], draw)
        text = [*guesses[path], token]
        while len(text) < 3:
            text.append(draw(p[text[-1]]))
        return text

    assert off_target(outcomes(run), p) < 1e-12


@quick
@given(target=seeds, draft=seeds, seed=seeds)
def test_a_tree_without_forks_is_a_chain(target, draft, seed):
    p, q = bigram(target), bigram(draft)
    draw, guesses = drawer(seed), []
    for _ in range(3):
        guesses.append(draw(q[guesses[-1] if guesses else 0]))
    rows, chain = np.array([0, *guesses]), np.array(guesses)
    path, token = verify_tree(chain, [-1, 0, 1], q[rows], p[rows], drawer(seed))
    assert [*chain[path], token] == verify(chain, q[rows[:-1]], p[rows], drawer(seed)).tolist()


def test_siblings_raise_the_share_that_is_accepted():
    def run(draw, n):
        guesses = np.array([draw(Q) for _ in range(n)])
        path, _ = verify_tree(guesses, [-1] * n, np.stack([Q] * (n + 1)), np.stack([P] * (n + 1)), draw)
        return [len(path)]

    shares = [outcomes(lambda draw, n=n: run(draw, n))[(1,)] for n in (1, 2, 3)]
    assert shares == pytest.approx([0.7, 0.7 + 0.3 * 0.2, 0.7 + 0.3 * (0.2 + 0.8 * 0.2)])


# --- a test that can fail -----------------------------------------------------------------------------------------


def resampled_from_p(guesses, q, p, draw):
    """The classic mistake: a rejected guess is replaced by a draw from p instead of the residual."""
    for n, guess in enumerate(guesses):
        chance = min(1.0, p[n, guess] / q[n, guess])
        if not draw(np.array([1 - chance, chance])):
            return np.append(guesses[:n], draw(p[n]))
    return np.append(guesses, draw(p[-1]))


def sampled_against_target(rule, n=3000):
    draw = drawer(7)
    firsts = [rule(np.array([draw(Q)]), Q[None], np.stack([P, P]), draw)[0] for _ in range(n)]
    return chi_square(np.bincount(firsts, minlength=3), P)


def test_chi_square_passes_the_rule_and_finds_the_classic_mistake():
    null = np.random.default_rng(0).multinomial(3000, P, size=2000)
    limit = np.quantile([chi_square(counts, P) for counts in null], 0.999)
    assert 11 < limit < 17  # two degrees of freedom: the table says 13.8
    assert sampled_against_target(verify) < limit < 100 < sampled_against_target(resampled_from_p)


def test_enumeration_finds_the_classic_mistake_exactly():
    found = outcomes(lambda draw: resampled_from_p(np.array([draw(Q)]), Q[None], np.stack([P, P]), draw)[:1])
    assert [found[(token,)] for token in range(3)] == pytest.approx([0.35, 0.39, 0.26])


# --- how many tokens a pass gives ---------------------------------------------------------------------------------


@quick
@given(alpha=st.floats(0, 0.99), gamma=st.integers(0, 12))
def test_tokens_a_pass_has_the_closed_form(alpha, gamma):
    assert tokens_a_pass(alpha, gamma) == pytest.approx((1 - alpha ** (gamma + 1)) / (1 - alpha))
    assert 1 <= tokens_a_pass(alpha, gamma) <= min(gamma + 1, 1 / (1 - alpha)) + 1e-9


def test_tokens_a_pass_is_the_mean_length_of_what_is_verified():
    def run(draw):
        guesses = np.array([draw(Q) for _ in range(3)])
        return verify(guesses, np.stack([Q] * 3), np.stack([P] * 4), draw)

    mean = sum(chance * len(tokens) for tokens, chance in outcomes(run).items())
    assert mean == pytest.approx(tokens_a_pass(0.7, 3))
    assert tokens_a_pass(0.7, 4) == pytest.approx(2.7731)
    assert tokens_a_pass(1, 4) == 5


# --- the cache ----------------------------------------------------------------------------------------------------


def after_text(weights):
    caches = [KVCache() for _ in weights.blocks]
    cached_logits(TEXT, weights, caches)
    return caches


def branch(node):
    return [*branch(PARENTS[node]), node] if node >= 0 else []


@pytest.fixture
def weights():
    return draw_weights(V, N, d_model=12, n_heads=3, n_layers=N_LAYERS)


def test_each_row_of_a_tree_is_that_of_its_branch_read_alone(weights):
    rows = tree_logits(GUESSES, PARENTS, weights, after_text(weights))
    for node in range(len(GUESSES)):
        alone = logits(np.append(TEXT, GUESSES[branch(node)]), weights)[-1]
        np.testing.assert_allclose(rows[node], alone, **SAME)


def test_a_tree_reads_its_ancestors_and_nothing_else(weights):
    rows = tree_logits(GUESSES, PARENTS, weights, after_text(weights))
    moved = np.zeros((len(GUESSES), len(GUESSES)), dtype=bool)
    for j in range(len(GUESSES)):
        other = GUESSES.copy()
        other[j] = (other[j] + 1) % V
        moved[:, j] = (tree_logits(other, PARENTS, weights, after_text(weights)) != rows).any(axis=-1)
    assert np.array_equal(moved, materialise(tree(PARENTS), len(PARENTS)))


def test_a_tree_may_begin_a_text(weights):
    caches = [KVCache() for _ in weights.blocks]
    rows = tree_logits(np.array([3, 1]), [-1, 0], weights, caches)
    np.testing.assert_allclose(rows, logits(np.array([3, 1]), weights), **SAME)


@pytest.mark.parametrize("path", [[], [1], [1, 4], [0, 3, 5]])
def test_a_cache_that_keeps_the_accepted_path_goes_on_as_if_nobody_had_guessed(weights, path):
    caches = after_text(weights)
    tree_logits(GUESSES, PARENTS, weights, caches)
    for cache in caches:
        cache.keep([*range(len(TEXT)), *(len(TEXT) + node for node in path)])
    text = np.array([*TEXT, *GUESSES[path], 7])
    np.testing.assert_allclose(cached_logits(np.array([7]), weights, caches)[-1], logits(text, weights)[-1], **SAME)


def test_to_cut_the_end_off_is_not_enough_where_the_path_is_scattered(weights):
    caches = after_text(weights)
    tree_logits(GUESSES, PARENTS, weights, caches)
    for cache in caches:
        cache.truncate(len(TEXT) + 2)  # of the path 1, 4 the right number of tokens, and not these tokens
    alone = logits(np.array([*TEXT, *GUESSES[[1, 4]], 7]), weights)[-1]
    off = cached_logits(np.array([7]), weights, caches)[-1] - alone
    assert abs(off).max() > 0.1


def test_keeping_the_first_is_truncating_and_frees_the_rest():
    k = np.random.default_rng(0).normal(size=(3, 5, 4))
    kept, cut = KVCache(), KVCache()
    for cache in (kept, cut):
        cache.append(k, k + 1)
    before = kept.nbytes
    kept.keep(range(3))
    cut.truncate(3)
    for a, b in zip(kept.append(k[:, :1], k[:, :1]), cut.append(k[:, :1], k[:, :1]), strict=True):
        assert np.array_equal(a, b)
    assert kept.nbytes == before * 4 // 5
    KVCache().keep([])  # of nothing, nothing


@pytest.mark.parametrize("places", [[0, 5], [1, 1], [2, 0], [-1, 2]])
def test_places_that_cannot_be_kept_are_refused(places):
    cache = KVCache()
    cache.append(np.ones((3, 5, 4)), np.ones((3, 5, 4)))
    with pytest.raises(ValueError, match=r"places rise, and the cache has seen 5 tokens"):
        cache.keep(places)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: verify(np.array([0]), Q[None], P[None], drawer()), "1 guesses need as many rows of q and one more"),
        (lambda: verify(np.array([0, 1]), Q[None], np.stack([P] * 3), drawer()), "2 guesses need as many rows of q"),
        (lambda: verify(np.array([0]), np.array([[0, 1, 0]]), np.stack([P, P]), drawer()), "from another distribution"),
        (lambda: verify_tree(np.array([0]), [-1], Q[None], P[None], drawer()), "and one row more of q and of p"),
        (lambda: verify_tree(np.array([0]), [], np.stack([Q, Q]), np.stack([P, P]), drawer()), "as many parents"),
    ],
)
def test_what_cannot_be_right_is_refused_with_the_likely_mistake(action, message):
    with pytest.raises(ValueError, match=message):
        action()


def test_a_tree_that_runs_off_the_positions_is_refused(weights):
    with pytest.raises(ValueError, match="a branch ends at position 12; the model has 12"):
        tree_logits(np.zeros(9, dtype=int), list(range(-1, 8)), weights, after_text(weights))
