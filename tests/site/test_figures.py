"""Figures say what `minimodel` computes, in both languages, to those who look and to those who listen."""

import re
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest

from handbook.site.figures import FIGURES, draw
from handbook.site.figures.columns import measured_models
from handbook.site.figures.data import (
    EMBEDDINGS,
    HEADS,
    NEGATIVE_ROW,
    NUMBERED,
    SCORES,
    SMALL_MODEL,
    SMALL_TEXT,
    W_K,
    W_Q,
    W_V,
    WORKED_ROW,
    T,
)
from handbook.site.figures.order import ARRAY
from handbook.site.figures.saturation import WIDTHS, mean_weights
from handbook.site.figures.svg import spell
from handbook.site.figures.words import figure_words
from minimodel.attention import split_heads
from minimodel.block import draw_weights, embed, logits
from minimodel.masks import causal_allowed, causal_mask
from minimodel.softmax import softmax

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = ("en", "es")


def drawn(name: str, language: str = "en") -> Element:
    return fromstring(draw(name, language, "f"))


def numbers(svg: Element) -> list[str]:
    return [text.text for text in svg.iter(f"{SVG}text") if "lt-number" in text.get("class") and text.text]


def described(svg: Element) -> str:
    return svg.find(f"{SVG}desc").text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_an_image_with_a_title_and_a_description(name: str, language: str) -> None:
    svg = drawn(name, language)
    assert svg.get("role") == "img"
    title, description = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text
    assert len(description.text) > 40
    assert "{" not in title.text + description.text


@pytest.mark.parametrize("name", FIGURES)
def test_figures_take_every_colour_from_the_stylesheet_and_fit_a_phone(name: str) -> None:
    source = draw(name, "es", "f")
    assert not re.search(r"#[0-9a-f]{3,6}\b|style=|rgb\(", source.replace("#f-", ""))
    width = float(fromstring(source).get("viewBox").split()[2])
    smallest = min(float(size) for size in re.findall(r'font-size="([\d.]+)"', source))
    assert smallest * min(1, 290 / width) >= 9  # readable on a screen 320 pixels wide


@pytest.mark.parametrize("name", FIGURES)
def test_both_languages_draw_the_same_picture_with_other_words(name: str) -> None:
    english, spanish = drawn(name, "en"), drawn(name, "es")
    assert numbers(english) == numbers(spanish)
    assert described(english) != described(spanish)
    assert [tag.tag for tag in english.iter()] == [tag.tag for tag in spanish.iter()]


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_drawing(name: str) -> None:
    for language in LANGUAGES:
        svg = drawn(name, language)
        width = float(svg.get("width"))
        for text in svg.iter(f"{SVG}text"):
            length = len(text.text) * float(text.get("font-size")) * 0.58
            x, anchor = float(text.get("x")), text.get("text-anchor")
            left = x - {"start": 0, "middle": length / 2, "end": length}[anchor]
            assert left >= -4, text.text
            assert left + length <= width + 4, text.text


def test_the_mask_is_open_where_minimodel_says_so() -> None:
    svg = drawn("causal-mask")
    cells = [rect for rect in svg.iter(f"{SVG}rect") if rect.get("width") == "58"]
    hatched = [rect for rect in cells if rect.get("fill") == "url(#f-hatch)"]
    opened = [rect for rect in cells if "lt-paper" in rect.get("class", "")]
    allowed = causal_allowed(T)
    assert len(opened) == allowed.sum()
    assert len(hatched) == (~allowed).sum()
    assert "Query 1 may read key 0, key 1; blocked: key 2, key 3." in described(svg)


def test_the_weights_are_those_of_minimodel() -> None:
    svg = drawn("weights")
    masked = SCORES + causal_mask(T)
    expected = [spell(v) for pair in zip(masked, softmax(masked), strict=True) for v in _interleaved(*pair)]
    assert numbers(svg) == expected
    assert "scores 2, 1, 4, -inf; weights 0.1142, 0.0420, 0.8438, 0." in described(svg)


