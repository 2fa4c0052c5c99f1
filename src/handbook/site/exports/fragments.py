"""Pieces of pages as HTML for other programs: links lead to the published site, and formulas stay LaTeX.

Anki, Moodle and Canvas set `\\( … \\)` by a MathJax of their own.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from markdown import Markdown

from handbook.pages.syntax import without_pin_attributes
from handbook.site.markdown import render

_BETWEEN = "between two pieces"
_LINK = re.compile(r'href="\.\./(?P<page>[^"#]+)\.md')


def fragments(root: Path, language: str, address: str, texts: list[str]) -> list[str]:
    """Render each text, all of them in one go.

    Args:
        root: the folder of mkdocs.yml.
        language: `en` or `es`.
        address: where the language's site will be served.
        texts: Markdown whose links lead as from a folder beside the sections'.
    """
    if not texts:
        return []
    renderer = _renderer(root, language)
    try:
        html = renderer.convert(f"\n\n{_BETWEEN}\n\n".join(texts))
    finally:
        renderer.reset()
    html = without_pin_attributes(_LINK.sub(lambda link: f'href="{address}{link["page"]}.html', html))
    return [one.strip() for one in html.split(f"<p>{_BETWEEN}</p>")]


@cache
def _renderer(root: Path, language: str) -> Markdown:
    made = render.renderer(language, root)
    made.treeprocessors.deregister("handbook_math")
    return made
