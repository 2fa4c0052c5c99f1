"""What MkDocs is asked to do besides rendering; named in mkdocs.yml under `hooks`."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import rmtree
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from handbook.locale import words
from handbook.site.assets import minify
from handbook.site.assets.runtime import assets
from handbook.site.assets.runtime.fetch import cached
from handbook.site.errors import SiteError
from handbook.site.explorers import with_buttons
from handbook.site.exports import deck, offline, plain_text
from handbook.site.exports.downloads import FOLDER, downloads
from handbook.site.gathered.sections import FOLDERS
from handbook.site.html import section_numbers
from handbook.site.html.metadata import metadata_line, under_title
from handbook.site.html.policy import with_policy
from handbook.site.html.search_placeholders import put_back, set_aside

_SEARCH = 'data-md-component="search" role="dialog"'
# What the theme writes and HTML does not allow: a tabindex of nothing, and a checkbox that would be filled in.
_INVALID = re.compile(r' tabindex=""|(?:(?<="__drawer")|(?<="__search")) autocomplete="off"')
_SECTIONS = tuple(f"{folder}/" for folder in FOLDERS)
_PRACTICE = re.compile(r"^/{3,} (?:cards|exam|progress)\b", re.MULTILINE)
_pages: dict[str, Page] = {}
_aside: dict[str, list[str]] = {}
_listed: list[Page] = []
_hidden: dict[Path, Path] = {}
_live = False


def on_startup(command: str, dirty: bool) -> None:
    """Remember whether pages are served while they are written: MkDocs then adds a script to each, unforeseen."""
    global _live
    _live = command == "serve"


def on_config(config: MkDocsConfig) -> None:
    """Look snippets up from the project's root, wherever mkdocs is called; give each language its address."""
    config.mdx_configs["pymdownx.snippets"]["base_path"] = [str(_root(config))]
    own = next(one for one in config.extra["languages"] if one["code"] == config.theme["language"])
    if config.site_url:
        config.site_url = f"{config.site_url.rstrip('/')}/{own['folder']}"


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add each lab's downloads; writing a notebook runs its page, and a block that fails ends the build."""
    pages = [file.src_uri for file in files.documentation_pages() if file.src_uri.startswith(FOLDER)]
    language = str(config.theme["language"])
    for path, content in downloads(_root(config), language, pages, config.site_url or ""):
        files.append(File.generated(config, path, content=content))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> None:
    """Tell a page with code how to run it, where the runtime has been fetched; a page of practice, that it is one."""
    page.meta["practice"] = bool(_PRACTICE.search(markdown))
    if "```python" in markdown and cached(_root(config)):
        language = config.theme["language"]
        page.meta["runtime"] = assets.told(language, f"docs/{language}/{page.file.src_uri}")


def on_pre_build(config: MkDocsConfig) -> None:
    """Keep the other languages' folders, which MkDocs would clean away; it spares what begins with a dot."""
    site = Path(config.site_dir)
    folders = [one["folder"].strip("/") for one in config.extra["languages"] if one["folder"]]
    for name in folders if not config.extra["to_root"] else []:
        folder, hidden = site / name, site / f".{name}"
        if folder.is_dir():
            rmtree(hidden, ignore_errors=True)
            folder.rename(hidden)
        _hidden[hidden] = folder


def on_post_build(config: MkDocsConfig) -> None:
    """Bring them back; write the plain texts and the deck; put the runtime beside the first language, for all.

    Last comes the list of what is there, for a reader who keeps all of it.
    """
    _bring_back()
    root = _root(config)
    leaves = [_leaf(page) for page in _listed]
    site, language = Path(config.site_dir), str(config.theme["language"])
    deck.write(root, language, site, config.site_name, config.site_url or "")
    plain_text.write(root, language, site, config.site_name, config.site_description or "", leaves)
    minify.shrink(site, Path(__file__).with_name("theme"))
    fetched = cached(root)
    if fetched and not config.extra["to_root"]:
        assets.write(root, fetched, site)
    if not _live:
        offline.manifest(site, language, config.site_name, config.site_description or "")
        folders = {one["code"]: one["folder"] for one in config.extra["languages"]}
        offline.write(site / config.extra["to_root"], folders)


def on_build_error(error: Exception) -> None:
    """A page that is wrong gets one line, not a traceback; MkDocs has named the page by now."""
    _bring_back()
    if isinstance(error, SiteError):
        raise Abort(str(error)) from error


def _bring_back() -> None:
    for hidden, folder in _hidden.items():
        if hidden.is_dir() and not folder.exists():
            hidden.rename(folder)
    _hidden.clear()


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    """Remember the pages in their order, for the plain texts."""
    _listed[:] = nav.pages


def on_env(env: Any, config: MkDocsConfig, files: Files) -> None:
    """Give the templates our words; remember the pages by their slug: `02-causal-mask`."""
    env.globals["words"] = words(config.theme["language"])
    env.globals["keeping"] = not _live
    _pages.clear()
    for file in files.documentation_pages():
        if file.page is not None and file.src_uri.startswith(_SECTIONS):
            _pages[Path(file.src_uri).stem] = file.page


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Keep drawings and formulas from the search plugin, which indexes the page next."""
    marked, _aside[page.file.src_uri] = set_aside(html)
    return marked


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """Bring them back; put the metadata line under a section's title, once every page and its title are known."""
    html = section_numbers.in_title(put_back(page.content or "", _aside.pop(page.file.src_uri)))
    html = page.content = with_buttons(html, config.theme["language"], lambda path: get_relative_url(path, page.url))
    if not page.file.src_uri.startswith(_SECTIONS):
        return
    language = config.theme["language"]
    needs = [_link(slug, page) for slug in page.meta.get("needs") or []]
    page.content = under_title(html, metadata_line(page.meta, html, language, needs))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Finish a page."""
    return _finished(output, config)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """Finish the page for addresses that lead nowhere, which is no page to MkDocs."""
    return _finished(output, config) if template_name.endswith(".html") else output


def _finished(html: str, config: MkDocsConfig) -> str:
    """Mend what the theme leaves: invalid attributes, a search dialog with no name, scripts that hold the text back.

    Say what the page may load.
    """
    html = section_numbers.in_links(_INVALID.sub("", html))
    html = html.replace(_SEARCH, f'{_SEARCH} aria-label="{words(config.theme["language"]).search}"')
    head, body, rest = html.partition("<body")
    html = head + body + rest.replace("<script src=", "<script defer src=")
    return html if _live else with_policy(html)


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).resolve().parent


def _leaf(page: Page) -> plain_text.Leaf:
    group = page.parent.title if page.parent else ""
    return plain_text.Leaf(group, str(page.title), page.meta.get("description", ""), page.file.src_uri)


def _link(slug: str, page: Page) -> tuple[str, str]:
    needed = _pages.get(slug)
    if needed is None:
        raise SiteError(f"needs: there is no section {slug}; there are {', '.join(sorted(_pages))}")
    return str(needed.title), get_relative_url(needed.url, page.url)
