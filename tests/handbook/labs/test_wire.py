"""Arrays between the grader and a submission: they come back as they were, and nothing else passes for one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from handbook.labs.sandbox.wire import decode, encode

EIGHT_BYTES = "AAAAAAAAAAA="


@pytest.mark.parametrize(
    "sent",
    [
        np.arange(6.0).reshape(2, 3),
        np.arange(6).reshape(2, 3).T,
        np.array([-0.0, np.nan, np.inf, 5e-324]),
        np.array([True, False]),
        np.zeros((2, 1), np.float16),
        np.arange(3, dtype=">i4"),
        np.zeros((0, 3)),
        np.float32(1.5),
        np.zeros(2, np.longdouble),
    ],
    ids=lambda sent: f"{sent.dtype.str}{list(sent.shape)}",
)
def test_an_array_comes_back_as_it_was_and_may_be_written_to(sent: np.ndarray) -> None:
    found = decode(json.loads(json.dumps(encode(sent))))
    assert found.dtype == sent.dtype
    np.testing.assert_array_equal(found, sent, strict=True)
    assert found.tobytes() == sent.tobytes()  # down to the sign of a zero
    assert found.flags.writeable
    assert found.flags.c_contiguous


def test_what_is_written_to_one_copy_is_not_in_the_next() -> None:
    told = encode(np.zeros(2))
    decode(told)[:] = 1
    assert decode(told).tolist() == [0, 0]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"array": "<f8", "shape": [1]},
        {"array": "|O8", "shape": [1], "bytes": EIGHT_BYTES},
        {"array": "<M8[s]", "shape": [1], "bytes": EIGHT_BYTES},
        {"array": "<f8,(", "shape": [1], "bytes": EIGHT_BYTES},
        {"array": "<f99", "shape": [0], "bytes": ""},
        {"array": None, "shape": [1], "bytes": EIGHT_BYTES},
        {"array": "<f8", "shape": [2], "bytes": EIGHT_BYTES},
        {"array": "<f8", "shape": [-1], "bytes": EIGHT_BYTES},
        {"array": "<f8", "shape": [1.0], "bytes": EIGHT_BYTES},
        {"array": "<f8", "shape": [True], "bytes": EIGHT_BYTES},
        {"array": "<f8", "shape": "1", "bytes": EIGHT_BYTES},
        {"array": "<f8", "shape": None, "bytes": EIGHT_BYTES},
        {"array": "<f8", "shape": [1] * 100, "bytes": EIGHT_BYTES},
        {"array": "<f8", "shape": [0, 10**400], "bytes": ""},
        {"array": "<f8", "shape": [0, 1 << 62, 1 << 62], "bytes": ""},
        {"array": "<f8", "shape": [1], "bytes": "no base64"},
        {"array": "<f8", "shape": [1], "bytes": "é"},
        {"array": "<f8", "shape": [1], "bytes": 8},
    ],
    ids=str,
)
def test_what_was_not_sent_by_ours_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        decode(told)
