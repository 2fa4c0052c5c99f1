"""Coloured code: the text stays, and only what has a colour is marked."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from handbook.site.markdown.code_colours import thinned
from handbook.site.markdown.render import html as render

CODE = 'def f(x):\n    return x[0] + 1.5 if x is not None else "a <b>"  # 2\n'


def coloured(code: str) -> str:
    return highlight(code, PythonLexer(), HtmlFormatter())


def text(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=60))
def test_every_character_stays(code: str) -> None:
    assert text(thinned(coloured(code))) == text(coloured(code))


def test_names_and_signs_carry_no_mark_and_the_rest_does() -> None:
    marked = re.findall(r"<span[^>]*>([^<]*)</span>", thinned(coloured(CODE)))
    assert marked == ["def", "f", "return", "0", "1.5", "if", "else", '"a &lt;b&gt;"', "# 2"]


def test_a_page_is_rendered_so() -> None:
    page = render(f'```python\n{CODE}```\n\n<span class="n">kept</span>\n', "en")
    assert '<span class="k">def</span>' in page
    assert page.count('class="n"') == 1


def test_what_is_remembered_of_a_listing_is_its_code_language_and_options() -> None:
    shown = [
        render(f"```{language}{options}\n{CODE}```\n", "en")
        for language, options in (("python", ""), ("python", ' { title="T" }'), ("text", ""), ("python", ""))
    ]
    assert len(set(shown)) == 3
    assert shown[0] == shown[3]
    assert "T</span>" in shown[1]
