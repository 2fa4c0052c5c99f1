"""The audit's parts on a small page and one figure, in this process; test_audit.py has it look at the real pages."""

from __future__ import annotations

from handbook.locale import words
from handbook.project import LANGUAGES, Project
from handbook.site.figures import FIGURES
from handbook.site.figures.svg import Drawing
from tests.audit.alterations import Alteration, Kind
from tests.audit.drawings import Spot, altered, in_words, spots
from tests.audit.figures import Figures
from tests.audit.judge import Audit, Share, audit_pair, table
from tests.conftest import ROOT, Handbook

EVERY = frozenset(Kind)

PAGE = """\
```python
half = 0.5  # 0.5 of it
rows = list(range(3))
seed = 7
print(half)
```

```text
0.5
```

A number that is bound: `0.50`{ data-is="half" }. One that stands in the code: 3.
A claim: `half < 1`{ data-holds="half < 1" }.

## A heading { #here }

Kept by its twin alone: <b class="c7">here</b>.
"""


def both(handbook: Handbook, text: str) -> list[str]:
    path = handbook.page("page", text)
    return [path, path.replace("/en/", "/es/")]


def test_each_alteration_is_counted_by_language_and_kind(handbook: Handbook) -> None:
    pair = both(handbook, PAGE)
    found = audit_pair(Project(handbook.root), pair, EVERY, 1)
    assert {kind for _, kind in found.shares} == {
        Kind.PROSE,
        Kind.DECIMAL,
        Kind.CODE_FONT,
        Kind.SIGN,
        Kind.CODE,
        Kind.OUTPUT,
        Kind.STRUCTURE,
    }
    for kind in {kind for _, kind in found.shares} - {Kind.STRUCTURE}:
        assert found.shares["en", kind] == found.shares["es", kind], kind
    # The number that nothing uses may be another one, and all that the page says is as true as before.
    assert found.shares["en", Kind.CODE] == Share(facts=3, caught=3, alone=3, alike=3, equal=1)
    assert found.shares["en", Kind.OUTPUT] == Share(facts=1, caught=1, alone=1, alike=1)
    assert found.shares["en", Kind.SIGN] == Share(facts=1, caught=1, alone=1, alike=1)
    # An output is missed without its block; of its headings, the translation has a record.
    assert found.shares["en", Kind.STRUCTURE] == Share(facts=2, caught=2, alone=1, alike=2)
    assert found.shares["es", Kind.STRUCTURE] == Share(facts=2, caught=2, alone=2, alike=2)


def test_what_the_page_alone_does_not_notice_is_named(handbook: Handbook) -> None:
    found = audit_pair(Project(handbook.root), both(handbook, PAGE)[:1], frozenset({Kind.PROSE, Kind.STRUCTURE}), 1)
    assert [one.problem for one in found.alone] == [
        "'7' may become '8', and the page alone does not notice",
        "'## A heading { #here }' may become '', and the page alone does not notice",
    ]


def test_what_survives_is_named_by_line_with_its_fix(handbook: Handbook) -> None:
    pair = both(handbook, PAGE)
    found = audit_pair(Project(handbook.root), pair, frozenset({Kind.PROSE}), 1)
    lines = [(handbook.root / path).read_text("utf-8").split("\n") for path in pair]
    expected = [1 + next(n for n, line in enumerate(text) if "c7" in line) for text in lines]
    assert [(one.finding.path, one.finding.line, one.fact) for one in found.survivors] == [
        (path, line, "7") for path, line in zip(pair, expected, strict=True)
    ]
    assert found.survivors[0].finding.problem == "'7' may become '8' unnoticed"
    assert found.survivors[0].finding.fix == "pin the number in code font, or let an output show it"


def test_a_sample_begins_with_the_first_of_each_kind(handbook: Handbook) -> None:
    pair = both(handbook, PAGE)
    whole = audit_pair(Project(handbook.root), pair, EVERY, 1)
    tenth = audit_pair(Project(handbook.root), pair, EVERY, 10)
    assert tenth.shares.keys() == whole.shares.keys()
    assert {share.facts + share.equal for share in tenth.shares.values()} == {1}


def test_only_the_kinds_that_were_asked_for_are_altered(handbook: Handbook) -> None:
    found = audit_pair(Project(handbook.root), both(handbook, PAGE), frozenset({Kind.OUTPUT}), 1)
    assert {kind for _, kind in found.shares} == {Kind.OUTPUT}


