"""Training by hand: every way back is the derivative of its way forward, and Adam is Adam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.masks import causal_allowed, causal_mask
from minimodel.next_token import cross_entropy, shift_labels
from minimodel.training import (
    Adam,
    Parameters,
    attend,
    draw_parameters,
    loss_and_gradients,
    masked,
    normalise,
    predict,
    train,
)

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
lengths = st.integers(1, 5)
heads = st.sampled_from([1, 2, 3])
V, N_POSITIONS, D_MODEL = 7, 5, 6


def zeroed_after(scores):
    weights, backward = masked(np.ones(scores.shape[-2:], dtype=bool))(scores)
    allowed = causal_allowed(scores.shape[-1])
    return weights * allowed, lambda d_weights: backward(d_weights * allowed)


def multiplied(scores):
    allowed = causal_allowed(scores.shape[-1])
    weights, backward = masked(np.ones_like(allowed))(scores * allowed)
    return weights, lambda d_weights: backward(d_weights) * allowed


WAYS = {
    "masked": lambda T: masked(causal_allowed(T)),
    "open": lambda T: masked(np.ones((T, T), dtype=bool)),
    "zeroed after": lambda T: zeroed_after,
    "multiplied": lambda T: multiplied,
}
ways = st.sampled_from(sorted(WAYS))


def slope(f, x, direction, step=1e-6):
    """How fast f grows from x along the direction, by two calls."""
    return (f(x + step * direction) - f(x - step * direction)) / (2 * step)


def problem(seed, T, batch=2):
    rng = np.random.default_rng(seed)
    inputs, targets = shift_labels(rng.integers(V, size=(batch, T + 1)))
    return draw_parameters(V, N_POSITIONS, D_MODEL, seed, std=0.5), inputs, targets


def assert_goes_back(forward, x, seed):
    """The way back gives the slope of any sum of the outputs, along any direction."""
    rng = np.random.default_rng(seed)
    output, backward = forward(x)
    d_output, direction = rng.normal(size=output.shape), rng.normal(size=x.shape)
    measured = slope(lambda x: (forward(x)[0] * d_output).sum(), x, direction)
    assert (backward(d_output) * direction).sum() == pytest.approx(measured, rel=1e-5, abs=1e-6)


@quick
@given(seed=seeds, T=lengths, way=ways)
def test_each_way_to_weights_goes_back(seed, T, way):
    scores = np.random.default_rng(seed).normal(size=(2, 3, T, T))
    assert_goes_back(WAYS[way](T), scores, seed)


@quick
@given(seed=seeds, width=st.integers(2, 8))
def test_the_norm_goes_back(seed, width):
    assert_goes_back(normalise, np.random.default_rng(seed).normal(size=(2, 3, width)), seed)


@quick
@given(seed=seeds, T=lengths, n_heads=heads, way=ways)
def test_attention_goes_back_to_its_input(seed, T, n_heads, way):
    rng = np.random.default_rng(seed)
    x, projections = rng.normal(size=(2, T, D_MODEL)), tuple(rng.normal(0, 0.5, (4, D_MODEL, D_MODEL)))

    def forward(x):
        output, backward = attend(x, projections, n_heads, WAYS[way](T))
        return output, lambda d_output: backward(d_output)[0]

    assert_goes_back(forward, x, seed)


@quick
@given(seed=seeds, T=lengths, n_heads=heads, way=ways, which=st.sampled_from(Parameters._fields))
def test_every_gradient_is_the_slope_of_the_loss(seed, T, n_heads, way, which):
    parameters, inputs, targets = problem(seed, T)
    weigh = WAYS[way](T)
    _, gradients = loss_and_gradients(parameters, inputs, targets, n_heads, weigh)
    gradient, value = getattr(gradients, which), getattr(parameters, which)
    direction = np.random.default_rng(seed).normal(size=value.shape)

    def loss(value):
        return loss_and_gradients(parameters._replace(**{which: value}), inputs, targets, n_heads, weigh)[0]

    assert (gradient * direction).sum() == pytest.approx(slope(loss, value, direction), rel=1e-5, abs=1e-6)


@quick
@given(seed=seeds, T=lengths, n_heads=heads)
def test_torch_differentiates_to_the_same_gradients(seed, T, n_heads):
    torch = pytest.importorskip("torch")
    parameters, inputs, targets = problem(seed, T)
    loss, gradients = loss_and_gradients(parameters, inputs, targets, n_heads, masked(causal_allowed(T)))
    leaves = [torch.tensor(one, requires_grad=True) for one in parameters]
    tokens, positions, W_q, W_k, W_v, W_o, W_out = leaves

    def norm(x):
        return torch.nn.functional.layer_norm(x, (D_MODEL,))

    def split(x):
        return x.unflatten(-1, (n_heads, -1)).transpose(1, 2)

    stream = tokens[torch.tensor(inputs)] + positions[:T]
    q, k, v = (split(norm(stream) @ W) for W in (W_q, W_k, W_v))
    read = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    scores = norm(stream + read.transpose(1, 2).flatten(2) @ W_o) @ W_out
    expected = torch.nn.functional.cross_entropy(scores.flatten(0, 1), torch.tensor(targets).flatten())
    expected.backward()
    assert loss == pytest.approx(expected.item(), abs=1e-12)
    for ours, leaf in zip(gradients, leaves, strict=True):
        np.testing.assert_allclose(ours, leaf.grad.numpy(), rtol=0, atol=1e-12)


def test_parameters_are_drawn_around_zero_and_from_seed_zero_unless_told():
    drawn = draw_parameters(V=64, T=64, d_model=64)
    for one, same, wider in zip(drawn, draw_parameters(64, 64, 64, 0), draw_parameters(64, 64, 64, std=1), strict=True):
        assert np.array_equal(one, same)
        np.testing.assert_allclose(wider, 5 * one)
        assert abs(one.mean()) < 0.02
        assert abs(one.std() - 0.2) < 0.02


def test_adam_refuses_gradients_for_some_of_the_parameters():
    parameters = draw_parameters(V=3, T=2, d_model=2)
    with pytest.raises(ValueError, match="shorter"):
        Adam(rate=0.05).step(parameters, parameters[:-1])


@pytest.mark.parametrize("size", [1, 1e-8])
def test_adam_takes_the_steps_of_torch(size):
    torch = pytest.importorskip("torch")
    ours = draw_parameters(V=3, T=2, d_model=2)
    leaves = [torch.tensor(one.copy(), requires_grad=True) for one in ours]
    adam, torch_adam = Adam(rate=0.05), torch.optim.Adam(leaves, lr=0.05, betas=(0.9, 0.99))
    rng = np.random.default_rng(0)
    for _ in range(5):
        gradients = Parameters(*(size * rng.normal(size=one.shape) for one in ours))
        adam.step(ours, gradients)
        for leaf, gradient in zip(leaves, gradients, strict=True):
            leaf.grad = torch.tensor(gradient)
        torch_adam.step()
    for one, leaf in zip(ours, leaves, strict=True):
        np.testing.assert_allclose(one, leaf.detach().numpy(), rtol=0, atol=1e-7)


@quick
@given(seed=seeds, T=lengths)
def test_masked_weighs_as_attention_does(seed, T):
    q, k, v = np.random.default_rng(seed).normal(size=(3, 2, T, 4))
    _, expected = scaled_dot_product_attention(q, k, v, causal_mask(T))
    weights, _ = masked(causal_allowed(T))(q @ k.swapaxes(-1, -2) / 2)
    assert np.array_equal(weights, expected)


def test_the_loss_is_the_cross_entropy_of_the_predictions():
    parameters, inputs, targets = problem(seed=0, T=4)
    weigh = masked(causal_allowed(4))
    logits, _ = predict(parameters, inputs, 2, weigh)
    loss, _ = loss_and_gradients(parameters, inputs, targets, 2, weigh)
    assert loss == pytest.approx(cross_entropy(logits, targets), abs=1e-12)


def test_targets_that_do_not_fit_are_refused():
    parameters, inputs, targets = problem(seed=0, T=4)
    weigh = masked(causal_allowed(4))
    with pytest.raises(TypeError, match="targets have dtype float64"):
        loss_and_gradients(parameters, inputs, targets.astype(float), 2, weigh)
    for wrong in (targets - V, targets + V, targets[0], targets[:, 1:]):
        with pytest.raises(ValueError, match="targets"):
            loss_and_gradients(parameters, inputs, wrong, 2, weigh)


def test_a_short_text_leaves_the_positions_it_lacks_alone():
    parameters, inputs, targets = problem(seed=0, T=3)
    _, gradients = loss_and_gradients(parameters, inputs, targets, 2, masked(causal_allowed(3)))
    assert gradients.positions[:3].all()
    assert not gradients.positions[3:].any()


def test_a_text_too_long_is_refused_with_its_length():
    parameters, inputs, _ = problem(seed=0, T=N_POSITIONS + 1)
    with pytest.raises(ValueError, match="6 tokens but the model has 5 positions"):
        predict(parameters, inputs, 2, masked(causal_allowed(N_POSITIONS + 1)))


def test_a_mask_of_zeros_and_ones_is_refused():
    with pytest.raises(ValueError, match="zeros and ones"):
        masked(np.tril(np.ones((3, 3))))


def test_two_trainings_are_the_same_to_the_last_bit():
    first, second = (train(masked(causal_allowed(16)), steps=5) for _ in range(2))
    assert np.array_equal(first.losses, second.losses)
    assert all(np.array_equal(*pair) for pair in zip(first.parameters, second.parameters, strict=True))


def test_another_seed_is_another_training():
    first, second = (train(masked(causal_allowed(16)), steps=2, seed=seed) for seed in (0, 1))
    assert not np.array_equal(first.losses, second.losses)


def test_a_training_begins_with_the_parameters_that_its_seed_draws():
    untrained = train(masked(causal_allowed(16)), steps=0, seed=3)
    assert all(np.array_equal(*pair) for pair in zip(untrained.parameters, draw_parameters(16, 16, 32, 3), strict=True))
    assert untrained.losses.shape == (0,)


def test_without_settings_eight_texts_a_step_are_drawn_from_seed_zero():
    given = []

    def labels(tokens):
        given.append(tokens)
        return shift_labels(tokens)

    train(masked(causal_allowed(16)), labels, steps=2)
    rng = np.random.default_rng(0)
    assert np.array_equal(given, [rng.integers(16, size=(8, 17)) for _ in range(2)])


def test_without_settings_a_training_takes_800_steps():
    trained = train(masked(causal_allowed(2)), V=2, T=2, d_model=2, n_heads=1, batch=1)
    assert trained.losses.shape == (800,)


def test_the_rate_falls_in_a_straight_line_to_nothing():
    weigh, texts = masked(causal_allowed(16)), []

    def labels(tokens):
        texts.append(shift_labels(tokens))
        return texts[-1]

    trained = train(weigh, labels, steps=4, rate=0.02)
    expected, adam = draw_parameters(16, 16, 32), Adam(0.02)
    for adam.rate, (inputs, targets) in zip((0.02, 0.015, 0.01, 0.005), texts, strict=True):
        _, gradients = loss_and_gradients(expected, inputs, targets, 4, weigh)
        adam.step(expected, gradients)
    for one, other in zip(trained.parameters, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_rounding_does_not_decide_how_training_ends():
    """A machine that rounds otherwise ends at the same loss, to more digits than the pages show."""
    causal = causal_allowed(16)
    exact = train(masked(causal), steps=100)
    rounded = train(masked(np.where(causal, 1e-13, -np.inf)), steps=100)
    assert not np.array_equal(exact.losses, rounded.losses)
    np.testing.assert_allclose(exact.losses, rounded.losses, rtol=0, atol=1e-8)


def test_labels_in_sight_are_copied_and_shifted_ones_are_not_guessed():
    causal = masked(causal_allowed(4))
    small = {"V": 4, "T": 4, "d_model": 16, "n_heads": 2, "steps": 150}
    honest = train(causal, **small)
    copied = train(causal, lambda tokens: (tokens[:, :-1], tokens[:, :-1]), **small)
    assert honest.losses[-50:].mean() > np.log(4) - 0.05
    assert copied.losses[-1] < 0.05
