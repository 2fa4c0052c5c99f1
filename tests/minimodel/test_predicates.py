"""Predicates: every rule, and every composition of rules, says what a specification written with loops says."""

from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.blockwise import blockwise_attention
from minimodel.influence import influence
from minimodel.masks import causal_allowed, causal_mask
from minimodel.predicates import (
    all_of,
    any_of,
    ask,
    causal,
    causal_padded,
    documents,
    first,
    materialise,
    padding,
    tree,
    window,
)

quick = settings(max_examples=40, deadline=None)
sizes = st.integers(0, 5)
seeds = st.integers(0, 2**32 - 1)


def written_with_loops(rule, *, B, H, L, S, offset=0):
    """The specification: one question for each text, head, query and key, in plain integers."""
    mask = np.zeros((B, H, L, S), dtype=bool)
    for b in range(B):
        for h in range(H):
            for i in range(L):
                for k in range(S):
                    mask[b, h, i, k] = rule(b, h, offset + i, k)
    return mask


def draw_rule(data, B, T, depth=2):
    """A predicate, and beside it the same rule in words of its own, for plain integers."""
    kinds = ["causal", "window", "first", "documents", "padding", "tree"]
    kind = data.draw(st.sampled_from(kinds + ["all_of", "any_of"] * (depth > 0)))
    if kind == "causal":
        return causal, lambda b, h, q, k: k in range(q + 1)
    if kind == "window":
        W = data.draw(st.integers(1, T))
        return window(W), lambda b, h, q, k: k not in range(q - W + 1)
    if kind == "first":
        n = data.draw(st.integers(0, T))
        return first(n), lambda b, h, q, k: k in range(n)
    if kind == "documents":
        ids = data.draw(st.lists(st.lists(st.integers(0, 2), min_size=T, max_size=T), min_size=B, max_size=B))
        return documents(np.array(ids)), lambda b, h, q, k: ids[b][q] == ids[b][k]
    if kind == "padding":
        real = data.draw(st.lists(st.lists(st.booleans(), min_size=T, max_size=T), min_size=B, max_size=B))
        return padding(np.array(real)), lambda b, h, q, k: real[b][k]
    if kind == "tree":
        parents = [data.draw(st.integers(-1, child - 1)) for child in range(T)]
        return tree(parents), lambda b, h, q, k: k in ancestry(parents, q)
    pairs = [draw_rule(data, B, T, depth - 1) for _ in range(data.draw(st.integers(0, 3)))]
    predicates, rules = [predicate for predicate, _ in pairs], [rule for _, rule in pairs]
    if kind == "all_of":
        return all_of(*predicates), lambda b, h, q, k: all(rule(b, h, q, k) for rule in rules)
    return any_of(*predicates), lambda b, h, q, k: any(rule(b, h, q, k) for rule in rules)


def ancestry(parents, node):
    """The node, its parent, the parent of that one, up to the root."""
    line = []
    while node >= 0:
        line.append(node)
        node = parents[node]
    return line


@settings(max_examples=150, deadline=None)
@given(data=st.data(), B=st.integers(1, 3), H=st.integers(1, 3), L=st.integers(0, 4), offset=st.integers(0, 3))
def test_every_predicate_and_every_composition_equals_the_loops(data, B, H, L, offset):
    predicate, rule = draw_rule(data, B, T=max(1, offset + L))
    mask = materialise(predicate, L, B=B, H=H, offset=offset)
    expected = written_with_loops(rule, B=B, H=H, L=L, S=offset + L, offset=offset)
    assert mask.dtype == np.bool_
    assert np.array_equal(mask, expected[0, 0] if B == H == 1 else expected)


places = st.lists(st.integers(0, 5), max_size=5)


@quick
@given(data=st.data(), B=st.integers(1, 3), H=st.integers(1, 3), queries=places, keys=places)
def test_asking_equals_one_question_for_each_pair_wherever_they_stand(data, B, H, queries, keys):
    predicate, rule = draw_rule(data, B, T=6)
    allowed = ask(predicate, np.array(queries, int), np.array(keys, int), B=B, H=H)
    shape = (B, H, len(queries), len(keys))
    pairs = [rule(b, h, q, k) for b in range(B) for h in range(H) for q in queries for k in keys]
    assert allowed.dtype == np.bool_
    assert allowed.shape == (shape[2:] if B == H == 1 else shape)
    assert np.array_equal(allowed.ravel(), np.array(pairs, bool))


@quick
@given(L=sizes, S=sizes, offset=sizes)
def test_the_causal_predicate_is_the_causal_mask(L, S, offset):
    assert np.array_equal(materialise(causal, L, S, offset=offset), causal_allowed(L, S, offset=offset))
    assert np.array_equal(materialise(causal, L, offset=offset), causal_allowed(L, offset=offset))


@quick
@given(T=st.integers(1, 8), W=st.integers(1, 10))
def test_a_causal_window_lets_each_query_read_the_last_keys_and_no_more_than_its_width(T, W):
    readable = materialise(all_of(causal, window(W)), T).sum(axis=1)
    assert readable.tolist() == [min(W, i + 1) for i in range(T)]