def _interleaved(scores: np.ndarray, shares: np.ndarray) -> list[float]:
    return [value for pair in zip(scores, shares, strict=True) for value in pair]


def test_the_area_of_each_square_is_its_weight() -> None:
    squares = [
        float(rect.get("width")) * float(rect.get("height"))
        for rect in drawn("weights").iter(f"{SVG}rect")
        if rect.get("class") == "lt-fill"
    ]
    shares = softmax(SCORES + causal_mask(T)).ravel()
    assert np.allclose(np.array(squares) / 38**2, shares, atol=2e-3)


def test_the_steps_end_in_the_weights_and_show_their_sum() -> None:
    svg = drawn("softmax-steps")
    shares = softmax(SCORES + causal_mask(T))[WORKED_ROW]
    assert numbers(svg)[-T:] == [spell(share) for share in shares] == ["0.1142", "0.0420", "0.8438", "0"]
    assert any(text.text == "sum 1.1851" for text in svg.iter(f"{SVG}text"))


def test_the_wrong_ways_are_wrong_as_they_are_drawn() -> None:
    shown = numbers(drawn("three-wrong-ways"))
    right, zeroed, scaled, multiplied = (shown[i : i + T] for i in range(0, 4 * T, T))
    assert right == [spell(v) for v in softmax(SCORES + causal_mask(T))[WORKED_ROW]]
    assert zeroed == [spell(v) for v in softmax(SCORES[WORKED_ROW])[:3]] + ["0"]
    assert scaled == ["nan"] * T
    assert multiplied == [spell(v) for v in softmax(NEGATIVE_ROW * [1, 1, 1, 0])]
    assert max(multiplied) == multiplied[3] == "0.6439"


def test_labels_are_the_tokens_moved_by_one() -> None:
    letters = [text for text in numbers(drawn("label-shift")) if not text.isdigit()]
    assert letters[0::2] == ["a", "b", "c", "d"]
    assert letters[1::2] == ["b", "c", "d", "·"]


def test_the_card_shows_what_the_mask_allows() -> None:
    svg = drawn("card")
    assert numbers(svg) == ["a", "a", "b", "a", "b", "c", "a", "b", "c", "d"]
    assert "Step 1: a b above the edge, c d under the card." in described(svg)
    assert sum(rect.get("class") == "lt-card" for rect in svg.iter(f"{SVG}rect")) == T


def test_the_split_puts_the_features_of_one_head_together_and_the_reshape_does_not() -> None:
    svg = drawn("heads-split")
    shown = [int(value) for value in numbers(svg)]
    whole, right, wrong = (shown[i : i + NUMBERED.size] for i in range(0, 3 * NUMBERED.size, NUMBERED.size))
    assert whole == NUMBERED.ravel().tolist()
    assert right == split_heads(NUMBERED, HEADS).ravel().tolist()
    assert wrong == whole  # a reshape moves nothing in memory
    hatched = sum(rect.get("fill") == "url(#f-hatch)" for rect in svg.iter(f"{SVG}rect"))
    assert hatched == 3 * NUMBERED.size / HEADS
    assert "reshape alone, head 0: 0, 1, 2; 3, 4, 5; 10, 11, 12; 13, 14, 15." in described(svg)


def test_the_leaks_that_are_drawn_are_those_that_are_measured() -> None:
    svg = drawn("reshape-leaks")
    shown = [text.text for text in svg.iter(f"{SVG}text")]
    assert "10 leaks, 6 cells unread" in shown
    assert "0 leaks, 16 cells unread" in shown
    assert shown.count("×") == 10 + 1  # and the legend's
    assert "transposed only in the merge: output 0 is moved by inputs 0, 4." in described(svg)


