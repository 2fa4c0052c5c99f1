"""Attention in blocks is attention: the same output from less memory."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimodel.attention import scaled_dot_product_attention
from minimodel.blockwise import Summary, block_map, blockwise_attention, merge, summarise, summary_of_nothing
from minimodel.influence import influence
from minimodel.masks import causal_allowed
from minimodel.predicates import all_of, any_of, causal, documents, first, materialise, padding, window

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 9)
blocks = st.integers(1, 6)
PRECISION = {np.float32: 2e-5, np.float64: 1e-12}


def draw_qkv(seed, L, S, *, leading=(), d_v=3, dtype=np.float64, scale=1.0):
    rng = np.random.default_rng(seed)
    q, k, v = (scale * rng.standard_normal((*leading, n, d)) for n, d in [(L, 4), (S, 4), (S, d_v)])
    return q.astype(dtype), k.astype(dtype), v.astype(dtype)


@quick
@given(
    seed=seeds,
    L=sizes,
    offset=st.integers(0, 6),
    block_q=blocks,
    block_k=blocks,
    leading=st.sampled_from([(), (2,), (2, 3)]),
    dtype=st.sampled_from(list(PRECISION)),
)
def test_it_equals_the_full_square_for_all_blocks_and_offsets(seed, L, offset, block_q, block_k, leading, dtype):
    q, k, v = draw_qkv(seed, L, offset + L, leading=leading, dtype=dtype)
    output, _ = blockwise_attention(q, k, v, block_q=block_q, block_k=block_k, offset=offset)
    expected, _ = scaled_dot_product_attention(q, k, v, causal_allowed(L, offset=offset))
    assert output.dtype == dtype
    np.testing.assert_allclose(output, expected, rtol=PRECISION[dtype], atol=PRECISION[dtype])


@quick
@given(seed=seeds, L=sizes, S=sizes, offset=st.integers(0, 4), block_q=blocks, block_k=blocks)
def test_it_equals_the_full_square_where_keys_and_queries_do_not_match(seed, L, S, offset, block_q, block_k):
    q, k, v = draw_qkv(seed, L, S)
    output, _ = blockwise_attention(q, k, v, block_q=block_q, block_k=block_k, offset=offset)
    expected, _ = scaled_dot_product_attention(q, k, v, causal_allowed(L, S, offset=offset))
    np.testing.assert_allclose(output, expected, rtol=1e-12, atol=1e-12)


RULES = {
    "window": all_of(causal, window(3)),
    "window and sinks": all_of(causal, any_of(window(2), first(1))),
    "prefix": any_of(causal, first(3)),
    "documents": all_of(causal, documents(np.array([[0] * 3 + [1] * 6, [0] * 5 + [1] * 4]))),
    "padding on the left": any_of(
        all_of(causal, padding(np.arange(9) >= np.array([[2], [0]]))), lambda b, h, q, k: k == q
    ),
    "another rule for each head": lambda b, h, q, k: (k <= q) & (q - k <= h),
}


@pytest.mark.parametrize("rule", RULES)
@quick
@given(seed=seeds, block_q=blocks, block_k=blocks)
def test_it_equals_the_full_square_under_any_rule(rule, seed, block_q, block_k):
    q, k, v = draw_qkv(seed, 9, 9, leading=(2, 3))
    output, _ = blockwise_attention(q, k, v, RULES[rule], block_q=block_q, block_k=block_k)
    expected, _ = scaled_dot_product_attention(q, k, v, materialise(RULES[rule], 9, B=2, H=3))
    np.testing.assert_allclose(output, expected, rtol=1e-12, atol=1e-12)


def test_a_rule_may_answer_in_zeros_and_ones():
    qkv = draw_qkv(0, 5, 5)
    output, _ = blockwise_attention(*qkv, lambda b, h, q, k: np.where(k <= q, 1, 0), block_q=2, block_k=2)
    assert np.array_equal(output, blockwise_attention(*qkv, block_q=2, block_k=2)[0])


@pytest.mark.parametrize("wide", range(3))
def test_the_output_has_the_precision_of_the_widest_argument(wide):
    qkv = [one.astype(np.float64 if i == wide else np.float32) for i, one in enumerate(draw_qkv(0, 5, 5))]
    output, _ = blockwise_attention(*qkv, block_q=2, block_k=2)
    assert output.dtype == scaled_dot_product_attention(*qkv, causal_allowed(5))[0].dtype == np.float64


def test_without_a_head_axis_the_rule_is_asked_for_each_head_on_its_own():
    q, k, v = draw_qkv(0, 9, 9, leading=(3,))
    rule = RULES["another rule for each head"]
    output, _ = blockwise_attention(q, k, v, rule, block_q=2, block_k=4)
    expected, _ = scaled_dot_product_attention(q, k, v, materialise(rule, 9, H=3)[0])
    np.testing.assert_allclose(output, expected, rtol=1e-12, atol=1e-12)


@quick
@given(seed=seeds, T=st.integers(1, 7), block_q=blocks, block_k=blocks)
def test_the_influence_is_the_mask(seed, T, block_q, block_k):
    x = np.random.default_rng(seed).standard_normal((T, 4))

    def f(x):
        return blockwise_attention(x, x, x, block_q=block_q, block_k=block_k)[0]

    assert np.array_equal(influence(f, x), causal_allowed(T))


def test_huge_scores_do_not_overflow():
    q, k, v = draw_qkv(0, 8, 8, scale=100.0)
    output, _ = blockwise_attention(q, k, v, block_q=3, block_k=2)
    np.testing.assert_allclose(output, scaled_dot_product_attention(q, k, v, causal_allowed(8))[0], rtol=1e-10)


@quick
@given(L=sizes, S=sizes, offset=st.integers(0, 6), block_q=blocks, block_k=blocks, wide=st.integers(1, 4))
def test_the_computed_blocks_are_those_that_hold_an_open_cell(L, S, offset, block_q, block_k, wide):
    rule = all_of(causal, window(wide))
    allowed = materialise(rule, L, S, offset=offset)
    rows, columns = math.ceil(L / block_q), math.ceil(S / block_k)
    padded = np.zeros((rows * block_q, columns * block_k), dtype=bool)
    padded[:L, :S] = allowed
    expected = padded.reshape(rows, block_q, columns, block_k).any(axis=(1, 3))
    assert np.array_equal(block_map(rule, L, S, block_q=block_q, block_k=block_k, offset=offset), expected)
    with np.errstate(invalid="ignore"):
        _, computed = blockwise_attention(*draw_qkv(0, L, S), rule, block_q=block_q, block_k=block_k, offset=offset)
    assert computed == expected.sum()


def test_without_sizes_a_block_is_512_wide_and_the_text_begins_at_the_first_query():
    assert block_map(causal, 1025).astype(int).tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert blockwise_attention(*draw_qkv(0, 1025, 1025))[1] == 6


def test_a_map_of_no_blocks_is_boolean_too():
    assert block_map(causal, 0, 3).dtype == bool


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_of_a_square_of_n_by_n_blocks_the_triangle_is_computed(n):
    _, computed = blockwise_attention(*draw_qkv(0, 4 * n, 4 * n), block_q=4, block_k=4)
    assert computed == n * (n + 1) // 2


def test_what_lies_in_a_skipped_block_is_not_touched():
    q, k, v = draw_qkv(0, 4, 4)
    k[3] = v[3] = np.nan
    skipped, _ = blockwise_attention(q[:2], k, v, block_q=2, block_k=2)
    assert np.isfinite(skipped).all()
    touched, _ = blockwise_attention(q[:3], k, v, block_q=3, block_k=4)  # zero times NaN, as in the full square
    assert np.isnan(touched).all()


def test_a_query_that_may_read_nothing_gets_nan_as_in_the_full_square():
    q, k, v = draw_qkv(0, 4, 4)
    all_but_the_first = all_of(causal, lambda b, h, q, k: q > 1)
    with pytest.warns(RuntimeWarning, match="invalid value"):
        output, _ = blockwise_attention(q, k, v, all_but_the_first, block_q=4, block_k=2)
    assert np.isnan(output[:2]).all()
    assert np.isfinite(output[2:]).all()


def summaries(seed, parts):
    rng = np.random.default_rng(seed)
    scores = np.where(rng.random((3, 4 * parts)) < 0.3, -np.inf, 5 * rng.standard_normal((3, 4 * parts)))
    values = rng.standard_normal((4 * parts, 2))
    cut = [slice(4 * n, 4 * n + 4) for n in range(parts)]
    return [summarise(scores[:, keys], values[keys]) for keys in cut], summarise(scores, values)


def assert_same(one, other):
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


@quick
@given(seed=seeds, data=st.data())
def test_summaries_merge_in_any_order(seed, data):
    parts, whole = summaries(seed, 4)
    a, b, c, d = data.draw(st.permutations(parts))
    assert_same(merge(merge(merge(a, b), c), d), whole)
    assert_same(merge(merge(a, b), merge(c, d)), whole)


@quick
@given(seed=seeds)
def test_the_summary_of_nothing_changes_nothing(seed):
    (part,), _ = summaries(seed, 1)
    nothing = summary_of_nothing(part.output)
    for merged in (merge(nothing, part), merge(part, nothing)):
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(merged, part, strict=True))


def test_a_row_without_an_open_key_is_the_summary_of_nothing():
    closed = summarise(np.full((2, 3), -np.inf), np.ones((3, 4)))
    expected = summary_of_nothing(np.zeros((2, 4)))
    assert isinstance(closed, Summary)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(closed, expected, strict=True))


def peak(action):
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_with_the_length_and_that_of_the_full_square_with_its_square():
    def peaks(T):
        q, k, v = draw_qkv(0, T, T)
        in_blocks = peak(lambda: blockwise_attention(q, k, v, block_q=32, block_k=32))
        square = peak(lambda: scaled_dot_product_attention(q, k, v, causal_allowed(T)))
        return in_blocks, square

    (short_blocks, short_square), (long_blocks, long_square) = peaks(256), peaks(1024)
    assert long_blocks < 4 * short_blocks
    assert long_square > 15 * short_square
    assert long_blocks < long_square / 50


def test_arguments_are_left_alone():
    arguments = draw_qkv(0, 5, 5)
    before = [a.copy() for a in arguments]
    blockwise_attention(*arguments, block_q=2, block_k=2)
    assert all(np.array_equal(a, b) for a, b in zip(arguments, before, strict=True))


@pytest.mark.parametrize(
    ("q", "k", "v", "message"),
    [
        ((4,), (4, 4), (4, 4), r"q has shape .* needs the axes \[... L d_head\]"),
        ((4, 4), (4,), (4, 4), r"k has shape .* needs the axes \[... S d_head\]"),
        ((4, 4), (4, 4), (4,), r"v has shape .* needs the axes \[... S d_v\]"),
        ((4, 4), (4, 3), (4, 4), "d_head is 4 in q but 3 in k"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_as_in_the_full_square(q, k, v, message):
    for attend in (blockwise_attention, scaled_dot_product_attention):
        with pytest.raises(ValueError, match=message):
            attend(*map(np.ones, (q, k, v)))


def test_what_does_not_fit_is_refused():
    q, k, v = draw_qkv(0, 4, 4)
    with pytest.raises(ValueError, match="a block of 0 holds nothing"):
        blockwise_attention(q, k, v, block_q=0)
    with pytest.raises(ValueError, match=r"was only one of them cached\?"):
        blockwise_attention(q, k, v[:3])
    with pytest.raises(ValueError, match="3 axes stand before the positions"):
        blockwise_attention(*draw_qkv(0, 4, 4, leading=(1, 1, 1)))


@quick
@given(seed=seeds, T=sizes, block_q=blocks, block_k=blocks, dtype=st.sampled_from(list(PRECISION)))
def test_it_equals_the_attention_of_torch_in_every_kernel_the_cpu_has(seed, T, block_q, block_k, dtype):
    torch = pytest.importorskip("torch")
    from torch.nn.attention import SDPBackend, sdpa_kernel

    qkv = draw_qkv(seed, T, T, leading=(2, 3), d_v=4, dtype=dtype)  # the flash kernel wants one width for all
    output, _ = blockwise_attention(*qkv, block_q=block_q, block_k=block_k)
    for kernel in (SDPBackend.MATH, SDPBackend.FLASH_ATTENTION):
        with sdpa_kernel(kernel):
            official = torch.nn.functional.scaled_dot_product_attention(
                *(torch.from_numpy(a) for a in qkv), is_causal=True
            )
        np.testing.assert_allclose(output, official.numpy(), rtol=PRECISION[dtype], atol=PRECISION[dtype])
