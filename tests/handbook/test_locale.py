"""Every word exists in both languages, is used, and its sentence has the same gaps in each."""

import re
from pathlib import Path
from string import Formatter

import pytest

from handbook.locale import LANGUAGES, tables, words

SOURCES = Path(__file__).parents[2] / "src/handbook"
DOCS = Path(__file__).parents[2] / "docs/en"


def flat(language: str) -> dict[str, str]:
    """Every word by its room and name: `explorers.mask.fill`."""
    found = {}

    def enter(table, path):
        for key, value in table.items():
            if isinstance(value, dict):
                enter(value, [*path, key])
            else:
                found[".".join([*path, key])] = value

    enter(tables(language), [])
    return found


ENGLISH, SPANISH = map(flat, LANGUAGES)
# Code, gaps and signs alone, and the words that both languages share; the explorers' have a test of their own.
SAME = re.compile(
    r"figures\.(split_whole|split_rows|token|tokens|filters_describe|filters_top_k|filters_top_p)"
    r"|topics\.(broadcasting|pytorch|softmax)|section-topics\.(dtype|prefix)|explorers\..*|labs\.(list-line|passed|failed|solution-file|value|of-name)"
)


def gaps(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name)


def test_both_languages_have_the_same_words_in_the_same_order():
    assert list(ENGLISH) == list(SPANISH)
    assert all(word.strip() for word in [*ENGLISH.values(), *SPANISH.values()])


@pytest.mark.parametrize("name", ENGLISH)
def test_a_sentence_has_the_same_gaps(name):
    assert set(gaps(ENGLISH[name])) == set(gaps(SPANISH[name]))


def test_words_are_translated():
    assert [n for n, word in ENGLISH.items() if word == SPANISH[n] and not SAME.fullmatch(n)] == []


def test_every_word_is_used():
    files = [f for kind in ("*.py", "*.js", "*.html", "lab.toml") for f in SOURCES.rglob(kind)]
    known = set(re.findall(r"[\w-]+", " ".join(f.read_text("utf-8") for f in files)))
    assert [n for n in ENGLISH if n.split(".")[-1] not in known and not n.startswith("section-topics.")] == []


def test_every_topic_of_a_section_is_that_of_a_page():
    front = re.findall(r"^topics: \[(.*)\]$", "\n".join(p.read_text("utf-8") for p in DOCS.rglob("*.md")), re.M)
    told = {topic.strip() for line in front for topic in line.split(",")}
    assert [n for n, word in ENGLISH.items() if n.startswith("section-topics.") and word not in told] == []


def test_a_word_that_is_missing_is_named_with_its_table():
    with pytest.raises(AttributeError, match=r"es\.toml, \[site\] has no serch"):
        _ = words("es").serch
    with pytest.raises(KeyError):
        words("fr")
