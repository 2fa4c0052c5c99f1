"""How long a page takes to read, from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from math import ceil

WORDS_A_MINUTE = 200
SECONDS_A_LINE_OF_CODE = 2
_SILENT = {"svg", "script", "style"}


def minutes(html: str) -> int:
    """Whole minutes, at least one: words of prose at a calm pace, lines of code slower."""
    counter = _Counter()
    counter.feed(html)
    counter.close()
    return max(1, ceil(counter.words / WORDS_A_MINUTE + counter.lines * SECONDS_A_LINE_OF_CODE / 60))


class _Counter(HTMLParser):
    """Counts words outside code blocks, and lines inside them."""

    def __init__(self) -> None:
        super().__init__()
        self.words = 0
        self.lines = 0
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter what is counted otherwise."""
        if tag == "pre" or tag in _SILENT:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Count."""
        if not self._inside:
            self.words += len(data.split())
        elif self._inside[-1] == "pre":
            self.lines += data.count("\n")
