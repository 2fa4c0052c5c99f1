"""The flashcards: every interview question with its answer and its trap; a script deals them."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from handbook.site.gathered.bank import level_and_topic
from handbook.site.gathered.practice import PracticeBlock
from handbook.site.gathered.sections import sections
from handbook.site.markdown.stash import keep

FILE = "lower-triangle-{language}.apkg"  # the Anki deck, below the assets of the language's site
SIZES = (10, 20, 40)


class Cards(PracticeBlock):
    """All questions by section, their answers folded; the script deals those that are due."""

    NAME = "cards"

    def on_create(self, parent: Element) -> Element:
        """The form, then the questions, each with its section, level and topic. Its proof stays where it runs."""
        language = self.config["language"]
        asking = [section for section in sections(self.root, language) if section.all("question")]
        element = self.frame(parent)
        said = self.said.deck.format(count=sum(len(section.all("question")) for section in asking))
        deck = f'<a href="../assets/{FILE.format(language=language)}" download>{said}</a>'
        SubElement(element, "p").text = AtomicString(keep(self.md, deck))
        topics = {level_and_topic(one, question, language)[1] for one in asking for question in one.all("question")}
        self.kept(element)
        self.form(element, topics, asking, SIZES)
        pool = self.pool(element)
        for section in asking:
            part = self.part(pool, section)
            for question in section.all("question"):
                embedded = self.embed(part, section, question, without=("proof",))
                more = SubElement(embedded, "p", {"class": "lt-cards__proof"})
                link = SubElement(more, "a", {"href": f"../{section.path}#{question.id}"})
                link.text = self.said.proof_there.format(section=section.title)
        return element
