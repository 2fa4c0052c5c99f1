"""From source to page: what runs, what is claimed, how it is built."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.parser_inline import ParserInline
from markdown_it.token import Token

from handbook.findings import Finding
from handbook.pages import containers, docstrings, source
from handbook.pages.inline import Reading
from handbook.pages.model import Block, Container, Heading, Link, Option, Output, Page, Pin, Place
from handbook.pages.source import Source
from handbook.pages.syntax import (
    ALIASES,
    EXECUTED,
    FENCE_INFO,
    FIX_BRACE,
    FIX_FLAG,
    FIX_TAB,
    HEADING_ID,
    NAMING,
    REASON,
    SESSIONS,
    TICK,
    Tie,
    pin_at_end,
    pin_below,
)

_BRACED_PIN = re.compile(r'[`\n]\{\s*data-[a-z-]+\s*=\s*"[^"\n]*[{}][^"\n]*"')
_TAGS = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)


class _ReadOnce(ParserInline):
    """Reads a paragraph once and remembers its tokens: an audit parses a page again for each altered place."""

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        """As the original; a text with link definitions of its own (in ``env``) is read afresh."""
        if env:
            return super().parse(src, md, env, tokens)
        tokens.extend(_inline(src))
        return tokens


@lru_cache(maxsize=1 << 14)
def _inline(src: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    ParserInline.parse(_markdown.inline, src, _markdown, {}, tokens)
    return tuple(tokens)


_markdown = MarkdownIt()
_markdown.inline = _ReadOnce()
_markdown.configure("commonmark").enable("table")


def parse(root: Path, path: str) -> Page:
    """The page at ``root / path``: Markdown, or the docstrings of a Python file."""
    if path.endswith(".py"):
        return _parse_module(root, path)
    return from_source(source.read(root, path))


def _parse_module(root: Path, path: str) -> Page:
    try:
        text = docstrings.text_of((root / path).read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None) or 1
        return Page(path, {}, "", problems=(Finding(path, line, f"not Python: {error}", "correct the module first"),))
    if "```" not in text:
        return Page(path, {}, text)
    return from_source(source.from_text(root, path, text))


def from_source(read: Source) -> Page:
    """The page that an expanded source describes."""
    found, lines, problems = containers.scan(read)
    return _Parse(read, found, lines, problems).page()


class _Parse:
    """The walk over markdown-it's tokens; it only gathers, and judges nothing but form."""

    def __init__(self, read: Source, found: list[Container], lines: list[str], problems: list[Finding]) -> None:
        self.source = read
        self.containers = found
        self.lines = lines
        self.defined: dict[str, Any] = {}
        self.tokens = _markdown.parse("\n".join(lines), self.defined)
        self.problems = [*read.problems, *problems]
        self.reading = Reading()
        self.blocks: list[Block] = []
        self.headings: list[Heading] = []
        self.options: dict[str, list[Option]] = {}
        self.row_line = 0

    def page(self) -> Page:
        self._fences()
        self._front_matter()
        self.problems = [one for one in self.problems if not self._runs_after_all(one)]
        self._prose()
        for one in self.containers:
            if one.argument and one.kind not in NAMING:
                self._title(one)
        self._definitions()
        return Page(
            path=self.source.path,
            meta=self.source.meta,
            text="\n".join(self.source.lines),
            body=self.source.body,
            origin=tuple(self.source.origin),
            blocks=tuple(self.blocks),
            pins=tuple(self.reading.pins),
            numbers=tuple(self.reading.numbers),
            headings=tuple(self.headings),
            links=tuple(self.reading.links),
            containers=tuple(self.containers),
            options={key: tuple(options) for key, options in self.options.items()},
            embeds=self.source.embeds,
            all_numbers=tuple(self.reading.all_numbers),
            formulas=tuple(self.reading.formulas),
            names=tuple(self.reading.names),
            attribute_lists=tuple(self.reading.attribute_lists),
            problems=tuple(self.problems),
            meta_lines=self.source.meta_lines,
            cells=self.source.cells,
        )

    def _say(self, expanded: int, problem: str, fix: str) -> None:
        self._add(self.source.line(expanded), problem, fix)

    def _add(self, line: int, problem: str, fix: str) -> None:
        self.problems.append(Finding(self.source.path, line, problem, fix))

    def _runs_after_all(self, problem: Finding) -> bool:
        """Whether a fence seemed to be hidden by its indentation, and stands in a list, where it is a fence."""
        return problem.problem == containers.HIDDEN and problem.line in {block.line for block in self.blocks}

    # Blocks -----------------------------------------------------------------

    def _fences(self) -> None:
        heading = ""
        for position, token in enumerate(self.tokens):
            if token.type == "heading_open":
                heading = HEADING_ID.sub("", self.tokens[position + 1].content)
            elif token.type == "fence" and token.map:
                self._fence(token, self._next_fence(position), heading)
            elif token.type == "code_block" and token.map and not containers.is_hidden_python(self.lines[token.map[0]]):
                problem = "these lines are indented by four spaces or more, so they are shown as code and never run"
                self._say(token.map[0], problem, "begin them at the margin; code stands in a ```python fence")

    def _next_fence(self, position: int) -> Token | None:
        """The fence that follows with nothing but blank lines between."""
        here, *rest = self.tokens[position:]
        following = next((token for token in rest if token.map), None)
        if following is None or following.type != "fence" or not here.map or not following.map:
            return None
        between = self.source.lines[here.map[1] : following.map[0]]
        return None if any(line.strip() for line in between) else following

    def _fence(self, token: Token, following: Token | None, heading: str) -> None:
        assert token.map
        first, end = token.map
        info = FENCE_INFO.match(token.info.strip())
        if "\t" in token.content:
            line = first + 1 + token.content[: token.content.index("\t")].count("\n")
            self._say(line, "a tab stands in this block, and the site shows spaces", FIX_TAB)
        language = info["language"] if info else ""
        flags = (info["flags"] or "") if info else ""
        if info is None:
            self._say(first, f"the flags of this fence are not read: ```{token.info}", FIX_FLAG)
            if not re.search(r"\b(python|py|console)\b", token.info):
                return
            language = "python"
        if language == "" and re.match(r"\s*\.?(python|py|console)\b", flags):
            self._say(first, f"the language of this fence is not read: ```{token.info}", FIX_FLAG)
            return
        if language in ALIASES or (language.lower() in {*ALIASES, *EXECUTED} and language not in EXECUTED):
            known = language.lower() if language.lower() in EXECUTED else "python"
            self._say(first, f"the language {language} has another name here", f"write ```{known}")
            language = known
        if language not in EXECUTED:
            self._unknown(first, language)
            if language == "text" and not self._is_output(first):
                self._orphan_output(first, token.content)
            return
        output = None
        if following is not None and following.map and following.info.strip() == "text":
            output = Output(following.content, self.source.line(following.map[0]), following.map[0], following.map[1])
        reason = self._reason(first, flags)
        self.blocks.append(
            Block(
                index=len(self.blocks),
                language=language,
                code=token.content,
                line=self.source.line(first),
                first=first + 1,
                end=end - 1,
                heading=heading,
                container=self._container(first),
                reason=reason,
                output=output,
                picture=self.source.pictures.get(self.source.line(first), ""),
                measured=self.source.line(first) in self.source.measured,
            )
        )

    def _unknown(self, first: int, language: str) -> None:
        """Name a fence that may well hold Python, under a name by which nobody would run it."""
        if not language:
            problem = "this fence names no language, so nobody can tell whether it runs"
            self._say(first, problem, "write ```python where it is code that runs, ```text where it is not")
        elif language.lower() in SESSIONS:
            problem = f"a fence of {language} is shown but never run"
            self._say(first, problem, "write ```python without prompts, and what it prints as ```text below")
        elif near := get_close_matches(language.lower(), EXECUTED, 1, 0.75):
            self._say(first, f"the language {language} is not known, so this fence never runs", f"write ```{near[0]}")

    def _is_output(self, first: int) -> bool:
        return any(block.output and block.output.first == first for block in self.blocks)

    def _orphan_output(self, first: int, content: str) -> None:
        if re.search(r"\d", content):
            self._say(
                first,
                "this text block holds numbers but follows no block that prints them",
                "put it right after the Python block that prints it, with only blank lines between",
            )

    def _reason(self, first: int, flags: str) -> str | None:
        words = flags.split()
        if "notest" not in words:
            return None
        reason = REASON.search(flags)
        if not reason or not reason[1].strip():
            self._say(first, "this block does not run and gives no reason", FIX_FLAG)
            return "no reason given"
        return reason[1]

    def _container(self, first: int) -> str:
        around = [one for one in self.containers if one.first < first < one.end]
        return around[-1].path if around else ""

    def _after(self, expanded: int) -> int:
        above = [block.index for block in self.blocks if block.runs and block.first <= expanded]
        return above[-1] if above else -1

    # Prose ------------------------------------------------------------------

    def _front_matter(self) -> None:
        for key in ("title", "description"):
            text = self.source.meta.get(key)
            if isinstance(text, str):
                self.reading.read(text, [self.source.meta_lines.get(key, 1)], -1)

    def _prose(self) -> None:
        cells: list[str] | None = None
        in_body = False
        for position, token in enumerate(self.tokens):
            if token.type == "tr_open":
                cells = []
            elif token.type == "tr_close":
                self._row(cells or [], in_body)
                cells = None
            elif token.type in ("tbody_open", "tbody_close"):
                in_body = token.type == "tbody_open"
            elif token.type == "html_block" and token.map:
                self._read(_TAGS.sub("", token.content), token.map[0])
                self._html(token.content, token.map[0])
            elif token.type == "inline" and cells is not None:
                cells.append(token.content)
                self.row_line = token.map[0] if token.map else 0
            elif token.type == "inline" and token.map:
                opening = self.tokens[position - 1]
                if opening.type == "heading_open":
                    self._heading(token, int(opening.tag[1]))
                else:
                    self._paragraph(token)

    def _title(self, one: Container) -> None:
        since, after = len(self.reading.numbers), self._after(one.first)
        self.reading.read(one.argument, [one.line], after)
        if Tie.SAYS in one.attributes:
            self.reading.says(since, one.line, after, one.attributes[Tie.SAYS])

    def _definitions(self) -> None:
        """The addresses that stand apart from the words that link to them: ``[name]: address``."""
        for found in self.defined.get("references", {}).values():
            self.reading.links.append(Link(found["href"], self.source.line(found["map"][0])))
        for found in self.defined.get("duplicate_refs", ()):
            line = self.source.line(found["map"][0])
            self._add(line, f"the address of [{found['label'].lower()}] is given twice", "give it once")
        known = self.defined.get("references", {})
        for name, line in self.reading.references:
            if normalizeReference(name) not in known:
                fix = f"write [{name}]: and the address on a line of its own, or the address in parentheses"
                self._add(line, f"no address is given for [{name}], so the page shows the brackets", fix)
        for line in self.reading.raw_code:
            self._add(line, "code stands in HTML or in a comment here, and is never run", "write a ```python fence")

    def _html(self, text: str, first: int) -> None:
        self.reading.html(text, [self.source.line(first + k) for k in range(text.count("\n") + 1)])

    def _read(self, text: str, first: int, place: Place = Place.PROSE) -> None:
        lines = [self.source.line(first + k) for k in range(text.count("\n") + 1)]
        self.reading.read(text, lines, self._after(first), place)

    def _heading(self, token: Token, level: int) -> None:
        assert token.map
        identity = HEADING_ID.search(token.content)
        text = HEADING_ID.sub("", token.content)
        self.headings.append(
            Heading(level, text, identity[1] if identity else "", self.source.line(token.map[0]), token.map[0])
        )
        self._read(text, token.map[0])

    def _paragraph(self, token: Token) -> None:
        assert token.map
        content = token.content
        for pin in _BRACED_PIN.finditer(content):
            line = token.map[0] + content.count("\n", 0, pin.start())
            self._say(line, "a brace stands in this pin, so the page shows the pin as text", FIX_BRACE)
        quiz = next(
            (one for one in self.containers if one.kind == "quiz" and one.first < token.map[0] < one.end),
            None,
        )
        tick = TICK.match(content)
        if quiz and tick:
            content = self._option(quiz, content[tick.end() :], tick["tick"] != " ", token.map[0])
        content, expression = pin_below(content)
        since = len(self.reading.numbers)
        self._read(content, token.map[0])
        if expression is not None:
            below = token.map[0] + content.count("\n") + 1
            self.reading.says(since, self.source.line(below), self._after(below), expression)

    def _option(self, quiz: Container, content: str, ticked: bool, first: int) -> str:
        line = self.source.line(first)
        content, expression = pin_at_end(content, Tie.TRUE)
        self.options.setdefault(quiz.id, []).append(Option(ticked, line, content, expression or ""))
        if expression:
            self.reading.pins.append(Pin(Tie.TRUE, str(ticked), expression, line, self._after(first)))
        return content

    def _row(self, cells: list[str], in_body: bool) -> None:
        if not cells:
            return
        first = self.row_line
        line, after = self.source.line(first), self._after(first)
        place = Place.TABLE if in_body else Place.PROSE
        named, expression = pin_at_end(cells[0], Tie.ROW)
        if expression is not None:
            self.reading.read(named, [line], after, Place.PROSE)
            self.reading.row(cells[1:], line, after, expression)
            return
        for cell in cells:
            self._read(cell, first, place)
