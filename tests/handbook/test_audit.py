"""The audit of the real section pages: one digit, sign or tick changed at a time, in a sample of them.

Alone means by the page's own computation; the comparison with the twin comes on top of it. The kinds
that need a run for each alteration are left to `make audit`.
"""

from __future__ import annotations

import pytest

from handbook.audit.alterations import Kind, alterations
from handbook.audit.judge import RUN_AGAIN, Audit, audit
from handbook.page.parse import parse
from handbook.project import LANGUAGES, Project

from .conftest import ROOT, Handbook

PROJECT = Project(ROOT)
SECTIONS = [path for path in PROJECT.pages if "/handbook/" in path]
SAMPLE = 20
STATIC = frozenset(Kind) - {*RUN_AGAIN, Kind.STRUCTURE}


@pytest.fixture(scope="module")
def result() -> Audit:
    return audit(PROJECT, SECTIONS, STATIC, every=SAMPLE)


def shares(result: Audit, *kinds: Kind) -> tuple[int, int, int]:
    """Facts, caught, and caught by the page alone, over both languages."""
    found = [result.shares[language, kind] for language in LANGUAGES for kind in kinds]
    return sum(one.facts for one in found), sum(one.caught for one in found), sum(one.alone for one in found)


def test_there_is_something_to_alter_in_both_languages(result: Audit) -> None:
    for kind in STATIC:
        english, spanish = (result.shares["en", kind].facts, result.shares["es", kind].facts)
        assert english == spanish > 0, kind


@pytest.mark.parametrize("kind", [Kind.DECIMAL, Kind.OUTPUT, Kind.TICK, Kind.SIGN])
def test_the_page_alone_catches_every(result: Audit, kind: Kind) -> None:
    facts, _, alone = shares(result, kind)
    assert alone == facts


def test_the_page_alone_catches_integers_in_code_font(result: Audit) -> None:
    facts, _, alone = shares(result, Kind.CODE_FONT)
    assert alone >= 0.95 * facts, f"{alone} of {facts}"


def test_the_page_alone_catches_most_integers_in_tables(result: Audit) -> None:
    """The others are names, as in "token 0 tapped": the twin holds them in place."""
    facts, _, alone = shares(result, Kind.TABLE)
    assert alone >= 0.8 * facts, f"{alone} of {facts}"


def test_with_its_twin_every_change_is_caught(result: Audit) -> None:
    assert [str(survivor) for survivor in result.survivors] == []


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


def test_a_number_that_nothing_binds_survives_and_is_named(handbook: Handbook) -> None:
    handbook.page("page", "```python\nx = [1, 2]\n```\n\nThere are 1 of them.\n")
    handbook.write("docs/es/page.md", (handbook.root / "docs/en/page.md").read_text().replace("1 of", "2 of"))
    said = handbook.command("audit")
    assert said.returncode == 1
    assert "docs/en/page.md:11: '1' may become '2' unnoticed" in said.stdout
