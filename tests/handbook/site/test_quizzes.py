"""The quizzes for courses: read as an importer reads them, against the keys that the pages were checked by."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from handbook.pages.model import Option
from handbook.pages.parse import parse
from handbook.project import LANGUAGES, Project
from handbook.site.exports import quizzes
from handbook.site.gathered.exam import FILES
from handbook.site.markdown.render import ROOT

ADDRESS = "https://example.org/"
QTI = {"": "http://www.imsglobal.org/xsd/imsqti_v2p1"}
PACKAGE = {"": "http://www.imsglobal.org/xsd/imscp_v1p1"}


@cache
def checked(language: str) -> dict[str, tuple[Option, ...]]:
    pages = [path for path in Project(ROOT).pages if path.startswith(f"docs/{language}/handbook/")]
    return {quiz: options for path in pages for quiz, options in parse(ROOT, path).options.items()}


@pytest.fixture(scope="module", params=LANGUAGES)
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("site")
    quizzes.write(ROOT, request.param, folder, "Lower Triangle", ADDRESS)
    return request.param, {
        kind: (folder / "assets" / name.format(language=request.param)).read_bytes() for kind, name in FILES.items()
    }


@pytest.fixture(scope="module")
def package(exported: tuple[str, dict[str, bytes]]) -> dict[str, Element]:
    with zipfile.ZipFile(io.BytesIO(exported[1]["QTI 2.1"])) as opened:
        return {name: fromstring(opened.read(name)) for name in opened.namelist()}


@pytest.fixture(scope="module")
def moodle(exported: tuple[str, dict[str, bytes]]) -> list[Element]:
    assert exported[1]["Moodle XML"].startswith(b"<?xml")  # Moodle wants nothing before it
    return list(fromstring(exported[1]["Moodle XML"]))


def test_the_manifest_names_every_file_and_no_other(package: dict[str, Element]) -> None:
    manifest = package["imsmanifest.xml"]
    assert manifest.findtext("metadata/schema", namespaces=PACKAGE) == "QTIv2.1 Package"
    resources = manifest.findall("resources/resource", PACKAGE)
    assert {one.attrib["href"] for one in resources} == set(package) - {"imsmanifest.xml"}
    for one in resources:
        assert [file.attrib["href"] for file in one.findall("file", PACKAGE)] == [one.attrib["href"]]
    test = next(one for one in resources if one.attrib["type"] == "imsqti_test_xmlv2p1")
    items = [one.attrib["identifier"] for one in resources if one.attrib["type"] == "imsqti_item_xmlv2p1"]
    assert [one.attrib["identifierref"] for one in test.findall("dependency", PACKAGE)] == items
    referred = package["test.xml"].iter(f"{{{QTI['']}}}assessmentItemRef")
    assert [(one.attrib["identifier"], one.attrib["href"]) for one in referred] == [
        (item, f"items/{item}.xml") for item in items
    ]


def test_the_keys_of_the_package_are_those_that_were_checked(
    exported: tuple[str, dict[str, bytes]], package: dict[str, Element]
) -> None:
    items = [content for name, content in package.items() if name.startswith("items/")]
    assert [item.attrib["identifier"] for item in items] == list(checked(exported[0]))
    for item in items:
        options = checked(exported[0])[item.attrib["identifier"]]
        declared = item.find("responseDeclaration", QTI)
        choice = item.find("itemBody/choiceInteraction", QTI)
        assert declared is not None
        assert choice is not None
        right = {value.text for value in declared.iterfind("correctResponse/value", QTI)}
        asked = [(one.attrib["identifier"], "".join(one.itertext())) for one in choice.iterfind("simpleChoice", QTI)]
        assert [identifier in right for identifier, _ in asked] == [option.ticked for option in options]
        assert all(text.strip() for _, text in asked)
        assert len({text for _, text in asked}) == len(asked)
        assert declared.attrib["cardinality"] == ("single" if len(right) == 1 else "multiple")
        assert choice.attrib["maxChoices"] == ("1" if len(right) == 1 else str(len(options)))
        assert choice.attrib["shuffle"] == "false"  # the explanation names letters
        assert "".join(choice.find("prompt", QTI).itertext()).strip()  # type: ignore[union-attr]
        assert f"{', '.join(sorted(map(str, right)))} — " in "".join(item.find("modalFeedback", QTI).itertext())  # type: ignore[union-attr]


def test_an_item_holds_the_elements_in_the_order_that_the_schema_gives(package: dict[str, Element]) -> None:
    order = ["responseDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing", "modalFeedback"]
    for name, item in package.items():
        if name.startswith("items/"):
            found = [child.tag.rpartition("}")[2] for child in item]
            assert list(dict.fromkeys(found)) == order
            assert sorted(found, key=order.index) == found


def test_the_package_holds_plain_html_with_no_attribute_of_ours(package: dict[str, Element]) -> None:
    allowed = {"p", "strong", "em", "code", "a", "span", "ul", "ol", "li", "pre", "br", "div", "sup", "sub"}
    for name, item in package.items():
        if name.startswith("items/"):
            holders = [*item.iter(f"{{{QTI['']}}}simpleChoice"), *item.iter(f"{{{QTI['']}}}modalFeedback")]
            for element in (inner for holder in holders for inner in holder.iter() if inner is not holder):
                assert element.tag.rpartition("}")[2] in allowed
                assert set(element.attrib) <= {"href"}
                assert element.get("href", ADDRESS).startswith("http")


def test_moodle_gives_all_points_for_the_right_options_and_none_for_all_of_them(
    exported: tuple[str, dict[str, bytes]], moodle: list[Element]
) -> None:
    questions = [one for one in moodle if one.get("type") == "multichoice"]
    assert [one.findtext("name/text") for one in questions] == list(checked(exported[0]))
    for question in questions:
        ticks = [option.ticked for option in checked(exported[0])[question.findtext("name/text", "")]]
        shares = [float(answer.attrib["fraction"]) for answer in question.findall("answer")]
        assert [share > 0 for share in shares] == ticks
        assert sum(share for share in shares if share > 0) == pytest.approx(100, abs=0.01)
        assert question.findtext("single") == ("true" if sum(ticks) == 1 else "false")
        if sum(ticks) > 1:
            assert sum(shares) == pytest.approx(0, abs=0.01)


def test_moodle_files_each_quiz_under_its_section(moodle: list[Element]) -> None:
    categories = [one.findtext("category/text", "") for one in moodle if one.get("type") == "category"]
    assert moodle[0].get("type") == "category"
    assert len(set(categories)) == len(categories) > 10
    assert all(re.fullmatch(r"\$course\$/Lower Triangle/\d\d .+", one) for one in categories)


def test_a_section_with_a_slash_in_its_title_stays_one_category(tmp_path: Path) -> None:
    root = small(tmp_path, "01 Keys/values")
    quizzes.write(root, "en", tmp_path, "T", ADDRESS)
    text = (tmp_path / "assets" / FILES["Moodle XML"].format(language="en")).read_text("utf-8")
    assert "$course$/T/01 Keys//values" in text


def test_where_several_are_right_they_share_the_points(tmp_path: Path) -> None:
    quizzes.write(small(tmp_path, "01 X"), "en", tmp_path, "T", ADDRESS)
    text = (tmp_path / "assets" / FILES["Moodle XML"].format(language="en")).read_text("utf-8")
    assert re.findall(r'fraction="([^"]*)"', text) == ["33.33333", "33.33333", "33.33333", "-100"]


def test_where_nothing_is_asked_nothing_is_written(tmp_path: Path) -> None:
    quizzes.write(tmp_path, "en", tmp_path / "site", "X", ADDRESS)
    assert not (tmp_path / "site").exists()


def test_the_same_sources_give_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    root = small(tmp_path / "project", "01 X")
    written = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        quizzes.write(root, "en", folder, "T", ADDRESS)
        written.append([(folder / "assets" / name.format(language="en")).read_bytes() for name in FILES.values()])
    assert written[0] == written[1]


def small(folder: Path, title: str) -> Path:
    section = folder / "docs/en/handbook/01-x.md"
    section.parent.mkdir(parents=True)
    for name in ("mkdocs.yml", "mkdocs.es.yml"):
        (folder / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    options = "\n".join(f"- [{tick}] {text}" for tick, text in (("x", "a"), ("x", "b"), ("x", "c"), (" ", "d")))
    quiz = f"/// quiz | Which $x$?\n    attrs: {{id: z-x}}\n\n{options}\n\nThree.\n///\n"
    section.write_text(f"---\nlevel: easy\n---\n\n# {title}\n\n{quiz}", "utf-8")
    return folder
