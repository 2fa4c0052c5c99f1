"""What claims rest on is counted by kind and language."""

from __future__ import annotations

from collections import Counter

import pytest

from handbook.checks.claims import claims, table
from handbook.pages import source
from handbook.pages.parse import from_source
from tests.conftest import ROOT, Handbook

PROOF = "/// proof\n{}\n```python\nassert x\n```\n\n///\n"
TIED = PROOF.format("    attrs: {data-fails-if: 'x = 1 => x = 0'}\n")
SOURCE = "[a paper](../reference/bibliography.md#a)"


def question(answer: str, trap: str, proof: str) -> str:
    return f"/// question | Q?\n    attrs: {{id: q}}\n\n{answer}\n\n/// trap\n\n{trap}\n\n///\n\n{proof}\n///\n\n"


def quiz(option: str, why: str) -> str:
    options = f'- [x] a {option}\n- [ ] b {{ data-true="y" }}'
    return f"/// quiz | Q?\n    attrs: {{id: z{len(why)}}}\n\n{options}\n\n{why}\n///\n\n"


PAGE = (
    "---\ntitle: P\n---\n\n# P\n\n```python\nx = 1\n```\n\n"
    + question("Answer.", "Wrong.", TIED)
    + question(f"Answer, as {SOURCE} says.", "Wrong.", PROOF.format(""))
    + question("Answer.", f"Wrong, see {SOURCE}.", PROOF.format(""))
    + quiz('{ data-true="x" }', "Why.")
    + quiz("", f"Why: {SOURCE}.")
    + quiz("", "Because.")
)


def test_a_claim_is_tied_or_cited_or_neither() -> None:
    assert claims(from_source(source.from_text(ROOT, "docs/en/page.md", PAGE))) == Counter(
        {
            ("answers", "tied"): 1,
            ("answers", "cited"): 1,
            ("answers", "neither"): 1,
            ("traps", "tied"): 1,
            ("traps", "cited"): 1,
            ("traps", "neither"): 1,
            ("quizzes", "tied"): 1,
            ("quizzes", "cited"): 1,
            ("quizzes", "neither"): 1,
        }
    )


def test_the_counts_are_a_table_by_language() -> None:
    found = Counter({("answers", "tied"): 12, ("quizzes", "neither"): 3})
    assert table([("en", found)]).split("\n") == [
        "                   tied    cited  neither",
        "en  answers          12        0        0",
        "en  traps             0        0        0",
        "en  quizzes           0        0        3",
    ]


def test_the_command_counts_when_it_is_asked_to(handbook: Handbook) -> None:
    handbook.page("page", question("Answer.", "Wrong.", PROOF.format("")))
    said = handbook.command("check", "--counts").stdout
    assert "es  traps             0        0        1\n" in said
    assert "traps" not in handbook.command("check").stdout


BARE = PROOF.format("")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (question("It never leaks.", "It always does.", BARE), ["'never'", "'always'"]),
        (question("It never leaks.", "It always does.", TIED), []),
        (question(f"It never leaks, as {SOURCE} says.", "Some of it does.", BARE), []),
        (question("In a causal model it does not leak.", "Wrong.", BARE), []),
        (quiz("", "Every key is read."), ["'Every'"]),
        (quiz('{ data-true="x" }', "Every key is read.").replace("- [ ] b", "- [ ] c"), []),
    ],
)
def test_a_word_about_all_cases_that_nothing_shows_is_a_finding(
    handbook: Handbook, text: str, words: list[str]
) -> None:
    page = handbook.page("page", f"```python\nx = 1\ny = 0\n```\n\n{text}")
    found = handbook.findings(page, check="claims")
    assert [one.problem.split(" claims")[0] for one in found] == words


def test_the_spanish_words_are_known_too(handbook: Handbook) -> None:
    text = question("No filtra nunca.", "Siempre filtra.", BARE)
    handbook.page("page", f"```python\nx = 1\n```\n\n{text}", f"```python\nx = 1\n```\n\n{text}")
    found = handbook.findings("docs/es/page.md", check="claims")
    assert [one.problem.split(" claims")[0] for one in found] == ["'nunca'", "'Siempre'"]
