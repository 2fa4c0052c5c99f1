"""The audit of the real section pages, in a sample: every kind of alteration, one place at a time.

Alone means by the page's own computation, and for a figure by comparison with `minimodel`; the comparison
with the other language comes on top of it. `make audit` tries every place.
"""

from __future__ import annotations

import pickle
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from handbook.checks import CHECKS
from handbook.checks.context import Context
from handbook.checks.session import Session
from handbook.findings import CallError
from handbook.locale import words
from handbook.pages import source
from handbook.pages.model import Block, Page
from handbook.pages.parse import from_source, parse
from handbook.project import BIBLIOGRAPHY, LANGUAGES, Project
from handbook.running.page_run import PageRun
from handbook.running.transcript import Transcript
from handbook.site.figures import FIGURES
from tests.audit import command
from tests.audit.alterations import Kind, alterations
from tests.audit.batches import CLAIMS, Seen, in_place
from tests.audit.drawings import altered, spots
from tests.audit.figures import Figures
from tests.audit.judge import ALONE, RUN_AGAIN, Audit, Share, audit
from tests.audit.rerun import Rerun, last_seen
from tests.audit.survivors import LIST
from tests.conftest import ROOT, Handbook, Once

PROJECT = Project(ROOT)
SECTIONS = [path for path in PROJECT.pages if "/handbook/" in path]
RUN = [f"docs/{language}/{page}" for language in LANGUAGES for page in ("index.md", "handbook/03-masking-in-code.md")]
"""Pages whose blocks run in a moment, one of them with an embedded fragment."""
SOURCES = [f"docs/{language}/{BIBLIOGRAPHY}" for language in LANGUAGES]
SAMPLE = 20
EVERY_KIND = frozenset(Kind)


@pytest.fixture(scope="module")
def result(once: Once) -> Audit:
    def sample(file: Path) -> None:
        found = audit(PROJECT, SECTIONS, EVERY_KIND - {*RUN_AGAIN, Kind.WORLD, Kind.TABLE}, every=SAMPLE)
        found.add(audit(PROJECT, SOURCES, frozenset({Kind.SOURCE}), every=SAMPLE))
        found.add(audit(PROJECT, SECTIONS, frozenset({Kind.TABLE})))  # whole: few tables hold most of the names
        found.add(audit(PROJECT, RUN, frozenset({*RUN_AGAIN, Kind.WORLD}), every=SAMPLE))
        file.write_bytes(pickle.dumps(found))

    return pickle.loads(once("audit", sample).read_bytes())


def shares(result: Audit, *kinds: Kind) -> tuple[int, int, int]:
    """Facts, caught, and caught by the page alone, over both languages."""
    found = [result.shares[language, kind] for language in LANGUAGES for kind in kinds]
    return sum(one.facts for one in found), sum(one.caught for one in found), sum(one.alone for one in found)


def test_there_is_something_of_every_kind_to_alter_in_both_languages(result: Audit) -> None:
    for kind in Kind:
        english, spanish = (result.shares["en", kind].facts, result.shares["es", kind].facts)
        assert english == spanish > 0, kind


@pytest.mark.parametrize(
    "kind",
    [Kind.DECIMAL, Kind.OUTPUT, Kind.TICK, Kind.SIGN, Kind.FIGURE, Kind.SHAPE, Kind.STORED],
)
def test_the_page_alone_catches_every(result: Audit, kind: Kind) -> None:
    facts, _, alone = shares(result, kind)
    assert alone == facts


def test_the_page_alone_catches_integers_in_code_font(result: Audit) -> None:
    facts, _, alone = shares(result, Kind.CODE_FONT)
    assert alone >= 0.95 * facts, f"{alone} of {facts}"


def test_the_page_alone_catches_most_integers_in_tables(result: Audit) -> None:
    """The others are names, as in "query 2, key 1": the twin holds them in place."""
    facts, _, alone = shares(result, Kind.TABLE)
    assert alone >= 0.95 * facts, f"{alone} of {facts}"


def test_with_its_twin_every_change_is_caught(result: Audit) -> None:
    assert [str(survivor.finding) for survivor in result.survivors] == []


PAGE = """\
Take 4 tokens, `0.50`{ data-is="half" } of them, and `half < 1`{ data-holds="half < 1" }, $T^2$.

| w { data-row="[half]" } | 0.5 |
|---|---|

```python
half = 0.5
print(half)
```

```text
0.5
```

## A heading { #here }

- [x] An option { data-true="half" }
"""


