"""How a model is understood: axes, dtypes, modes, outputs; and the assertions for tests of one's own."""

from __future__ import annotations

import numpy as np
import pytest

import causality
from causality import Verdict, ask
from causality.diagnosis import bugs
from causality.model import understand
from handbook.bugs.exhibit import exhibits

from .cases import batches, caches, masks

torch = pytest.importorskip("torch")

from .cases import torch_modules  # noqa: E402


@pytest.mark.parametrize(
    ("model", "layout", "tokens"),
    [
        (lambda x: np.cumsum(x, 0), "td", False),
        (lambda x: np.cumsum(x, 1), "btd", False),
        (lambda ids: np.cumsum(np.eye(9)[ids], 0), "t", True),
        (batches.empty_rows, "bt", True),
        (torch_modules.Decoder(), "bt", True),
        (torch.nn.Conv1d(5, 5, 1), "bdt", False),
        (torch.nn.GRU(7, 7, batch_first=True), "btd", False),
    ],
)
def test_the_axes_are_found(model: object, layout: str, tokens: bool) -> None:
    found = understand(model)
    assert (found.layout, found.tokens) == (layout, tokens)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_each_dtype_goes_in_as_the_module_has_it(dtype: torch.dtype) -> None:
    module = torch_modules.Decoder(causal=True).to(dtype)
    report = ask(module, only=["influence", "cache", "prefixes"], lengths=(33,))
    assert report.wrong == [], str(report)
    assert str(dtype).removeprefix("torch.") in report.answer("influence").asked


def test_training_mode_and_dropout_are_said() -> None:
    module = torch_modules.FastPathOnly()
    module.add_module("drop", torch.nn.Dropout(0.1))
    report = ask(module, only=["influence"], lengths=())
    assert "it came in training mode, where its dropout of 0.1 would make it random" in report.notes[0]


def test_a_state_whose_width_is_a_length_is_not_cut() -> None:
    report = ask(torch.nn.GRU(8, 8, batch_first=True), only=["cache", "rollback"])
    assert report.answer("cache").verdict is Verdict.RIGHT
    assert report.answer("rollback").verdict is Verdict.OPEN


def test_a_mask_of_scores_is_not_taken_for_one_of_pads() -> None:
    def attends(x, mask=None):  # [T, T], added to the scores
        scores = (
            x @ np.swapaxes(x, -1, -2) + np.where(np.tri(x.shape[-2]) > 0, 0, -np.inf) + (0 if mask is None else mask)
        )
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        return weights / weights.sum(-1, keepdims=True) @ x

    assert ask(attends, lengths=()).answer("padding").verdict is Verdict.OPEN


def test_one_question_that_fails_does_not_cost_the_others() -> None:
    def loss(logits, labels):
        raise KeyError("labels")

    report = ask(lambda x: np.cumsum(x, 0), only=["influence", "labels"], loss=loss, lengths=())
    assert report.answer("influence").verdict is Verdict.RIGHT
    assert "KeyError" in report.answer("labels").found[0]


def test_a_vocabulary_is_not_guessed_beyond_its_end() -> None:
    def clamped(ids):  # as JAX takes a number beyond the last row for the last row
        return np.cumsum(np.eye(10)[np.minimum(ids, 9)], axis=0)

    assert understand(clamped).width <= 10
    assert ask(clamped, only=["influence"], lengths=()).wrong == []


def test_batches_that_read_each_other_are_told_from_texts_that_leak() -> None:
    def mixes(x):  # [B, T, d]
        return np.cumsum(x, 1) + x.mean((0, 1), keepdims=True)[..., :1] * (len(x) > 1)

    report = ask(mixes, layout="btd", lengths=())
    assert report.answer("influence").verdict is Verdict.RIGHT
    assert report.answer("batch").verdict is Verdict.WRONG


def test_a_batch_whose_texts_read_each_other_is_still_taken_for_a_batch() -> None:
    assert understand(batches.normed_over_the_batch).layout == "btd"


def test_a_list_of_rows_and_a_token_that_is_banned_are_understood() -> None:
    def banned(ids):
        return np.where(np.arange(9) == 3, -np.inf, np.cumsum(np.eye(9)[ids], 0))

    for model in (lambda x: list(np.cumsum(x, 0)), lambda x: np.cumsum(x, 0).tolist(), banned):
        report = ask(model, only=["influence", "prefixes"], lengths=())
        assert [answer.verdict for answer in report.answers if answer.question != "derivative"] == [Verdict.RIGHT] * 2


def test_what_chooses_is_noted_where_it_is_not_seen_to_read() -> None:
    answer = ask(masks.points, only=["influence"], vocabulary=20, lengths=()).answer("influence")
    assert answer.verdict is Verdict.NOTED
    assert "which depends on the text" in answer.found[1]
    causality.assert_causal(masks.points, vocabulary=20, noted=True)


