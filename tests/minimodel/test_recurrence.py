"""The recurrent state: it goes on from chunk to chunk, and pads leave it alone."""

import numpy as np
import pytest

from minimodel.influence import influence
from minimodel.recurrence import recurrence

X = np.random.default_rng(0).standard_normal((8, 3))
DECAY = np.array([0.9, 0.5, 0.1])


def test_row_t_is_the_faded_sum_of_all_tokens_up_to_t() -> None:
    rows, state = recurrence(X, DECAY)
    for t in range(8):
        assert np.allclose(rows[t], sum(DECAY ** (t - j) * X[j] for j in range(t + 1)))
    assert np.array_equal(state, rows[-1])


def test_each_row_sees_what_came_before_it() -> None:
    assert np.array_equal(influence(lambda x: recurrence(x, DECAY)[0], X), np.tril(np.ones((8, 8), dtype=bool)))


@pytest.mark.parametrize("cut", [1, 4, 7])
def test_a_chunk_goes_on_with_the_state_of_the_last_one(cut: int) -> None:
    first, state = recurrence(X[:cut], DECAY)
    second, _ = recurrence(X[cut:], DECAY, state)
    assert np.array_equal(np.concatenate([first, second]), recurrence(X, DECAY)[0])


@pytest.mark.parametrize("side", ["left", "right"])
def test_pads_leave_the_state_as_it_was(side: str) -> None:
    pads = 5 * np.ones((2, 3))
    padded = np.concatenate([pads, X] if side == "left" else [X, pads])
    real = np.arange(10) >= 2 if side == "left" else np.arange(10) < 8
    rows, state = recurrence(padded, DECAY, real=real)
    alone, last = recurrence(X, DECAY)
    assert np.array_equal(rows[real], alone)
    assert np.array_equal(state, last)


def test_texts_of_a_batch_have_pads_of_their_own() -> None:
    real = np.array([[False, True, True], [True, True, False]])
    texts = np.stack([X[:3], X[3:6]])
    together, _ = recurrence(texts, DECAY, real=real)
    for text, words, rows in zip(texts, real, together, strict=True):
        assert np.array_equal(rows[words], recurrence(text[words], DECAY)[0])
