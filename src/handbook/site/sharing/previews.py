"""What others see of each page of a language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from handbook.site.exports.offline import SOCIAL
from handbook.site.sharing.citation import Citation, citation
from handbook.site.sharing.image import alternative, parts
from handbook.site.sharing.page import Shared, Whole
from handbook.site.sharing.raster import Drawing
from handbook.site.sharing.structured import structured


class Preview(NamedTuple):
    """What a page's template says to others."""

    citation: Citation | None
    image: str = ""
    """The address of its social image; empty where it has none."""
    alt: str = ""
    """What the image shows."""
    structured: str = ""
    """JSON-LD; empty where there is nothing to say."""


class Previews:
    """Those of a language. A site that is served while it is written is shared with nobody: it has citations alone."""

    def __init__(self, root: Path, whole: Whole, pages: Sequence[Shared], *, live: bool) -> None:
        self.whole = whole
        self.pages = {page.path: page for page in pages}
        self.live = live
        # A network asks for a whole address: where the site's is not known, no image is drawn.
        self.drawing = Drawing(root) if whole.address and not live else None
        if self.drawing:
            self.drawing.begin({page.path: parts(page, whole) for page in pages})

    def of(self, path: str) -> Preview:
        """The preview of a page, by its path without the ending."""
        page = self.pages[path]
        cited = citation(page, self.whole)
        if self.live:
            return Preview(cited)
        shown = f"{self.whole.address}{SOCIAL}/{path}.png" if self.drawing else ""
        return Preview(cited, shown, alternative(page), structured(page, self.whole, list(self.pages.values()), shown))

    def place(self, site: Path) -> None:
        """Put the images where the pages say that they are.

        Raises:
            BuildError: one could not be drawn.
        """
        if self.drawing:
            self.drawing.place(site)

    def end(self) -> None:
        """Draw no more: the build has failed."""
        if self.drawing:
            self.drawing.end()
