"""Placeholders for drawings, formulas, coloured code and titles while a page is indexed for search.

The search plugin's parser takes longer for the tags of an SVG, of MathML and of highlighted code than for the
rest of the page, and looks for words alone. A formula and a listing leave theirs behind; a drawing has none.
And it makes an entry of what follows a heading. So a question, a quiz and a misconception get one while it looks, in
place of their first line, which becomes the entry's title.
`page.finish` puts back what a placeholder stands for.
"""

from __future__ import annotations

import re

from handbook.pages.rendered import without_tags

PLACEHOLDER = r'(?:i|pre|h6) data-placeholder="(?P<number>\d+)"[^>]*>(?:<code>)?[^<]*(?:</code>)?</(?:i|pre|h6)>'
"""What a placeholder looks like to a regular expression, without its first bracket."""

_REPLACED = re.compile(
    # What has an entry of its own, and its first line. The level of a question is no word of its title.
    r'(?P<opened><(?:details class="lt-question"|div class="lt-quiz"|li class="lt-claim")[^>]* id="(?P<id>[^"]+)"[^>]*>'
    r"\s*)(?P<titled><(?P<line>summary|p)\b[^>]*>(?P<title>.*?)(?:<span class=\"lt-level.*?)?</(?P=line)>)"
    # Cards and exams ask again what the sections ask, and are not searched.
    r"|(?P<practice></?article\b)"
    r"|<(?P<tag>svg|math|pre)\b.*?</(?P=tag)>",
    re.DOTALL,
)


def put_placeholders(html: str) -> tuple[str, list[str]]:
    """Replace each drawing, formula, listing and title; returns the page, and what its placeholders stand for."""
    replaced: list[str] = []
    practising = False

    def placeholder(match: re.Match[str]) -> str:
        nonlocal practising
        if match["practice"]:
            practising = match["practice"] == "<article"
        if match["practice"] or (match["titled"] and practising):
            return match[0]
        number = len(replaced)
        replaced.append(match["titled"] or match[0])
        if match["titled"]:
            title = without_tags(match["title"])
            return f'{match["opened"]}<h6 data-placeholder="{number}" id="{match["id"]}">{title}</h6>'
        if match["tag"] == "svg":
            return f'<i data-placeholder="{number}"></i>'
        words = without_tags(match[0].replace("<msqrt>", "√"))
        if match["tag"] == "math":
            return f'<i data-placeholder="{number}">{words}</i>'
        return f'<pre data-placeholder="{number}"><code>{words}</code></pre>'

    return _REPLACED.sub(placeholder, html), replaced
