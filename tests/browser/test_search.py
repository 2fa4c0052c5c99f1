"""What readers type finds what they look for, in their language and none of the other's, with a server and without."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.browser.conftest import PHONE, until

FOLDERS = {"en": "", "es": "es/"}
SEARCHED = tomllib.loads(Path(__file__).with_name("searched.toml").read_text("utf-8"))
FIRST = 3
# Ask the search's own worker, as Material's page does: what it shows of each page that it finds, in order.
ASK = """async ([worker, index, queries]) => {
  const search = new Worker(worker);
  const send = (type, data) => new Promise((resolve) => {
    search.onmessage = (event) => resolve(event.data.data);
    search.postMessage({ type, data });
  });
  await send(0, await (await fetch(index)).json());
  const found = {};
  for (const query of queries) {
    const { items } = await send(2, query);
    found[query] = items.map((page) => page.filter((one) => one.score >= page[0].score));
  }
  return found;
}"""


def typed(page, query):
    """Type a query, and wait until something is found."""
    field = page.locator(".md-search__input")
    field.click()
    field.fill("")
    field.press_sequentially(query)
    page.wait_for_selector(".md-search-result__item a")


@pytest.fixture(scope="session")
def words(site):
    """For each language a word that it uses often, and whose beginning the other never uses."""
    texts = {}
    for language, folder in FOLDERS.items():
        index = json.loads((site / folder / "search/search_index.json").read_text("utf-8"))
        texts[language] = re.findall(r"[^\W\d_]+", " ".join(doc["text"] for doc in index["docs"]).lower())
    chosen = {}
    for language, other in (("en", "es"), ("es", "en")):
        beginnings = {word[:4] for word in texts[other]}
        own = [word for word in texts[language] if len(word) > 6 and word[:4] not in beginnings]
        chosen[language] = max(sorted(set(own)), key=own.count)
    return chosen


@pytest.fixture(scope="session")
def answers(http, browser):
    """What the worker finds for every query of `searched.toml` and a few more, by language."""
    page = browser.new_page()
    found = {}
    for language, folder in FOLDERS.items():
        page.goto(f"{http}{folder}index.html")
        files = [
            f"{http}{folder}{file}" for file in ("assets/javascripts/search/worker.js", "search/search_index.json")
        ]
        found[language] = page.evaluate(
            ASK, [*files, [*SEARCHED[language], "of", "offline", "off", "de", "+-*:^~", ""]]
        )
    page.close()
    return found


@pytest.mark.parametrize("language", FOLDERS)
def test_the_place_that_answers_a_query_is_among_the_first_three(answers, language):
    missed = {}
    for query, places in SEARCHED[language].items():
        first = [one["location"] for page in answers[language][query][:FIRST] for one in page]
        pages = [location.partition("#")[0] for location in first]
        if not any(place in first or place in pages for place in places):
            missed[query] = first
    assert missed == {}
    assert len(SEARCHED[language]) >= 50


def test_accents_and_hyphens_make_no_difference(answers):
    for language, one, other in (
        ("es", "mascara", "máscara"),
        ("es", "atencion", "atención"),
        ("es", "cache kv", "caché KV"),
        ("en", "[B, H, T, T]", "B, H, T, T"),
    ):
        found = [[part["location"] for page in answers[language][query] for part in page] for query in (one, other)]
        assert found[0] == found[1]


def test_a_word_of_two_letters_is_no_beginning_of_others_and_signs_alone_are_no_query(answers):
    assert answers["en"]["of"] == answers["es"]["de"] == answers["en"]["+-*:^~"] == answers["en"][""] == []
    assert answers["en"]["offline"]
    assert any("offline" in part["text"] + part["title"] for page in answers["en"]["off"] for part in page)


@pytest.mark.parametrize("language", FOLDERS)
def test_a_find_shows_the_words_that_were_found(answers, language):
    for pages in answers[language].values():
        for page in pages:
            for part in page:
                assert "<mark>" in part["title"] + part["text"]


@pytest.mark.parametrize("language", FOLDERS)
def test_every_question_quiz_misconception_term_and_exhibit_is_an_entry(site, language):
    index = json.loads((site / FOLDERS[language] / "search/search_index.json").read_text("utf-8"))
    entries = {doc["location"] for doc in index["docs"] if doc["title"]}
    assert len(entries) == len(index["docs"])
    kinds = {
        "handbook/*.html": r'class="lt-(?:question|quiz)"[^>]* id="([^"]+)"',
        "reference/misconceptions.html": r'class="lt-claim" id="([^"]+)"',
        "reference/glossary.html": r'<h3 id="([^"]+)"',
        "reference/bug-museum.html": r'class="lt-exhibit">\s*<h\d id="([^"]+)"',
    }
    for files, pattern in kinds.items():
        for file in (site / FOLDERS[language]).glob(files):
            path = file.relative_to(site / FOLDERS[language]).as_posix()
            ids = re.findall(pattern, file.read_text("utf-8"))
            assert ids
            assert {f"{path}#{one}" for one in ids} <= entries


@pytest.mark.parametrize("language", FOLDERS)
def test_search_finds_this_language_only(base, tab, words, language):
    with tab(base) as page:
        page.goto(f"{base}{FOLDERS[language]}index.html")
        typed(page, words[language])
        links = page.eval_on_selector_all(".md-search-result__item a", "found => found.map(link => link.href)")
        assert all(link.startswith(base + FOLDERS[language]) for link in links)
        assert all(link.startswith(f"{base}es/") == (language == "es") for link in links)
        field = page.locator(".md-search__input")
        field.fill("")
        field.press_sequentially(words["en" if language == "es" else "es"])
        until(page, "document.querySelectorAll('.md-search-result__item').length === 0")
        assert page.locator(".md-search-result__meta").inner_text()
        assert page.wrong == []


def test_a_question_that_was_found_is_open_and_its_words_are_marked_and_in_sight(base, tab):
    with tab(base, size=PHONE) as page:
        page.goto(f"{base}es/index.html")
        page.locator(".md-header__button[for=__search]").click()
        typed(page, "mascara causal entrenar por que")
        page.locator(".md-search-result__item a[href*='#q-02-why']").first.click()
        page.wait_for_selector("#q-02-why[open] mark")
        first = page.locator("#q-02-why mark").first
        assert 0 < first.bounding_box()["y"] < PHONE[1]
        assert first.inner_text().startswith("máscara")
        assert page.wrong == []


@pytest.mark.parametrize(
    ("folder", "query", "place"), [("", "lower triangle", "lower-triangle"), ("es/", "mascara", "causal-mask")]
)
def test_a_page_whose_part_was_found_leads_to_the_part(base, tab, folder, query, place):
    with tab(base, size=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto(f"{base}{folder}index.html")
        page.locator(".md-header__button[for=__search]").tap()
        typed(page, query)
        page.locator(".md-search-result__item > a[href*='glossary.html?h=']").first.tap()
        page.wait_for_url(f"**/glossary.html?h=*#{place}")
        until(page, f"document.getElementById('{place}').querySelector('mark')")
        assert 0 < page.locator(f"#{place} mark").first.bounding_box()["y"] < PHONE[1]
        assert page.wrong == []


def test_a_proof_that_holds_the_words_is_open_and_another_is_not(base, tab):
    with tab(base) as page:
        page.goto(f"{base}handbook/02-causal-mask.html?h=default_rng#q-02-why")
        until(page, "document.querySelector('#q-02-why .lt-proof').open")
        page.goto(f"{base}handbook/02-causal-mask.html?h=nowhere#q-02-why")
        until(page, "document.querySelector('#q-02-why').open")
        assert not page.evaluate("document.querySelector('#q-02-why .lt-proof').open")


@pytest.mark.parametrize(("folder", "words"), [("", "Type to search"), ("es/", "Escribe para buscar")])
def test_the_empty_search_says_what_to_do(http, tab, folder, words):
    with tab(http) as page:
        page.goto(f"{http}{folder}index.html")
        page.locator(".md-search__input").click()
        until(page, f"document.querySelector('.md-search-result__meta').textContent === {json.dumps(words)}")


def test_the_index_is_fetched_when_the_search_is_used_and_not_before(http, tab):
    with tab(http) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))
        page.goto(f"{http}index.html")
        page.wait_for_timeout(500)
        assert "bundle" in " ".join(asked)
        assert "search_index.json" not in asked
        page.keyboard.press("/")
        page.keyboard.type("triangle")
        page.wait_for_selector(".md-search-result__item a")
        assert asked.count("search_index.json") == 1
        page.goto(f"{http}index.html?q=triangle")
        page.wait_for_selector(".md-search-result__item a")
        assert page.wrong == []
