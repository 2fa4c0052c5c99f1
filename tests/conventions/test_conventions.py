"""What the page says of other libraries is what they answer."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conventions.record import LIBRARIES, PATH, asked, recorded, text

ROOT = Path(__file__).parents[2]


def test_the_libraries_answer_as_they_did_when_the_page_was_written() -> None:
    missing = [library for library in LIBRARIES if find_spec(library) is None]
    if missing:  # one that is there and fails to import is a failure
        pytest.skip(f"{', '.join(missing)} not installed; `make models` does it")
    assert asked() == recorded(), "run `make conventions`, see what has changed, and then what the pages say of it"


def test_the_record_is_of_the_versions_that_are_installed_to_ask() -> None:
    pinned = dict(
        re.findall(
            r"^([\w-]+)==([\w.]+)$",
            (ROOT / "requirements/models.txt").read_text() + (ROOT / "requirements/torch.txt").read_text(),
            re.M,
        )
    )
    record = recorded()
    versions = record["masks"]["version"]
    assert versions == {
        "jax": pinned["jax"],
        "keras": pinned["keras"],
        "onnx": pinned["onnx"],
        "x_transformers": pinned["x-transformers"],
        "flex": pinned["torch"],
    }
    assert record["models"]["version"] == pinned["transformers"]


def test_the_record_is_as_it_was_written_by_the_command() -> None:
    assert text(recorded()) == PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_shows_every_answer(language: str) -> None:
    page = (ROOT / "docs" / language / "reference" / "conventions.md").read_text(encoding="utf-8")
    for table, questions in recorded().items():
        for question, answer in questions.items():
            keys = [""] if isinstance(answer, str) else [f"['{column}']" for column in answer]
            for key in keys:
                assert f"{table}['{question}']{key}\"" in page
