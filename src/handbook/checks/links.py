"""Links: each leads to a file, and to a place on it, that the site will have."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from markdown.extensions.toc import slugify

from handbook.bugs.exhibit import Group, exhibits
from handbook.checks.context import Context
from handbook.findings import Finding
from handbook.pages.addresses import link_target
from handbook.pages.model import Link, Page
from handbook.project import BIBLIOGRAPHY, Project

_LAB = re.compile(r"(?P<page>labs/[\w.-]+)\.(?:ipynb|zip)")
"""What the build offers beside a lab's page."""

_WRITTEN_ID = re.compile(r"""\{[^{}\n]*?#(?P<listed>[\w-]+)[^{}\n]*\}|<[a-z][^<>]*?\b(?:id|name)=["'](?P<raw>[^"']+)""")
_MARKS = re.compile(r"[`*]|\{[^{}]*\}|\[(?P<label>[^\[\]]*)\]\([^()]*\)")


def check(context: Context) -> Iterator[Finding]:
    """Follow each link and image within the project."""
    if context.is_site_page:
        folder = f"docs/{context.project.language_of(context.page.path)}"
        files = _files(context.project, folder)
        for link in dict.fromkeys(context.page.links):
            yield from _site(context, link, folder, files)
    elif context.page.path.endswith(".md"):
        for link in dict.fromkeys(context.page.links):
            yield from _beside(context, link)


def _site(context: Context, link: Link, folder: str, files: set[str]) -> Iterator[Finding]:
    page = context.page
    target = link_target(page.path, link.target)
    if target is None:
        return
    file, anchor = target
    nowhere = link.target in ("", "#")
    if nowhere or link.target.startswith("/"):
        problem = "this link leads nowhere" if nowhere else f"{link.target} begins at the root of a server"
        yield context.say(link.line, problem, "name a file, as seen from the folder of this page")
        return
    if not file.startswith(f"{folder}/"):
        problem = f"{link.target} leads out of {folder}, which alone is on the site"
        yield context.say(link.line, problem, "link to what stands there, or to an address that begins with https://")
        return
    below = file.removeprefix(f"{folder}/")
    if below not in files and not _is_offered(below, files):
        yield context.say(
            link.line,
            f"{link.target} leads nowhere: there is no {file}",
            _instead(page.path, _nearest(below, files), folder, anchor),
        )
    elif anchor and below.endswith((".md", ".ipynb")):
        there = page if file == page.path else context.library.read(file)
        known = anchors(context, there)
        if anchor not in known:
            near = _nearest(anchor, known)
            fix = f"write #{near}, the nearest there is" if near else "give the heading there this id, or name another"
            if file.endswith(BIBLIOGRAPHY):  # a source is more often new than misspelt
                fix = f"add the entry to {file}" + (f", or write #{near}, the nearest there is" if near else "")
            yield context.say(link.line, f"{link.target} leads nowhere: {file} has no #{anchor}", fix)


def _beside(context: Context, link: Link) -> Iterator[Finding]:
    """A link of a file that is read in the repository; whoever shows it makes the anchors, of the headings' words."""
    target = link_target(context.page.path, link.target)
    if target is None:
        return
    file, anchor = target
    if not (context.project.root / file).exists():
        fix = "name a file of the repository, as seen from the folder of this page"
        yield context.say(link.line, f"{link.target} leads nowhere: there is no {file}", fix)
    elif anchor and file == context.page.path:
        known = {slugify(_plain(heading.text), "-") for heading in context.page.headings}
        if anchor not in known:
            near = _nearest(anchor, known)
            fix = f"write #{near}, the nearest there is" if near else "name a heading of this page"
            yield context.say(link.line, f"{link.target} leads nowhere: no heading makes #{anchor}", fix)


def _files(project: Project, folder: str) -> set[str]:
    """What stands below a language's folder, by the names that the disk gives (some disks ignore their case)."""
    top = project.root / folder
    return {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}


def _is_offered(below: str, files: set[str]) -> bool:
    lab = _LAB.fullmatch(below)
    return lab is not None and f"{lab['page']}.md" in files


def _nearest(wanted: str, known: Iterable[str]) -> str | None:
    """What was probably meant: the same name in another folder, or what is written almost so."""
    listed = sorted(known)
    same = [one for one in listed if posixpath.splitext(posixpath.basename(one))[0] == _stem(wanted)]
    return next(iter(same or get_close_matches(wanted, listed, 1, 0.5)), None)


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def _instead(page: str, near: str | None, folder: str, anchor: str) -> str:
    if near is None:
        return "name a file that is there, as seen from the folder of this page"
    where = posixpath.relpath(f"{folder}/{near}", posixpath.dirname(page))
    return f"write {where}{'#' + anchor if anchor else ''}, the nearest there is"


# Anchors ------------------------------------------------------------------------


def anchors(context: Context, page: Page) -> set[str]:
    """The ids that a page has on the site: those that are written, and those that the site makes."""
    found = {heading.id or slugify(_plain(heading.text), "-") for heading in page.headings}
    found |= {f"block-{number}" for number in range(1, len(page.python) + 1)}
    for written in _WRITTEN_ID.finditer(_without_blocks(page)):
        found.add(written["listed"] or written["raw"])
    for container in page.containers:
        found.add(container.id)
        if container.kind == "api":
            found |= _of_module(context.project.root, container.argument)
        elif container.kind == "museum":
            found |= {exhibit.id for exhibit in exhibits()} | {group.anchor for group in Group}
        elif container.kind in ("cards", "exam"):
            language = context.project.language_of(page.path)
            found |= {known for spoken, known in context.library.question_ids if spoken == language}
    return found - {""}


def _plain(text: str) -> str:
    """A heading's words, without their marks."""
    return _MARKS.sub(lambda match: match["label"] or "", text)


def _without_blocks(page: Page) -> str:
    lines = page.text.split("\n")
    for block in page.blocks:
        lines[block.first : block.end] = [""] * len(lines[block.first : block.end])
    return "\n".join(lines)


def _of_module(root: Path, module: str) -> set[str]:
    """The module's own place in its reference, and that of each of its public names."""
    short = module.rpartition(".")[2]
    try:
        tree = ast.parse((root / "src" / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return set()
    public = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return {short, *(f"{short}.{name}" for name in public if not name.startswith("_"))}
