"""Parts: a section and a lab have the headings that readers, and the pages gathered from them, count on."""

from __future__ import annotations

from collections.abc import Iterator

from handbook.checks.context import Context
from handbook.checks.freshness import STAMP
from handbook.findings import Finding
from handbook.project import ORIGINAL

OPENING = ("idea", "wrong-way", "recall", "quiz", "next")
"""The parts of the section that one reads before all others: it needs none."""

SECTION = (
    *("idea", "worked-example", "code", "wrong-way", "shapes", "used"),
    *("recall", "interview", "quiz", "exercise", "next", "reading"),
)
"""The parts of every other section, as `handbook new` writes them."""

LAB = ("goal", "start", "steps", "constraints", "done", "pitfalls", "solution", "next")


def check(context: Context) -> Iterator[Finding]:
    """Name the parts that a page lacks; a translation's own record says which it once had."""
    page, here = context.page, {heading.id for heading in context.page.headings}
    if not context.is_site_page:
        return
    language, _, below = page.path.removeprefix("docs/").partition("/")
    wanted: tuple[str, ...] = ()
    if "level" in page.meta:
        of_section = SECTION if page.meta.get("needs") else OPENING
        wanted = {"handbook": of_section, "labs": LAB}.get(below.partition("/")[0], ())
    for part in wanted:
        if part not in here:
            yield context.say(
                1, f"this page has no part #{part}", f"begin it with a heading that ends in {{ #{part} }}"
            )
    recorded = page.meta.get(STAMP)
    if language == ORIGINAL or not isinstance(recorded, dict):
        return
    for part in recorded:
        if part not in (*here, *wanted, "front", "top"):
            problem = f"the record of this translation names the part #{part}, which is not here"
            fix = f"restore its heading; where the English has none, run `handbook translated {page.path}`"
            yield context.say(page.meta_lines.get(STAMP, 1), problem, fix)