def test_numbers_of_the_bibliography_are_a_kind_of_their_own(handbook: Handbook) -> None:
    path = handbook.page("reference/bibliography", "## Who, 2024 {#who-2024}\n\nArXiv 2401.00001, section 3.\n")
    text = (handbook.root / path).read_text()
    found = alterations(handbook.root, text, parse(handbook.root, path))
    assert [one.was(text) for one in found if one.kind is Kind.SOURCE] == ["4", "1", "3"]


def test_every_kind_of_fact_is_found(handbook: Handbook) -> None:
    path = handbook.page("page", PAGE)
    text = (handbook.root / path).read_text()
    found = [
        (one.kind, one.line(text), one.apply(text).splitlines()[one.line(text) - 1])
        for one in alterations(handbook.root, text, parse(handbook.root, path))
    ]
    assert {(kind, line) for kind, line, _ in found} == {
        (Kind.PROSE, 7),
        (Kind.DECIMAL, 7),
        (Kind.CODE_FONT, 7),
        (Kind.SIGN, 7),
        (Kind.MATH, 7),
        (Kind.DECIMAL, 9),
        (Kind.CODE, 13),
        (Kind.OUTPUT, 18),
        (Kind.TICK, 23),
        (Kind.STRUCTURE, 12),
        (Kind.STRUCTURE, 21),
    }
    assert all(line not in text.splitlines() or kind is Kind.STRUCTURE for kind, _, line in found)


def test_what_is_noticed_of_many_alterations_at_once_is_noticed_of_each_alone(handbook: Handbook) -> None:
    """Some of these nothing on the page notices, next to others that something does."""
    prose = 'Here are 4 of 1 and `0.5`{ data-is="x[0]" },\nthere `0.25`{ data-is="x[1]" } of <b class="c2">2</b>.\n\n'
    table = '| n | 2 |\n|---|---|\n| a { data-row="x[:1]" } | 0.5 |\n\n'
    code = "```python\nx = [0.5, 0.25]\nn = 4 - 2\nprint(*x, n, 1)\n```\n\n```text\n0.5 0.25 2 1\n```\n\n"
    path = handbook.page("page", code + prose + table + "- 4 and 2\n- 1 and $T^2$\n")
    text, session = (handbook.root / path).read_text(), Session(Project(handbook.root))
    try:
        transcript = session.transcript(path)

        def see(changed: str) -> Seen:
            page = from_source(source.from_text(handbook.root, path, changed))
            context = Context(page, transcript, session.library, None, lambda: "")
            found = tuple(finding.line for name in ALONE for finding in CHECKS[name](context))
            return Seen(found, page.all_numbers)

        facts = [
            fact
            for fact in alterations(handbook.root, text, session.page(path))
            if fact.kind in CLAIMS or fact.kind is Kind.OUTPUT
        ]
        true = see(text)
        assert not true.found
        alone = {fact for fact in facts if see(fact.apply(text)).found}
        at_all = {fact for fact in facts if see(fact.apply(text)) != true}
        shown = dict(in_place(text, facts, see))
        assert {fact for fact, by_check in shown.items() if by_check} <= alone < set(facts)
        assert len(facts) / 2 < len(shown)
        assert set(shown) <= at_all < set(facts)
    finally:
        session.close()


def test_a_change_of_code_shows_as_it_would_in_a_whole_run(handbook: Handbook) -> None:
    """However soon its run ends: some show at once, some in a later block or pin, and some never."""
    page = """
```python
def half(x):
    return x / 2  # half of it

x = 4
dead = 7
```

It is `2`{ data-is="int(half(x))" }.

```python
print(half(x), 10 > 3)
assert half(x) > 1
```

```text
2.0 True
```

```python
later = x + 8
```

That makes `12`{ data-is="later" }.
"""
    path = handbook.page("page", page)
    text, session = (handbook.root / path).read_text(), Session(Project(handbook.root))
    try:
        transcript = session.transcript(path)

        def parsed(changed: str) -> Page:
            return from_source(source.from_text(handbook.root, path, changed))

        def shows(altered: Page, transcript: Transcript) -> bool:
            context = Context(altered, transcript, session.library, None, lambda: "")
            return any(True for name in ALONE for _ in CHECKS[name](context))

        shown = {}
        for fact in alterations(handbook.root, text, session.page(path)):
            if fact.kind in RUN_AGAIN:
                altered = parsed(fact.apply(text))
                whole = PageRun(altered, session.worker).finish()
                rerun = Rerun(session.page(path), transcript, session.worker, {})
                found = rerun.of(altered, fact.in_code(text), partial(shows, altered))
                shown[fact.was(text), fact.line(text)] = found is None or shows(altered, found)
                assert shown[fact.was(text), fact.line(text)] == shows(altered, whole), fact
        assert {True, False} == set(shown.values())
    finally:
        session.close()