@quick
@given(T=st.integers(1, 8), n=st.integers(0, 8))
def test_a_window_as_wide_as_the_text_is_no_window_and_sinks_beside_it_add_nothing(T, n):
    assert np.array_equal(materialise(all_of(causal, window(T)), T), causal_allowed(T))
    assert np.array_equal(materialise(all_of(causal, any_of(window(T), first(n))), T), causal_allowed(T))


@quick
@given(T=st.integers(1, 6), split=sizes, seed=seeds)
def test_a_mask_made_in_two_chunks_is_the_mask_made_at_once(T, split, seed):
    split = min(split, T)
    real = np.random.default_rng(seed).random((2, T)) < 0.7
    rule = all_of(causal, any_of(window(2), first(1)), padding(real))
    chunks = [materialise(rule, split, T, B=2), materialise(rule, T - split, T, B=2, offset=split)]
    assert np.array_equal(np.concatenate(chunks, axis=2), materialise(rule, T, B=2))


@quick
@given(T=st.integers(1, 6), seed=seeds)
def test_all_of_is_and_any_of_is_or_in_whatever_order(T, seed):
    rng = np.random.default_rng(seed)
    a, b = documents(rng.integers(0, 2, T)), tree([int(rng.integers(-1, child)) for child in range(T)])
    one, other = materialise(a, T), materialise(b, T)
    assert np.array_equal(materialise(all_of(a, b), T), one & other)
    assert np.array_equal(materialise(any_of(a, b), T), one | other)
    assert np.array_equal(materialise(all_of(b, a), T), one & other)
    assert np.array_equal(materialise(any_of(b, a), T), one | other)


def test_with_no_rule_all_of_allows_everything_and_any_of_nothing():
    assert materialise(all_of(), 2, 3).all()
    assert not materialise(any_of(), 2, 3).any()


def test_a_chain_is_a_tree_without_branches_and_gives_the_causal_mask():
    assert np.array_equal(materialise(tree([-1, 0, 1, 2, 3]), 5), causal_allowed(5))


def test_siblings_of_a_tree_do_not_read_each_other():
    expected = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 1]]
    assert materialise(tree([-1, 0, 0, 1]), 4).astype(int).tolist() == expected


def test_one_row_of_documents_serves_every_text_and_several_rows_serve_one_each():
    ids = np.array([0, 0, 1])
    one = materialise(documents(ids), 3)
    for b, mask in enumerate(materialise(documents(ids), 3, B=2)):
        assert np.array_equal(mask[0], one), b
    other = np.array([0, 1, 1])
    both = materialise(documents(np.stack([ids, other])), 3, B=2)  # [B, 1, T, T]
    assert np.array_equal(both[0, 0], one)
    assert np.array_equal(both[1, 0], materialise(documents(other), 3))


def test_every_head_gets_the_same_mask_unless_the_rule_asks_for_the_head():
    same = materialise(causal, 3, H=2)
    assert same.shape == (1, 2, 3, 3)
    assert np.array_equal(same[0, 0], same[0, 1])
    mixed = materialise(lambda b, h, q, k: (k <= q) & ((h == 0) | (q - k < 2)), 3, H=2)
    assert np.array_equal(mixed[0, 0], causal_allowed(3))
    assert np.array_equal(mixed[0, 1], materialise(all_of(causal, window(2)), 3))


@pytest.mark.parametrize("join", [all_of, any_of])
def test_one_rule_joined_with_nothing_is_that_rule_in_every_text_and_head(join):
    def rule(b, h, q, k):
        return (k + b + 2 * h) % 4 <= q

    expected = materialise(rule, 3, B=2, H=3)
    assert len(np.unique(expected.reshape(6, -1), axis=0)) > 3  # texts and heads differ
    assert np.array_equal(materialise(join(rule), 3, B=2, H=3), expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_float_mask_holds_zero_and_minus_infinity_in_the_dtype_asked_for(dtype):
    rule = all_of(causal, window(2))
    mask = materialise(rule, 4, dtype=dtype)
    assert mask.dtype == dtype
    assert np.array_equal(mask == 0, materialise(rule, 4))
    assert np.array_equal(np.isneginf(mask), ~materialise(rule, 4))
    assert np.array_equal(materialise(causal, 4, dtype=dtype), causal_mask(4, dtype))


def test_a_mask_can_be_written_to_and_the_rule_is_not_changed_by_it():
    table = np.tril(np.ones((3, 3), dtype=bool))
    for rule in (padding(table[1:2]), lambda b, h, q, k: table):  # one looks up, the other hands out what it keeps
        for mask in (materialise(rule, 3), ask(rule, np.arange(3), np.arange(3))):
            mask[:] = True
    assert np.array_equal(table, causal_allowed(3))


@pytest.mark.parametrize("side", ["left", "right"])
def test_with_padding_a_query_reads_the_tokens_before_it_and_itself(side):
    real = np.array([[True] * 5, [False, False, True, True, True]])[:, :: 1 if side == "left" else -1]
    mask = materialise(causal_padded(real), L=5, B=2)
    for b in range(2):
        expected = np.tril(np.ones((5, 5), dtype=bool)) & real[b] | np.eye(5, dtype=bool)
        assert np.array_equal(mask[b, 0], expected)
    assert mask.any(axis=-1).all()


def test_minimodel_accepts_the_mask_of_a_padded_batch_and_blocks_what_it_should():
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 2, 3, 4, 5))  # [B, H, T, d_head] each
    real = np.array([[True, True, True, True], [True, True, False, False]])
    mask = materialise(all_of(causal, padding(real)), 4, B=2)  # [B, 1, T, T]
    _, weights = scaled_dot_product_attention(q, k, v, mask)
    assert np.array_equal(weights > 0, np.broadcast_to(mask, weights.shape))


