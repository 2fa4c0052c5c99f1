"""Which experts a token chooses: its own affair, and nobody else's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.experts import choose_experts
from minimodel.softmax import softmax


def draw(seed: int, T: int = 7, E: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((T, E))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 4))
def test_each_token_gets_its_k_best_experts(seed: int, k: int) -> None:
    scores = draw(seed)
    gates = choose_experts(scores, k)
    for row, gate in zip(scores, gates, strict=True):
        best = np.argsort(-row)[:k]
        assert sorted(np.flatnonzero(gate)) == sorted(best)
        assert np.allclose(gate[best], softmax(row)[best])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), t=st.integers(0, 6))
def test_no_token_takes_the_place_of_another(seed: int, t: int) -> None:
    scores = draw(seed)
    changed = scores.copy()
    changed[t] = 10 * draw(seed + 1)[t]
    others = np.arange(7) != t
    assert np.array_equal(choose_experts(scores, 2)[others], choose_experts(changed, 2)[others])


def test_of_equal_scores_the_first_is_chosen() -> None:
    assert choose_experts(np.zeros((1, 3)), 1).tolist() == [[1 / 3, 0, 0]]


@pytest.mark.parametrize("k", [0, 5])
def test_as_many_experts_as_there_are(k: int) -> None:
    with pytest.raises(ValueError, match=f"k = {k}, but there are 4 experts"):
        choose_experts(draw(0), k)
