"""The extension `handbook.site.markdown.extension`: what the handbook adds to Python-Markdown.

Named in mkdocs.yml under `markdown_extensions`, after `pymdownx.arithmatex`, `pymdownx.superfences` and
`attr_list`, whose results it reads.
"""

from __future__ import annotations

from typing import Any

from markdown import Markdown
from pymdownx.blocks import BlocksExtension, BlocksProcessor

from handbook.locale import LANGUAGES, words
from handbook.site.errors import SiteError
from handbook.site.explorers import Explorer
from handbook.site.gathered.api import Api
from handbook.site.gathered.bank import Bank
from handbook.site.gathered.cards import Cards
from handbook.site.gathered.exam import Exam
from handbook.site.gathered.home import Evening, Opening, Parts, Shown
from handbook.site.gathered.museum import Museum
from handbook.site.gathered.progress import Progress
from handbook.site.gathered.sheet import Sheet
from handbook.site.gathered.traps import Traps
from handbook.site.markdown import blocks, embedded
from handbook.site.markdown.maths import MathProcessor
from handbook.site.markdown.pins import PinProcessor
from handbook.site.markdown.unbroken import UnbrokenProcessor

# Inline parsing runs at 20 and attr_list at 8; the table of contents and MkDocs' anchors are read at 5.
_AFTER_INLINE = 19
_AFTER_ATTRIBUTES = 6
_AFTER_PINS = 5.5
_AFTER_CONTENTS = 4


class HandbookExtension(BlocksExtension):
    """Containers, formulas and pins, in one language."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {"language": ["en", "Language of the words that the site puts on a page: en or es"]}
        super().__init__(**kwargs)
        if self.getConfig("language") not in LANGUAGES:
            raise SiteError(f"language is one of {', '.join(LANGUAGES)}, not {self.getConfig('language')}")

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:  # noqa: N802
        """Called by pymdownx once its block parser stands."""
        language = self.getConfig("language")
        blocks.register(block_mgr, language)
        for block in (Api, Bank, Cards, Evening, Exam, Explorer, Museum, Opening, Parts, Progress, Sheet, Shown, Traps):
            block_mgr.register(block, {"language": language})
        md.treeprocessors.register(MathProcessor(md), "handbook_math", _AFTER_INLINE)
        md.treeprocessors.register(PinProcessor(md, words(language)), "handbook_pins", _AFTER_ATTRIBUTES)
        embedded.register(md, language, _AFTER_PINS)
        md.treeprocessors.register(UnbrokenProcessor(md), "handbook_unbroken", _AFTER_CONTENTS)


def makeExtension(**kwargs: Any) -> HandbookExtension:  # noqa: N802
    """Python-Markdown's way in."""
    return HandbookExtension(**kwargs)
