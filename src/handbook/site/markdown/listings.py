"""A number and an address for each Python block of a page, and the names that the block binds."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown

from handbook.pages.rendered import text_of
from handbook.pages.torch_imports import TAB, imports_torch
from handbook.site.markdown.stash import alone

_PYTHON = re.compile(r'\s*<div class="(?:[^"]*\s)?language-python[\s"]')


@dataclass(frozen=True)
class Listing:
    """One Python block."""

    number: int
    names: frozenset[str] = field(default_factory=frozenset)

    @property
    def id(self) -> str:
        """Its address on the page."""
        return f"block-{self.number}"


def number_listing(md: Markdown, element: Element, ancestors: Sequence[Element], number: int) -> Listing | None:
    """Give the block that `element` holds its address, and say on it where it needs torch, which no browser has.

    None when it holds no Python block.
    """
    code = alone(md, element.text)
    if code is None or not _PYTHON.match(code):
        return None
    source = text_of(code)
    listing = Listing(number, bound_names(source))
    holder = element
    if element.tag == "p":
        element.tag = "div"
    else:
        holder = SubElement(element, "div")
        element.remove(holder)
        element.insert(0, holder)
        holder.text, element.text = element.text, None
    holder.attrib.update({"class": "lt-block", "id": listing.id, "data-block": str(number)})
    if _in_torch_tab([*ancestors, element]) or imports_torch(source):
        holder.set("data-needs", "torch")
    return listing


def source_of(md: Markdown, holder: Element) -> str:
    """The code of a listing that has its address."""
    return text_of(alone(md, holder.text) or "")


def _in_torch_tab(path: Sequence[Element]) -> bool:
    """Whether the last of `path`, each inside the one before, stands in a tab of that name."""
    for tabs, panels, panel in zip(path, path[1:], path[2:], strict=False):
        if panels.get("class") == "tabbed-content":
            labels = next(child for child in tabs if child.get("class") == "tabbed-labels")
            return "".join(labels[list(panels).index(panel)].itertext()).strip() == TAB
    return False


@lru_cache(maxsize=8192)
def bound_names(source: str) -> frozenset[str]:
    """The names that running `source` computes or changes at the top level; an import computes nothing."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return frozenset()
    collector = _Bindings()
    collector.visit(tree)
    return frozenset(collector.names)


def read_names(expression: str) -> frozenset[str]:
    """The names that `expression` reads."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError:
        return frozenset()
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


class _Bindings(ast.NodeVisitor):
    """Collects names bound outside functions, classes and comprehensions, imports left out."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.names.add(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815
    visit_ClassDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        return

    def visit_ListComp(self, node: ast.expr) -> None:
        return

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.names.add(node.id)

    def visit_Subscript(self, node: ast.Subscript | ast.Attribute) -> None:
        """`mask[0] = 1` and `model.W = w` change what their root names."""
        if isinstance(node.ctx, ast.Store):
            root: ast.expr = node
            while isinstance(root, ast.Subscript | ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name):
                self.names.add(root.id)
        self.generic_visit(node)

    visit_Attribute = visit_Subscript  # noqa: N815
