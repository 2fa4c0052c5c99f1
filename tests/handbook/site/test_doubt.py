"""A reader's doubt reaches the maintainers with its place: the forms, the fields a link fills, and a pin's line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from handbook.pages.parse import parse
from handbook.pages.syntax import LINKED, linked_pins
from handbook.project import LANGUAGES, Project
from handbook.site.finish import THEME
from handbook.site.html.page import finish
from handbook.site.markdown.render import ROOT

FORMS = ROOT / ".github/ISSUE_TEMPLATE"
KINDS = ("wrong-fact", "unclear-sentence", "lab-message")


def form(kind: str, language: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FORMS / f"{kind}.{language}.yml").read_text("utf-8"))
    return read


def fields(kind: str, language: str) -> list[tuple[str, str, bool]]:
    body = form(kind, language)["body"]
    return [(one["id"], one["type"], one.get("validations", {}).get("required", False)) for one in body]


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_asks_the_same_in_both_languages_and_in_each_of_them(kind: str) -> None:
    assert fields(kind, "en") == fields(kind, "es")
    assert len({identifier for identifier, *_ in fields(kind, "en")}) == len(fields(kind, "en"))
    for language in LANGUAGES:
        read = form(kind, language)
        assert {"name", "description", "body"} <= set(read)
        assert all(one["attributes"]["label"] for one in read["body"])
    assert form(kind, "en")["name"] != form(kind, "es")["name"]


def test_there_is_no_form_besides() -> None:
    assert {file.name for file in FORMS.glob("*.yml")} == {
        "config.yml",
        *(f"{kind}.{language}.yml" for kind in KINDS for language in LANGUAGES),
    }


def test_the_fields_that_a_link_fills_are_fields_of_the_form() -> None:
    script = (THEME / "assets/javascripts/handbook.js").read_text("utf-8")
    filled = re.search(r"new URLSearchParams\(\{(?P<fields>.*?)\}\)", script, re.DOTALL)
    assert filled is not None
    names = set(re.findall(r"^ +(\w+)\b[,:]", filled["fields"], re.MULTILINE))
    assert names - {"template", "title"} == {"place", "claim", "version"}
    assert names - {"template", "title"} <= {identifier for identifier, *_ in fields("wrong-fact", "en")}


@pytest.mark.parametrize("path", [path for path in Project(ROOT).pages if "/handbook/" in path])
def test_the_lines_of_a_sections_pins_are_those_that_the_check_names(path: str) -> None:
    expected: dict[str, list[int]] = {}
    for pin in parse(ROOT, path).pins:
        if pin.tie in LINKED:
            expected.setdefault(pin.expression, []).append(pin.line)
    found = linked_pins(Path(ROOT, path).read_text("utf-8"))
    assert {expression: sorted(lines) for expression, lines in expected.items()} == found


@given(st.lists(st.sampled_from(["a < b", 'x["k"]'.replace('"', "'"), "n", "n"]), max_size=6))
def test_each_pin_of_a_page_gets_the_line_that_it_stands_in(expressions: list[str]) -> None:
    text = "\n".join(f'`1`{{ data-is="{expression}" }}' for expression in expressions)
    html = "".join(
        f'<a class="lt-pin" data-from="block 1" data-is="{expression.replace("<", "&lt;")}" href="#block-1">1</a>'
        for expression in expressions
    )
    finished = finish(f"<body>{html}", "en", pins=linked_pins(text))
    assert re.findall(r'data-line="(\d+)"', finished) == [str(line + 1) for line in range(len(expressions))]


def test_a_pin_of_another_file_gets_no_line() -> None:
    html = '<body><a class="lt-pin" data-from="block 1" data-is="x" href="#block-1">1</a>'
    assert finish(html, "en", pins={"y": [3]}) == html