@quick
@given(T=st.integers(1, 7), W=st.integers(1, 4), n=st.integers(0, 2), seed=seeds)
def test_what_moves_the_outputs_is_what_the_rule_allows(T, W, n, seed):
    x = np.random.default_rng(seed).uniform(-1, 1, (T, 3))
    mask = materialise(all_of(causal, any_of(window(W), first(n))), T)
    assert np.array_equal(influence(lambda x: scaled_dot_product_attention(x, x, x, mask)[0], x), mask)


def test_a_window_of_no_keys_is_refused():
    with pytest.raises(ValueError, match=r"W = 0: a window counts the query's own key"):
        window(0)


def test_a_negative_number_of_first_keys_is_refused():
    with pytest.raises(ValueError, match="n = -1: it counts keys"):
        first(-1)


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_token_numbers_in_the_place_of_booleans_are_refused(dtype):
    with pytest.raises(TypeError, match=r"not bool; are these tokens\? Compare columns with lengths"):
        padding(np.ones((1, 3), dtype))


@pytest.mark.parametrize("parents", [[0], [-1, 1], [-1, 2, 0], [-1, -2]])
def test_a_parent_that_does_not_stand_before_its_child_is_refused(parents):
    with pytest.raises(ValueError, match="it must stand before its child"):
        tree(parents)


RULES_OF_TWO_TEXTS = {
    "padding": padding(np.array([[True, True, False], [False, True, True]])),
    "documents": documents(np.array([[0, 0, 1], [0, 1, 1]])),
}


@pytest.mark.parametrize("rule", RULES_OF_TWO_TEXTS.values(), ids=RULES_OF_TWO_TEXTS)
@pytest.mark.parametrize("compose", [all_of, any_of])
def test_a_rule_of_two_texts_is_not_asked_about_one_of_them_for_both(rule, compose):
    composed = compose(causal, rule)
    for asked in (
        lambda: materialise(composed, 3),
        lambda: materialise(composed, 3, H=2),
        lambda: ask(composed, np.arange(3), np.arange(3)),
        lambda: blockwise_attention(*np.ones((3, 4, 3, 2)), composed),  # [H, T, d_head]: the batch is missing
    ):
        with pytest.raises(ValueError, match=r"knows 2 texts but is asked about 1.* was B = 2 left out\?"):
            asked()
    assert materialise(composed, 3, B=2).shape == (2, 1, 3, 3)
    assert rule(0, 0, 1, 1)  # one pair of one text may be asked about


def test_a_rule_of_three_texts_is_not_asked_about_two():
    with pytest.raises(ValueError, match=r"knows 3 texts but is asked about 2.* was B = 3 left out\?"):
        materialise(padding(np.ones((3, 4), bool)), 4, B=2)


def test_more_texts_than_there_are_rows_are_refused():
    with pytest.raises(IndexError, match="out of bounds"):
        materialise(documents(np.zeros((2, 3), int)), 3, B=4)
    with pytest.raises(IndexError, match="out of bounds"):
        materialise(padding(np.ones((2, 3), bool)), 3, B=4)


@pytest.mark.parametrize("name", ["L", "S", "B", "H", "offset"])
def test_a_negative_size_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} = -1.*none can be negative"):
        materialise(causal, **{"L": 2, "S": 2, name: -1})


def test_a_rule_may_answer_in_zeros_and_ones():
    mask = materialise(lambda b, h, q, k: np.where(k <= q, 1, 0), 3)
    assert mask.dtype == bool
    assert np.array_equal(mask, materialise(causal, 3))


@pytest.mark.parametrize("dtype", [np.int64, complex])
def test_a_dtype_without_minus_infinity_is_refused(dtype):
    with pytest.raises(TypeError, match="cannot hold -inf"):
        materialise(causal, 2, dtype=dtype)


def test_torch_calls_a_pair_by_its_left_number_where_the_own_key_comes_on_top():
    """Section 13 says so of this version; when it is worded otherwise, look again."""
    path = distribution("torch").locate_file("torch/nn/attention/varlen.py")  # importing it takes seconds
    assert "or (W, 0) for causal attention with sliding window of size W." in Path(path).read_text()
