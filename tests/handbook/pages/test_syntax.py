"""The signs that pages add to Markdown, each read in one place."""

from __future__ import annotations

import pytest

from handbook.pages.syntax import (
    Tie,
    World,
    pin_at_end,
    pin_in,
    without_attribute_lists,
    without_pin_attributes,
    without_pins,
    worlds,
)


@pytest.mark.parametrize("tie", Tie)
def test_every_pin_is_read_and_can_be_left_out(tie: Tie) -> None:
    assert pin_in(f'{{ {tie}="x < 1" }}') == (tie, "x < 1")
    assert without_pins(f'It is `3`{{ {tie}="x" }} here.') == "It is `3` here."
    assert without_attribute_lists(f'It is `3` {{ {tie}="x" }}') == "It is `3`"
    assert without_pin_attributes(f'<code class="a" {tie}="x">3</code>') == '<code class="a">3</code>'


def test_a_pin_at_the_end_is_of_the_kind_that_is_asked_for() -> None:
    option = 'Four, as `4`{ data-is="x" } { data-true="x == 4" }'
    assert pin_at_end(option, Tie.TRUE) == ('Four, as `4`{ data-is="x" }', "x == 4")
    assert pin_at_end(option, Tie.ROW) == (option, None)
    assert pin_at_end("Four { #four }", Tie.TRUE) == ("Four { #four }", None)


def test_what_is_no_pin_is_left_alone() -> None:
    assert without_pins("`x`{ .class } and { data-other }") == "`x`{ .class } and { data-other }"
    assert without_attribute_lists('```python { notest data-reason="long" }') == "```python"
    assert pin_in('{ data-isnt="x" }') is None


def test_worlds_are_read_one_by_one() -> None:
    assert worlds("a = 1 => a = 2; masks: x: int => y; bug:top-left; nothing") == (
        World("a = 1 => a = 2", old="a = 1", new="a = 2"),
        World("masks: x: int => y", module="masks", old="x: int", new="y"),
        World("bug:top-left", bug="top-left"),
        World("nothing"),
    )
    assert [one.malformed for one in worlds("a => ; bug:x; bug:; => b")] == [False, False, True, True]
    assert worlds("") == ()
