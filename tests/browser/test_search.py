"""Each language finds its own words and none of the other's, with a server and without."""

import json
import re

import pytest

from tests.browser.conftest import until

FOLDERS = {"en": "", "es": "es/"}


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


@pytest.mark.parametrize("language", FOLDERS)
def test_search_finds_this_language_only(base, tab, words, language):
    with tab(base) as page:
        page.goto(f"{base}{FOLDERS[language]}index.html")
        field = page.locator(".md-search__input")
        field.click()
        field.press_sequentially(words[language])
        page.wait_for_selector(".md-search-result__item a")
        links = page.eval_on_selector_all(".md-search-result__item a", "found => found.map(link => link.href)")
        assert all(link.startswith(base + FOLDERS[language]) for link in links)
        assert all(link.startswith(f"{base}es/") == (language == "es") for link in links)
        field.fill("")
        field.press_sequentially(words["en" if language == "es" else "es"])
        until(page, "document.querySelectorAll('.md-search-result__item').length === 0")
        assert page.locator(".md-search-result__meta").inner_text()
        assert page.wrong == []


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
