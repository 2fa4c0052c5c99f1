"""The MkDocs plugin `handbook`: when MkDocs builds, `prepare` before, and `finish` after. ProperDocs finds it too."""

from __future__ import annotations

import logging
from pathlib import Path
from shutil import rmtree
from typing import Any

from jinja2 import FileSystemBytecodeCache
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.plugins import log as mkdocs_log
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from handbook.locale import words
from handbook.pages.notebook import is_notebook
from handbook.pages.syntax import linked_pins
from handbook.running.store import kept
from handbook.site import finish, notebooks, prepare
from handbook.site.edition import edition, version
from handbook.site.errors import SiteError
from handbook.site.explorers import script
from handbook.site.exports.book.names import FORMATS, addresses
from handbook.site.exports.plain_text import Leaf
from handbook.site.gathered.sections import FOLDERS
from handbook.site.html.metadata import metadata_line
from handbook.site.html.reading_time import Times, times
from handbook.site.html.search_placeholders import put_placeholders
from handbook.site.settings import FILES
from handbook.site.sharing.image import figure
from handbook.site.sharing.page import Answered, Shared, Whole
from handbook.site.sharing.previews import Previews
from handbook.site.sharing.structured import answered

_AFTER_SEARCH = -50
"""The search has written its index by then, and the offline plugin, at -100, has not put it into a script yet."""
_SECTIONS = tuple(f"{folder}/" for folder in FOLDERS)


class HandbookConfig(Config):
    """The plugin's options."""

    language = config_options.Choice(tuple(FILES), default="en")
    """Of the pages, and of the words that the site adds to them."""
    books = config_options.ListOfItems(config_options.Choice(FORMATS), default=[])
    """The books that will be put into the site, which links to them."""


