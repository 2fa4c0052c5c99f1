"""Figures say what `minimodel` computes, in both languages, to those who look and to those who listen."""

import json
import re
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest

from handbook.locale import words
from handbook.site.figures import FIGURES, draw, loss_curves
from handbook.site.figures.attention_blocks import rules
from handbook.site.figures.cache_growth import bytes_by_step
from handbook.site.figures.cache_steps import computed_by_step
from handbook.site.figures.data import (
    BLOCK,
    EMBEDDINGS,
    HEADS,
    LONG,
    NEGATIVE_ROW,
    NUMBERED,
    SCORES,
    SMALL_MODEL,
    SMALL_TEXT,
    VALUES,
    W_K,
    W_Q,
    W_V,
    WIDTH,
    WORKED_ROW,
    T,
)
from handbook.site.figures.empty_row import hidden_rows
from handbook.site.figures.four_customs import customs
from handbook.site.figures.last_column import measured_models
from handbook.site.figures.loss_curves import edges
from handbook.site.figures.memory_order import ARRAY
from handbook.site.figures.padded_batch import padded_masks
from handbook.site.figures.prefill_decode import NEW, PROMPT, passes
from handbook.site.figures.receptive_field import LAYERS, measured_reach
from handbook.site.figures.roofline import FLOPS, rate, ridge
from handbook.site.figures.rope_dial import PLACES, hands
from handbook.site.figures.saturation import WIDTHS, mean_weights
from handbook.site.figures.svg import spell
from handbook.site.figures.tap_and_pull import asked_twice
from handbook.site.figures.three_pages import three_rules
from handbook.site.figures.unmasked_prompt import moved_by_layer
from handbook.site.figures.window_masks import masks_in_use
from minimodel.attention import split_heads
from minimodel.blockwise import blockwise_attention
from minimodel.gpt import draw_weights, embed, logits
from minimodel.masks import causal_allowed, causal_mask
from minimodel.predicates import materialise
from minimodel.sampling import top_k, top_p
from minimodel.softmax import softmax

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = ("en", "es")


def drawn(name: str, language: str = "en") -> Element:
    return fromstring(draw(name, language, "f"))


def numbers(svg: Element) -> list[str]:
    return [text.text for text in svg.iter(f"{SVG}text") if "lt-number" in text.get("class") and text.text]


def texts(svg: Element) -> list[str]:
    return [text.text for text in svg.iter(f"{SVG}text")]


def figures_in(svg: Element) -> list[list[str]]:
    """The digits of each thing that it says: the title, the description, and all that is written in it."""
    said = (node for node in svg.iter() if node.tag in (f"{SVG}title", f"{SVG}desc", f"{SVG}text"))
    return [re.findall(r"\d+(?:\.\d+)?", node.text) for node in said]


def measured(svg: Element) -> list[dict[str, str]]:
    """The shapes that stand for values, for what must not be read and for what may not, with their sizes."""
    return [
        node.attrib
        for node in svg.iter()
        if re.match(r"lt-(fill|leak)\b", node.get("class", "")) or node.get("fill") == "url(#f-hatch)"
    ]


def squares(svg: Element) -> int:
    return sum(rect.get("class") == "lt-fill" for rect in svg.iter(f"{SVG}rect"))


def hatched(svg: Element) -> int:
    return sum(rect.get("fill") == "url(#f-hatch)" for rect in svg.iter(f"{SVG}rect"))


def framed(svg: Element) -> int:
    return sum("lt-strong" in rect.get("class", "") for rect in svg.iter(f"{SVG}rect"))


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
    assert figures_in(english) == figures_in(spanish)
    assert measured(english) == measured(spanish)
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
    assert "sum 1.1851" in texts(svg)


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
    assert hatched(svg) == 3 * NUMBERED.size / HEADS
    assert "reshape alone, head 0: 0, 1, 2; 3, 4, 5; 10, 11, 12; 13, 14, 15." in described(svg)


