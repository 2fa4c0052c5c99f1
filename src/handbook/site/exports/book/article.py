"""What of a page a book can hold: tabs and folds opened, what needs a script dropped, answers to quizzes at the end."""

from __future__ import annotations

import re
from copy import deepcopy
from xml.etree.ElementTree import Element, SubElement

from handbook.locale import words
from handbook.site.errors import SiteError
from handbook.site.exports.book.colours import drawn
from handbook.site.exports.book.hatching import with_lines

ANSWER = "{quiz}-answer"
_DROPPED_TAGS = frozenset({"button", "form", "input", "script", "template"})
_DROPPED = frozenset(
    {"headerlink", "lt-books", "lt-cite", "lt-hidden", "lt-level__sign", "lt-practice__form", "md-content__button"}
)
_BARE = frozenset({"lt-question__text", "lt-quiz__text"})
_KEPT = frozenset("class href id scope start type colspan rowspan title lang".split())
_SVG, _MATH = "http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"
_LONG = 28
"""Lines of the longest listing that is kept on one page."""


def bookish(article: Element, language: str, where: str) -> Element:
    """A page's `<article>` as a `<section>` that needs neither a script nor the site's stylesheet.

    Raises:
        SiteError: the page shows a picture that is not drawn in it.
    """
    return _Page(language, where).section(article)


def said(element: Element) -> str:
    """The words of an element."""
    return " ".join("".join(element.itertext()).split())


class _Page:
    def __init__(self, language: str, where: str) -> None:
        self.book = words(language, "book")
        self.where = where
        self.answers = Element("div", {"class": "answers"})

    def section(self, article: Element) -> Element:
        made = Element("section", {"class": "chapter"})
        self.fill(made, article)
        if len(self.answers):
            title = SubElement(made, "h2", {"id": "answers", "class": "level-2"})
            title.text = self.book.answers
            made.append(self.answers)
        return made

    def fill(self, into: Element, source: Element) -> None:
        """Put what `source` holds into `into`."""
        _say(into, source.text)
        for child in source:
            self.put(into, child)
            _say(into, child.tail)

    def put(self, into: Element, element: Element) -> None:
        """Put an element into `into`, as a book has it."""
        classes = set(element.get("class", "").split())
        if element.tag in _DROPPED_TAGS or classes & _DROPPED or "hidden" in element.attrib:
            return
        if element.tag == "svg":
            self.drawing(into, element)
        elif element.tag == "math":
            made = _copy(into, element)
            made.set("xmlns", _MATH)
        elif element.tag == "img":
            self.picture(element)
        elif element.tag == "details":
            self.fold(into, element, classes)
        elif "tabbed-set" in classes:
            self.tabs(into, element)
        elif element.tag == "pre":
            self.listing(into, element)
        elif "-" in element.tag or (element.tag == "span" and not classes - _BARE and "id" not in element.attrib):
            self.fill(into, element)
        else:
            self.as_on_site(into, element, classes)

    def as_on_site(self, into: Element, element: Element, classes: set[str]) -> None:
        """An element that a book shows as the site does."""
        tag = "div" if element.tag == "article" else element.tag
        made = SubElement(into, tag, {name: value for name, value in element.attrib.items() if name in _KEPT})
        if re.fullmatch("h[1-6]", tag):
            made.set("class", f"level-{tag[1]}")
        if "lt-block" in classes:
            SubElement(made, "p", {"class": "block-number"}).text = f"[{element.get('data-block')}]"
        if tag == "ol" and made.get("type") == "A":
            made.set("class", "options")
        self.fill(made, element)

    def drawing(self, into: Element, svg: Element) -> None:
        made = _copy(into, svg)
        drawn(made)
        with_lines(made)
        made.attrib.pop("data-search-exclude", None)
        made.set("xmlns", _SVG)
        made.set("class", "drawing")

    def picture(self, element: Element) -> None:
        """A picture without words is an ornament of the site; any other would be missed."""
        if element.get("alt"):
            raise SiteError(f"{self.where}: {element.get('src')} is not in the book; draw it as a figure")

    def fold(self, into: Element, details: Element, classes: set[str]) -> None:
        """What is folded on the site stands open; the answer to a quiz, at the chapter's end."""
        summary = details.find("summary")
        if summary is None:
            raise SiteError(f"{self.where}: a <details> has no <summary>; give it one")
        if "lt-quiz__answer" in classes:
            self.answer(into, summary, details)
            return
        kind = next((one for one in ("question", "proof") if f"lt-{one}" in classes), "fold")
        made = SubElement(into, "div", {"class": kind})
        if "id" in details.attrib:
            made.set("id", details.attrib["id"])
        self.fill(SubElement(made, "p", {"class": f"{kind}__title"}), summary)
        self.rest(made, details, summary)

    def answer(self, quiz: Element, summary: Element, details: Element) -> None:
        """Under the quiz, a link to its answer; over the answer, a link to the quiz."""
        question = quiz.get("id", "")
        name = ANSWER.format(quiz=question)
        there = SubElement(SubElement(quiz, "p", {"class": "quiz__see"}), "a", {"href": f"#{name}"})
        there.text = said(summary)
        made = SubElement(self.answers, "div", {"class": "answer", "id": name})
        back = SubElement(made, "p", {"class": "answer__title"})
        self.fill(SubElement(back, "a", {"href": f"#{question}"}), quiz[0])
        self.rest(made, details, summary)

    def rest(self, into: Element, details: Element, summary: Element) -> None:
        """What stands under a summary."""
        for child in details:
            if child is not summary:
                self.put(into, child)
                _say(into, child.tail)

    def tabs(self, into: Element, tabbed: Element) -> None:
        """One tab after the other, each under its label."""
        labels = tabbed.findall("div[@class='tabbed-labels']/label")
        blocks = tabbed.findall("div[@class='tabbed-content']/div")
        for label, block in zip(labels, blocks, strict=True):
            made = SubElement(into, "div", {"class": "tab"})
            self.fill(SubElement(made, "p", {"class": "tab__label"}), label)
            self.fill(made, block)

    def listing(self, into: Element, pre: Element) -> None:
        """Code in the few colours of a book; where it is long, it may be split over pages."""
        made = SubElement(into, "pre")
        _coloured(SubElement(made, "code"), pre)
        if "".join(made.itertext()).rstrip("\n").count("\n") >= _LONG:
            made.set("class", "long")


def _coloured(into: Element, source: Element) -> None:
    _say(into, source.text)
    for child in source:
        colour = _colour(child.get("class", ""))
        _coloured(SubElement(into, "span", {"class": colour}) if colour else into, child)
        _say(into, child.tail)


def _colour(token: str) -> str:
    """The book's name for a kind of token, by Pygments' name of it; empty for what stays in ink."""
    if token in ("gd", "gi"):
        return token
    if token in ("nf", "nc", "nd"):
        return "f"
    return token[0] if token[:1] in ("k", "s", "c", "m") else ""


def _copy(into: Element, element: Element) -> Element:
    made = deepcopy(element)
    made.tail = None
    into.append(made)
    return made


def _say(into: Element, text: str | None) -> None:
    """Put text at the end of an element."""
    if not text:
        return
    if len(into):
        into[-1].tail = (into[-1].tail or "") + text
    else:
        into.text = (into.text or "") + text
