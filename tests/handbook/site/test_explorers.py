"""The block of an explorer, its words, and the scripts that are put beside it."""

import json
import re
from collections.abc import Callable
from string import Formatter

import pytest
from bs4 import BeautifulSoup

from handbook.locale import LANGUAGES, tables
from handbook.site.errors import SiteError
from handbook.site.explorers import FOLDER, SHARED, script
from handbook.site.figures import EXPLORERS
from handbook.site.html.page import finish
from handbook.site.markdown.render import ROOT

Page = Callable[..., BeautifulSoup]

SCRIPTS = ROOT / "src/handbook/site/theme" / FOLDER
SAME = {"bytes", "causal", "dtype", "length", "softmaxed", "token", "length_of"}  # words that are spelled alike


def block(name: str) -> str:
    return f"/// explorer | {name}\nIt *moves*.\n///\n"


@pytest.mark.parametrize("name", EXPLORERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_explorer_holds_its_words_its_start_and_a_drawing_in_the_language_of_the_page(
    page: Page, name: str, language: str
) -> None:
    figure = page(block(name), language).select_one("figure.lt-explorer")
    element = figure.select_one(f"{name}-explorer")
    said = tables(language)["explorers"]
    assert json.loads(element["data-words"]) == {**said["all"], **said[name]}
    assert json.loads(element["data-start"]) == EXPLORERS[name][1].start
    assert element.select_one(".lt-explorer__still > svg[role=img] > title") is not None
    assert figure.figcaption.em.text == "moves"


def test_an_explorer_and_the_figure_it_is_drawn_by_share_no_id(page: Page) -> None:
    text = block("mask") + "\n" + f"/// figure | {EXPLORERS['mask'][0]}\nA\n///\n"
    ids = [tag["id"] for tag in page(text).select("[id]")]
    assert len(ids) == len(set(ids)) == 6


def test_an_unknown_explorer_is_an_error_that_names_those_there_are(page: Page) -> None:
    with pytest.raises(SiteError, match="no explorer is named maze") as caught:
        page(block("maze"))
    assert all(name in str(caught.value) for name in EXPLORERS)


def test_one_explorer_stands_on_a_page_once(page: Page) -> None:
    with pytest.raises(SiteError, match="the explorer mask stands on this page twice"):
        page(block("mask") + "\n" + block("mask"))


@pytest.mark.parametrize(("language", "label"), [("en", "Set it in motion"), ("es", "Ponlo en movimiento")])
def test_each_explorer_gets_a_button_and_the_page_one_script(page: Page, language: str, label: str) -> None:
    html = str(page(block("mask") + "\n" + block("cache"), language))
    made = BeautifulSoup(finish(html, language) + script(html, lambda path: f"../{path}"), "html.parser")
    for name in ("mask", "cache"):
        assert made.select_one(f"{name}-explorer > button.lt-explorer__start:last-child").text == label
    assert [tag["src"] for tag in made.select("script")] == [f"../{FOLDER}/start.js"]
    assert finish("<p>mask-explorer</p>", language) == "<p>mask-explorer</p>"
    assert script("<p>mask-explorer</p>", str) == ""


def test_every_explorer_has_a_script_and_no_script_is_left_over() -> None:
    assert {file.stem for file in SCRIPTS.glob("*.js")} == {*SHARED, *EXPLORERS}


def test_all_that_a_script_may_compute_is_compared_with_minimodel() -> None:
    given = re.search(
        r"window\.handbookArithmetic = \{(.*?)\}", (SCRIPTS / "arithmetic.js").read_text("utf-8"), re.DOTALL
    )
    compared = (ROOT / "tests/browser/test_explorer_arithmetic.py").read_text("utf-8")
    names = re.findall(r"\w+", given[1])
    assert [name for name in names if not re.search(rf'ask\("{name}"|Arithmetic\.{name}\b', compared)] == []


def test_no_script_reaches_off_the_page() -> None:
    for file in SCRIPTS.glob("*.js"):
        assert re.search(r"https?:|fetch\(|innerHTML|eval\(|import\b", file.read_text("utf-8")) is None, file.name


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_say_the_same_with_other_words() -> None:
    english, spanish = tables("en")["explorers"], tables("es")["explorers"]
    assert set(english) == set(spanish) == {"all", *EXPLORERS}
    for name, words in english.items():
        assert set(words) == set(spanish[name])
        for key, word in words.items():
            other = spanish[name][key]
            assert other.strip()
            assert gaps(word) == gaps(other), (name, key)
            assert word != other or key in SAME, (name, key)


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_word_is_used_by_its_script(name: str) -> None:
    script = (SCRIPTS / f"{name}.js").read_text("utf-8") + (SCRIPTS / "panel.js").read_text("utf-8")
    script += (SCRIPTS / "arithmetic.js").read_text("utf-8")  # the names of the steps come from there
    unused = [key for key in tables("en")["explorers"][name] if not re.search(rf"\b{key}\b", script)]
    assert unused == []


def test_every_shared_word_is_used_somewhere() -> None:
    scripts = "".join(file.read_text("utf-8") for file in SCRIPTS.glob("*.js"))
    assert [key for key in tables("en")["explorers"]["all"] if not re.search(rf"words\.{key}\b", scripts)] == ["start"]
