"""Notebooks on the site: mkdocs-jupyter makes Markdown of them, with our template, and MkDocs renders that.

So pins, formulas, links and listings are those of every other page, the links are checked, and nothing is loaded that
the page's policy does not know.
"""

from __future__ import annotations

import json
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import unquote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs_jupyter.config import settings

from handbook.locale import words
from handbook.pages.notebook import META, is_notebook
from handbook.site.exports.downloads import absolute
from handbook.site.exports.install import install
from handbook.site.exports.notebook import published

_GITHUB, _COLAB = "https://github.com/", "https://colab.research.google.com/github/"
_MEASURED = '<p class="lt-measured"></p>'
"""Where the template leaves room for a word about numbers that are other ones on another machine."""
TEMPLATES = Path(__file__).with_name("nbconvert")
_END = "<!-- the notebook ends here -->"
"""What mkdocs-jupyter puts behind it is the style sheet of another page."""


def use_our_template() -> None:
    """Let mkdocs-jupyter convert with the template beside this file."""
    settings.templates_dir = str(TEMPLATES)


def tell(page: Page, text: str) -> None:
    """Give a page the title and description that its notebook, whose JSON is ``text``, holds in its metadata."""
    page.meta.update(json.loads(text)["metadata"].get(META, {}))


def markdown(converted: str) -> str:
    """The Markdown of a notebook, from what mkdocs-jupyter made of it."""
    return unquote(converted.partition(_END)[0])


def rendered(page: Page, converted: str, config: MkDocsConfig, files: Files) -> str:
    """The page's HTML, from what mkdocs-jupyter made of the notebook."""
    said = escape(words(config.plugins["handbook"].config.language).measured)
    page.markdown = markdown(converted).replace(_MEASURED, _MEASURED.replace("><", f">{said}<"))
    Page.render(page, config, files)
    return page.content or ""


def download(page: Page, language: str) -> str:
    """The line under the title: the notebook itself, and where it can be run without installing anything."""
    spoken, name = words(language), escape(Path(page.file.src_uri).name)
    links = [f'<a href="{name}" download>{spoken.notebook}</a>']
    if address := colab(page.edit_url or ""):
        links.append(f'<a class="lt-online" href="{escape(address)}">{spoken.colab}</a>')
    return f'<p class="lt-meta">{"".join(links)}</p>'


def colab(edited: str) -> str:
    """Where Colab opens a notebook that GitHub lets one edit at the address ``edited``; nothing for another host's."""
    at, mark, path = edited.removeprefix(_GITHUB).partition("/edit/")
    return f"{_COLAB}{at}/blob/{path}" if mark and edited.startswith(_GITHUB) else ""


def write(root: Path, language: str, site: Path, pages: list[str], address: str) -> None:
    """Write each notebook beside its page, for a reader to take away.

    Args:
        root: the folder of mkdocs.yml.
        language: of the pages.
        site: where the language's site is.
        pages: all pages of the language, below its folder.
        address: of the language's site, ending in a slash; the links lead there, and the wheel comes from there.
    """
    first = install(root, language, address)
    for page in filter(is_notebook, pages):
        text = (root / "docs" / language / page).read_text("utf-8")
        made = published(text, partial(absolute, address, page), first)
        (site / page).write_text(made, encoding="utf-8", newline="\n")