def test_the_leaks_that_are_drawn_are_those_that_are_measured() -> None:
    svg = drawn("reshape-leaks")
    shown = texts(svg)
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
    matrices = [seen for _, seen in measured_models(words("en", "figures"))]
    causal, itself, window, opened = matrices
    assert np.array_equal(causal, causal_allowed(len(causal)))
    assert all(np.array_equal(matrix[:, -1], causal[:, -1]) for matrix in matrices)
    svg = drawn("last-column")
    shown = texts(svg)
    assert [shown.count(f"{(matrix & ~causal).sum()} leaks") for matrix in (itself, opened)] == [3, 1]
    assert {f"{(causal & ~matrix).sum()} cells unread" for matrix in (itself, window)} <= set(shown)
    assert shown.count("×") == 6 + 1  # and the legend's
    assert "open start: output 0 is moved by inputs 0, 1, 2, 3." in described(svg)
    assert framed(svg) == len(matrices) + 1


def test_a_row_with_nothing_to_read_is_nan_even_unmasked_or_shared_among_the_rest() -> None:
    shown = numbers(drawn("empty-row"))
    nan, even, unmasked, stacked = (shown[i : i + T] for i in range(0, 4 * T, T))
    assert nan == ["nan"] * T
    assert even == ["0.2500"] * T
    assert unmasked == [spell(share) for share in softmax(SCORES[0].astype(np.float32))]
    assert stacked == ["0.3333", "0", "0.3333", "0.3333"]
    assert [np.isneginf(hidden).sum() for _, hidden, _ in hidden_rows(words("en", "figures"))] == [T, 0, 0, 1]
    assert "-1e4 added: weights 0.6439, 0.0871, 0.0321, 0.2369." in described(drawn("empty-row"))


def test_each_leak_is_found_by_one_way_of_asking_and_missed_by_the_other() -> None:
    causal = causal_allowed(8)
    leaks = [[int((seen & ~causal).sum()) for seen in asked] for _, asked in asked_twice(words("en", "figures"))]
    assert [(by_tap > 0, by_pull > 0) for by_tap, by_pull in leaks] == [(True, False), (False, True), (True, False)]
    svg = drawn("tap-and-pull")
    shown = texts(svg)
    assert [text for text in shown if text.endswith(" leaks")] == [f"{count} leaks" for pair in leaks for count in pair]
    assert shown.count("×") == sum(map(sum, leaks)) + 1  # and the legend's
    assert "a faint path, by derivative: 28 leaks." in described(svg)


