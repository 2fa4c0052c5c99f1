"""Faults from public reports, and traps that are none: each is asked, and named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from causality import Report, Verdict, ask

from .cases import batches, caches, masks

torch = pytest.importorskip("torch")

from .cases import torch_modules  # noqa: E402


@dataclass(frozen=True)
class Case:
    model: Any
    wrong: str
    """The first question that it fails; empty where nothing is wrong."""
    named: str = ""
    """The id of the diagnosis; empty where there is none to be made."""
    told: dict[str, Any] = field(default_factory=dict)


REPORTED = {
    "c01 ALiBi beside a cache": Case(caches.alibi, "cache", "alibi-beside-cache", {"step": caches.alibi_step}),
    "c02 window rolls early": Case(
        caches.windowed, "other way", "rolled-early", {"expected_mask": "window:4", "same": caches.rolls_early}
    ),
    "c03 left pads": Case(batches.counted_by_column, "padding left", "pads-shift-positions"),
    "c04 pad mask lost": Case(batches.one_query_needs_no_mask, "padding decoding", "pad-mask-lost"),
    "c05 chunks and a window": Case(
        caches.windowed, "other way", "chunk-over-window", {"expected_mask": "window:4", "same": caches.in_chunks}
    ),
    "c06 cross-attention": Case(masks.cross, "memory", "cross-attention-causal"),
    "c08 documents": Case(
        masks.packed, "influence", "convolution-across-documents", {"expected_mask": masks.SAME_DOCUMENT}
    ),
    "c08 documents, packed": Case(masks.convolution_across_documents, "packing", "convolution-across-documents"),
    "c10 drafts": Case(caches.decaying, "rollback", "rejected-drafts", {"step": caches.State}),
    "c11 mask of text 0": Case(batches.mask_of_the_first, "padding", "mask-of-text-0"),
    "c12 experts": Case(masks.experts_choose, "influence", "experts-choose-tokens"),
    "c12 experts, of tokens": Case(
        masks.experts_choose_tokens, "influence", "experts-choose-tokens", {"vocabulary": 20}
    ),
    "c14 reflect": Case(masks.mirrored, "influence", "reflect-padding"),
    "c15 images": Case(masks.any_image, "influence", "blocks-see-later-blocks", {"expected_mask": masks.SAME_IMAGE}),
    "c16 positions": Case(batches.half_precision_places, "positions", "positions-in-half"),
    "c18 angles": Case(caches.rotary, "cache", "angles-without-offset", {"step": caches.angles_by_length}),
    "c19 groups": Case(masks.groups_along_time, "influence", "half-the-past"),
    "c20 NaN": Case(batches.empty_rows, "padding left", "pads-become-nan"),
    "c21 one row of distances": Case(masks.one_row_of_distances, ""),
    "c22 no mask": Case(torch_modules.Decoder(), "influence", "no-mask"),
    "c23 labels": Case(
        batches.counts, "labels", "labels-twice", {"loss": batches.shifting_loss, "prepare": batches.shifting_data}
    ),
    "c24 glued": Case(caches.rotary, "joined", "caches-glued", {"step": caches.rotary_step, "join": caches.glued}),
    "c26 flag": Case(torch_modules.Hint(), "influence", "no-mask"),
}
"""The cases of the collection, by their numbers."""

FOUND = {
    "keras 23038": Case(torch_modules.FastPathOnly(), "training", ""),
    "xformers 103": Case(masks.no_mask, "influence", "no-mask"),
    "flashinfer 348, no bug": Case(caches.plain, "", "", {"step": masks.bottom_right}),
    "depthcharge 38": Case(masks.zeros_and_ones, "influence", "no-mask"),
    "nanochat 844, blocks": Case(masks.summary_of_the_block, "influence", "blockwise-summary"),
    "nanochat 844, spectrum": Case(masks.circular, "influence", "no-mask"),
    "espnet 5900": Case(masks.normed_over_time, "influence", "statistics-over-time"),
    "mamba 66": Case(batches.pads_in_state, "padding left", "pads-in-state"),
    "llama.cpp 11445": Case(
        caches.convolved, "cache", "conv-state", {"expected_mask": "window:3", "step": caches.state_not_copied}
    ),
    "vllm-ascend 8544": Case(
        caches.convolved, "cache", "conv-state", {"expected_mask": "window:3", "step": caches.state_backwards}
    ),
    "transformers 30414": Case(caches.plain, "cache", "empty-slots", {"step": caches.all_slots, "slots": caches.Slots}),
    "tt-metal 41215": Case(
        caches.plain, "cache", "empty-slots", {"step": caches.to_the_end_of_the_tile, "slots": caches.Slots}
    ),
    "transformers 25104": Case(caches.dynamic_base, "prefixes", "length-dependent-base"),
    "gpt-fast 233": Case(caches.plain, "cache", "top-left", {"step": caches.query_at_zero}),
    "lag-llama 81": Case(caches.rotary, "cache", "positions-reset", {"step": caches.without_offset}),
    "mamba 66, without its state": Case(batches.pads_in_state_alone, "padding left", "pads-in-state"),
    "transformers 37574, alone": Case(caches.rolls_early, "influence", "rolled-early", {"expected_mask": "window:4"}),
    "executorch 21857, alone": Case(caches.in_chunks, "influence", "chunk-over-window", {"expected_mask": "window:4"}),
    "a key too many": Case(caches.windowed, "influence", "window-off-by-one", {"expected_mask": "window:3"}),
    "keras-hub 2861, its loop": Case(caches.alibi, "other way", "alibi-beside-cache", {"same": caches.alibi_decode}),
    "lag-llama 81, its loop": Case(caches.rotary, "other way", "positions-reset", {"same": caches.rotary_decode}),
    "TinyLLM 17": Case(caches.plain, "cache", "mask-of-prefill-only", {"step": caches.masked_without_a_cache}),
    "Qwen3-VL-MoeLORA 4": Case(masks.padded_on_both_sides, "influence", "looks-ahead"),
    "Reward-Forcing 5": Case(
        caches.sinks,
        "cache",
        "evicts-the-newest",
        {"expected_mask": "sinks:1,window:4", "step": caches.evicts_the_newest},
    ),
    "fast-transformers 111, no bug": Case(masks.linear, ""),
    "a roll": Case(masks.rolled, "influence", "wraps-around"),
    "a norm of the batch": Case(batches.normed_over_the_batch, "batch", "texts-read-each-other", {"layout": "btd"}),
    "the top three, no bug": Case(masks.top_three, ""),
    "a pointer, no bug": Case(masks.points, "", "", {"vocabulary": 20}),
    "masked in training only": Case(torch_modules.TrainingOnly(), "influence", "masked-in-training-only"),
    "a tile": Case(masks.tiles, "influence", "tile-across-a-border"),
    "rounding, no bug": Case(masks.scored_with_one_maximum, ""),
    "a leak of 1e-9": Case(masks.faint, "influence", "irregular"),
}
"""Reports beyond the collection, each with its address where the case is written; and what no report was needed for."""


def asked(case: Case) -> Report:
    return (
        ask(case.model, lengths=(131,), **case.told)
        if not isinstance(case.told.get("expected_mask"), np.ndarray)
        else ask(case.model, **case.told)
    )


@pytest.mark.parametrize("name", REPORTED | FOUND)
def test_each_case_is_judged_and_named(name: str) -> None:
    case = (REPORTED | FOUND)[name]
    report = asked(case)
    assert (report.wrong[0].question if report.wrong else "").startswith(case.wrong), str(report)
    assert bool(report.wrong) == bool(case.wrong), str(report)
    if case.named:
        named = report.diagnosis
        assert named is not None, str(report)
        assert named.id == case.named, str(report)


def test_what_is_right_beside_what_is_wrong_is_not_accused() -> None:
    report = asked(REPORTED["c01 ALiBi beside a cache"])
    assert report.answer("influence").verdict is Verdict.RIGHT
    assert report.answer("prefixes").verdict is Verdict.RIGHT
    assert ask(masks.same_image, masks.SAME_IMAGE, only=["influence"]).wrong == []


def test_slots_are_named_where_they_are_asked() -> None:
    for name in ("transformers 30414", "tt-metal 41215"):
        slots = asked(FOUND[name]).answer("slots")
        assert slots.diagnosis is not None
        assert slots.diagnosis.id == "empty-slots"
