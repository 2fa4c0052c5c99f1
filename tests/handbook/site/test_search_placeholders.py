"""What the search plugin does not get to see comes back unchanged."""

from hypothesis import given, settings
from hypothesis import strategies as st

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
    assert len(kept) == sum(part.startswith(("<math", "<svg", "<div")) for part in parts)


def test_formulas_and_code_can_still_be_searched_for_and_a_drawing_adds_no_words():
    marked, _ = put_placeholders(
        "<p><math><mi>V</mi></math> <svg><title>mask</title></svg></p><pre><code><b>np</b>.tril</code></pre>"
    )
    assert ">V<" in marked
    assert "<code>np.tril</code>" in marked
    assert "mask" not in marked
