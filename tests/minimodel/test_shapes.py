"""Shape contracts: what they bind, and what their errors say."""

import pytest

from minimodel.shapes import check_mask_shape, check_shapes, shape_table


def test_the_sizes_bound_to_the_names_come_back():
    sizes = check_shapes(q=("... L d_head", (2, 3, 4, 8)), k=("... S d_head", (2, 3, 5, 8)))
    assert sizes == {"...": (2, 3), "L": 4, "d_head": 8, "S": 5}


def test_no_leading_axes_are_leading_axes_too():
    assert check_shapes(x=("... T d_model", (4, 8))) == {"...": (), "T": 4, "d_model": 8}


def test_a_name_used_twice_in_one_array_binds_one_size():
    assert check_shapes(W_q=("d_model d_model", (8, 8))) == {"d_model": 8}
    with pytest.raises(ValueError, match=r"d_model is 8 in W_q but 4 in W_q \(8, 4\)"):
        check_shapes(W_q=("d_model d_model", (8, 4)))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"q": ("... L d_head", (4, 8)), "k": ("... S d_head", (8, 4))},
            r"d_head is 8 in q but 4 in k \(8, 4\); .* is one of them transposed",
        ),
        (
            {"k": ("... S d_head", (5, 8)), "v": ("... S d_v", (1, 8))},
            r"S is 5 in k but 1 in v \(1, 8\); .* was only one of them cached\?",
        ),
        (
            {"q": ("... L d_head", (2, 4, 8)), "k": ("... S d_head", (4, 8))},
            r"\.\.\. is \(2,\) in q but \(\) in k \(4, 8\); .* was only one of them split into heads\?",
        ),
        (
            {"a": ("rows", (2,)), "b": ("rows", (3,))},
            r"rows is 2 in a but 3 in b \(3,\); do they belong together\?",
        ),
        (
            {"q": ("... L d_head", (8,))},
            r"q has shape \(8,\) but needs the axes \[\.\.\. L d_head\]; was an axis dropped by indexing\?",
        ),
        (
            {"W_q": ("d_model d_model", (2, 8, 8))},
            r"W_q has shape \(2, 8, 8\) but needs .*; is there a batch axis too many\?",
        ),
    ],
)
def test_the_error_names_the_likely_mistake(arrays, message):
    with pytest.raises(ValueError, match=message):
        check_shapes(**arrays)


@pytest.mark.parametrize("mask", [(4, 4), (1, 4), (4, 1), (1, 1, 4, 4), (2, 1, 1, 4), (2, 3, 4, 4)])
def test_masks_that_line_up_with_the_scores_pass(mask):
    check_mask_shape(mask, (2, 3, 4, 4))


@pytest.mark.parametrize(
    ("mask", "scores", "message"),
    [
        ((3, 3), (1, 4), r"mask has shape \(3, 3\) but scores have 4 keys; did you forget the cached ones\?"),
        ((8, 8), (8, 4), r"scores have 4 keys; was it made for a longer sequence\?"),
        ((2, 3, 3, 5), (2, 3, 3, 4), r"scores have 4 keys; was it made for a longer sequence\?"),
        ((4, 4), (2, 4), r"scores have L = 2; .* did you forget the offset\?"),
        ((4,), (2, 4, 4), r"scores have shape \(2, 4, 4\); is the head axis missing\?"),
        ((2, 4, 4), (2, 2, 4, 4), r"is the head axis missing\? mask\[:, None\] adds it"),
        ((2, 2, 4, 4), (2, 3, 4, 4), r"are batch and heads swapped\?"),
        ((3, 2, 4, 4), (2, 3, 4, 4), r"scores have shape \(2, 3, 4, 4\); are batch and heads swapped\?"),
    ],
)
def test_the_error_about_a_mask_names_the_likely_mistake(mask, scores, message):
    with pytest.raises(ValueError, match=message):
        check_mask_shape(mask, scores)


def test_the_table_has_a_row_for_each_array_in_columns_of_one_width():
    rows = shape_table(q=("... L d_head", (2, 3, 4, 8)), mask=("L S", (4, 5))).splitlines()
    assert rows == ["q     [..., L, d_head]  [2, 3, 4, 8]", "mask  [L, S]            [4, 5]"]


def test_no_table_is_written_of_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="S is 5 in k but 4 in v"):
        shape_table(k=("S d_head", (5, 8)), v=("S d_v", (4, 8)))
