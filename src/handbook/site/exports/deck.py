"""The flashcards as a deck for Anki: a note for each interview question, known by the question's id."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from functools import cache
from pathlib import Path

import genanki

from handbook.history import moment
from handbook.locale import words
from handbook.pages.model import Container
from handbook.site.exports.fragments import fragments
from handbook.site.exports.zips import zipped
from handbook.site.gathered.bank import level_and_topic
from handbook.site.gathered.cards import FILE
from handbook.site.gathered.practice import moved
from handbook.site.gathered.sections import Section, sections

# Anki tells decks and kinds of note apart by these; they stay as they are for ever.
_MODEL = 1731845602
_DECKS = {"en": 1731845611, "es": 1731845612}
_FIELDS = ("Question", "Answer", "Trap", "Where")
_BACK = """{{FrontSide}}<hr id="answer">{{Answer}}<div class="trap">{{Trap}}</div><p class="where">{{Where}}</p>"""
_STYLE = """\
.card { max-width: 36em; margin: 1em auto; padding: 0 1em; font: 1.1rem/1.5 Charter, "Noto Serif", Georgia, serif; }
.card code { font-size: 0.85em; }
.trap { margin: 1em 0; padding: 0.2em 1em; border-left: 3px solid #9c3a1f; }
.where { font: 0.8rem/1.5 sans-serif; }
.nightMode .trap { border-color: #f0a184; }
"""


def write(root: Path, language: str, site: Path, title: str, address: str) -> None:
    """Write the deck of a language, where its sections ask anything.

    Args:
        root: the folder of mkdocs.yml.
        language: `en` or `es`.
        site: where the language's site is.
        title: of the deck.
        address: where the language's site will be served; each card leads to its section there.
    """
    asked = [(section, question) for section in sections(root, language) for question in section.all("question")]
    if not asked:
        return
    fields = [text for section, question in asked for text in _fields(language, section, question)]
    pages = iter(fragments(root, language, address, fields))
    deck = genanki.Deck(_DECKS[language], title)
    for section, question in asked:
        level, topic = level_and_topic(section, question, language)
        note = genanki.Note(
            model=_model(),
            fields=[next(pages) for _ in _FIELDS],
            guid=genanki.guid_for("lower-triangle", language, question.id),
            tags=[f"level::{level}", f"topic::{topic}", f"section::{section.slug}"],
        )
        deck.add_note(note)
    (site / "assets").mkdir(parents=True, exist_ok=True)
    made = moment(root)
    package = io.BytesIO()
    genanki.Package(deck).write_to_file(package, made.timestamp())
    (site / "assets" / FILE.format(language=language)).write_bytes(_dated(package.getvalue(), made))


def _dated(package: bytes, made: datetime) -> bytes:
    """A package whose files are all of one moment: genanki takes the day's for them."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        return zipped(((name, old.read(name)) for name in old.namelist()), made)


def _fields(language: str, section: Section, question: Container) -> list[str]:
    """The Markdown of a question's fields."""
    traps = [section.inside(trap) for trap in section.all("trap", question)]
    there = words(language, "practice").proof_there.format(section=section.title)
    texts = (
        question.argument,
        section.inside(question, without=("trap", "proof")),
        "\n\n".join([f"**{words(language).trap}**", *traps]) if traps else "",
        f"[{there}]({Path(section.path).name}#{question.id})",
    )
    return [moved(text, section.path) for text in texts]


@cache
def _model() -> genanki.Model:
    faces = [{"name": "Card", "qfmt": "{{Question}}", "afmt": _BACK}]
    return genanki.Model(_MODEL, "Lower Triangle", [{"name": field} for field in _FIELDS], faces, css=_STYLE)
