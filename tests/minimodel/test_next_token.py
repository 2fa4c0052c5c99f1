"""Next-token prediction: the shift, and the price of a guess."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.next_token import cross_entropy, shift_labels

quick = settings(max_examples=40, deadline=None)


def test_the_target_of_a_position_is_the_token_after_it():
    inputs, targets = shift_labels(np.array(list("abcd")))
    assert inputs.tolist() == ["a", "b", "c"]
    assert targets.tolist() == ["b", "c", "d"]


def test_a_batch_is_shifted_along_the_positions():
    tokens = np.arange(12).reshape(2, 2, 3)
    inputs, targets = shift_labels(tokens)
    assert np.array_equal(inputs, tokens[:, :, :2])
    assert np.array_equal(targets, tokens[:, :, 1:])


@pytest.mark.parametrize("tokens", [np.array(3), np.array([3]), np.zeros((5, 1), int)])
def test_less_than_two_tokens_are_refused(tokens):
    with pytest.raises(ValueError, match="a next token needs two tokens on the last axis"):
        shift_labels(tokens)


@quick
@given(seed=st.integers(0, 2**32 - 1), T=st.integers(1, 5), V=st.integers(1, 6))
def test_the_vector_form_equals_the_loops(seed, T, V):
    rng = np.random.default_rng(seed)
    logits, targets = rng.normal(size=(2, T, V)), rng.integers(V, size=(2, T))
    surprise = 0.0
    for b in range(2):
        for t in range(T):
            exps = [math.exp(logit) for logit in logits[b, t]]
            surprise -= math.log(exps[targets[b, t]] / sum(exps))
    assert cross_entropy(logits, targets) == pytest.approx(surprise / (2 * T), rel=1e-12, abs=1e-14)


@quick
@given(V=st.integers(1, 50), level=st.floats(-1e6, 1e6))
def test_guessing_evenly_costs_the_logarithm_of_the_vocabulary(V, level):
    assert cross_entropy(np.full((3, V), level), np.zeros(3, int)) == pytest.approx(math.log(V), abs=1e-12)


def test_being_surely_wrong_costs_a_finite_amount_and_being_surely_right_nothing():
    logits = np.array([[0.0, 1e4]])
    assert cross_entropy(logits, np.array([0])) == 1e4
    assert cross_entropy(logits, np.array([1])) == 0


def test_the_loss_is_a_float_and_the_arguments_are_left_alone():
    logits, targets = np.array([[1.0, 2.0]]), np.array([0])
    assert type(cross_entropy(logits, targets)) is float
    assert logits.tolist() == [[1.0, 2.0]]
    assert targets.tolist() == [0]


def test_targets_that_were_not_shifted_with_the_inputs_are_refused():
    with pytest.raises(ValueError, match=r"T is 3 in logits but 4 in targets .* was one of them shifted"):
        cross_entropy(np.zeros((3, 5)), np.zeros(4, int))


def test_probabilities_in_place_of_token_ids_are_refused():
    with pytest.raises(TypeError, match=r"targets have dtype float64; .* are these probabilities\?"):
        cross_entropy(np.zeros((3, 5)), np.zeros(3))


def test_no_targets_are_refused():
    with pytest.raises(ValueError, match=r"^there are no targets; was the sequence a single token before"):
        cross_entropy(np.zeros((0, 5)), np.zeros(0, int))


@pytest.mark.parametrize(("targets", "span"), [([0, -100], "-100 to 0"), ([5, 0], "0 to 5")])
def test_a_target_outside_the_vocabulary_is_refused_and_never_wraps_around(targets, span):
    with pytest.raises(ValueError, match=f"targets span {span} but V is 5; leave padded positions out"):
        cross_entropy(np.zeros((2, 5)), np.array(targets))
