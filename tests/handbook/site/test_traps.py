"""The misconceptions: every trap of the sections, and none twice."""

import pytest

from handbook.pages import containers, source
from handbook.site.gathered.traps import claims
from handbook.site.markdown.render import ROOT, html


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_trap_of_a_question_is_listed_with_its_question(language):
    listed = [(file, claim.id) for file, _, found in claims(ROOT, language) for claim in found]
    traps = sum(
        one.kind == "trap"
        for file in (ROOT / f"docs/{language}/handbook").glob("*.md")
        for one in containers.scan(source.read(ROOT, file.relative_to(ROOT).as_posix()))[0]
    )
    assert len(listed) == len(set(listed)) == traps > 100


def test_both_languages_list_the_same_questions():
    english, spanish = (
        [(file, claim.id) for file, _, found in claims(ROOT, language) for claim in found] for language in ("en", "es")
    )
    assert english == spanish


def test_a_claim_is_shown_with_the_link_that_settles_it():
    shown = html("/// traps\n///\n", "en")
    assert '<a href="../handbook/03-masking-in-code.md#q-03-' in shown
    assert "data-is" not in shown


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_section_s_claims_stand_under_its_title(page, language):
    shown = page("/// traps\n///\n", language)
    titles = [title.text for title in shown.select(".lt-bank__section")]
    assert titles == [title for _, title, _ in claims(ROOT, language)]
    lengths = [len(listed.find_all("li")) for listed in shown.select(".lt-traps__list")]
    assert lengths == [len(found) for _, _, found in claims(ROOT, language)]
