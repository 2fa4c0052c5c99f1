"""The glossary is the authority on terms, and the Spanish pages are held to it."""

from __future__ import annotations

import pytest

from handbook.checks.terms import english_terms
from handbook.pages.parse import parse
from tests.conftest import ROOT, Handbook

GLOSSARY = """\
# Glosario

## token (el) { #token }

Un trozo de texto.

En inglés: *token* · símbolo: $T$

## peso de atención { #attention-weight }

Lo que se lee.

En inglés: *attention weight*
"""


def problems(handbook: Handbook, spanish: str) -> list[str]:
    handbook.write("docs/es/reference/glossary.md", GLOSSARY)
    handbook.page("page", "Text.\n", spanish)
    return [str(finding).split("\n")[0] for finding in handbook.findings("docs/es/page.md", check="terms")]


@pytest.mark.parametrize(
    "spanish",
    [
        "Cada token tiene un peso de atención (*attention weight*).\n",
        "El ***attention weight*** es un peso.\n",
        "El nombre `attention weight` es código.\n",
        "```python\n# attention weight\n```\n",
        "Un [peso](x.md#attention-weight) y un sobrepeso de *attention weights*.\n",
        "«attention weight» es una cita.\n",
    ],
)
def test_the_english_word_may_stand_in_italics_code_and_quotations(handbook: Handbook, spanish: str) -> None:
    assert problems(handbook, spanish) == []


def test_the_english_word_in_the_prose_is_a_finding(handbook: Handbook) -> None:
    found = problems(handbook, "Bien.\n\nTodos los attention weights suman uno.\n")
    assert len(found) == 1
    assert found[0].endswith("“attention weights” stands in the prose; the glossary's word is “peso de atención”")


@pytest.mark.parametrize("above", ["/// tab | NumPy\n\nUno.\n\n///", "/// note | A\n    attrs: {id: a}\n\nUno.\n\n///"])
def test_it_is_found_below_a_block_too(handbook: Handbook, above: str) -> None:
    assert len(problems(handbook, f"{above}\n\nTodos los attention weights suman uno.\n")) == 1


def test_the_real_glossary_names_the_terms() -> None:
    terms = english_terms(parse(ROOT, "docs/es/reference/glossary.md"))
    assert terms["attention weight"] == "peso de atención"
    assert "token" not in terms
    assert len(terms) > 20
