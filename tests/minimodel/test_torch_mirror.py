"""The torch mirror: equal to NumPy, and to torch's own attention."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel import attention, masks, softmax

torch = pytest.importorskip("torch")

from minimodel import torch_mirror  # noqa: E402  (after the skip)

quick = settings(max_examples=25, deadline=None)
small = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)
PRECISION = {np.float32: 1e-5, np.float64: 1e-12}
dtypes = st.sampled_from(list(PRECISION))


def draw_qkv(seed, leading, L, S, dtype):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((*leading, n, 4)).astype(dtype) for n in (L, S, S)]


def assert_close(actual, expected, dtype):
    assert actual.dtype == expected.dtype == dtype
    np.testing.assert_allclose(actual, expected, rtol=PRECISION[dtype], atol=PRECISION[dtype])


@quick
@given(seed=seeds, L=small, offset=st.integers(0, 4), dtype=dtypes, boolean=st.booleans())
def test_numpy_and_the_mirror_both_equal_the_attention_of_torch(seed, L, offset, dtype, boolean):
    qkv = draw_qkv(seed, (2, 3), L, offset + L, dtype)
    mask = masks.causal_allowed(L, offset=offset) if boolean else masks.causal_mask(L, dtype, offset=offset)
    tensors, tensor_mask = [torch.from_numpy(a) for a in qkv], torch.from_numpy(mask)
    official = torch.nn.functional.scaled_dot_product_attention(*tensors, attn_mask=tensor_mask).numpy()
    by_numpy = attention.scaled_dot_product_attention(*qkv, mask)
    by_torch = torch_mirror.scaled_dot_product_attention(*tensors, tensor_mask)
    assert_close(by_numpy[0], official, dtype)
    assert_close(by_torch[0].numpy(), official, dtype)
    assert_close(by_torch[1].numpy(), by_numpy[1], dtype)


@quick
@given(seed=seeds, T=small, dtype=dtypes)
def test_the_square_mask_is_what_torch_calls_causal(seed, T, dtype):
    qkv = draw_qkv(seed, (2, 3), T, T, dtype)
    tensors = [torch.from_numpy(a) for a in qkv]
    official = torch.nn.functional.scaled_dot_product_attention(*tensors, is_causal=True).numpy()
    assert_close(attention.scaled_dot_product_attention(*qkv, masks.causal_mask(T))[0], official, dtype)


@quick
@given(seed=seeds, L=small, S=small, dtype=dtypes)
def test_without_a_mask_all_three_agree(seed, L, S, dtype):
    qkv = draw_qkv(seed, (), L, S, dtype)
    tensors = [torch.from_numpy(a) for a in qkv]
    official = torch.nn.functional.scaled_dot_product_attention(*tensors).numpy()
    assert_close(attention.scaled_dot_product_attention(*qkv)[0], official, dtype)
    assert_close(torch_mirror.scaled_dot_product_attention(*tensors)[0].numpy(), official, dtype)


@quick
@given(L=st.integers(0, 5), S=st.none() | small, offset=st.integers(0, 4))
def test_masks_equal_those_of_numpy(L, S, offset):
    mirrored = torch_mirror.causal_allowed(L, S, offset=offset)
    assert np.array_equal(mirrored.numpy(), masks.causal_allowed(L, S, offset=offset))
    assert np.array_equal(torch_mirror.causal_allowed(L).numpy(), masks.causal_allowed(L))


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_additive_masks_equal_those_of_numpy_in_each_dtype(name):
    mirrored = torch_mirror.causal_mask(4, getattr(torch, name), offset=2).numpy()
    expected = masks.causal_mask(4, getattr(np, name), offset=2)
    assert mirrored.dtype == expected.dtype
    assert np.array_equal(mirrored, expected)


@quick
@given(seed=seeds, axis=st.integers(-3, 2))
def test_softmax_equals_numpy_and_torch_along_each_axis(seed, axis):
    scores = np.random.default_rng(seed).normal(scale=100, size=(2, 3, 4))
    mirrored = torch_mirror.softmax(torch.from_numpy(scores), axis=axis)
    assert_close(mirrored.numpy(), softmax.softmax(scores, axis=axis), np.float64)
    assert_close(mirrored.numpy(), torch.softmax(torch.from_numpy(scores), dim=axis).numpy(), np.float64)


def test_huge_scores_do_not_overflow():
    assert torch_mirror.softmax(torch.tensor([1e4, 1e4, -1e4])).tolist() == [0.5, 0.5, 0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("mask_dtype", [torch.bool, torch.float16, torch.float32, torch.float64])
def test_the_dtype_of_the_inputs_is_kept_whatever_the_mask(dtype, mask_dtype):
    boolean = mask_dtype is torch.bool
    mask = torch_mirror.causal_allowed(3) if boolean else torch_mirror.causal_mask(3, mask_dtype)
    output, weights = torch_mirror.scaled_dot_product_attention(*torch.ones(3, 3, 4, dtype=dtype).unbind(), mask)
    assert (output.dtype, weights.dtype) == (dtype, dtype)
    assert (weights.triu(1) == 0).all()


def test_a_query_that_may_read_nothing_gets_nan_as_in_numpy():
    qkv = [torch.ones(2, 4)] * 3
    _, weights = torch_mirror.scaled_dot_product_attention(*qkv, torch.tensor([[False, False], [True, True]]))
    assert weights[0].isnan().all()
    assert weights[1].tolist() == [0.5, 0.5]


def test_arguments_are_left_alone():
    arguments = [*torch.ones(3, 4, 4).unbind(), torch_mirror.causal_mask(4)]
    before = [a.clone() for a in arguments]
    torch_mirror.scaled_dot_product_attention(*arguments)
    assert all(torch.equal(a, b) for a, b in zip(arguments, before, strict=True))


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (torch.ones(4, 4).tril(), ValueError, r"block nothing; did you mean mask.bool\(\)\? True = may read$"),
        (torch.ones(4, 4).int(), TypeError, r"mask has dtype torch.int32; did you mean mask.bool\(\)\?"),
        (torch_mirror.causal_mask(3), ValueError, r"did you forget the cached ones\?"),
    ],
)
def test_masks_are_refused_with_the_likely_mistake(mask, error, message):
    with pytest.raises(error, match=message):
        torch_mirror.scaled_dot_product_attention(*torch.ones(3, 4, 4).unbind(), mask)


@pytest.mark.parametrize(
    ("q", "k", "v", "message"),
    [
        ((4,), (4, 4), (4, 4), r"q has shape .* needs the axes \[... L d_head\]; was an axis dropped"),
        ((4, 4), (4,), (4, 4), r"k has shape .* needs the axes \[... S d_head\]; was an axis dropped"),
        ((4, 4), (4, 4), (4,), r"v has shape .* needs the axes \[... S d_v\]; was an axis dropped"),
        ((4, 4), (4, 3), (4, 4), "d_head is 4 in q but 3 in k"),
        ((4, 4), (4, 4), (3, 4), r"S is 4 in k but 3 in v .* was only one of them cached\?"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_as_in_numpy(q, k, v, message):
    with pytest.raises(ValueError, match=message):
        torch_mirror.scaled_dot_product_attention(*map(torch.ones, (q, k, v)))
    with pytest.raises(ValueError, match=message):
        attention.scaled_dot_product_attention(*map(np.ones, (q, k, v)))


@pytest.mark.parametrize("sizes", [{"L": -1}, {"L": -1, "S": 2}, {"L": 2, "S": -1}, {"L": 2, "S": 2, "offset": -1}])
def test_negative_sizes_are_refused_as_in_numpy(sizes):
    for make in (torch_mirror.causal_allowed, masks.causal_allowed):
        with pytest.raises(ValueError, match="none can be negative"):
            make(**sizes)


def test_mask_makers_refuse_what_those_of_numpy_refuse():
    with pytest.raises(TypeError, match=r"is this mask additive already\?"):
        torch_mirror.additive(torch_mirror.causal_mask(3))
    with pytest.raises(TypeError, match="cannot hold -inf"):
        torch_mirror.causal_mask(3, torch.int64)