def test_a_module_that_keeps_what_it_computed_is_copied() -> None:
    class Keeps(torch.nn.Linear):
        def forward(self, x):
            self.kept = [super().forward(x).cumsum(-2)]  # with its graph, as of weights kept for a drawing
            return self.kept[0]

    report = ask(Keeps(8, 8), lengths=())
    assert report.wrong == [], str(report)
    assert report.answer("derivative").verdict is Verdict.RIGHT


def test_a_batch_is_asked_at_the_length_that_a_model_takes() -> None:
    def of_four(x):  # [B, T, d]
        return np.cumsum(x.reshape(len(x), -1, 4, x.shape[-1]), 2).reshape(x.shape)

    assert ask(of_four, T=4, lengths=(), layout="btd").answer("batch").verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("module", "line"),
    [
        (torch.nn.LazyLinear(4), "LazyLinear has lazy weights without a shape; call it once"),
        (torch.nn.Linear(4, 4, device="meta"), "Linear has its weights on the meta device"),
    ],
)
def test_a_module_without_numbers_is_one_line(module: torch.nn.Module, line: str) -> None:
    with pytest.raises(causality.CannotAskError, match=line):
        ask(module)


def test_what_is_open_says_what_it_needs() -> None:
    report = ask(lambda x: np.cumsum(x, 0), lengths=())
    opened = {answer.question: answer.found[0] for answer in report.answers if answer.verdict is Verdict.OPEN}
    assert "pass step(tokens, cache)" in opened["cache"]
    assert "pass model(ids, attention_mask)" in opened["padding"]
    assert report.last_line == "nothing wrong in what was asked: influence, prefixes"


def test_the_assertions_pass_and_fail() -> None:
    causality.assert_causal(caches.rotary)
    causality.assert_sees(caches.windowed, "window:4")
    causality.assert_prefix_stable(caches.rotary)
    causality.assert_cache_exact(caches.rotary, caches.rotary_step)
    causality.assert_rollback_exact(caches.rotary, caches.rotary_step)
    causality.assert_labels_shifted_once(batches.shifting_loss, batches.plain_data)
    causality.assert_batch_invariant(batches.empty_rows)
    for wrong in (
        lambda: causality.assert_causal(masks.no_mask),
        lambda: causality.assert_sees(caches.windowed, "window:3"),
        lambda: causality.assert_prefix_stable(caches.dynamic_base),
        lambda: causality.assert_cache_exact(caches.rotary, caches.without_offset),
        lambda: causality.assert_rollback_exact(caches.decaying, caches.State),
        lambda: causality.assert_labels_shifted_once(batches.shifting_loss, batches.shifting_data),
        lambda: causality.assert_padding_invariant(batches.counted_by_column),
        lambda: causality.assert_packing_isolates(masks.convolution_across_documents),
        lambda: causality.assert_position_invariant(batches.half_precision_places),
    ):
        with pytest.raises(AssertionError, match="wrong"):
            wrong()
    with pytest.raises(AssertionError, match="was not asked"):
        causality.assert_cache_exact(caches.rotary)


def test_the_museum_and_the_diagnosis_use_one_name_for_one_bug() -> None:
    named = bugs()
    shared = [exhibit for exhibit in exhibits() if exhibit.id in named]
    assert shared
    assert {one.id: one.labels["en"].title for one in shared} == {one.id: named[one.id].name for one in shared}


def test_each_bug_that_can_be_named_is_an_exhibit_or_says_why_not() -> None:
    shown = {exhibit.id for exhibit in exhibits()}
    for id, bug in bugs().items():
        assert (bug.exhibit in shown) != bool(bug.no_exhibit), id
        assert bug.exhibit == id or id not in shown, id
        assert bug.page == (f"reference/bug-museum.html#{bug.exhibit}" if bug.exhibit else ""), id


def test_a_diagnosis_says_where_its_bug_can_be_seen() -> None:
    found = ask(masks.mirrored, only=["influence"]).diagnosis
    assert found is not None
    assert str(found).splitlines()[-1] == "  in the museum: reference/bug-museum.html#reflect-padding"
    found = ask(masks.no_mask, only=["influence"]).diagnosis
    assert found is not None
    assert "museum" not in str(found)


def test_each_diagnosis_leads_to_a_section() -> None:
    from pathlib import Path

    pages = Path(__file__).parents[2] / "docs/en/handbook"
    titles = {page.read_text(encoding="utf-8").partition("\n# ")[2].partition("\n")[0] for page in pages.glob("*.md")}
    assert {bug.section for bug in bugs().values()} <= titles
