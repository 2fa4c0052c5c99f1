"""The interview bank holds every question of the sections, and nothing that is not one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from handbook.locale import table
from handbook.pages.parse import parse
from handbook.pages.syntax import TOPICS
from handbook.project import LANGUAGES, Project
from handbook.site.errors import SiteError
from handbook.site.markdown import render
from handbook.site.markdown.render import ROOT

PROJECT = Project(ROOT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_of_every_section_is_listed_in_order_and_links_to_itself(language: str) -> None:
    asked = [
        (f"../handbook/{Path(path).name}#{one.id}", one.attributes["data-level"], one.attributes["data-topic"])
        for path in PROJECT.pages
        if path.startswith(f"docs/{language}/handbook/")
        for one in parse(ROOT, path).containers
        if one.kind == "question"
    ]
    page = BeautifulSoup(render.html("/// bank\n///\n", language), "html.parser")
    listed = [(item.a["href"], item["data-level"], item["data-topic"]) for item in page.select(".lt-bank li")]
    assert listed == asked
    assert len(asked) > 10


def test_topics_are_named_in_both_languages() -> None:
    assert tuple(table("en", "topics")) == tuple(table("es", "topics")) == TOPICS


@pytest.mark.parametrize("language", LANGUAGES)
def test_level_and_topic_are_said_in_words(language: str) -> None:
    page = BeautifulSoup(render.html("/// bank\n///\n", language), "html.parser")
    for item in page.select(".lt-bank li"):
        assert item.select_one(".lt-bank__about").text.endswith(f" · {table(language, 'topics')[item['data-topic']]}")


@pytest.mark.parametrize(
    ("attributes", "wrong"),
    [
        ("{id: q-x, data-level: easy, data-topic: weather}", "give the question a data-topic: attention"),
        ("{id: q-x, data-topic: masks}", "give the question a data-level: easy, medium, hard"),
    ],
)
def test_a_question_that_cannot_be_listed_is_named(tmp_path: Path, attributes: str, wrong: str) -> None:
    for name in ("mkdocs.yml", "mkdocs.es.yml"):
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    section = tmp_path / "docs/en/handbook/01-x.md"
    section.parent.mkdir(parents=True)
    section.write_text(f"# 01 X\n\n//// question | Why?\n    attrs: {attributes}\n\nBecause.\n////\n", "utf-8")
    with pytest.raises(SiteError, match=re.escape(f"01-x.md, q-x: {wrong}")):
        render.html("/// bank\n///\n", "en", root=tmp_path)