def test_the_stream_keeps_its_shape_and_every_shape_is_that_of_minimodel() -> None:
    weights = draw_weights(**SMALL_MODEL)
    tokens = np.array(SMALL_TEXT)
    heads = [weights.n_heads, len(tokens), SMALL_MODEL["d_model"] // weights.n_heads]
    inside = [len(tokens), weights.blocks[0].W_in.shape[1]]
    row, last = list(embed(tokens, weights).shape), list(logits(tokens, weights).shape)
    expected = [[len(tokens)], row, row, heads, row, inside, row, last]
    assert numbers(drawn("stream")) == [str(shape) for shape in expected]
    assert described(drawn("stream")).count("is added to the stream") == 2


def test_a_triangle_over_three_pages_leaks_on_two_and_reads_too_little_on_the_third() -> None:
    panels = three_rules(words("en", "figures"))
    counts = [((seen & ~allowed).sum(), (allowed & ~seen).sum()) for _, allowed, seen in panels]
    assert counts == [(6, 0), (0, 3), (2, 0)]
    assert all(np.array_equal(seen, causal_allowed(len(seen))) for _, _, seen in panels)
    svg = drawn("three-pages")
    assert texts(svg).count("×") == 6 + 2 + 1  # and the legend's
    assert "a fork: query 3 may read 0, 1, 3, and reads 0, 1, 2, 3." in described(svg)


def test_two_of_four_customs_read_what_was_meant() -> None:
    panels = customs(words("en", "figures"))
    assert [np.array_equal(allowed, seen) for _, allowed, seen in panels] == [True, False, True, False]
    svg = drawn("four-customs")
    assert texts(svg).count("×") == 6 + 1
    assert "true = blocked: query 3 may read 0, 1, 2, 3, and reads nothing." in described(svg)
    assert "top-left: query 4 may read 0, 1, 2, 3, 4, and reads 0, 1." in described(svg)


def test_the_blocks_that_are_drawn_are_those_that_are_computed() -> None:
    svg = drawn("attention-blocks")
    shown = texts(svg)
    q = np.zeros((LONG, 1))
    for _, rule in rules(words("en", "figures")):
        _, computed = blockwise_attention(q, q, q, rule, block_q=BLOCK, block_k=BLOCK)
        assert f"{computed} of {(LONG // BLOCK) ** 2} blocks" in shown
    read = sum(materialise(rule, LONG).sum() for _, rule in rules(words("en", "figures")))
    assert squares(svg) == read + 1  # and the legend's
    assert "Row 2 of blocks: computed 0, 1, 2." in described(svg)


def test_two_summaries_make_the_output_of_the_whole_row() -> None:
    svg = drawn("online-softmax")
    shares = softmax(SCORES + causal_mask(T))[WORKED_ROW]
    assert numbers(svg)[-1] == spell(shares @ VALUES) == "27.2960"
    assert numbers(svg)[: T + 3] == ["2", "1", "4", "-inf", "2", "4", "4"]
    assert "sum of exponentials: block 0 1.3679, block 1 1, together 1.1851." in described(svg)


def test_the_filters_rule_out_what_minimodel_rules_out() -> None:
    svg = drawn("sampling-filters")
    row = SCORES[WORKED_ROW]
    expected = [softmax(row / heat) for heat in (0.5, 1, 2)] + [softmax(top_k(row, 2)), softmax(top_p(row, 0.6))]
    assert numbers(svg) == [spell(share) for shares in expected for share in shares]
    assert hatched(svg) == sum(share == 0 for shares in expected for share in shares)


def test_the_strip_and_the_card_hide_what_the_mask_of_a_padded_batch_blocks() -> None:
    svg = drawn("padded-batch")
    right, left = (masks for _, _, masks in padded_masks(words("en", "figures")))
    T = right.shape[-1]
    assert np.array_equal(right[0], causal_allowed(T))
    assert np.array_equal(left[0], causal_allowed(T))
    assert right[1].sum(axis=1).tolist() == [1, 2, 2]
    assert left[1].sum(axis=1).tolist() == [0, 1, 2]
    assert squares(svg) == right.sum() + left.sum() + 1  # and the legend's
    assert hatched(svg) == 4 * T * (T - 1) / 2 + 1
    assert framed(svg) == (~left.any(axis=-1)).sum() + 1 == 2
    assert "Text 1, pads on the left: row 0 reads nothing." in described(svg)


def test_the_two_readings_of_a_window_differ_by_one_key_and_the_sink_stays() -> None:
    causal, keys, before, sink = (mask for _, mask in masks_in_use(words("en", "figures")))
    assert np.array_equal(causal, causal_allowed(len(causal)))
    assert keys.sum(axis=1).max() == WIDTH
    assert before.sum(axis=1).max() == WIDTH + 1
    assert np.array_equal(sink, keys | (causal & (np.arange(len(causal)) == 0)))
    svg = drawn("window-masks")
    assert squares(svg) == causal.sum() + keys.sum() + before.sum() + sink.sum() + 1  # and the legend's
    assert "3 and a sink: query 7 reads keys 0, 5, 6, 7." in described(svg)


def test_each_layer_reaches_further_by_the_width_less_one() -> None:
    svg = drawn("receptive-field")
    reach = [2 * depth + 1 for depth in range(1, LAYERS + 1)]
    assert [moved.sum() for moved in measured_reach()] == reach
    assert numbers(svg) == [str(count) for count in reach]
    assert squares(svg) == sum(reach)
    assert "2 layers: 5 inputs, 7, 8, 9, 10, 11." in described(svg)


def test_without_a_mask_the_last_position_moves_in_the_second_layer_only() -> None:
    moved = moved_by_layer()
    assert moved.shape == (2, LONG)
    assert moved[0, -1] == 0
    assert (moved[0, :-1] > 0).all()
    assert (moved[1] > 0).all()
    svg = drawn("unmasked-prompt")
    assert numbers(svg)[-LONG:] == [f"{value:.3f}" for value in moved[1]]
    assert squares(svg) == 2 * LONG - 1  # a square for each that moved


def test_a_cache_computes_each_token_once_and_without_one_all_are_made_again() -> None:
    steps = range(len(SMALL_TEXT))
    assert computed_by_step(cached=False) == [(list(range(i + 1)), []) for i in steps]
    assert computed_by_step(cached=True) == [([i], list(range(i))) for i in steps]
    svg = drawn("cache-steps")
    kept = [rect for rect in svg.iter(f"{SVG}rect") if rect.get("rx") == "5"]
    assert (squares(svg), len(kept)) == (15 + 5 + 1, 10 + 1)  # and one of each in the legend
    assert "With a cache, step 2: computed 2; kept 0, 1." in described(svg)


def test_a_full_cache_grows_by_one_token_a_step_and_a_ring_does_not() -> None:
    full, ring = bytes_by_step()
    assert full == [192 * (step + 1) for step in range(LONG)]
    assert ring == [192 * 4] * LONG
    svg = drawn("cache-growth")
    assert [n for n in numbers(svg) if int(n) > LONG] == [str(size) for size in full + ring]
    bars = [float(rect.get("height")) for rect in svg.iter(f"{SVG}rect")]
    assert [round(bar / bars[0], 1) for bar in bars] == [size / 192 for size in full + ring]


def test_the_hands_have_the_same_angle_between_them_wherever_both_stand() -> None:
    products = [float(np.dot(*hands(query, key))) for query, key, _ in PLACES]
    expected = [np.cos(query - key) for query, key, _ in PLACES]
    assert np.allclose(products, expected)
    assert np.isclose(products[0], products[1])
    assert not np.isclose(products[0], products[2])
    svg = drawn("rope-dial")
    assert numbers(svg) == [f"{product:.4f}" for product in products]
    assert "Query at 103, key at 101: score -0.4161." in described(svg)
    assert described(svg).count("should be at 3") == 1  # in the last picture alone


def test_a_cache_scores_each_pair_once_and_its_passes_add_up_to_the_whole_triangle() -> None:
    uncached, cached = passes(cached=False), passes(cached=True)
    T = PROMPT + NEW
    once = sum(np.pad(pairs, (0, T - len(pairs))).astype(int) for pairs in cached)
    assert np.array_equal(once, causal_allowed(T))
    assert all(np.array_equal(pairs, causal_allowed(len(pairs))) for pairs in uncached)
    svg = drawn("prefill-decode")
    assert numbers(svg) == [str(pairs.sum()) for pairs in (*uncached, *cached)]
    assert squares(svg) == sum(pairs.sum() for pairs in (*uncached, *cached)) + 1  # and the legend's
    shown = texts(svg)
    assert {"without a cache: 74 pairs", "with a cache: 28 pairs"} <= set(shown)


def test_the_roof_is_a_slope_up_to_the_ridge_and_flat_from_there() -> None:
    assert np.isclose(rate(ridge()), FLOPS)
    assert np.isclose(rate(ridge() / 4), FLOPS / 4)
    assert rate(4 * ridge()) == FLOPS
    shown = texts(drawn("roofline"))
    assert {"295", "one token: 0.3%", "a prompt: 100%"} <= set(shown)
    assert "a prompt, 1024 in the pass: 100% of the peak." in described(drawn("roofline"))


def test_the_loss_curves_are_those_of_a_fresh_training() -> None:
    stored, fresh = json.loads(loss_curves.CURVES.read_text("utf-8")), loss_curves.measure()
    assert list(stored) == list(fresh)
    for name, losses in fresh.items():
        assert len(losses) == len(edges()) - 1
        np.testing.assert_allclose(stored[name], losses, rtol=0, atol=2e-4, err_msg=name)


def test_only_what_sees_its_answers_ends_below_the_floor() -> None:
    curves = json.loads(loss_curves.CURVES.read_text("utf-8"))
    below = {name for name, losses in curves.items() if losses[-1] < np.log(16) - 0.05}
    assert below == set(curves) - {"mask_first", "itself"}
    shown = numbers(drawn("loss-curves"))
    assert [float(number) for number in shown[-24:][2::3]] == [round(losses[-1], 3) for losses in curves.values()]
