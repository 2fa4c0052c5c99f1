"""The exam, the cards and the progress hold what the sections hold, in both languages, and nothing else."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from handbook.locale import table, words
from handbook.pages.model import Page
from handbook.pages.parse import parse
from handbook.project import LANGUAGES, Project
from handbook.site.errors import SiteError
from handbook.site.gathered.practice import moved
from handbook.site.markdown import render
from handbook.site.markdown.render import ROOT

PROJECT = Project(ROOT)
QUIZ = """\
/// quiz | Which?
    attrs: {attributes}

- [ ] one {{ data-true="x" }}
- [x] two, as in [there](02-y.md#idea) {{ data-true="not x" }}

See [above](#idea).
///
"""


@cache
def sections(language: str) -> list[Page]:
    return [parse(ROOT, path) for path in PROJECT.pages if path.startswith(f"docs/{language}/handbook/")]


@cache
def shown(kind: str, language: str, root: Path = ROOT) -> BeautifulSoup:
    return BeautifulSoup(render.html(f"/// {kind}\n///\n", language, root=root), "html.parser")


def project(folder: Path, attributes: str, front: str = "level: hard\ntopics: [masks, weather]") -> Path:
    for name in ("mkdocs.yml", "mkdocs.es.yml"):
        (folder / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    section = folder / "docs/en/handbook/01-x.md"
    section.parent.mkdir(parents=True)
    section.write_text(f"---\n{front}\n---\n\n# 01 X\n\n{QUIZ.format(attributes=attributes)}", "utf-8")
    return folder


# The exam -------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_exam_holds_every_quiz_with_the_keys_that_its_page_was_checked_by(language: str) -> None:
    checked = [
        (Path(page.path).stem, one.id, [option.ticked for option in page.options[one.id]])
        for page in sections(language)
        for one in page.containers
        if one.kind == "quiz"
    ]
    asked = [
        (part["data-section"], quiz["id"], [item["data-ticked"] == "true" for item in quiz.select("ol > li")])
        for part in shown("exam", language).select(".lt-practice__pool > section")
        for quiz in part.select(".lt-quiz")
    ]
    assert asked == checked
    assert len(asked) > 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quiz_has_the_level_and_the_topics_of_its_section(language: str) -> None:
    exam = shown("exam", language)
    names = {name.lower(): topic for topic, name in table(language, "topics").items()}
    for page in sections(language):
        topics = [names[name.lower()] for name in page.meta["topics"] if name.lower() in names]
        for quiz in exam.select(f"section[data-section='{Path(page.path).stem}'] .lt-quiz"):
            assert (quiz["data-level"], quiz["data-topic"].split()) == (page.meta["level"], topics)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menus_offer_what_there_is(language: str) -> None:
    exam = shown("exam", language)

    def values(name: str) -> list[str]:
        return [option["value"] for option in exam.select(f"select[name={name}] option")]

    quizzes = exam.select(".lt-quiz")
    assert values("section") == ["", *(part["data-section"] for part in exam.select(".lt-practice__pool > section"))]
    assert set(values("topic")) == {"", *(topic for quiz in quizzes for topic in quiz["data-topic"].split())}
    assert set(values("level")) >= {"", *(quiz["data-level"] for quiz in quizzes)}
    assert exam.select("select[name=number] option")[-1]["value"] == ""


def test_a_quiz_may_have_a_level_and_a_topic_of_its_own(tmp_path: Path) -> None:
    own = shown("exam", "en", project(tmp_path, "{id: z-x, data-level: easy, data-topic: cache}")).select_one(
        ".lt-quiz"
    )
    assert (own["data-level"], own["data-topic"]) == ("easy", "cache")


def test_topics_of_a_section_that_no_question_may_have_are_left_out(tmp_path: Path) -> None:
    quiz = shown("exam", "en", project(tmp_path, "{id: z-x}")).select_one(".lt-quiz")
    assert (quiz["data-level"], quiz["data-topic"]) == ("hard", "masks")


def test_links_of_a_quiz_lead_where_they_led_from_its_section(tmp_path: Path) -> None:
    quiz = shown("exam", "en", project(tmp_path, "{id: z-x}")).select_one(".lt-quiz")
    assert [link["href"] for link in quiz.select("a")] == ["../handbook/02-y.md#idea", "../handbook/01-x.md#idea"]


@pytest.mark.parametrize(
    ("text", "led"),
    [
        ("[a](../reference/b.md#c)", "[a](../reference/b.md#c)"),
        ("[a](https://b.org/c.md)", "[a](https://b.org/c.md)"),
        ("`f[0]()` and `f[0](x)`", "`f[0]()` and `f[0](x)`"),
    ],
)
def test_only_links_within_the_handbook_are_moved(text: str, led: str) -> None:
    assert moved(text, "handbook/01-x.md") == led


@pytest.mark.parametrize(
    ("attributes", "front", "wrong"),
    [
        ("{id: z-x}", "topics: [masks]", "handbook/01-x.md, z-x: give the section a level: easy, medium, hard"),
        ("{id: z-x, data-level: odd}", "level: easy", "handbook/01-x.md, z-x: give the section a level"),
        ("{id: z-x, data-topic: weather}", "level: easy", "handbook/01-x.md, z-x: there is no topic weather"),
    ],
)
def test_a_quiz_that_cannot_be_listed_is_named(tmp_path: Path, attributes: str, front: str, wrong: str) -> None:
    with pytest.raises(SiteError, match=re.escape(wrong)):
        shown("exam", "en", project(tmp_path, attributes, front))


# The cards ------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cards_hold_every_question_with_answer_and_trap_and_lead_to_the_proof(language: str) -> None:
    asked = [
        (f"../{page.path.removeprefix(f'docs/{language}/')}#{one.id}", one.attributes["data-topic"])
        for page in sections(language)
        for one in page.containers
        if one.kind == "question"
    ]
    cards = shown("cards", language).select(".lt-question")
    assert [(card.select("a")[-1]["href"], card["data-topic"]) for card in cards] == asked
    assert len(cards) > 100
    for card in cards:
        assert card.select_one(".lt-trap") is not None
        assert card.select_one(".lt-proof") is None
        answer = card.select_one("summary").find_next_sibling()
        assert answer.name == "p"
        assert "lt-cards__proof" not in answer.get("class", [])


# The progress ---------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_progress_counts_the_quizzes_and_cards_of_each_section(language: str) -> None:
    rows = shown("progress", language).select("tbody tr")
    found = {row["data-page"]: [cell["data-ids"].split() for cell in row.select("td[data-ids]")] for row in rows}
    for page in sections(language):
        kinds = [[one.id for one in page.containers if one.kind == kind] for kind in ("quiz", "question")]
        assert found[page.path.removeprefix(f"docs/{language}/").removesuffix(".md")] == kinds


# Both languages -------------------------------------------------------------


def ids(page: BeautifulSoup) -> list[object]:
    return [(one.get("id"), one.get("data-level"), one.get("data-page")) for one in page.select("[id], [data-page]")]


@pytest.mark.parametrize("kind", ["exam", "cards", "progress"])
def test_both_languages_hold_the_same(kind: str) -> None:
    english, spanish = (shown(kind, language) for language in LANGUAGES)
    assert ids(english) == ids(spanish)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["exam", "cards", "progress"])
def test_the_script_is_told_its_words(kind: str, language: str) -> None:
    block = shown(kind, language).select_one(f".lt-practice--{kind}")
    assert isinstance(block, Tag)
    assert json.loads(block["data-words"]) == table(language, "practice")


@pytest.mark.parametrize("kind", ["exam", "cards"])
def test_a_form_has_what_the_script_reads(kind: str) -> None:
    form = shown(kind, "en").select_one("form")
    script = (ROOT / "src/handbook/site/theme/assets/javascripts/practice.js").read_text("utf-8")
    (together,) = re.findall(r"const \{ ([\w, ]+) \} = form\.elements", script)
    read = {*together.split(", "), *re.findall(r"form\.elements\.(\w+)", script)}
    assert read <= {menu["name"] for menu in form.find_all("select")}
    assert form.select_one(".lt-practice__count[role=status]")
    assert form.select_one("button[type=submit]").text == words("en", "practice").begin


@pytest.mark.parametrize("kind", ["exam", "cards", "progress"])
def test_a_search_does_not_find_what_is_repeated_for_practice(kind: str) -> None:
    assert shown(kind, "en").select_one(f".lt-practice--{kind}").has_attr("data-search-exclude")
