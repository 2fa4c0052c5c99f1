"""How long a page takes to read, from its HTML: the lesson, and the practice after it."""

from __future__ import annotations

import re
from math import ceil
from typing import NamedTuple

from handbook.pages.rendered import without_tags

WORDS_A_MINUTE = 200
SECONDS_A_LINE_OF_CODE = 2
_SILENT = re.compile(r"<(svg|script|style)\b.*?</\1>", re.DOTALL)
_CODE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
_USED = '<h2 id="used"'
"""Where a section's lesson ends: all that stands unfolded above "Where is it used" is the lesson."""
_BOX = re.compile(r"<(?P<close>/?)(?P<tag>details|div)\b(?P<attributes>[^>]*)>")


class Times(NamedTuple):
    """Whole minutes: of a section's lesson and of the practice after it; of a whole page where there is no lesson."""

    lesson: int
    practice: int | None = None

    @property
    def whole(self) -> int:
        """Minutes of the page, all that it holds."""
        return self.lesson + (self.practice or 0)


def times(html: str) -> Times:
    """Tell the lesson, as it stands unfolded, from the practice: what folds, other tabs, and all that comes after."""
    end = html.find(_USED)
    if end < 0:
        return Times(minutes(html))
    lesson = minutes(unfolded(html[:end]))
    return Times(lesson, max(1, minutes(html) - lesson))


def unfolded(html: str) -> str:
    """Leave out what a reader does not see at first: folds, and every tab of a group but the first."""
    shown: list[str] = []
    open_boxes: list[list[int]] = []  # of each: whether it hides what it holds, and how many tabs it has held so far
    hidden = start = 0
    for box in _BOX.finditer(html):
        if box["close"]:
            hides, _ = open_boxes.pop() if open_boxes else (0, 0)
            hidden -= hides
            if hides and not hidden:
                start = box.end()
            continue
        hides = int(box["tag"] == "details")
        if "tabbed-block" in box["attributes"] and open_boxes:
            hides = int(open_boxes[-1][1] > 0)
            open_boxes[-1][1] += 1
        if hides and not hidden:
            shown.append(html[start : box.start()])
        hidden += hides
        open_boxes.append([hides, 0])
    return "".join([*shown, "" if hidden else html[start:]])


def minutes(html: str) -> int:
    """Whole minutes, at least one: words of prose at a calm pace, lines of code slower."""
    read = _SILENT.sub("", html)
    lines: int = sum(block.count("\n") for block in _CODE.findall(read))
    words = len(without_tags(_CODE.sub("", read), " ").split())
    taken = words / WORDS_A_MINUTE + lines * SECONDS_A_LINE_OF_CODE / 60
    return max(1, ceil(taken))
