"""The causal convolution: what came before, and nothing else."""

import numpy as np
import pytest

from minimodel.convolution import causal_convolution
from minimodel.influence import influence

X = np.random.default_rng(0).standard_normal((9, 4))
KERNEL = np.random.default_rng(1).standard_normal((3, 4))


def test_it_is_numpys_convolution_of_each_feature() -> None:
    mixed = causal_convolution(X, KERNEL)
    for feature in range(4):
        assert np.allclose(mixed[:, feature], np.convolve(X[:, feature], KERNEL[:, feature])[: len(X)])


def test_each_token_sees_itself_and_the_two_before_it() -> None:
    i, j = np.arange(9)[:, None], np.arange(9)
    seen = influence(lambda x: causal_convolution(x, KERNEL), X)
    assert np.array_equal(seen, (i - j >= 0) & (i - j < 3))


@pytest.mark.parametrize("cut", [2, 5, 8])
def test_a_chunk_goes_on_where_the_last_one_ended(cut: int) -> None:
    first = causal_convolution(X[:cut], KERNEL)
    second = causal_convolution(X[cut:], KERNEL, before=X[cut - 2 : cut])
    assert np.allclose(np.concatenate([first, second]), causal_convolution(X, KERNEL))


def test_texts_of_a_batch_do_not_meet() -> None:
    both = causal_convolution(np.stack([X, X[::-1]]), KERNEL)
    assert np.array_equal(both[0], causal_convolution(X, KERNEL))
    assert np.array_equal(both[1], causal_convolution(X[::-1], KERNEL))


def test_a_kernel_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="d"):
        causal_convolution(X, KERNEL[:, :3])
