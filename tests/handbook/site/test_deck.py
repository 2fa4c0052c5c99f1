"""The Anki decks: opened as Anki opens them, a zip that holds an SQLite collection."""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from handbook.pages.parse import parse
from handbook.project import LANGUAGES, Project
from handbook.site.exports import deck
from handbook.site.markdown.render import ROOT

ADDRESS = "https://example.org/"


class Note(NamedTuple):
    guid: str
    fields: list[str]
    tags: str


class Opened(NamedTuple):
    notes: list[Note]
    models: dict[str, object]
    decks: dict[str, object]
    cards: int


def opened(folder: Path, language: str) -> Opened:
    deck.write(ROOT, language, folder, "Lower Triangle", ADDRESS)
    with zipfile.ZipFile(folder / f"assets/lower-triangle-{language}.apkg") as package:
        package.extract("collection.anki2", folder)
    with closing(sqlite3.connect(folder / "collection.anki2")) as collection:
        rows = collection.execute("select guid, flds, tags from notes").fetchall()
        models, decks = collection.execute("select models, decks from col").fetchone()
        cards = collection.execute("select count(*) from cards").fetchone()[0]
    notes = [Note(guid, fields.split("\x1f"), tags) for guid, fields, tags in rows]
    return Opened(notes, json.loads(models), json.loads(decks), cards)


@pytest.fixture(scope="module")
def decks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Opened]:
    return {language: opened(tmp_path_factory.mktemp(language), language) for language in LANGUAGES}


def asked(language: str) -> Iterator[tuple[str, str, str]]:
    for path in Project(ROOT).pages:
        if path.startswith(f"docs/{language}/handbook/"):
            for one in parse(ROOT, path).containers:
                if one.kind == "question":
                    yield f"{Path(path).stem}.html#{one.id}", one.attributes["data-level"], one.attributes["data-topic"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_note_with_one_card_for_each_question(decks: dict[str, Opened], language: str) -> None:
    notes = decks[language].notes
    questions = list(asked(language))
    assert decks[language].cards == len(notes) == len(questions) > 100
    for note, (there, level, topic) in zip(notes, questions, strict=True):
        assert f'href="{ADDRESS}handbook/{there}"' in note.fields[3]
        assert {f"level::{level}", f"topic::{topic}"} < set(note.tags.split())
        assert len(note.fields) == 4
        assert all(field.startswith("<p>") for field in note.fields)


def test_a_note_keeps_its_id_from_build_to_build(decks: dict[str, Opened], tmp_path: Path) -> None:
    again = opened(tmp_path, "en")
    assert [note.guid for note in again.notes] == [note.guid for note in decks["en"].notes]
    known = {"en": "Dfa+q1q`R#", "es": "t6W?-x%1?["}
    for language, guid in known.items():
        (note,) = (note for note in decks[language].notes if "#q-01-label" in note.fields[3])
        assert note.guid == guid


def test_no_two_notes_share_an_id(decks: dict[str, Opened]) -> None:
    guids = [note.guid for language in LANGUAGES for note in decks[language].notes]
    assert len(set(guids)) == len(guids)


def test_the_decks_of_both_languages_stay_apart_and_share_one_kind_of_note(decks: dict[str, Opened]) -> None:
    own = [set(decks[language].decks) - {"1"} for language in LANGUAGES]
    assert own == [{"1731845611"}, {"1731845612"}]
    assert [set(decks[language].models) for language in LANGUAGES] == [{"1731845602"}] * 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_formulas_are_left_to_anki(decks: dict[str, Opened], language: str) -> None:
    text = "".join(field for note in decks[language].notes for field in note.fields)
    assert text.count(r"\(") == text.count(r"\)") > 10
    assert "<math" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_needs_nothing_of_the_page_it_came_from(decks: dict[str, Opened], language: str) -> None:
    text = "".join(field for note in decks[language].notes for field in note.fields)
    assert [link for link in re.findall(r'href="([^"]*)"', text) if not re.match(r"https?://", link)] == []
    assert re.search(r"data-(?:is|holds)|\{ *data-|///|\x02", text) is None


def test_where_nothing_is_asked_there_is_no_deck(tmp_path: Path) -> None:
    deck.write(tmp_path, "en", tmp_path / "site", "X", ADDRESS)
    assert not (tmp_path / "site").exists()


def test_the_same_sources_give_the_same_deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On whatever day it is built: a release can be rebuilt and compared."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setattr("time.time", lambda: 1.8e9)
    written = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        deck.write(ROOT, "en", folder, "Lower Triangle", ADDRESS)
        written.append((folder / "assets/lower-triangle-en.apkg").read_bytes())
        monkeypatch.setattr("time.time", lambda: 1.9e9)
    assert written[0] == written[1]
    with zipfile.ZipFile(tmp_path / "one/assets/lower-triangle-en.apkg") as package:
        assert {info.date_time for info in package.infolist()} == {(2023, 11, 14, 22, 13, 20)}
