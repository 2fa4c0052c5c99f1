"""Three forms of linear attention: one sum, whatever the split, and causal in each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.influence import influence
from minimodel.linear_attention import (
    chunkwise_linear_attention,
    decay_mask,
    elu_plus_one,
    linear_attention,
    recurrent_linear_attention,
)
from minimodel.masks import causal_allowed
from minimodel.recurrence import recurrence

T, D, D_V = 9, 4, 3
quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def draw(seed: int, *batch: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((2, *batch, T, D))
    decay = rng.uniform(size=(*batch, T)) * (rng.uniform(size=(*batch, T)) > 0.1)  # now and then all is forgotten
    return q, k, rng.standard_normal((*batch, T, D_V)), decay


def close(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


@quick
@given(seed=seeds)
def test_a_decay_mask_holds_the_products_between_key_and_query(seed: int) -> None:
    decay = draw(seed, 2)[3]
    left = decay_mask(decay)
    for b, i, j in np.ndindex(left.shape):
        expected = np.prod(decay[b, j + 1 : i + 1]) if j <= i else 0
        assert left[b, i, j] == pytest.approx(expected, rel=1e-12)


def test_without_a_decay_it_is_the_causal_mask() -> None:
    assert np.array_equal(decay_mask(np.ones(T)), causal_allowed(T))


@quick
@given(seed=seeds, size=st.integers(1, T + 1), batched=st.booleans())
def test_three_forms_agree(seed: int, size: int, batched: bool) -> None:
    q, k, v, decay = draw(seed, *((2, 3) if batched else ()))
    for fades in (None, decay):
        masked = linear_attention(q, k, v, fades)
        rows, state = recurrent_linear_attention(q, k, v, fades)
        chunks, last = chunkwise_linear_attention(q, k, v, size, fades)
        close(rows, masked)
        close(chunks, masked)
        close(last, state)


@pytest.mark.parametrize("cut", range(T + 1))
def test_a_state_carries_on_at_every_split(cut: int) -> None:
    q, k, v, decay = draw(0, 2)
    whole, last = recurrent_linear_attention(q, k, v, decay)
    first, second = np.s_[:, :cut], np.s_[:, cut:]
    begun, state = chunkwise_linear_attention(q[first], k[first], v[first], 4, decay[first])
    for ended, end in (
        recurrent_linear_attention(q[second], k[second], v[second], decay[second], state),
        chunkwise_linear_attention(q[second], k[second], v[second], 4, decay[second], state),
    ):
        close(np.concatenate([begun, ended], axis=1), whole)
        close(end, last)


@pytest.mark.parametrize("form", ["masked", "recurrent", "chunkwise"])
def test_each_form_is_causal_and_keeps_every_prefix(form: str) -> None:
    def attend(x: np.ndarray) -> np.ndarray:
        q, k, v, decay = x[:, :D], x[:, D : 2 * D], x[:, 2 * D : -1], 1 / (1 + np.exp(-x[:, -1]))
        if form == "masked":
            return linear_attention(q, k, v, decay)
        if form == "recurrent":
            return recurrent_linear_attention(q, k, v, decay)[0]
        return chunkwise_linear_attention(q, k, v, 4, decay)[0]

    x = np.random.default_rng(0).standard_normal((T, 2 * D + D_V + 1))
    assert np.array_equal(influence(attend, x), causal_allowed(T))
    for length in range(1, T):
        close(attend(x[:length]), attend(x)[:length])


def test_a_column_of_ones_makes_the_weights_sum_to_one() -> None:
    q, k, v, _ = draw(0)
    q, k = elu_plus_one(q), elu_plus_one(k)
    summed = linear_attention(q, k, np.concatenate([v, np.ones((T, 1))], axis=-1))
    scores = np.where(causal_allowed(T), q @ k.T, 0)
    close(summed[:, :-1] / summed[:, -1:], scores / scores.sum(axis=-1, keepdims=True) @ v)


def test_a_feature_map_makes_positive_features() -> None:
    x = np.linspace(-50, 50, 1001)
    assert (elu_plus_one(x) > 0).all()
    assert (np.diff(elu_plus_one(x)) > 0).all()
    close(elu_plus_one(x)[x > 0], x[x > 0] + 1)
    close(elu_plus_one(x)[x <= 0], np.exp(x[x <= 0]))
    with np.errstate(all="raise"):
        elu_plus_one(np.array([1e4, -700.0]))  # no overflow on the side that is not taken


def test_it_is_the_recurrence_when_every_key_is_a_one() -> None:
    v, ones = draw(0)[2], np.ones((T, 1))
    close(linear_attention(ones, ones, v, np.full(T, 0.7)), recurrence(v, np.full(D_V, 0.7))[0])


def test_it_is_not_attention_with_a_softmax() -> None:
    q, k, v, _ = draw(0)
    assert not np.allclose(linear_attention(q, k, v), scaled_dot_product_attention(q, k, v, causal_allowed(T))[0])


def test_a_pad_with_no_key_and_no_decay_leaves_the_state_as_it_was() -> None:
    q, k, v, decay = draw(0)
    real = np.arange(T) % 3 != 1
    rows, state = recurrent_linear_attention(q, k * real[:, None], v, np.where(real, decay, 1))
    alone, last = recurrent_linear_attention(q[real], k[real], v[real], decay[real])
    close(rows[real], alone)
    close(state, last)


def test_single_precision_stays_single() -> None:
    q, k, v, decay = (part.astype(np.float32) for part in draw(0))
    assert linear_attention(q, k, v, decay).dtype == np.float32
    for rows, state in (recurrent_linear_attention(q, k, v), chunkwise_linear_attention(q, k, v, 4, decay)):
        assert rows.dtype == state.dtype == np.float32


def test_errors_name_the_likely_mistake() -> None:
    q, k, v, _ = draw(0)
    with pytest.raises(ValueError, match="size = 0, but each chunk needs a token"):
        chunkwise_linear_attention(q, k, v, 0)
    for form in (linear_attention, recurrent_linear_attention):
        with pytest.raises(ValueError, match=r"T is 9 in q but 8 in v .*was one of them shifted"):
            form(q, k, v[1:])
    with pytest.raises(ValueError, match="T is 9 in q but 8 in k"):
        chunkwise_linear_attention(q, k[1:], v, 3)
