"""What the theme indents and nobody sees."""

from __future__ import annotations

import pytest

from handbook.site.html.indentation import without_indentation

KEPT = [
    "<pre><code>if x:\n    <span>y</span>\n        <b>z</b>\n</code></pre>",
    "<textarea>\n  <b>\n</textarea>",
    '<script>x = "<b>\\n   <i>"\n   if (1 > 0)\n      </script>',
    "<p>One\n  word <b>and</b>\n   another.</p>",
    '<p title="a >\n   b">word</p>',
    "<b>one</b> <i>two</i>",
]


@pytest.mark.parametrize("html", KEPT)
def test_code_scripts_fields_and_text_stay_to_the_letter(html: str) -> None:
    assert without_indentation(html) == html


def test_between_tags_a_line_break_is_left() -> None:
    nested = "<ul>\n    <li>\n      <a>one</a>\n  \n    </li>\t\n\n  <li>two</li>\n</ul>"
    assert without_indentation(nested) == "<ul>\n<li>\n<a>one</a>\n</li>\n<li>two</li>\n</ul>"


def test_what_is_between_two_blocks_of_code_loses_its_indentation() -> None:
    html = f"{KEPT[0]}\n<div>\n    <p>\n      <b>x</b></p></div>{KEPT[0]}"
    assert without_indentation(html) == f"{KEPT[0]}\n<div>\n<p>\n<b>x</b></p></div>{KEPT[0]}"
