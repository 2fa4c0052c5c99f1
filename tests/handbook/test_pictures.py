"""Pictures for notebooks: what they draw, and what they refuse."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from handbook.pictures import GREY, Picture, curves, grid

SVG = "{http://www.w3.org/2000/svg}"


def paths(picture: Picture) -> list[ElementTree.Element]:
    return ElementTree.fromstring(picture._repr_svg_()).findall(f"{SVG}path")


def squares(picture: Picture) -> list[float]:
    """The sides of the filled squares, in the order of the entries."""
    (filled,) = (one for one in paths(picture) if one.get("fill") == GREY)
    return [float(side) for side in re.findall(r"h(\d[\d.]*)v", filled.attrib["d"])]


def test_a_square_for_each_true_entry_and_none_for_the_others():
    assert len(squares(grid(np.tri(5, dtype=bool)))) == 15


def test_the_area_of_a_square_is_its_share_of_the_largest_entry():
    quarter, whole = squares(grid([[1.0, 4.0]]))
    assert quarter**2 / whole**2 == pytest.approx(1 / 4)


def test_a_cross_for_each_cell_that_is_crossed_out():
    *_, crosses = paths(grid(np.ones((2, 3)), crossed=[[True, False, False], [False, True, True]]))
    assert crosses.attrib["d"].count("M") == 3


def test_an_empty_matrix_of_zeros_is_drawn_without_squares():
    assert [one.get("fill") for one in paths(grid(np.zeros((2, 2))))] == ["none"]


@pytest.mark.parametrize("values", [[1.0], [[-1.0]], [[np.nan]], [[np.inf]]])
def test_a_grid_refuses_what_has_no_area(values):
    with pytest.raises(ValueError, match="two axes, and finite entries"):
        grid(values)


def test_a_grid_refuses_crosses_of_another_shape():
    with pytest.raises(ValueError, match="crossed has shape"):
        grid([[1.0]], crossed=[[True, True]])


def test_equal_factors_are_equal_steps_on_logarithmic_axes():
    _, curve, _ = paths(curves([1, 10, 100], of="n", logarithmic=True, straight=[5, 50, 500]))
    points = [[float(one) for one in point.split()] for point in curve.attrib["d"][1:].split("L")]
    steps = np.diff(points, axis=0)
    assert np.allclose(steps[0], steps[1])
    assert steps[0, 1] < 0 < steps[0, 0]


@pytest.mark.parametrize(("x", "y"), [([0, 1], [1, 1]), ([1, 2], [0, 1]), ([1, 2], [-1, 1])])
def test_what_has_no_logarithm_is_refused(x, y):
    with pytest.raises(ValueError, match="no logarithm"):
        curves(x, of="n", logarithmic=True, y=y)


def test_curves_are_drawn_on_one_scale_from_zero():
    frame, first, _, second, _ = paths(curves([0, 1, 2], of="step", up=[0, 1, 4], half=[0, 0, 2]))
    bottom = float(re.search(r"V(\d+)", frame.attrib["d"])[1])
    heights = [bottom - float(one.attrib["d"].split()[-1]) for one in (first, second)]
    assert heights[0] == pytest.approx(2 * heights[1])
    assert first.get("stroke-dasharray") != second.get("stroke-dasharray")


def test_curves_refuse_what_could_not_be_told_apart_or_lined_up():
    with pytest.raises(ValueError, match="3 numbers each"):
        curves([0, 1, 2], of="x", short=[1, 2])
    with pytest.raises(ValueError, match="one to 3 curves"):
        curves([0], of="x", a=[1], b=[1], c=[1], d=[1])


def test_words_are_escaped():
    assert "a &lt; b" in grid([[1]], rows="a < b").svg
