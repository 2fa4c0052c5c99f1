"""The quizzes for courses: a QTI 2.1 package, which Canvas imports among others, and Moodle's own XML.

An element of the sections' HTML keeps its tag and loses its attributes but the address of a link: that is what both
formats allow of it. Options stay in their order, since the explanations name their letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from xml.etree.ElementTree import Element, SubElement, fromstring, indent, tostring

from handbook.history import moment
from handbook.site.exports.fragments import fragments
from handbook.site.exports.zips import zipped
from handbook.site.gathered.exam import FILES
from handbook.site.gathered.practice import moved
from handbook.site.gathered.sections import sections

_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_MATCH = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"


@dataclass(frozen=True)
class Quiz:
    """One quiz; question and explanation are elements whose content is HTML, and so is each option beside its tick."""

    id: str
    section: str
    question: Element
    options: tuple[tuple[bool, Element], ...]
    explanation: tuple[Element, ...]

    @property
    def right(self) -> list[str]:
        """The letters of the options that are right."""
        return [letter for letter, (ticked, _) in zip(ascii_uppercase, self.options, strict=False) if ticked]


def write(root: Path, language: str, site: Path, title: str, address: str) -> None:
    """Write both files of a language, where its sections hold any quiz.

    Args:
        root: the folder of mkdocs.yml.
        language: `en` or `es`.
        site: where the language's site is.
        title: of the test, and of the category.
        address: where the language's site will be served; links of the explanations lead there.
    """
    gathered = list(quizzes(root, language, address))
    if not gathered:
        return
    assets = site / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    package = zipped(((name, _text(one)) for name, one in _package(gathered, title, language)), moment(root))
    for name, content in zip(FILES.values(), (package, _text(_moodle(gathered, title))), strict=True):
        (assets / name.format(language=language)).write_bytes(content)


def quizzes(root: Path, language: str, address: str) -> Iterator[Quiz]:
    """Every quiz of the sections, in order, as the site renders it."""
    found = [(section, quiz) for section in sections(root, language) for quiz in section.all("quiz")]
    texts = [moved(section.text(quiz), section.path) for section, quiz in found]
    for (section, quiz), html in zip(found, fragments(root, language, address, texts), strict=True):
        question, options, answer = fromstring(html)
        yield Quiz(
            quiz.id,
            section.title,
            _plain(question),
            tuple((item.get("data-ticked") == "true", _plain(item[0])) for item in options),
            tuple(_plain(part) for part in answer if part.tag not in ("summary", "ul")),
        )


def _plain(element: Element) -> Element:
    """A copy of the element with no attribute but a link's address."""
    copy = Element(element.tag, {"href": element.attrib["href"]} if "href" in element.attrib else {})
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_plain(child) for child in element)
    return copy


def _within(parent: Element, tag: str, content: Element, **attributes: str) -> Element:
    """An element that holds what another holds."""
    made = SubElement(parent, tag, attributes)
    made.text = content.text
    made.extend(list(content))
    return made


def _text(element: Element) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(element, encoding="unicode")}\n'.encode()


# QTI ------------------------------------------------------------------------


def _package(gathered: list[Quiz], title: str, language: str) -> Iterator[tuple[str, Element]]:
    """Name and content of each file of the package; the manifest comes first."""
    manifest = Element("manifest", {"xmlns": _PACKAGE, "identifier": f"lower-triangle-{language}"})
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "QTIv2.1 Package"
    SubElement(metadata, "schemaversion").text = "1.0.0"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    test = _resource(resources, "test", "imsqti_test_xmlv2p1", "test.xml")
    for quiz in gathered:
        _resource(resources, quiz.id, "imsqti_item_xmlv2p1", f"items/{quiz.id}.xml")
        SubElement(test, "dependency", {"identifierref": quiz.id})
    indent(manifest)
    yield "imsmanifest.xml", manifest
    yield "test.xml", _test(gathered, title)
    for quiz in gathered:
        yield f"items/{quiz.id}.xml", _item(quiz, language)


def _resource(resources: Element, identifier: str, kind: str, file: str) -> Element:
    resource = SubElement(resources, "resource", {"identifier": identifier, "type": kind, "href": file})
    SubElement(resource, "file", {"href": file})
    return resource


