"""What section 11 says of NumPy 2.4.6 and torch 2.13.0, and other versions may do otherwise.

A test that fails here after an upgrade has found a fact that changed: the page must say so before the
versions of the requirements may move.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from minimodel.masks import causal_allowed
from minimodel.softmax import softmax

ROOT = Path(__file__).parents[2]
WATCHED = {"numpy": "2.4.6", "torch": "2.13.0"}
T = 4
NO_KEY_FOR_QUERY = 2


@pytest.mark.parametrize(("package", "requirements"), [("numpy", "check.txt"), ("torch", "torch.txt")])
def test_the_versions_watched_here_are_those_of_the_requirements(package, requirements):
    pinned = re.search(rf"^{package}==([\d.]+)", (ROOT / "requirements" / requirements).read_text(), re.MULTILINE)
    assert pinned
    assert pinned[1] == WATCHED[package]


@pytest.mark.parametrize("package", WATCHED)
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pages_name_the_versions_watched_here(package, language):
    page = ROOT / "docs" / language / "handbook" / "11-numbers-at-the-edge.md"
    assert f"`{WATCHED[package]}`{{ data-is" in page.read_text(encoding="utf-8")


def test_numpy_gives_a_python_number_the_format_of_the_array():
    with np.errstate(over="ignore", invalid="ignore"):
        product = np.triu(np.ones((T, T), np.float16), 1) * -1e9
    assert product.dtype == np.float16
    assert np.array_equal(np.isnan(product), causal_allowed(T))
    assert np.isneginf(product[~causal_allowed(T)]).all()


def test_numpy_casts_what_is_too_large_to_infinity_and_not_to_the_largest():
    with np.errstate(over="ignore"):
        assert np.isneginf(np.float16(np.finfo(np.float32).min))
        assert np.isneginf(np.finfo(np.float32).min + np.finfo(np.float32).min)


def test_about_three_rows_in_four_sum_to_exactly_one():
    many = np.random.default_rng(0).normal(size=(10_000, 16)).astype(np.float32)
    assert 0.65 < (softmax(many).sum(axis=-1) == 1).mean() < 0.8


def test_an_empty_row_is_nan_with_minus_infinity_and_even_with_a_finite_fill():
    closed = np.zeros(T, dtype=bool)
    row = np.array([3, 1, 0, 2], dtype=np.float32)
    with np.errstate(invalid="ignore"):
        assert np.isnan(softmax(np.where(closed, row, np.float32(-np.inf)))).all()
    for fill in (np.float32(-1e9), np.finfo(np.float32).min):
        assert (softmax(np.where(closed, row, fill)) == 1 / T).all()


class TestTorch:
    """The facts of torch, on a CPU."""

    @pytest.fixture
    def torch(self):
        return pytest.importorskip("torch")

    @pytest.fixture
    def x(self, torch):
        return torch.randn(1, T, 8, generator=torch.Generator().manual_seed(0))

    @pytest.fixture
    def allowed(self, torch):
        allowed = torch.ones(T, T, dtype=torch.bool).tril()
        allowed[NO_KEY_FOR_QUERY] = False
        return allowed

    def test_filling_half_precision_with_a_billion_raises_and_adding_it_does_not(self, torch):
        half, last = torch.zeros(T, dtype=torch.float16), torch.arange(T) == T - 1
        with pytest.raises(RuntimeError, match="cannot be converted to type c10::Half without overflow"):
            half.masked_fill(last, -1e9)
        assert torch.isneginf(half + -1e9).all()

    def test_bfloat16_stores_ten_thousand_as_a_neighbour(self, torch):
        assert torch.tensor(-1e4, dtype=torch.bfloat16).item() == -9984

    @pytest.mark.parametrize("form", ["boolean", "additive"])
    def test_an_empty_row_of_fused_attention_is_zero(self, torch, x, allowed, form):
        mask = allowed if form == "boolean" else torch.zeros(T, T).masked_fill(~allowed, float("-inf"))
        output = torch.nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=mask)
        assert (output[0, NO_KEY_FOR_QUERY] == 0).all()

    @pytest.mark.parametrize(
        ("need_weights", "gradients", "nan"), [(True, True, True), (False, True, False), (False, False, True)]
    )
    def test_an_empty_row_of_the_module_depends_on_the_way_taken(self, torch, x, allowed, need_weights, gradients, nan):
        attention = torch.nn.MultiheadAttention(8, 2, batch_first=True).eval()
        with torch.set_grad_enabled(gradients):
            output, _ = attention(x, x, x, attn_mask=~allowed, need_weights=need_weights)
        row = output[0, NO_KEY_FOR_QUERY]
        assert row.isnan().all() if nan else (row == 0).all()

    def test_cleaning_nan_after_the_softmax_leaves_it_in_the_gradient(self, torch):
        scores = torch.full((T,), float("-inf"), requires_grad=True)
        torch.nan_to_num(scores.softmax(dim=-1)).sum().backward()
        assert scores.grad.isnan().all()