def test_the_table_adds_up() -> None:
    one, other = Audit(), Audit()
    one.count("en", Kind.TICK, alone=True, caught=True)
    one.count("en", Kind.TICK, alone=False, caught=True)
    other.count("en", Kind.TICK, alone=False, caught=False)
    other.count("es", Kind.MATH, alone=True, caught=True)
    other.equal("es", Kind.MATH)
    other.equal("es", Kind.CODE)
    one.add(other)
    assert one.shares == {
        ("en", Kind.TICK): Share(facts=3, caught=2, alone=1, alike=1),
        ("es", Kind.MATH): Share(1, 1, 1, 1, 1),
        ("es", Kind.CODE): Share(equal=1),
    }
    head, *rows = table(one).splitlines()
    assert head.split() == ["facts", "caught", "alone", "alike", "equal"]
    assert [" ".join(row.split()) for row in rows] == [
        "integers in formulas es 1 100.0 % 100.0 % 100.0 % 1",
        "ticked options en 3 66.7 % 33.3 % 33.3 % 0",
        "digits in other code es 0 – – – 1",
        "all 4 75.0 % 50.0 % 50.0 % 2",
    ]
    assert len({len(line) for line in (head, *rows)}) == 1
    assert table(Audit()).split() == ["facts", "caught", "alone", "alike", "equal"]


# Figures ----------------------------------------------------------------------

DRAWING = Drawing(
    40,
    30,
    "Of 2 rows",
    "The first has 0.25.",
    (
        '<rect class="lt-fill" x="0" y="0" width="4" height="8"/>',
        '<rect class="lt-fill" x="0" y="0" width="5" height="8"/>',
        '<rect class="lt-fill" x="0" y="0" width="6" height="8"/>',
        '<text x="7">1,024 keys</text>',
    ),
)


def test_a_change_of_code_is_known_by_its_fence_its_place_in_it_and_what_stands_there() -> None:
    fence = "\n```python\nx = 1\n```\n\n```text\n1\n```\n"
    text = f"First.\n{fence}{fence}"
    first, second = (at for at in range(len(text)) if text.startswith("1\n```\n\n```text", at))
    places = [Alteration(Kind.CODE, at, at + 1, "2").in_code(text) for at in (first, second)]
    assert places == [(0, len("\n```python\nx = "), "2"), (1, len("\n```python\nx = "), "2")]


def test_each_number_shape_and_varying_size_of_a_drawing_can_be_altered() -> None:
    said = [in_words(DRAWING, spot) for spot in spots(DRAWING)]
    assert said == [
        "'2' may become '3' in “Of 2 rows”",
        "'0.25' may become '0.26' in “The first has 0.25.”",
        *(
            text
            for width in (4, 5, 6)
            for text in (
                f'the shape <rect class="lt-fill" x="0" y="0" width="{width}" height="8"/> may go missing',
                f"'{width}' may become '{width + 1}' in "
                f'“<rect class="lt-fill" x="0" y="0" width="{width}" height="8"/>”',
            )
        ),
        "'1,024' may become '1,025' in “1,024 keys”",
    ]


def test_an_alteration_of_a_drawing_stands_where_it_was_made() -> None:
    other = altered(DRAWING, Spot(Kind.FIGURE, 5, 0))
    assert (other.title, other.description, other.body[:3]) == (DRAWING.title, DRAWING.description, DRAWING.body[:3])
    assert other.body[3] == '<text x="7">1,025 keys</text>'
    assert altered(DRAWING, Spot(Kind.SHAPE, 3, 0)).body[1] == ""
    assert 'width="6"' in altered(DRAWING, Spot(Kind.SIZE, 3, 0)).body[1]


def test_the_tests_of_a_figure_notice_every_alteration_of_it_and_it_is_whole_again_afterwards() -> None:
    name = "label-shift"
    before = {language: FIGURES[name](words(language, "figures")) for language in LANGUAGES}
    verdicts = Figures(ROOT).verdicts(name, "es", EVERY, 1)
    assert len(verdicts) == len(list(spots(before["es"])))
    assert all(verdict.alone and verdict.caught for verdict in verdicts)
    assert all(verdict.what.startswith("in the figure label-shift, ") for verdict in verdicts)
    assert {language: FIGURES[name](words(language, "figures")) for language in LANGUAGES} == before
    assert Figures(ROOT).verdicts(name, "es", frozenset(), 1) == ()
    sample = Figures(ROOT).verdicts(name, "es", EVERY, 5)
    assert 0 < len(sample) < len(verdicts)