def test_a_block_that_goes_missing_is_missed_where_the_page_uses_it(handbook: Handbook) -> None:
    """By another block, or by a pin; what nothing uses may go."""
    blocks = ("x = 1", "y = 2 * x", "lonely = 3")
    path = handbook.page(
        "page", "".join(f"```python\n{code}\n```\n\n" for code in blocks) + 'It is `2`{ data-is="y" }.\n'
    )
    found = audit(Project(handbook.root), [path], frozenset({Kind.STRUCTURE}))
    assert found.shares["en", Kind.STRUCTURE] == Share(facts=3, caught=3, alone=2, alike=2)
    (alone,) = found.alone
    assert (handbook.root / path).read_text().split("\n")[alone.line] == "lonely = 3"


@pytest.mark.parametrize(
    ("old", "new", "end"),
    [
        ("x = 1  # of 2", "x = 1  # of 3", 5),
        ("x = 1\nprint(x, 2)", "x = 1\nprint(x, 3)", 6),
        ("assert x < 2", "assert x < 3", 6),
        ("x = 1", "x = 2", 9),
        ("print(x)\nx = 1", "print(x)\nx = 2", 9),
        ("print(1)", "print(1)\nprint(2)", 9),
        ("x.append(1)", "x.append(2)", 9),
        ("x = 1", "x = 1x", 6),
    ],
)
def test_a_change_is_followed_as_far_as_it_can_show(old: str, new: str, end: int) -> None:
    """To block 5, where it stands, if it computes nothing; to its end if it leaves no name behind; or to block 9."""

    def block(code: str) -> Block:
        return Block(index=5, language="python", code=code, line=1, first=1, end=2, heading="")

    assert last_seen(block(old), block(new), 9) == end


@pytest.fixture
def audited(
    handbook: Handbook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], tuple[int, str]]:
    """Audit, and give the exit status and what was said. A scratch handbook is no clone, so it lacks the command."""
    monkeypatch.chdir(handbook.root)

    def run() -> tuple[int, str]:
        return command.run(Namespace(paths=[], alone=False)), capsys.readouterr().out

    return run


def test_a_fact_that_nothing_binds_survives_until_it_is_listed(
    handbook: Handbook, audited: Callable[[], tuple[int, str]]
) -> None:
    handbook.page("page", "```python\nx = 1\n```\n\nIt is kept <b class='c2'>here</b>.\n")
    status, said = audited()
    assert status == 1
    assert "docs/en/page.md:11: '2' may become '3' unnoticed" in said
    assert said.count("'2' may become '3' unnoticed") == len(LANGUAGES)
    entries = (
        f'[[survivor]]\npage = "docs/{language}/page.md"\nline = "is kept"\nfact = "2"\nreason = "a name"\n'
        for language in LANGUAGES
    )
    handbook.write(LIST, "".join(entries))
    assert audited()[0] == 0


def test_a_listed_survivor_that_is_gone_or_has_no_reason_is_named(
    handbook: Handbook, audited: Callable[[], tuple[int, str]]
) -> None:
    handbook.page("page", "```python\nx = 1\n```\n\nNothing here.\n")
    entry = '[[survivor]]\npage = "docs/en/page.md"\nline = "is kept"\nfact = "2"\n'
    handbook.write(LIST, f'# A list.\n{entry}reason = "a name"\n')
    status, said = audited()
    assert status == 1
    assert f"{LIST}:2: '2' of docs/en/page.md is noticed now, or is not there any more" in said
    handbook.write(LIST, entry)
    with pytest.raises(CallError, match=f"{LIST}:1: this survivor has no reason"):
        audited()


@pytest.mark.parametrize("name", FIGURES)
def test_an_alteration_of_a_figure_changes_one_place_and_no_more(name: str) -> None:
    true = FIGURES[name](words("en", "figures"))
    parts = (true.title, true.description, *true.body)
    found = list(spots(true))
    assert found
    for spot in found:
        other = altered(true, spot)
        changed = [n for n, part in enumerate((other.title, other.description, *other.body)) if part != parts[n]]
        assert changed == [spot.part], spot


def test_a_figure_that_no_test_holds_survives(tmp_path: Path) -> None:
    verdicts = Figures(tmp_path).verdicts("label-shift", "en", EVERY_KIND, 1)
    assert verdicts
    assert not any(verdict.caught for verdict in verdicts)
