"""The bug museum: every bug is noticed, the page shows what was computed, and planting leaves no trace."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from causality import Verdict
from causality.diagnosis import bugs
from handbook.bugs import record
from handbook.bugs.exhibit import Exhibit, Group, Label, Patch, exhibit, exhibits, read
from handbook.bugs.plant import planted
from handbook.bugs.row import Kind, Row
from handbook.findings import CallError
from handbook.pages.inline import numbers_in
from handbook.project import LANGUAGES, Project
from handbook.site.errors import SiteError
from handbook.site.gathered.museum import SIGNS, difference
from handbook.site.markdown import render
from tests.conftest import ROOT, Handbook, Once
from tests.museum import questions
from tests.museum.inside import shown
from tests.museum.matrix import matrix, survivors

PROJECT = Project(ROOT)
ALL = exhibits()
CLASSICS = """
mask-after-softmax multiply-by-zero diagonal-closed diagonal-ahead softmax-over-queries view-without-transpose
batch-over-heads polarity-swapped zero-one-mask top-left masked-in-training-only cache-on-the-wrong-axis
queries-cached positions-reset groups-tiled window-off-by-one trimmed-before-attending left-padding
packed-without-documents prefix-in-chunks labels-unshifted masked-in-place full-rows-filled
scaled-by-model-width half-precision-fill
""".split()

MISSED = {
    "alibi-beside-cache": (Kind.INFLUENCE, Kind.PREFIXES, Kind.POSITIONS),
    "angles-without-offset": (Kind.INFLUENCE, Kind.PREFIXES),
    "cross-attention-causal": (Kind.PREFIXES,),
    "empty-slots": (Kind.INFLUENCE, Kind.PREFIXES),
    "experts-choose-tokens": (Kind.CACHE,),
    "groups-tiled": (Kind.INFLUENCE,),
    "half-the-past": (Kind.PREFIXES,),
    "length-dependent-base": (Kind.INFLUENCE,),
    "pads-become-nan": (Kind.INFLUENCE, Kind.CACHE),
    "pads-in-state": (Kind.INFLUENCE, Kind.CACHE),
    "positions-reset": (Kind.INFLUENCE, Kind.PREFIXES),
    "reflect-padding": (Kind.PREFIXES,),
    "rejected-drafts": (Kind.INFLUENCE, Kind.PREFIXES),
    "scaled-by-model-width": (Kind.INFLUENCE,),
    "tile-across-a-border": (Kind.CACHE,),
}
"""What is said of a bug, on the page or in its words: these questions pass it, though another notices it."""

NAMED = """
alibi-beside-cache angles-without-offset cross-attention-causal empty-slots experts-choose-tokens half-the-past
length-dependent-base pads-become-nan pads-in-state reflect-padding rejected-drafts tile-across-a-border
""".split()

each = pytest.mark.parametrize("one", ALL, ids=lambda one: one.id)


@pytest.fixture(scope="module")
def rows(once: Once) -> dict[str, Row]:
    pytest.importorskip("torch")
    return pickle.loads(once("museum", lambda file: file.write_bytes(pickle.dumps(matrix(PROJECT, ALL)))).read_bytes())


# The matrix -------------------------------------------------------------------


def test_the_classic_bugs_are_all_there() -> None:
    assert set(CLASSICS) <= {one.id for one in ALL}
    assert len(set(CLASSICS)) > 23


def test_no_bug_survives(rows: dict[str, Row]) -> None:
    assert [str(finding) for finding in survivors(rows)] == []


def test_the_page_shows_the_matrix_that_was_computed(rows: dict[str, Row]) -> None:
    assert [str(finding) for finding in record.differences(PROJECT, rows)] == []


def test_every_bug_shows_itself(rows: dict[str, Row]) -> None:
    assert [name for name, row in rows.items() if row.printed == row.without] == []


def test_what_the_page_says_of_the_columns(rows: dict[str, Row]) -> None:
    full = [kind for kind in Kind if all(row.noticed[kind] is not False for row in rows.values())]
    assert full == [Kind.TESTS]
    for kind in Kind:
        assert any(row.noticed[kind] for row in rows.values()), kind
    for seen in ("top-left", "prefix-in-chunks"):
        assert rows[seen].noticed[Kind.INFLUENCE]
    for seen in ("positions-reset", "alibi-beside-cache"):
        assert rows[seen].noticed[Kind.CACHE]
    assert rows["length-dependent-base"].noticed[Kind.PREFIXES]
    for unseen in ("scaled-by-model-width", "groups-tiled"):
        assert not any(rows[unseen].noticed[asking.kind] for asking in questions.askings())
    assert [rows[name].noticed[Kind.ENTROPY] for name in ("diagonal-closed", "top-left", "view-without-transpose")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("name", MISSED)
def test_a_bug_is_noticed_and_passed_by_what_is_said_to_pass_it(rows: dict[str, Row], name: str) -> None:
    noticed = rows[name].noticed
    assert any(noticed.values())
    assert {kind: noticed[kind] for kind in MISSED[name]} == dict.fromkeys(MISSED[name], False)


@pytest.mark.parametrize("name", NAMED)
def test_the_questions_name_the_exhibit(name: str) -> None:
    seen = record.read(ROOT)[name].noticed
    with planted(exhibit(name).patches):
        found = [
            one.diagnosis
            for asking in questions.askings()
            if seen[asking.kind]
            for one in questions.answered(asking)
            if one is not None and one.verdict is Verdict.WRONG
        ]
    assert bugs()[name] in found


# The exhibits -----------------------------------------------------------------


@each
def test_a_patch_fits_its_module_and_leaves_it_python(one: Exhibit) -> None:
    for module in one.modules:
        path = ROOT / f"src/minimodel/{module}.py"
        source = path.read_text("utf-8")
        for patch in one.patches:
            if module in patch.modules:
                source = patch.apply(source, module)
        compile(source, str(path), "exec")
        assert source != path.read_text("utf-8")


@each
def test_an_exhibit_names_sections_and_a_thread_that_exist(one: Exhibit) -> None:
    for language in LANGUAGES:
        text = (ROOT / f"docs/{language}/reference/bibliography.md").read_text("utf-8")
        assert f"{{#{one.cited}}}" in text
        assert all((ROOT / f"docs/{language}/handbook/{section}.md").is_file() for section in one.sections)


@each
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_there_and_hold_no_number_that_nothing_binds(one: Exhibit, language: str) -> None:
    label = one.labels[language]
    for text in (label.title, label.symptom, label.cause, label.met):
        assert text.strip()
        assert list(numbers_in(text)) == []
    assert label.symptom.endswith(".")


def test_each_group_has_exhibits_and_a_place_on_the_page() -> None:
    assert list(dict.fromkeys(one.group for one in ALL)) == list(Group)
    for language in LANGUAGES:
        page = BeautifulSoup(render.html("/// museum | exhibits\n///\n", language), "html.parser")
        under = {heading["id"]: heading.find_previous("h3")["id"] for heading in page.select("h4")}
        assert under == {one.id: one.group.anchor for one in ALL}


def test_each_title_is_there_once() -> None:
    for language in LANGUAGES:
        assert len({one.labels[language].title for one in ALL}) == len(ALL)


# Planting ---------------------------------------------------------------------


def test_within_everything_has_the_bug_and_after_it_nothing() -> None:
    import minimodel.attention as before
    import minimodel.masks

    with planted(exhibit("diagonal-ahead").patches):
        from minimodel.attention import causal_mask
        from minimodel.masks import causal_allowed

        assert causal_allowed(2).tolist() == [[True, True], [True, True]]
        assert not causal_mask(2).any()  # what attention took from masks is broken too
    from minimodel import attention as after

    assert after is before
    assert minimodel.masks.causal_allowed(2).tolist() == [[True, False], [True, True]]
    assert sys.modules["minimodel.masks"] is minimodel.masks


def test_no_bytecode_of_a_bug_is_kept() -> None:
    caches = ROOT / "src/minimodel/__pycache__"
    before = {file: file.stat().st_mtime_ns for file in caches.glob("masks.*.pyc")}
    with planted(exhibit("diagonal-ahead").patches):
        import minimodel.masks

        assert minimodel.masks.causal_allowed(1, 2).all()
    assert {file: file.stat().st_mtime_ns for file in caches.glob("masks.*.pyc")} == before


@pytest.mark.parametrize(("find", "times"), [("no such line", 0), ("allowed", 35)])
def test_a_patch_that_does_not_fit_once_is_refused(find: str, times: int) -> None:
    source = (ROOT / "src/minimodel/masks.py").read_text("utf-8")
    patch = Patch(("masks",), find, "")
    with pytest.raises(CallError, match=f"src/minimodel/masks.py holds this {source.count(find)} times, not once"):
        patch.apply(source, "masks")
    assert bool(source.count(find)) == bool(times)


def test_a_run_that_fails_prints_its_error() -> None:
    assert shown("print(1)\nraise ValueError('no')\n") == "1\nValueError: no\n"


# The command ------------------------------------------------------------------


def museum(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "handbook", "museum", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


EXHIBIT = """\
group = "future"
section = "02-causal-mask"
cited = "vaswani-2017"
run = "print(1)"
[[patch]]
modules = ["masks"]
find = '''
    key = np.arange(S)[None, :]  # [1, S]
'''
instead = '''
    key = np.arange(S)[np.newaxis, :]  # [1, S]
'''
[en]
title = "t"
symptom = "s"
cause = "c"
met = "m"
[es]
title = "t"
symptom = "s"
cause = "c"
met = "m"
"""


def test_a_bug_that_nothing_notices_is_a_finding(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "harmless.toml").write_text(EXHIBIT, "utf-8")
    said = museum(str(tmp_path / "harmless.toml"))
    assert said.returncode == 1, said.stderr
    assert "harmless.toml:1: nothing notices this bug" in said.stdout
    assert "caught" not in said.stdout


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("future", "past times"), "is no exhibit: its group is none of future, past, cache, batch, length, nan"),
        (("section =", "sektion ="), "is no exhibit: 'section' is missing or misspelt"),
        (("modules =", "modul ="), "is no exhibit: "),
        (("[en]", "[en"), "cannot be read: "),
    ],
)
def test_an_exhibit_that_cannot_be_read_is_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    (tmp_path / "mine.toml").write_text(EXHIBIT.replace(*change), "utf-8")
    with pytest.raises(CallError, match=re.escape(f"mine.toml {message}")):
        read(tmp_path / "mine.toml")


def test_a_wrong_call_gets_one_line() -> None:
    unknown, both = museum("nothing"), museum("diagonal-ahead", "--write")
    assert (unknown.returncode, both.returncode) == (2, 2)
    assert unknown.stderr.startswith("handbook: there is no exhibit nothing; there are ")
    assert both.stderr.startswith("handbook: the record holds all exhibits")


# The page ---------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_on_the_page_is_the_record(language: str) -> None:
    page = BeautifulSoup(render.html("/// museum | matrix\n///\n", language), "html.parser")
    known = record.read(ROOT)
    assert [line.a["href"] for line in page.select("tbody tr:not(:has(td))")] == [f"#{group.anchor}" for group in Group]
    lines = page.select("tbody tr:has(td)")
    assert [line.a["href"] for line in lines] == [f"#{one.id}" for one in ALL]
    for line, one in zip(lines, ALL, strict=True):
        signs = [cell.span.text for cell in line.select("td")]
        assert signs == [SIGNS[known[one.id].noticed[kind]] for kind in Kind]
    counts = [cell.text for cell in page.select("tfoot td")]
    tests = sum(bool(row.noticed[Kind.TESTS]) for row in known.values())
    assert counts[list(Kind).index(Kind.TESTS)] == f"{tests} / {len(known)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_exhibit_is_shown_with_its_patch_and_both_outputs(language: str) -> None:
    page = BeautifulSoup(render.html("/// museum | exhibits\n///\n", language), "html.parser")
    known = record.read(ROOT)
    assert [heading["id"] for heading in page.select("h4")] == [one.id for one in ALL]
    for room, one in zip(page.select(".lt-exhibit"), ALL, strict=True):
        codes = [code.text.strip("\n") for code in room.select("pre code")]
        *patches, run, without, printed = codes
        assert patches == [difference(patch).strip("\n") for patch in one.patches]
        assert all("+ " in patch for patch in patches)
        assert run == one.run.strip("\n")
        assert without == known[one.id].without.strip("\n")
        assert printed == known[one.id].printed.strip("\n")
        assert f"bibliography.md#{one.cited}" in {link["href"] for link in room.select("a")}


def test_a_record_without_an_exhibit_stops_the_build(handbook: Handbook) -> None:
    with pytest.raises(SiteError, match=r"museum.json does not hold .*; run `handbook museum --write`"):
        render.html("/// museum | matrix\n///\n", "en", root=handbook.root)


def test_an_unknown_part_stops_the_build() -> None:
    with pytest.raises(SiteError, match="museum: there is no part shop; there are matrix, exhibits"):
        render.html("/// museum | shop\n///\n", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_that_the_page_shows_is_an_exhibit(language: str, tmp_path: Path) -> None:
    text = (ROOT / f"docs/{language}/reference/bug-museum.md").read_text("utf-8")
    found = re.search(r"^```toml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    (tmp_path / "mine.toml").write_text(found[1], "utf-8")
    mine = read(tmp_path / "mine.toml")
    with planted(mine.patches):
        assert shown(mine.run) == "[[1 0 0]\n [0 1 0]\n [0 0 1]]\n"
    with planted(()):
        assert shown(mine.run) == "[[1 0 0]\n [1 1 0]\n [1 1 1]]\n"
    assert isinstance(mine.labels[language], Label)
