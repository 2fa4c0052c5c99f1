"""Lists of sections: the home page and the revision sheet name every section that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.findings import Finding

_LISTED = re.compile(r"^(?:/{3,} sheet \| |\d+\. \[.*\]\(handbook/)(?P<name>\d\d-[\w-]+)", re.MULTILINE)


def check(context: Context) -> Iterator[Finding]:
    """Look at a page that lists sections: in both languages it names each of them."""
    entries = list(_LISTED.finditer(context.page.body))
    if not entries or not context.page.path.endswith(("/index.md", "/revision-sheet.md")):
        return
    folder = f"docs/{context.project.language_of(context.page.path)}/handbook/"
    named = {entry["name"] for entry in entries}
    line = context.page.body.count("\n", 0, entries[0].start()) + 1
    for page in context.project.pages:
        name = page.removeprefix(folder).removesuffix(".md")
        if page.startswith(folder) and name not in named:
            yield context.say(
                line, f"the section {name} is not listed here", "write its entry, in the order of the numbers"
            )
