"""Questions put to anybody's model: who sees whom, and whether cache, padding, batch and packing change nothing.

    from causality import ask

    print(ask(model))

`ask` finds out how the model is called, puts every question that can be put to it, and gives a `Report`. For tests
there are `assert_causal(model)` and one assertion for each other question. NumPy is needed; torch and Transformers
are used where they are there.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causality.answer import Answer, CannotAskError, Report, Verdict
    from causality.asking import ask
    from causality.diagnosis import Diagnosis
    from causality.testing import (
        assert_batch_invariant,
        assert_cache_exact,
        assert_causal,
        assert_labels_shifted_once,
        assert_packing_isolates,
        assert_padding_invariant,
        assert_position_invariant,
        assert_prefix_stable,
        assert_rollback_exact,
        assert_sees,
    )

_WHERE = {
    "ask": "asking", "Answer": "answer", "CannotAskError": "answer", "Report": "answer", "Verdict": "answer",
    "Diagnosis": "diagnosis",
    **dict.fromkeys(("assert_batch_invariant", "assert_cache_exact", "assert_causal", "assert_labels_shifted_once",
                     "assert_packing_isolates", "assert_padding_invariant", "assert_position_invariant",
                     "assert_prefix_stable", "assert_rollback_exact", "assert_sees"), "testing"),
}  # fmt: skip

__all__ = [
    "Answer",
    "CannotAskError",
    "Diagnosis",
    "Report",
    "Verdict",
    "ask",
    "assert_batch_invariant",
    "assert_cache_exact",
    "assert_causal",
    "assert_labels_shifted_once",
    "assert_packing_isolates",
    "assert_padding_invariant",
    "assert_position_invariant",
    "assert_prefix_stable",
    "assert_rollback_exact",
    "assert_sees",
]


def __getattr__(name: str) -> Any:
    # Loaded when first used: the command says what it takes without NumPy.
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"causality.{_WHERE[name]}"), name)
