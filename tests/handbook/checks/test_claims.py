"""What claims rest on is counted by kind and language."""

from __future__ import annotations

from collections import Counter

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
