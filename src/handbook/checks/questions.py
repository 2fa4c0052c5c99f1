"""Questions: each has an id, an answer, a trap and a proof that can fail; each quiz settles every option."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from handbook.checks import worlds
from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.inline import MATH_NUMBER
from handbook.pages.model import Container
from handbook.pages.syntax import CODE_FONT, LEVEL_SIGNS, TOPICS

_LOOSE = re.compile(r"(?P<math>\$[^$]*\$)|(?<![\w.-])(?P<number>\d+(?:\.\d+)?)(?!\w)")


def check(context: Context) -> Iterator[Finding]:
    """Look at every question and quiz of the page."""
    for container in context.page.containers:
        if container.kind in ("question", "quiz"):
            yield from _identity(context, container)
        if container.kind == "question":
            yield from _question(context, container)
        elif container.kind == "quiz":
            yield from _quiz(context, container)


def _identity(context: Context, container: Container) -> Iterator[Finding]:
    if not container.argument:
        yield context.say(container.line, f"this {container.kind} asks nothing", "write it after the bar: /// quiz | …")
    if not container.id:
        yield context.say(container.line, f"this {container.kind} has no id", "give it one: attrs: {id: q-02-…}")
        return
    language = context.project.language_of(context.page.path)
    places = context.library.question_ids.get((language, container.id), [])
    others = [place for place in places if place != (context.page.path, container.line)]
    if others:
        path, line = others[0]
        yield context.say(
            container.line,
            f"the id {container.id} is taken ({path}:{line})",
            "give each question an id of its own",
        )


def _question(context: Context, question: Container) -> Iterator[Finding]:
    for attribute, known in (("data-level", LEVEL_SIGNS), ("data-topic", TOPICS)):
        if question.attributes.get(attribute) not in known:
            problem = f"{question.id} has no {attribute} that the interview bank could list it by"
            yield context.say(question.line, problem, f"write {attribute}: with one of {', '.join(known)}")
    inside = context.page.inside(question)
    if not _has_answer(context, question, inside):
        yield context.say(question.line, f"{question.id} has no answer", "write it right below the question")
    if not any(one.kind == "trap" for one in inside):
        yield context.say(question.line, f"{question.id} has no trap", "say the common wrong answer in a /// trap")
    proofs = [one for one in inside if one.kind == "proof"]
    if not proofs:
        yield context.say(question.line, f"{question.id} has no proof", "prove the answer in a /// proof")
    for proof in proofs:
        blocks = [block for block in context.page.blocks_in(proof) if block.language == "python" and block.runs]
        if not any(_can_fail(block.code) for block in blocks):
            yield context.say(
                proof.line,
                f"the proof of {question.id} cannot fail",
                "let it assert something that the page computed",
            )
        yield from _worlds(context, proof)


def _worlds(context: Context, proof: Container) -> Iterator[Finding]:
    """The worlds in which a proof must fail can be made; that it fails there is for the audit to see."""
    for world in proof.worlds:
        found = worlds.problem(context.project.root, context.page, proof, world)
        if found is not None:
            yield context.say(context.page.origin[proof.first + 1], *found)


def _has_answer(context: Context, question: Container, inside: list[Container]) -> bool:
    end = inside[0].first if inside else question.end
    between = context.page.text.split("\n")[question.first + 1 : end]
    return any(line.strip() and not line.startswith("    ") for line in between)


@lru_cache(maxsize=4096)
def _can_fail(code: str) -> bool:
    """Whether a block asserts anything that is not a constant."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return False
    asserts = [node.test for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    return any(isinstance(part, ast.Name) for test in asserts for part in ast.walk(test))


def _quiz(context: Context, quiz: Container) -> Iterator[Finding]:
    options = context.page.options.get(quiz.id, ())
    if len(options) < 2 or not any(option.ticked for option in options):
        yield context.say(
            quiz.line,
            f"{quiz.id} offers no choice",
            "list at least two options and tick the right one: - [x]",
        )
    elif all(option.ticked for option in options):
        yield context.say(quiz.line, f"{quiz.id} has no wrong option", "list one that is false: - [ ]")
    for option in options:
        if not option.expression:
            yield context.say(
                option.line,
                "nothing shows whether this option is true",
                'end it with { data-true="…" }, an expression that is True exactly when the option is right',
            )
            continue
        number = unheld(option.text, option.expression)
        if number is not None:
            yield context.say(
                option.line,
                f"the number {number} of this option does not stand in its expression {option.expression}, "
                "or not in this order",
                "let the expression hold the numbers that the option claims, one after the other, or pin them",
            )


def unheld(text: str, expression: str) -> str | None:
    """The first number of an option that its expression does not hold, in the order in which the option has them.

    A formula may say the same in another order; what a pin binds is left to the pin.
    """
    written = MATH_NUMBER.findall(expression)
    in_order = iter(written)
    for match in _LOOSE.finditer(CODE_FONT.sub("", text)):
        for number in MATH_NUMBER.findall(match["math"] or ""):
            if number not in written:
                return str(number)
        if match["number"] and match["number"] not in in_order:  # an iterator goes on from what it has found
            return match["number"]
    return None
