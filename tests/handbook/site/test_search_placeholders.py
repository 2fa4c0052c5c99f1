"""What the search plugin does not get to see comes back unchanged."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from material.plugins.search.plugin import Parser

from handbook.site.html.page import finish
from handbook.site.html.search_placeholders import put_placeholders

pieces = st.lists(
    st.sampled_from(
        [
            "<p>a word</p>",
            "<math><msub><mi>d</mi><mi>k</mi></msub></math>",
            '<svg viewBox="0 0 1 1">\n<title>T</title><path d="M0 0"/></svg>',
            "<code>&lt;svg&gt;</code>",
            '<div class="highlight"><pre><span></span><code><span class="n">T</span> = 4\n</code></pre></div>',
            '<details class="lt-question" data-level="easy" id="q-1">\n<summary><span class="lt-question__text">Why '
            '<math><mi>T</mi></math>?</span><span class="lt-level">Easy</span></summary>\n<p>So.</p></details>',
            '<div class="lt-quiz" id="z-1">\n<p class="lt-quiz__question">Which?</p></div>',
            '<ul><li class="lt-claim" id="q-2">\n<p>It does.</p></li></ul>',
            "\n",
        ]
    )
)


@settings(max_examples=60, deadline=None)
@given(pieces)
def test_what_was_put_placeholders_comes_back_where_it_was(parts):
    page = "".join(parts)
    marked, kept = put_placeholders(page)
    assert finish(marked, "en", placeholders=kept) == page
    assert "<svg" not in marked
    assert "<math" not in marked
    assert len(kept) == sum(part.startswith(("<math", "<svg", "<div", "<details", "<ul")) for part in parts)


def test_formulas_and_code_can_still_be_searched_for_and_a_drawing_adds_no_words():
    marked, _ = put_placeholders(
        "<p><math><msqrt><mi>V</mi></msqrt></math> <svg><title>mask</title></svg></p>"
        "<pre><code><b>np</b>.tril</code></pre>"
    )
    assert ">√V<" in marked
    assert "<code>np.tril</code>" in marked
    assert "mask" not in marked


def test_a_question_a_quiz_and_a_misconception_are_entries_that_end_where_they_end():
    parser = Parser()
    parser.feed(
        put_placeholders(
            '<h1 id="top">Top</h1><p>Before.</p>'
            '<details class="lt-question" data-level="easy" id="q-1"><summary><span class="lt-question__text">Why '
            '<math><mi>T</mi></math> &lt; 4?</span><span class="lt-level">Easy</span></summary><p>So.</p></details>'
            '<div class="lt-quiz" id="z-1"><p class="lt-quiz__question">Which?</p><ol><li>This</li></ol></div>'
            '<ul><li class="lt-claim" id="q-2"><p>It does.</p><p>Does it?</p></li></ul><p>After.</p>'
        )[0]
    )
    found = {one.id: ("".join(one.title), re.sub("<[^>]*>", "", "".join(one.text))) for one in parser.data}
    assert found == {
        None: ("Top", "Before.After."),
        "q-1": ("Why T &lt; 4?", "So."),
        "z-1": ("Which?", "This"),
        "q-2": ("It does.", "Does it?"),
    }


def test_what_cards_and_exams_ask_again_is_no_entry():
    asked = '<details class="lt-question" id="q-1"><summary>Why?</summary></details>'
    assert put_placeholders(f"<article>{asked}</article>") == (f"<article>{asked}</article>", [])
    assert len(put_placeholders(f"<article>{asked}</article>{asked}")[1]) == 1