def _test(gathered: list[Quiz], title: str) -> Element:
    """A test of one part, a section of it for each section of the handbook."""
    test = Element("assessmentTest", {"xmlns": _QTI, "identifier": "test", "title": title})
    mode = {"identifier": "part", "navigationMode": "nonlinear", "submissionMode": "individual"}
    part = SubElement(test, "testPart", mode)
    named: dict[str, Element] = {}
    for quiz in gathered:
        if quiz.section not in named:
            known = {"identifier": f"section-{len(named) + 1}", "title": quiz.section, "visible": "true"}
            named[quiz.section] = SubElement(part, "assessmentSection", known)
        reference = {"identifier": quiz.id, "href": f"items/{quiz.id}.xml"}
        SubElement(named[quiz.section], "assessmentItemRef", reference)
    indent(test)
    return test


def _item(quiz: Quiz, language: str) -> Element:
    """A quiz as a choice; it scores one where exactly the right options are marked."""
    about = {"identifier": quiz.id, "title": "".join(quiz.question.itertext()), "xml:lang": language}
    item = Element("assessmentItem", {"xmlns": _QTI, **about, "adaptive": "false", "timeDependent": "false"})
    several = len(quiz.right) > 1
    cardinality = "multiple" if several else "single"
    response = {"identifier": "RESPONSE", "cardinality": cardinality, "baseType": "identifier"}
    correct = SubElement(SubElement(item, "responseDeclaration", response), "correctResponse")
    for letter in quiz.right:
        SubElement(correct, "value").text = letter
    score = {"identifier": "SCORE", "cardinality": "single", "baseType": "float"}
    default = SubElement(SubElement(item, "outcomeDeclaration", score), "defaultValue")
    SubElement(default, "value").text = "0"
    feedback = {"identifier": "FEEDBACK", "cardinality": "single", "baseType": "identifier"}
    SubElement(item, "outcomeDeclaration", feedback)
    body = SubElement(item, "itemBody")
    most = str(len(quiz.options)) if several else "1"
    asked = {"responseIdentifier": "RESPONSE", "shuffle": "false", "maxChoices": most}
    choice = SubElement(body, "choiceInteraction", asked)
    _within(choice, "prompt", quiz.question)
    for letter, (_, option) in zip(ascii_uppercase, quiz.options, strict=False):
        _within(choice, "simpleChoice", option, identifier=letter)
    SubElement(item, "responseProcessing", {"template": _MATCH})
    shown = {
        "identifier": "ANSWER",
        "outcomeIdentifier": "FEEDBACK",
        "showHide": "hide",
        "title": ", ".join(quiz.right),
    }
    SubElement(item, "modalFeedback", shown).extend(quiz.explanation)
    return item


# Moodle -----------------------------------------------------------------------


def _moodle(gathered: Iterable[Quiz], title: str) -> Element:
    """All quizzes in Moodle's XML, a category for each section."""
    questions = Element("quiz")
    category = ""
    for quiz in gathered:
        if quiz.section != category:
            category = quiz.section
            named = SubElement(SubElement(questions, "question", {"type": "category"}), "category")
            # A slash would begin a category within the category.
            SubElement(named, "text").text = f"$course$/{title}/{category.replace('/', '//')}"
        _moodle_question(questions, quiz)
    indent(questions)
    return questions


def _moodle_question(questions: Element, quiz: Quiz) -> None:
    question = SubElement(questions, "question", {"type": "multichoice"})
    SubElement(SubElement(question, "name"), "text").text = quiz.id
    _html(question, "questiontext", [quiz.question])
    _html(question, "generalfeedback", quiz.explanation)
    SubElement(question, "defaultgrade").text = "1"
    SubElement(question, "single").text = "false" if len(quiz.right) > 1 else "true"
    SubElement(question, "shuffleanswers").text = "false"
    SubElement(question, "answernumbering").text = "ABCD"
    wrong = len(quiz.options) - len(quiz.right)
    for ticked, option in quiz.options:
        # Where several are right, marking all of them, wrong ones too, is worth nothing.
        share = 100 / len(quiz.right) if ticked else -100 / wrong if len(quiz.right) > 1 else 0
        _html(question, "answer", [option], fraction=f"{share:.5f}".rstrip("0").rstrip("."))


def _html(parent: Element, tag: str, content: Iterable[Element], **attributes: str) -> None:
    """Text that is HTML, which Moodle reads as text."""
    holder = SubElement(parent, tag, {"format": "html", **attributes})
    inner = "".join(tostring(part, encoding="unicode").strip() for part in content)
    SubElement(holder, "text").text = inner
