"""The delta rule: it corrects, goes on at every split, and is linear attention with other values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.delta_rule import corrected_values, delta_rule
from minimodel.influence import influence
from minimodel.linear_attention import linear_attention, recurrent_linear_attention
from minimodel.masks import causal_allowed

T, D, D_V = 8, 4, 3
quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def draw(seed: int, *batch: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, *batch, T, D))
    k /= np.linalg.norm(k, axis=-1, keepdims=True)
    strength, decay = rng.uniform(size=(2, *batch, T))
    return q, k, rng.standard_normal((*batch, T, D_V)), strength, decay


def close(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


@quick
@given(seed=seeds)
def test_what_was_written_last_under_a_key_is_what_comes_back(seed: int) -> None:
    _, k, v, _, decay = draw(seed)
    rows, _ = delta_rule(k, k, v, np.ones(T), decay)
    close(rows, v)  # at full strength, and with keys of length one


@quick
@given(seed=seeds)
def test_with_orthogonal_keys_it_is_a_sum(seed: int) -> None:
    q, _, v, _, _ = draw(seed)
    k = np.linalg.qr(np.random.default_rng(seed).standard_normal((D, D)))[0]  # no two keys touch
    rows, state = delta_rule(q[:D], k, v[:D], np.ones(D))
    summed, same = recurrent_linear_attention(q[:D], k, v[:D])
    close(rows, summed)
    close(state, same)


@quick
@given(seed=seeds, batched=st.booleans(), cut=st.integers(0, T))
def test_three_forms_agree_at_every_split(seed: int, batched: bool, cut: int) -> None:
    q, k, v, strength, decay = draw(seed, *((2,) if batched else ()))
    first, second = np.s_[..., :cut, :], np.s_[..., cut:, :]
    for fades in (None, decay):
        rows, last = delta_rule(q, k, v, strength, fades)
        halves = (None, None) if fades is None else (fades[first[:-1]], fades[second[:-1]])
        begun, state = delta_rule(q[first], k[first], v[first], strength[first[:-1]], halves[0])
        ended, end = delta_rule(q[second], k[second], v[second], strength[second[:-1]], halves[1], state)
        close(np.concatenate([begun, ended], axis=-2), rows)
        close(end, last)
    rows, last = delta_rule(q, k, v, strength)
    masked = linear_attention(q, k, corrected_values(k, v, strength))
    close(masked, rows)
    _, state = delta_rule(q[first], k[first], v[first], strength[first[:-1]])
    values = corrected_values(k[second], v[second], strength[second[:-1]], state)
    close(linear_attention(q[second], k[second], values) + q[second] @ state, rows[second])
    close(state + k[second].swapaxes(-1, -2) @ values, last)


def test_a_strength_of_zero_writes_nothing() -> None:
    q, k, v, _, _ = draw(0)
    state = np.ones((D, D_V))
    assert np.array_equal(delta_rule(q, k, v, np.zeros(T), state=state)[1], state)
    assert not corrected_values(k, v, np.zeros(T), state).any()


def test_it_is_causal_and_keeps_every_prefix() -> None:
    def attend(x: np.ndarray) -> np.ndarray:
        gates = 1 / (1 + np.exp(-x[:, -2:]))
        k = x[:, D : 2 * D] / np.linalg.norm(x[:, D : 2 * D], axis=-1, keepdims=True)
        return delta_rule(x[:, :D], k, x[:, 2 * D : -2], gates[:, 0], gates[:, 1])[0]

    x = np.random.default_rng(0).standard_normal((T, 2 * D + D_V + 2))
    assert np.array_equal(influence(attend, x), causal_allowed(T))
    for length in range(1, T):
        close(attend(x[:length]), attend(x)[:length])


def test_shapes_that_do_not_fit_are_refused() -> None:
    q, k, v, strength, _ = draw(0)
    with pytest.raises(ValueError, match="d is 4 in q but 3 in k"):
        delta_rule(q, k[:, 1:], v, strength)


def test_single_precision_stays_single() -> None:
    q, k, v, strength, decay = (part.astype(np.float32) for part in draw(0))
    rows, state = delta_rule(q, k, v, strength, decay)
    assert {rows.dtype, state.dtype, corrected_values(k, v, strength).dtype} == {np.dtype(np.float32)}
