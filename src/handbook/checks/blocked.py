"""Blocked: what a page brings along and the site's policy keeps from its readers, or nobody has offline."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding

_BLOCKED = re.compile(
    r"<(?P<tag>script(?![^>]*\s(?:src|type)=)|style|iframe|embed|object|video|audio)\b"
    r"|<[a-z][\w-]*\b[^<>]*?\s(?P<attribute>on[a-z]+|style)="
    r"""|<[a-z][\w-]*\b[^<>]*?\s(?:src|srcset|poster)=["']?(?P<elsewhere>(?:https?:)?//[^"'\s>]+)"""
)


def check(context: Context) -> Iterator[Finding]:
    """Look for scripts, styles and frames in the rendered page, and for what it would fetch from elsewhere."""
    if context.page.is_notebook:
        return  # its pictures are written into it, with the styles that they need
    line = 1
    for written, problem, fix in dict.fromkeys(blocked(context.rendered())):
        line = context.line_of(written, line)
        yield context.say(line, problem, fix)


def blocked(html: str) -> Iterator[tuple[str, str, str]]:
    """What will not reach a reader: as it is written, what is wrong, and what to do instead."""
    for match in _BLOCKED.finditer(html):
        if match["tag"]:
            yield (
                f"<{match['tag']}",
                f"the site's policy blocks <{match['tag']}> on a page",
                "write a figure, an explorer or plain Markdown instead",
            )
        elif match["attribute"]:
            yield (
                f"{match['attribute']}=",
                f"the site's policy blocks the attribute {match['attribute']} on a page",
                "leave it out; what all pages look like is the theme's",
            )
        else:
            yield (
                match["elsewhere"],
                f"{match['elsewhere']} is fetched from elsewhere, which the site's policy blocks",
                "keep the file beside the page, or link to it",
            )