class HandbookPlugin(BasePlugin[HandbookConfig]):
    """One language's site. An instance serves one build after the other; `on_config` begins each."""

    live = False
    """Whether pages are served while they are written: MkDocs then adds a script to each, which no policy foresees."""

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Remember what the build is for."""
        self.live = command == "serve"

    def on_config(self, config: MkDocsConfig) -> None:
        """Look snippets up from the project's root, wherever mkdocs is called; give each language its address."""
        self.root = Path(config.config_file_path).resolve().parent
        self.hidden: dict[Path, Path] = {}
        self.placeholders: dict[str, list[str]] = {}
        self.times: dict[str, Times] = {}
        self.asked: dict[str, list[Answered]] = {}
        self.previews: Previews | None = None
        self.pins: dict[str, dict[str, list[int]]] = {}
        notebooks.use_our_template()
        config.mdx_configs["pymdownx.snippets"]["base_path"] = [str(self.root)]
        config.extra["books"] = addresses(self.config.language, tuple(self.config.books))
        if config.site_url:
            config.site_url = f"{config.site_url.rstrip('/')}/{_folders(config)[self.config.language]}"
        if config.strict:
            _count_warnings()

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Keep the other languages' folders, which MkDocs would clean away; it spares what begins with a dot."""
        site = Path(config.site_dir)
        for name in (folder.strip("/") for folder in _folders(config).values() if folder):
            folder, hidden = site / name, site / f".{name}"
            if not config.extra["to_root"] and folder.is_dir():
                rmtree(hidden, ignore_errors=True)
                folder.rename(hidden)
                self.hidden[hidden] = folder

    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        """Add what the site has beside its pages; a lab's block that fails ends the build."""
        pages = [file.src_uri for file in files.documentation_pages()]
        for path, content in prepare.files(self.root, self.config.language, pages, config.site_url or ""):
            files.append(File.generated(config, path, content=content))

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> None:
        """Remember the pages in their order, and the sections by their slug: `02-causal-mask`."""
        self.files, self.nav = files, nav
        sections = [file for file in files.documentation_pages() if file.src_uri.startswith(_SECTIONS)]
        self.sections = {Path(file.src_uri).stem: file.page for file in sections if file.page is not None}

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Tell the templates about the page."""
        if is_notebook(page.file.src_uri):
            notebooks.tell(page, markdown)
        self.pins[page.file.src_uri] = linked_pins(page.file.content_string)
        page.meta.update(prepare.variables(self.root, self.config.language, page.file.src_uri, markdown))

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Keep drawings, formulas and code from the search plugin, which indexes the page next, and its reading time.

        A page with an explorer asks for the script behind it.
        """
        if is_notebook(page.file.src_uri):
            html = notebooks.rendered(page, html, config, files)
        if page.file.src_uri.startswith(_SECTIONS):
            self.times[page.file.src_uri] = times(html)
            self.asked[page.file.src_uri] = list(answered(html, page.canonical_url or ""))
        indexed, self.placeholders[page.file.src_uri] = put_placeholders(html)
        return indexed + script(html, lambda path: get_relative_url(path, page.url))

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> None:
        """Give the templates our words, and keep them compiled for the other language and the next build."""
        self.env = env
        env.bytecode_cache = _templates(self.root)
        env.globals["words"] = words(self.config.language)
        env.globals["keeping"] = not self.live
        env.globals["version"] = version(self.root)
        # Those of the navigation in its order, and those that are not in it yet.
        listed = {page.file.src_uri: page for page in self.nav.pages}
        listed |= {file.src_uri: file.page for file in files.documentation_pages() if file.page is not None}
        pages = list(map(self._shared, listed.values()))
        self.previews = Previews(self.root, self._whole(config), pages, live=self.live)

    def on_page_context(self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
        """Tell the page's template what others see of it."""
        if self.previews:
            page.meta["preview"] = self.previews.of(_path(page))

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Finish a page."""
        path = page.file.src_uri
        metadata = ""
        if path.startswith(_SECTIONS):
            needs = [self._needed(slug, page) for slug in page.meta.get("needs") or []]
            metadata = metadata_line(page.meta, self.times[path], self.config.language, needs)
        elif is_notebook(path):
            metadata = notebooks.download(page, self.config.language)
        return finish.page(
            output,
            self.config.language,
            placeholders=self.placeholders[path],
            metadata=metadata,
            pins=self.pins[path],
            lessons={section: taken.lesson for section, taken in self.times.items()},
            policy=not self.live,
        )

    def on_post_template(self, output: str, *, template_name: str, config: MkDocsConfig) -> str:
        """Finish the page for addresses that lead nowhere, which is no page to MkDocs."""
        if not template_name.endswith(".html"):
            return output
        return finish.page(output, self.config.language, policy=not self.live)

    @event_priority(_AFTER_SEARCH)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Bring the other languages' folders back, and write what the site has beside its pages."""
        self._bring_back()
        built = finish.Site(
            self.root,
            self.config.language,
            Path(config.site_dir),
            config.site_name,
            config.site_description or "",
            config.site_url or "",
            config.extra["to_root"],
            _folders(config),
        )
        pages = [page.file.src_uri for page in self.nav.pages]
        if self.previews:
            self.previews.place(built.folder)
        notebooks.write(self.root, self.config.language, built.folder, pages, built.address)
        finish.site(built, [_leaf(page) for page in self.nav.pages], live=self.live)

    def on_build_error(self, *, error: Exception) -> None:
        """A page that is wrong gets one line, not a traceback; MkDocs has named the page by now."""
        self._bring_back()
        if self.previews:
            self.previews.end()
        if isinstance(error, SiteError):
            raise Abort(str(error)) from error

    def _bring_back(self) -> None:
        for hidden, folder in self.hidden.items():
            if hidden.is_dir() and not folder.exists():
                hidden.rename(folder)
        self.hidden.clear()

    def _needed(self, slug: str, page: Page) -> tuple[str, str]:
        """Title and address of a section to know first."""
        needed = self.sections.get(slug)
        if needed is None:
            raise SiteError(f"needs: there is no section {slug}; there are {', '.join(sorted(self.sections))}")
        return str(needed.title), get_relative_url(needed.url, page.url)

    def _whole(self, config: MkDocsConfig) -> Whole:
        return Whole(
            config.site_name,
            config.site_description or "",
            config.site_url or "",
            self.config.language,
            edition(self.root),
        )

    def _shared(self, page: Page) -> Shared:
        """The page as others see it; without a figure it shows that of a section to know first."""
        leaf = _leaf(page)
        needed = [self.sections[slug] for slug in page.meta.get("needs") or [] if slug in self.sections]
        # Of several, that of the same name: the lab of the entropy floor shows its section's.
        alike = sorted(needed, key=lambda one: _name(one) != _name(page))
        figures = (figure(self.placeholders[one.file.src_uri]) for one in (page, *alike))
        return Shared(
            _path(page),
            leaf.title,
            leaf.description,
            leaf.group,
            page.canonical_url or "",
            page.is_homepage,
            page.meta.get("level", ""),
            self.times.get(leaf.path),
            page.meta.get("topics") or [],
            [str(one.title) for one in needed],
            next(filter(None, figures), ""),
            self.asked.get(leaf.path, []),
        )


def _path(page: Page) -> str:
    """Below the language's site, without the ending."""
    return Path(page.file.src_uri).with_suffix("").as_posix()


def _name(page: Page) -> str:
    """What a section or a lab is called, without its number."""
    return Path(page.file.src_uri).stem.partition("-")[2]


def _folders(config: MkDocsConfig) -> dict[str, str]:
    """The folder of each language, below that of the first."""
    return {one["code"]: one["folder"] for one in config.extra["languages"]}


def _leaf(page: Page) -> Leaf:
    group = page.parent.title if page.parent else ""
    return Leaf(group, str(page.title), page.meta.get("description", ""), page.file.src_uri)


def _templates(root: Path) -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept: among what the engine remembers; nowhere, where nothing can be written."""
    folder = kept(root, "templates")
    return FileSystemBytecodeCache(str(folder)) if folder else None


def _count_warnings() -> None:
    """Let warnings through: `--quiet` drops them before `strict` counts them, and a broken link would pass."""
    logger = logging.getLogger(mkdocs_log.name.partition(".")[0])  # ProperDocs calls it by its own name
    if logger.level > logging.WARNING:
        logger.setLevel(logging.WARNING)
