"""Attributes: what a page says in braces, or below a block's opening line, is known here and can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.syntax import DATA, Tie, pin_in

_QUOTED = re.compile(r"""\"[^"]*"|'[^']*'""")
_KEY = re.compile(r"[\w-]+(?=\s*=)")


def check(context: Context) -> Iterator[Finding]:
    """Name the attributes that nothing reads: a slip of the pen in one leaves what it should bind unbound."""
    for written, line in context.page.attribute_lists:
        for key in _KEY.findall(_QUOTED.sub("", written)):
            yield from _unknown(context, line, key)
            if key in set(Tie) and pin_in(written) is None:
                problem = f"the expression of {key} does not stand in double quotes, so it is not read"
                yield context.say(line, problem, f'write {{ {key}="…" }}, with single quotes inside it')
    for one in context.page.containers:
        for key in one.attributes:
            yield from _unknown(context, one.line, key)


def _unknown(context: Context, line: int, key: str) -> Iterator[Finding]:
    if key.startswith("data") and key not in DATA:
        (near,) = get_close_matches(key, DATA, 1, 0)
        yield context.say(line, f"the attribute {key} is not known, so nothing reads it", f"write {near}, or delete it")
