"""The reference of a module, made from its docstrings: each function with its signature, and where it is taught."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from handbook.locale import words
from handbook.site.errors import SiteError
from handbook.site.gathered.sections import sections
from handbook.site.markdown.blocks import SiteBlock
from handbook.site.markdown.code_colours import coloured
from handbook.site.markdown.stash import keep

Documented = ast.FunctionDef | ast.ClassDef

_SECTION = re.compile(r"^(?P<name>Args|Returns|Raises|Source):[ ]*(?P<text>.*)$")
_ITEM = re.compile(r"^ {4}(?P<name>[*\w]+): (?P<text>.*)$")
_FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_EMBED = re.compile(r'^--8<-- "src/(?P<path>[\w/]+)\.py:(?P<name>\w+)"$', re.MULTILINE)


class Docstring(NamedTuple):
    """A docstring, taken apart."""

    prose: list[str]
    sections: dict[str, str]
    examples: list[tuple[str, str]]


def take_apart(text: str) -> Docstring:
    """The paragraphs, the sections by name, and the fences (language and code) of a docstring."""
    prose: list[str] = []
    sections: dict[str, str] = {}
    for paragraph in _FENCE.sub("", text).split("\n\n"):
        first, *rest = paragraph.strip("\n").split("\n")
        section = _SECTION.match(first)
        if section:
            sections[section["name"]] = "\n".join([section["text"], *rest]).strip("\n")
        elif first:
            prose.append(" ".join([first, *rest]))
    return Docstring(prose, sections, [(one["language"], one["code"]) for one in _FENCE.finditer(text)])


def items(section: str) -> list[tuple[str, str]]:
    """The names and explanations of an `Args` or `Raises` section."""
    found: list[tuple[str, str]] = []
    for line in section.split("\n"):
        item = _ITEM.match(line)
        if item:
            found.append((item["name"], item["text"]))
        elif found and line.strip():
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    return found


def signature(node: Documented, source: str) -> str:
    """What a caller writes: the head of a function, or a class with its fields or its constructor's head."""
    if isinstance(node, ast.FunctionDef):
        return _head(node)
    fields = [line for line in node.body if isinstance(line, ast.AnnAssign)]
    if fields:
        lines = source.split("\n")
        return "\n".join([f"class {node.name}:", *(lines[field.lineno - 1] for field in fields)])
    init = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    return _head(init).replace("__init__(self, ", f"{node.name}(").split(" -> ")[0] if init else f"class {node.name}"


def _head(node: ast.FunctionDef) -> str:
    """`name(arguments) -> result`, one argument a line where it is long."""
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    arguments = ast.unparse(node.args)
    line = f"{node.name}({arguments}){result}"
    if len(line) <= 88:
        return line
    return f"{node.name}(\n    " + re.sub(r", (?=\*|\w+[:,]|\w+$)", ",\n    ", arguments) + f",\n){result}"


class Api(SiteBlock):
    """`/// api | minimodel.masks`: every public function and class of the module."""

    NAME = "api"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        """The module's own docstring, then an entry for each name."""
        file = self.root / "src" / f"{self.argument.replace('.', '/')}.py"
        if not file.is_file():
            raise SiteError(f"api: there is no module {self.argument}")
        source = file.read_text(encoding="utf-8")
        tree = ast.parse(source)
        element = SubElement(parent, "div")
        heading = SubElement(element, "h2", {"id": self.argument.rpartition(".")[2]})
        SubElement(heading, "code").text = AtomicString(self.argument)
        self._prose(element, ast.get_docstring(tree) or "")
        if "taught" not in self.tracker:  # read once for all modules of the page
            self.tracker["taught"] = _taught(self.root, self.config["language"])
        taught = self.tracker["taught"]
        for node in tree.body:
            if isinstance(node, Documented) and not node.name.startswith("_") and ast.get_docstring(node):
                self._entry(element, node, source, taught.get((self.argument.replace(".", "/"), node.name), ()))
        return element

    def _entry(self, element: Element, node: Documented, source: str, taught: tuple[tuple[str, str], ...]) -> None:
        titles = words(self.config["language"], "reference")
        doc = take_apart(ast.get_docstring(node) or "")
        heading = SubElement(element, "h3", {"id": f"{self.argument.rpartition('.')[2]}.{node.name}"})
        SubElement(heading, "code").text = AtomicString(node.name)
        self._code(element, signature(node, source))
        for paragraph in doc.prose:
            SubElement(element, "p").text = paragraph
        entries = SubElement(element, "dl", {"class": "lt-api__parts"})
        for name, text in doc.sections.items():
            SubElement(entries, "dt").text = titles[name]
            for line in self._lines(name, text):
                SubElement(entries, "dd").text = line
        if taught:
            SubElement(entries, "dt").text = titles["Taught"]
            for file, title in taught:
                link = SubElement(SubElement(entries, "dd"), "a", {"href": f"../handbook/{file}"})
                link.text = AtomicString(title)
        for language, code in doc.examples:
            self._code(element, code, "python" if language == "python" else "text")

    def _lines(self, name: str, text: str) -> Iterator[str]:
        if name in ("Args", "Raises"):
            yield from (f"`{item}`: {explained}" for item, explained in items(text))
        else:
            yield " ".join(line.strip() for line in text.split("\n")).strip()

    def _prose(self, element: Element, text: str) -> None:
        for paragraph in take_apart(text).prose:
            if paragraph.startswith("- "):
                listed = SubElement(element, "ul")
                for line in paragraph.removeprefix("- ").split(" - "):
                    SubElement(listed, "li").text = line
            else:
                SubElement(element, "p").text = paragraph

    def _code(self, element: Element, code: str, language: str = "python") -> None:
        kind = "highlight" if language == "python" else "language-text highlight"
        html = coloured(code.rstrip("\n"), language, cssclass=kind, wrapcode=True)
        SubElement(element, "div").text = AtomicString(keep(self.md, html))


def _taught(root: Path, language: str) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """The file and title of each section that embeds a function, by module and name."""
    found: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    for section in sections(root, language):
        entry = (Path(section.path).name, section.title)
        for embed in _EMBED.finditer(section.body):
            key = (embed["path"], embed["name"])
            found[key] = (*(one for one in found.get(key, ()) if one != entry), entry)
    return found
