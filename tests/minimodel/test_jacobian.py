"""Derivatives and perturbations agree where they can, and each sees what the other misses."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from minimodel.influence import influence  # noqa: E402
from minimodel.jacobian import jacobian_reach  # noqa: E402
from minimodel.masks import causal_allowed  # noqa: E402
from minimodel.torch_mirror import scaled_dot_product_attention  # noqa: E402

T = 6
x = torch.from_numpy(np.random.default_rng(0).standard_normal((T, 4)))


def attend(mask):
    return lambda x: scaled_dot_product_attention(x, x, x, mask=mask)[0]


def by_perturbation(f):
    return influence(lambda array: f(torch.from_numpy(array)).detach().numpy(), x.numpy())


@pytest.mark.parametrize("mask", [None, torch.from_numpy(causal_allowed(T))], ids=["open", "causal"])
def test_both_ways_of_asking_agree_on_attention(mask):
    assert np.array_equal(jacobian_reach(attend(mask), x).numpy(), by_perturbation(attend(mask)))


def test_detach_hides_a_leak_from_the_derivative_and_not_from_the_perturbation():
    def leaks(x):
        return x.cumsum(0) + x.detach().sum(0)

    assert np.array_equal(jacobian_reach(leaks, x).numpy(), causal_allowed(T))
    assert by_perturbation(leaks).all()


def test_a_leak_too_small_to_move_a_number_has_a_derivative():
    def leaks(x):
        return x.cumsum(0) + 1e-20 * x.sum(0)

    assert jacobian_reach(leaks, x).all()
    assert not by_perturbation(leaks).all()


def test_one_number_a_token_is_enough():
    assert torch.equal(jacobian_reach(lambda x: x.cumsum(0), x[:, 0]), torch.from_numpy(causal_allowed(T)))


def test_one_token_is_enough():
    assert jacobian_reach(lambda x: x, x[:1]).tolist() == [[True]]


def test_single_precision_is_refused():
    with pytest.raises(ValueError, match="give float64"):
        jacobian_reach(lambda x: x, x.float())
