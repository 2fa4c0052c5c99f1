"""Every word exists in both languages, and the gaps in the sentences are the same."""

from dataclasses import asdict
from string import Formatter

import pytest

from handbook.site.figures.words import FIGURE_WORDS
from handbook.site.settings import FILES
from handbook.site.words import KEEP, MUSEUM, PRACTICE, RUN, WORDS

TABLES = [{k: asdict(v) for k, v in table.items()} for table in (WORDS, FIGURE_WORDS, RUN, MUSEUM, PRACTICE, KEEP)]


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("table", TABLES)
def test_both_languages_are_complete(table: dict[str, dict[str, str]]) -> None:
    assert set(table) == set(FILES)
    assert all(word.strip() for spoken in table.values() for word in spoken.values())


@pytest.mark.parametrize("table", TABLES)
def test_sentences_have_the_same_gaps(table: dict[str, dict[str, str]]) -> None:
    for name, sentence in table["en"].items():
        assert gaps(sentence) == gaps(table["es"][name]), name


# Code, gaps and signs alone, and the words that both languages share: token, logits, top-k and top-p.
SAME = {"split_whole", "split_rows", "token", "tokens", "filters_describe", "filters_top_k", "filters_top_p"}


@pytest.mark.parametrize("table", TABLES)
def test_words_are_translated(table: dict[str, dict[str, str]]) -> None:
    assert {name for name, word in table["en"].items() if word == table["es"][name]} <= SAME
