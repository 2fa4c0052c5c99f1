"""Twins: the two languages of a page have the same structure, blocks, links and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.model import Block, Page
from handbook.pages.numerals import numerals
from handbook.pages.syntax import FAILS_IF, NAMING
from handbook.project import ORIGINAL

_SENTENCE = re.compile(r"(?<=[.?!:;])\s")


def check(context: Context) -> Iterator[Finding]:
    """Compare a translation with its original; findings stand on the translation."""
    page, twin = context.page, context.twin
    expected = context.project.twin_of(page.path)
    if expected is None:
        return
    if twin is None:
        yield context.say(1, f"the page has no twin: {expected} is missing", "write it, in the same change")
        return
    if context.project.language_of(page.path) == ORIGINAL:
        return
    for compare in (_headings, _containers, _worlds, _blocks, _options, _links, _numbers, _numerals, _front_matter):
        yield from compare(context, page, twin)


def _headings(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    yield from _sequence(
        context,
        page,
        twin,
        "heading",
        lambda one: [(f"{'#' * h.level} #{h.id}", h.line) for h in one.headings],
    )


def _containers(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    def named(one: Page) -> list[tuple[str, int]]:
        return [(f"{c.kind} {c.argument if c.kind in NAMING else c.id}".strip(), c.line) for c in one.containers]

    yield from _sequence(context, page, twin, "block", named)


def _worlds(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    ours, theirs = ([one for one in side.containers if one.kind == "proof"] for side in (page, twin))
    for here, there in zip(ours, theirs, strict=False):
        if here.worlds != there.worlds:
            problem = f"the worlds in which this proof fails differ from {twin.path}:{there.line}"
            yield context.say(here.line, problem, f"give both proofs the same {FAILS_IF}")


def _sequence(
    context: Context, page: Page, twin: Page, what: str, items: Callable[[Page], list[tuple[str, int]]]
) -> Iterator[Finding]:
    """One finding for each thing that is missing on one side, or for the first that stands elsewhere."""
    ours, theirs = items(page), items(twin)
    here, there = Counter(name for name, _ in ours), Counter(name for name, _ in theirs)
    for name in there - here:
        at = next(line for other, line in theirs if other == name)
        yield context.say(1, f"the {what} {name} of {twin.path}:{at} is missing here", "translate it too")
    for name in here - there:
        line = [line for other, line in ours if other == name][-1]
        problem = f"the {what} {name} does not stand in {twin.path}"
        yield context.say(line, problem, "write it there too, or delete it")
    if here == there:
        for (name, line), (other, at) in zip(ours, theirs, strict=True):
            if name != other:
                yield context.say(line, f"{name} stands where {twin.path}:{at} has {other}", "keep the same order")
                return


def _blocks(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    ours, theirs = (
        [(block.language, block.code, block.runs, block.measured) for block in one.blocks] for one in (page, twin)
    )
    for operation, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if operation == "equal":
            for here, there in zip(page.blocks[a:b], twin.blocks[c:d], strict=True):
                shown, expected = ((one.output and one.output.text, one.picture) for one in (here, there))
                if shown != expected:
                    problem = f"its output differs from {twin.path}:{there.line}"
                    yield context.say(here.line, problem, "run `handbook update`")
            continue
        pairs = min(b - a, d - c)
        for here, there in zip(page.blocks[a : a + pairs], twin.blocks[c : c + pairs], strict=True):
            yield _difference(context, here, there, twin)
        a, c = a + pairs, c + pairs
        for block in page.blocks[a:b]:
            yield context.say(block.line, f"this block is not in {twin.path}", "give both pages the same blocks")
        near = page.blocks[min(a, len(page.blocks) - 1)].line if page.blocks else 1
        for block in twin.blocks[c:d]:
            yield context.say(near, f"the block of {twin.path}:{block.line} is missing here", "copy it over")


def _difference(context: Context, here: Block, there: Block, twin: Page) -> Finding:
    """What a block and that of the twin in its place do not share: the first line of code, or all but the code."""
    lines = zip_longest(here.code.splitlines(), there.code.splitlines())
    number, *sides = next(((n, *pair) for n, pair in enumerate(lines, start=1) if pair[0] != pair[1]), (0,))
    if not number:
        problem = f"this block is that of {twin.path}:{there.line} in another language, or with other flags"
        return context.say(here.line, problem, "begin both with the same fence")
    ours, theirs = ("the block ends" if line is None else f"“{line}” stands" for line in sides)
    at = twin.line_in(there, min(number, len(there.code.splitlines())))
    problem = f"{ours} here, where {theirs} in {twin.path}:{at}"
    line = context.page.line_in(here, min(number, len(here.code.splitlines())))
    return context.say(line, problem, "give both pages the same blocks")


def _options(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    for quiz, ours in page.options.items():
        theirs = twin.options.get(quiz, ())
        if [(o.ticked, o.expression) for o in ours] != [(o.ticked, o.expression) for o in theirs]:
            yield context.say(
                ours[0].line,
                f"the options of {quiz} differ from {twin.path}",
                "same order, ticks and expressions",
            )


def _links(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    yield from _multiset(
        context,
        twin,
        "link",
        [(one.target, one.line) for one in page.links],
        [(one.target, one.line) for one in twin.links],
    )


def _numbers(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    yield from _multiset(context, twin, "number", list(page.all_numbers), list(twin.all_numbers))
    yield from _multiset(context, twin, "name", list(page.names), list(twin.names))
    yield from _multiset(context, twin, "formula", list(page.formulas), list(twin.formulas))
    pins = [(f"{pin.tie}={pin.expression}", pin.line) for pin in page.pins]
    yield from _multiset(context, twin, "pin", pins, [(f"{pin.tie}={pin.expression}", pin.line) for pin in twin.pins])


def _numerals(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    """A number word in the place of another; a translation may well say one of them in another way, or not at all."""
    ours, theirs = (_numerals_of(one, context.project.language_of(one.path)) for one in (page, twin))
    for place in ours.keys() & theirs.keys():
        (line, here), (at, there) = ours[place], theirs[place]
        counts, wanted = (Counter(number for _, number in one) for one in (here, there))
        more, less = list((counts - wanted).elements()), list((wanted - counts).elements())
        if len(more) == len(less) == 1:
            word = next(word for word, number in here if number == more[0])
            instead = next(word for word, number in there if number == less[0])
            problem = f"“{word}” stands here, where “{instead}” stands in {twin.path}:{at}"
            yield context.say(line, problem, "say the same number on both pages")


def _numerals_of(page: Page, language: str) -> dict[tuple[str | int, ...], tuple[int, list[tuple[str, int]]]]:
    """The number words of each sentence, by the sentence's place.

    That is its heading, the lines below the heading, the line, the sentences of the line, the sentence: where twins
    are divided otherwise, they have no place in common.
    """
    begins = {heading.line: heading.id for heading in page.headings}
    parts: dict[str, list[tuple[int, str]]] = {}
    heading = ""
    for line, text in page.prose:
        heading = begins.get(line, heading)
        parts.setdefault(heading, []).append((line, text))
    found: dict[tuple[str | int, ...], tuple[int, list[tuple[str, int]]]] = {}
    for heading, lines in parts.items():
        for number, (line, text) in enumerate(lines):
            sentences = _SENTENCE.split(text)
            for nth, sentence in enumerate(sentences):
                place = heading, len(lines), number, len(sentences), nth
                found[place] = line, numerals(sentence, language)
    return found


def _multiset(
    context: Context, twin: Page, what: str, ours: list[tuple[str, int]], theirs: list[tuple[str, int]]
) -> Iterator[Finding]:
    here, there = Counter(name for name, _ in ours), Counter(name for name, _ in theirs)
    for name in here.keys() | there.keys():
        if here[name] == there[name]:
            continue
        lines = [line for other, line in ours if other == name]
        at = [line for other, line in theirs if other == name]
        if not lines:
            problem = f"the {what} {name} of {twin.path}:{at[0]} is not on this page"
        elif not at:
            problem = f"the {what} {name} is not in {twin.path}"
        else:
            problem = f"the {what} {name} stands here {len(lines)}×, in {twin.path}:{at[0]} {len(at)}×"
        yield context.say(lines[-1] if lines else 1, problem, "say the same on both pages")


def _front_matter(context: Context, page: Page, twin: Page) -> Iterator[Finding]:
    for key in ("level", "needs"):
        if page.meta.get(key) != twin.meta.get(key):
            yield context.say(1, f"the front matter's {key} differs from {twin.path}", "copy it over")