def test_the_query_asks_for_the_scores_that_the_other_figures_take_as_given() -> None:
    scores = (EMBEDDINGS @ W_Q) @ (EMBEDDINGS @ W_K).T / np.sqrt(W_K.shape[1])
    assert np.array_equal(np.tril(scores), np.tril(SCORES))
    assert np.array_equal(scores[WORKED_ROW], SCORES[WORKED_ROW])


def test_the_worked_query_copies_the_values_by_their_weights() -> None:
    svg = drawn("query-key-value")
    shares = softmax(SCORES + causal_mask(T))[WORKED_ROW]
    output = shares @ EMBEDDINGS @ W_V
    assert f"The output is {spell(output[0])}, {spell(output[1])}." in described(svg)
    assert numbers(svg)[-1].split() == [spell(value) for value in output] == ["3.8320", "3.4592"]
    assert [share for share in numbers(svg) if share.startswith("0.")] == ["0.1142", "0.0420", "0.8438"]
    assert "Key 3" not in described(svg)  # it lies under the card


def test_the_weight_piles_up_on_one_key_only_where_scores_are_not_divided() -> None:
    raw, scaled = (np.array(column) for column in zip(*mean_weights(), strict=True))
    assert np.allclose([raw.sum(axis=1), scaled.sum(axis=1)], 1)
    assert (np.diff(raw[:, 0]) > 0.05).all()  # wider, and more on the largest
    assert np.ptp(scaled[:, 0]) < 0.02
    shown = [f"{shares[0]:.2f}" for pair in zip(raw, scaled, strict=True) for shares in pair]
    assert numbers(drawn("saturation")) == shown
    assert len(shown) == 2 * len(WIDTHS)


def test_the_strip_of_memory_is_cut_by_a_reshape_and_leapt_through_by_a_transpose() -> None:
    svg = drawn("memory-order")
    shown = [text for text in numbers(svg) if text.isdigit()]
    strip, made, reshaped, transposed = (shown[i : i + 6] for i in range(0, 24, 6))
    assert strip == made == reshaped == [str(value) for value in range(6)]
    assert transposed == [str(value) for value in ARRAY.T.ravel()] != strip
    assert "a.T of shape [3, 2] reads 0, 3; 1, 4; 2, 5." in described(svg)


def test_the_last_column_is_the_same_in_four_models_that_differ() -> None:
    matrices = [seen for _, seen in measured_models(figure_words("en"))]
    causal, itself, window, opened = matrices
    assert np.array_equal(causal, causal_allowed(len(causal)))
    assert all(np.array_equal(matrix[:, -1], causal[:, -1]) for matrix in matrices)
    svg = drawn("last-column")
    shown = [text.text for text in svg.iter(f"{SVG}text")]
    assert [shown.count(f"{(matrix & ~causal).sum()} leaks") for matrix in (itself, opened)] == [3, 1]
    assert {f"{(causal & ~matrix).sum()} cells unread" for matrix in (itself, window)} <= set(shown)
    assert shown.count("×") == 6 + 1  # and the legend's
    assert "open start: output 0 is moved by inputs 0, 1, 2, 3." in described(svg)
    framed = sum("lt-strong" in rect.get("class", "") for rect in svg.iter(f"{SVG}rect"))
    assert framed == len(matrices) + 1


def test_the_stream_keeps_its_shape_and_every_shape_is_that_of_minimodel() -> None:
    weights = draw_weights(**SMALL_MODEL)
    tokens = np.array(SMALL_TEXT)
    heads = [weights.n_heads, len(tokens), SMALL_MODEL["d_model"] // weights.n_heads]
    inside = [len(tokens), weights.blocks[0].W_in.shape[1]]
    row, last = list(embed(tokens, weights).shape), list(logits(tokens, weights).shape)
    expected = [[len(tokens)], row, row, heads, row, inside, row, last]
    assert numbers(drawn("stream")) == [str(shape) for shape in expected]
    assert described(drawn("stream")).count("is added to the stream") == 2
