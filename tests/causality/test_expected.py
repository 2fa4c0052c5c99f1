"""Masks by name, and names of masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causality import CannotAskError
from causality.expected import mask, recognise


def rows(told: str, T: int) -> list[str]:
    return ["".join(map(str, row)) for row in mask(told)(T).astype(int)]


def test_each_name_is_the_mask_of_its_field() -> None:
    assert rows("causal", 3) == ["100", "110", "111"]
    assert rows("window:2", 3) == ["100", "110", "011"]
    assert rows("window:2,layers:2", 4) == ["1000", "1100", "1110", "0111"]
    assert rows("sinks:1,window:1", 3) == ["100", "110", "101"]
    assert rows("prefix:2", 3) == ["110", "110", "111"]
    assert rows("blocks:2", 3) == ["110", "110", "111"]
    assert rows("chunks:2", 4) == ["1000", "1100", "0010", "0011"]
    assert rows("documents:1,2", 4) == ["1000", "0100", "0110", "0111"]
    assert rows("full", 2) == ["11", "11"]


@given(
    st.sampled_from(
        ["causal", "full", "window:3", "sinks:2,window:2", "prefix:4", "blocks:3", "chunks:3", "documents:3,2,4"]
    )
)
def test_a_mask_is_recognised_as_one_that_is_equal(told: str) -> None:
    seen = mask(told)(9)
    name = recognise(seen)
    assert name is not None
    assert np.array_equal(mask(name)(9), seen)


def test_what_has_no_name_gets_none() -> None:
    assert recognise(np.eye(6, dtype=bool)[::-1]) is None


@pytest.mark.parametrize("told", ["window", "window:0", "window:x", "triangle", "full:3", "", "sinks:-1,window:2"])
def test_what_is_no_mask_is_refused(told: str) -> None:
    with pytest.raises(CannotAskError, match="is no mask that is known by name"):
        mask(told)


def test_an_array_is_square() -> None:
    with pytest.raises(CannotAskError, match="give booleans"):
        mask(np.ones((2, 3)))
