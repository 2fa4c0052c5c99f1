"""The oracle says who saw what they should not, and who failed to see what they should."""

import numpy as np
import pytest

from minimodel.attention import MultiHeadAttention, causal_mask
from minimodel.masks import causal_allowed
from minimodel.oracle import examine, verdict
from minimodel.softmax import softmax

T = 8
model = MultiHeadAttention(d_model=16, n_heads=2, seed=0)


def test_a_causal_model_is_found_without_fault():
    assert examine(lambda x: model.forward(x, mask=causal_mask(len(x)))) == []


def test_a_model_without_a_mask_is_told_every_leak():
    sentences = examine(model.forward)
    assert sentences[0] == "output 0 sees tokens 1, 2, 3, 4, 5, 6, 7, which come later"
    assert len(sentences) == T - 1


def test_masking_after_the_softmax_is_a_leak():
    def late(x):
        weights = softmax(x @ x.T) * causal_allowed(len(x))
        return weights @ x

    assert examine(late)[-1] == "output 6 sees token 7, which comes later"


def test_a_model_that_sees_only_itself_sees_too_little():
    sentences = examine(lambda x: 2 * x)
    assert sentences[-1] == "output 7 does not see tokens 0, 1, 2, 3, 4, 5, 6, which it should"
    assert not any("later" in sentence for sentence in sentences)


def test_a_window_of_three_sees_too_little():
    window = causal_allowed(T) & ~np.tri(T, k=-3, dtype=bool)
    narrow = lambda x: model.forward(x, mask=window)  # noqa: E731
    assert examine(narrow)[-1] == "output 7 does not see tokens 0, 1, 2, 3, 4, which it should"
    assert examine(narrow, expected=window) == []


def test_a_model_whose_first_four_tokens_see_each_other_leaks():
    mask = causal_allowed(T)
    mask[:4, :4] = True
    assert examine(lambda x: model.forward(x, mask=mask)) == [
        "output 0 sees tokens 1, 2, 3, which come later",
        "output 1 sees tokens 2, 3, which come later",
        "output 2 sees token 3, which comes later",
    ]


def test_a_key_that_the_mask_blocks_in_the_past_is_named():
    mask = causal_allowed(T)
    mask[5, 2] = False
    assert examine(lambda x: model.forward(x, mask=causal_allowed(T)), expected=mask) == [
        "output 5 sees token 2, which the mask blocks"
    ]


def test_token_models_are_asked_with_other_tokens():
    table = np.random.default_rng(1).standard_normal((10, 16))
    assert examine(lambda t: model.forward(table[t], mask=causal_mask(len(t))), vocabulary=10) == []
    assert len(examine(lambda t: model.forward(table[t]), vocabulary=10)) == T - 1


def test_matrices_of_different_shape_are_refused():
    with pytest.raises(ValueError, match=r"are both \[T, T\]\?"):
        verdict(causal_allowed(3), causal_allowed(4))


def test_an_expectation_is_not_changed():
    expected = causal_allowed(T)
    examine(model.forward, expected=expected)
    assert np.array_equal(expected, causal_allowed(T))


def test_every_blocked_key_is_named_the_nearest_and_the_own_too():
    itself = np.eye(3, dtype=bool)
    assert verdict(causal_allowed(3), itself) == [
        "output 1 sees token 0, which the mask blocks",
        "output 2 sees tokens 0, 1, which the mask blocks",
    ]
    assert verdict(itself, ~itself & causal_allowed(3))[0] == "output 0 sees token 0, which the mask blocks"


def test_token_models_get_nothing_but_tokens_of_their_vocabulary():
    table = np.array([[1.0, 2.0], [3.0, 5.0]])  # an unknown token raises IndexError
    assert examine(lambda tokens: np.cumsum(table[tokens], axis=0), vocabulary=2) == []


def test_the_seed_alone_chooses_the_input():
    inputs = []

    def f(x):
        inputs.append(x)
        return np.cumsum(x, axis=0)

    for chosen in ({}, {"seed": 0}, {"seed": 1}):
        examine(f, **chosen)
    left_out, zero, one = inputs[:: len(inputs) // 3]
    assert np.array_equal(left_out, zero)
    assert not np.array_equal(zero, one)
