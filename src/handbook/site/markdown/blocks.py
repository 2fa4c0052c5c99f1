"""The handbook's own containers: question, trap, proof, quiz and figure."""

from __future__ import annotations

from pathlib import Path
from string import ascii_uppercase
from typing import Any, cast
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString
from pymdownx.blocks import BlocksProcessor
from pymdownx.blocks.block import Block

from handbook.locale import Words, words
from handbook.pages.syntax import FAILS_IF, LEVEL_SIGNS, TICK, Level, Tie, pin_at_end
from handbook.site.errors import SiteError
from handbook.site.figures import draw
from handbook.site.markdown.stash import keep


class SiteBlock(Block):
    """What the site's blocks have in common: the project's root and the page's language."""

    @property
    def root(self) -> Path:
        """The folder of mkdocs.yml."""
        return Path(self.md.preprocessors["snippet"].base_path[0])

    @property
    def words(self) -> Words:
        """The words of the page's language."""
        return words(self.config["language"])


class Question(SiteBlock):
    """An interview question; its answer is folded."""

    NAME = "question"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        """`<details>` whose summary is the question and its level."""
        element = SubElement(parent, "details", {"class": "lt-question"})
        summary = SubElement(element, "summary")
        SubElement(summary, "span", {"class": "lt-question__text"}).text = self.argument
        level = self.options["attrs"].get("data-level")
        if level is not None:
            if level not in LEVEL_SIGNS:
                raise SiteError(f'question "{self.argument}": no level {level}; easy, medium or hard', self.argument)
            summary.append(level_badge(cast(Level, level), self.words))
        return element


class Trap(SiteBlock):
    """The common wrong answer, said as wrong."""

    NAME = "trap"

    def on_create(self, parent: Element) -> Element:
        """A titled aside."""
        element = SubElement(parent, "div", {"class": "lt-trap"})
        SubElement(element, "p", {"class": "lt-trap__title"}).text = self.words.trap
        return element


class Proof(SiteBlock):
    """Code that fails when the answer is not true; folded."""

    NAME = "proof"

    def on_create(self, parent: Element) -> Element:
        """`<details>` with the language's title; the worlds in which it fails are for the audit, not for readers."""
        self.options["attrs"].pop(FAILS_IF, None)
        element = SubElement(parent, "details", {"class": "lt-proof"})
        SubElement(element, "summary").text = self.words.proof
        return element


class Figure(SiteBlock):
    """A drawing made by code; the content is its caption."""

    NAME = "figure"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        """Draw now, so that an unknown name stops the build."""
        element = SubElement(parent, "figure", {"class": "lt-figure"})
        nth = self.tracker[self.argument] = self.tracker.get(self.argument, 0) + 1
        prefix = f"figure-{self.argument}" + (f"-{nth}" if nth > 1 else "")
        svg = draw(self.argument, self.config["language"], prefix)
        SubElement(element, "div", {"class": "lt-figure__drawing"}).text = AtomicString(keep(self.md, svg))
        SubElement(element, "figcaption")
        return element

    def on_add(self, block: Element) -> Element:
        """The content is the caption."""
        return block[1]


class Quiz(SiteBlock):
    """A question with lettered options; a task list says which are right, and never shows it."""

    NAME = "quiz"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        """The question; the options are taken out of the content once it is complete."""
        element = SubElement(parent, "div", {"class": "lt-quiz"})
        SubElement(element, "p", {"class": "lt-quiz__question"}).text = self.argument
        return element

    def on_end(self, block: Element) -> None:
        """Turn the task list into options, and fold everything else into the answer."""
        tasks = next((child for child in block if child.tag in ("ul", "ol")), None)
        if tasks is None:
            problem = f'quiz "{self.argument}": no options; write a list of "- [ ] …" and "- [x] …"'
            raise SiteError(problem, self.argument)
        explanation = [child for child in list(block)[1:] if child is not tasks]
        for child in list(block)[1:]:
            block.remove(child)
        options = SubElement(block, "ol", {"class": "lt-quiz__options", "type": "A"})
        verdicts = Element("ul", {"class": "lt-quiz__verdicts", "data-search-exclude": ""})
        right: list[str] = []
        for letter, item in zip(ascii_uppercase, tasks, strict=False):
            ticked, expression = self._option(item)
            item.set("data-ticked", "true" if ticked else "false")
            options.append(item)
            verdicts.append(self._verdict(letter, ticked, expression))
            if ticked:
                right.append(letter)
        if not right:
            raise SiteError(f'quiz "{self.argument}": no option is ticked with [x]', self.argument)
        block.append(self._answer(", ".join(right), explanation, verdicts))

    def _option(self, item: Element) -> tuple[bool, str]:
        """Take the tick and the expression out of an option's text."""
        holder = item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item
        tick = TICK.match(holder.text or "")
        if tick is None:
            raise SiteError(f'quiz "{self.argument}": an option does not begin with [ ] or [x]', self.argument)
        if holder is not item:
            item.remove(holder)
        said, expression = pin_at_end((holder.text or "")[tick.end() :], Tie.TRUE)
        item.text = None
        text = Element("span", {"class": "lt-quiz__text"})
        text.text = said.strip()
        item.insert(0, text)
        return tick["tick"] != " ", expression or ""

    def _verdict(self, letter: str, ticked: bool, expression: str) -> Element:
        """What is said about one option after answering."""
        verdict = Element("li", {"class": f"lt-verdict lt-verdict--{'right' if ticked else 'wrong'}"})
        said = SubElement(verdict, "span", {"class": "lt-verdict__said"})
        said.text = (self.words.right if ticked else self.words.wrong).format(letter=letter)
        if expression:
            proof = SubElement(verdict, "span", {"class": "lt-verdict__proof"})
            code = SubElement(proof, "code")
            code.text = AtomicString(expression)
            code.tail = f" → {ticked}"
        return verdict

    def _answer(self, letters: str, explanation: list[Element], verdicts: Element) -> Element:
        """The fold: letters, explanation, and the verdict on each option."""
        answer = Element("details", {"class": "lt-quiz__answer"})
        SubElement(answer, "summary").text = self.words.answer
        if not explanation or explanation[0].tag != "p":
            explanation.insert(0, Element("p"))
        first = explanation[0]
        key = Element("strong")
        key.text = letters
        if first.text or len(first):
            key.tail, first.text = f" — {first.text or ''}", None
        first.insert(0, key)
        answer.extend([*explanation, verdicts])
        return answer


def level_badge(level: Level, spoken: Words) -> Element:
    """A sign and a word, so that the level is read without colour."""
    badge = Element("span", {"class": f"lt-level lt-level--{level}"})
    sign = SubElement(badge, "span", {"class": "lt-level__sign", "aria-hidden": "true"})
    sign.text = LEVEL_SIGNS[level]
    sign.tail = f" {spoken[level]}"
    return badge


def register(manager: BlocksProcessor, language: str) -> None:
    """Teach pymdownx's block parser all five."""
    config: dict[str, Any] = {"language": language}
    for block in (Question, Trap, Proof, Quiz, Figure):
        manager.register(block, config)
