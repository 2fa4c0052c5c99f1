"""What each figure says in words, and how many shapes it draws, against what its file asks of `minimodel` once more.

`handbook audit` alters both, one place at a time, and lets these tests notice.
"""

from __future__ import annotations

import re
from functools import cache
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest

from handbook.site.figures import FIGURES, SHOWN, draw
from handbook.site.figures.shown import Shown

SVG = "{http://www.w3.org/2000/svg}"


@cache
def expected(name: str) -> Shown:
    """What a figure must show; asked for once, however often it is drawn."""
    return SHOWN[name]()


def of_class(svg: Element, name: str) -> int:
    return sum(node.get("class", "").split(" ")[0] == f"lt-{name}" for node in svg.iter())


def numbers_in(text: str) -> list[str]:
    """Every number; whatever is not a number (`nan`, `-inf`) has none."""
    return re.findall(r"-?\d+(?:\.\d+)?", text)


def test_every_file_of_a_figure_has_its_drawing_and_what_it_must_show() -> None:
    assert SHOWN.keys() ^ FIGURES.keys() == set()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_and_draws_what_minimodel_computes(name: str) -> None:
    svg, shown = fromstring(draw(name, "en", "f")), expected(name)
    assert numbers_in(svg.find(f"{SVG}title").text) == numbers_in(shown.titled)
    assert numbers_in(svg.find(f"{SVG}desc").text) == numbers_in(shown.says)
    written = [number for text in svg.iter(f"{SVG}text") for number in numbers_in(text.text)]
    assert sorted(written) == sorted(numbers_in(shown.writes))
    assert of_class(svg, "fill") == shown.filled
    assert of_class(svg, "leak") == shown.leaks
    assert sum(node.get("fill") == "url(#f-hatch)" for node in svg.iter()) == shown.hatched


@pytest.mark.parametrize("name", [name for name in FIGURES if expected(name).values])
def test_the_area_of_each_filled_shape_is_its_value(name: str) -> None:
    """All are squares, or bars with one side in common; sides are drawn to a hundredth."""
    svg, values = fromstring(draw(name, "en", "f")), np.array(expected(name).values)
    filled = [node for node in svg.iter(f"{SVG}rect") if node.get("class", "").startswith("lt-fill")][: len(values)]
    sides = np.array([[float(node.get(side)) for side in ("width", "height")] for node in filled])
    across, up = sides.T
    assert np.allclose(across, up, atol=0.011) or np.ptp(across) == 0 or np.ptp(up) == 0
    scale = (across * up).sum() / values.sum()
    assert (np.abs(across * up - scale * values) <= 0.02 * (across + up)).all()
