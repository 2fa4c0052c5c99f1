"""What a page computed, as plain data: carried over whole, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from handbook.running.transcript import Ran, Transcript, Trespass, Value
from handbook.running.values import LARGEST, inventory, plain

words = st.text(max_size=5)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
data = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=8)


def same(one: object, other: object) -> bool:
    """Equal, and of equal types all the way down."""
    return repr(one) == repr(other)


@given(data)
def test_plain_data_stays_what_it_is(value: object) -> None:
    assert same(plain(value), value)
    assert same(json.loads(json.dumps(plain(value))), value)


@given(arrays.arrays(st.sampled_from([bool, np.int8, np.float32, np.float64]), arrays.array_shapes(max_side=3)))
def test_an_array_becomes_the_list_of_its_values(array: np.ndarray) -> None:
    assert same(plain(array), array.tolist())
    assert same(plain(array.flat[0]), array.flat[0].item())
    assert same(plain((array, range(2))), [array.tolist(), [0, 1]])


def test_a_tensor_becomes_the_list_of_its_values() -> None:
    torch = pytest.importorskip("torch")
    for dtype in (torch.float64, torch.bfloat16):
        assert same(plain(torch.tensor([0.5, -2], dtype=dtype, requires_grad=True)), [0.5, -2.0])
    assert same(plain(torch.tensor([[1, 2]])), [[1, 2]])
    assert same(plain(torch.tensor([True])), [True])


def test_a_dtype_becomes_its_name() -> None:
    assert plain(np.dtype(np.float32)) == "float32"


def test_the_largest_array_that_can_be_pinned_is_carried_whole() -> None:
    assert len(plain(np.zeros(LARGEST))) == LARGEST
    with pytest.raises(ValueError, match=r"^an array of 4001 values cannot be pinned; pin the part that is shown$"):
        plain(np.zeros(LARGEST + 1))


@pytest.mark.parametrize("make", [object, set, dict], ids=lambda make: make.__name__)
def test_what_json_cannot_carry_is_refused_by_its_type(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=f"^a value of type {make.__name__} cannot be pinned; pin a number, text"):
        plain(make())


def test_the_inventory_names_each_number_by_the_expression_that_reaches_it() -> None:
    namespace: dict[str, Any] = {
        "_hidden": 1,
        "flag": True,
        "words": "7",
        "n": 3,
        "w": np.array([[1, 2]], dtype=np.uint8),
        "point": np.array(0.5),
        "yes": np.array([True]),
        "too_many": np.zeros(65),
        "single": np.float32(0.5),
    }
    expected = [("n", 3.0), ("w[0, 0]", 1.0), ("w[0, 1]", 2.0), ("point", 0.5), ("single", 0.5)]
    assert same(list(inventory(namespace)), expected)
    assert len(list(inventory({"just": np.zeros(64)}))) == 64


trespasses = st.lists(st.builds(Trespass, words, words), max_size=2).map(tuple)
rans = st.builds(Ran, words, st.none() | words, st.integers(), trespasses, st.none() | words)
values = st.builds(Value, data, st.none() | words, st.dictionaries(words, st.integers(), max_size=2))
transcripts = st.builds(
    Transcript,
    st.dictionaries(st.integers(), rans, max_size=2),
    st.dictionaries(words, values, max_size=2),
    st.lists(st.tuples(words, st.floats(allow_nan=False)), max_size=2),
)


@given(transcripts)
def test_a_transcript_comes_back_from_the_store_as_it_was(transcript: Transcript) -> None:
    assert same(Transcript.from_json(json.loads(json.dumps(transcript.to_json()))), transcript)


def test_an_expression_is_kept_apart_by_the_block_it_follows() -> None:
    assert len({Transcript.key(after, "x") for after in (-1, 0, 1)}) == 3
