"""`make bench`: the speed goals, measured.

What can be a ratio is one, both sides in the same run and in turn, so that a busy machine slows them
alike; each figure is the median of several. Nothing here fails: it prints a table to be read.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import yaml

from handbook.project import LANGUAGES, Project
from handbook.run.console import copy_project
from handbook.run.console import split as console_commands
from handbook.session import Session
from handbook.translated import record
from minimodel.attention import scaled_dot_product_attention
from minimodel.blockwise import blockwise_attention
from minimodel.masks import causal_allowed

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
MANY = 1_000
SECTION = "handbook/02-causal-mask.html"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    against: str
    measured: str
    goal: str


def seconds(action: Callable[[], object]) -> float:
    """How long ``action`` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turn(*actions: Callable[[], object]) -> list[float]:
    """The median time of each action; the rounds of all are interleaved."""
    rounds = [[seconds(action) for action in actions] for _ in range(ROUNDS)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def python(folder: Path, *arguments: str) -> None:
    """Run this interpreter in ``folder``, in silence. A page with findings is no reason to stop."""
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def check(folder: Path, *paths: str) -> None:
    """``handbook check`` in a process of its own."""
    python(folder, "-m", "handbook", "check", *paths)


@contextmanager
def scratch() -> Iterator[Path]:
    """A copy of the project that may be edited."""
    with tempfile.TemporaryDirectory(prefix="handbook-bench-") as folder:
        yield copy_project(ROOT, Path(folder) / "handbook")


def docs(project: Project) -> list[str]:
    """The pages of the site."""
    return [path for path in project.pages if path.startswith("docs/")]


# Checking -----------------------------------------------------------------------


def bare_script(session: Session, paths: list[str]) -> str:
    """A program that runs the blocks of every page: Python in a namespace a page, commands in a copy of the project."""
    lines = ["import contextlib, io, shlex, subprocess, sys"]
    for path in paths:
        lines.append("page = {}")
        for block in session.page(path).blocks:
            if block.runs and block.language == "python":
                lines.append(f"with contextlib.redirect_stdout(io.StringIO()): exec({block.code!r}, page)")
            elif block.runs:
                for _, command, _ in console_commands(block.code):
                    program = ["-P", "-m"] if command.startswith("handbook") else None
                    words = (
                        f"[sys.executable, *{program}, *shlex.split({command!r})]"
                        if program
                        else f"shlex.split({command!r})"
                    )
                    lines.append(f"subprocess.run({words}, stdout=subprocess.DEVNULL, check=False)")
    return "\n".join(lines)


def checking_everything() -> Iterator[Row]:
    """The whole check, nothing remembered, against the bare blocks: the pages of Python, then all, commands too."""
    with scratch() as folder:
        project = Project(folder)
        session = Session(project)
        of_python = [path for path in docs(project) if session.page(path).has_code]
        for what, paths in (("the pages that hold Python", of_python), ("all pages, commands too", docs(project))):
            (folder / "bare.py").write_text(bare_script(session, paths), encoding="utf-8")

            def whole(paths: list[str] = paths) -> None:
                shutil.rmtree(folder / ".handbook", ignore_errors=True)
                check(folder, *paths)

            def alone() -> None:
                with tempfile.TemporaryDirectory(prefix="handbook-bare-") as name:
                    python(copy_project(folder, Path(name) / "handbook"), "bare.py")

            ours, bare = in_turn(whole, alone)
            yield Row(
                f"checking {what}, both languages",
                f"the same blocks once in one bare process ({bare:.2f} s)",
                f"{ours / bare:.2f} ({ours:.2f} s)",
                "≤ 1.5",
            )


def checking_after_an_edit() -> Iterator[Row]:
    """One page with its twin, after an edit of its prose and of its first block."""
    with scratch() as folder:
        project = Project(folder)
        check(folder, "docs")
        for slug in ("00-in-five-minutes", "02-causal-mask"):
            pages = [folder / f"docs/{language}/handbook/{slug}.md" for language in LANGUAGES]
            torch = any(block.needs_torch for block in Session(project).page(f"docs/en/handbook/{slug}.md").python)
            for what, mark in (("prose", "\n## "), ("code", "```python\n")):

                def edit_and_check(mark: str = mark, pages: list[Path] = pages) -> None:
                    for page in pages:
                        text = page.read_text(encoding="utf-8")
                        extra = f"# {time.time_ns()}\n" if mark.startswith("`") else ""
                        new = (
                            text.replace(mark, mark + extra, 1) if extra else text.replace(mark, f"\nMore.\n{mark}", 1)
                        )
                        page.write_text(new, encoding="utf-8")
                    check(folder, str(pages[0].relative_to(folder)))

                (taken,) = in_turn(edit_and_check)
                kind = "with a PyTorch tab" if torch else "NumPy only"
                goal = "≤ 1 s" if not torch or what == "prose" else "(imports torch)"
                yield Row(f"checking {slug} and its twin after an edit of {what}", kind, f"{taken:.2f} s", goal)


def checking_what_has_not_changed() -> Row:
    """A thousand pages, none changed; what one page adds to a check of nothing."""
    with scratch() as folder:
        shutil.rmtree(folder / "docs")
        body = "\n".join(f"Paragraph {'x' * n} with some words in it, as pages have them.\n" for n in range(80))
        code = "```python\nx = 1\nprint(x)\n```\n\n```text\n1\n```\n\n"
        for number in range(MANY // 2):
            for language in LANGUAGES:
                page = folder / f"docs/{language}/handbook/page{number}.md"
                page.parent.mkdir(parents=True, exist_ok=True)
                page.write_text(f"---\ntitle: Page\n---\n\n# Page\n\n{code}{body}", encoding="utf-8")
            record(Project(folder), f"docs/es/handbook/page{number}.md")
        check(folder, "docs")
        one = "docs/en/handbook/page0.md"
        all_pages, one_page = in_turn(lambda: check(folder, "docs"), lambda: check(folder, one))
    each = (all_pages - one_page) / (MANY - 2) * 1000
    return Row(f"a page unchanged since the last check, among {MANY:,}", "–", f"{each:.2f} ms", "≤ 1 ms")


# The site -----------------------------------------------------------------------

STOCK = """\
site_name: Stock
use_directory_urls: false
theme: {name: material}
plugins: [search]
markdown_extensions:
  - attr_list
  - md_in_html
  - tables
  - toc: {permalink: true}
  - pymdownx.superfences
  - pymdownx.highlight: {pygments_lang_class: true}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.blocks.admonition
  - pymdownx.blocks.details
  - pymdownx.blocks.tab: {alternate_style: true}
"""


def stock_project(folder: Path) -> None:
    """Stock Material over the same pages, snippets expanded, one configuration a language."""
    session = Session(Project(ROOT))
    for path in docs(session.project):
        page = folder / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(session.page(path).text, encoding="utf-8")
    for language in LANGUAGES:
        options = {"docs_dir": f"docs/{language}", "site_dir": f"site-{language}"}
        (folder / f"{language}.yml").write_text(STOCK + yaml.safe_dump(options), encoding="utf-8")


def building() -> Iterator[Row]:
    """Building both languages against stock Material, then the weight of a section's first load."""
    with scratch() as ours, tempfile.TemporaryDirectory(prefix="handbook-stock-") as name:
        stock = Path(name)
        stock_project(stock)

        def build(folder: Path, *files: str) -> None:
            for file in files:
                python(folder, "-m", "mkdocs", "build", "--quiet", "-f", file)

        handbook, plain = in_turn(
            lambda: build(ours, "mkdocs.yml", "mkdocs.es.yml"), lambda: build(stock, "en.yml", "es.yml")
        )
        yield Row(
            "building both languages",
            f"stock Material on the same expanded pages ({plain:.2f} s)",
            f"{handbook / plain:.2f} ({handbook:.2f} s)",
            "≤ 1.25",
        )
        for language, page in (("en", ours / "site" / SECTION), ("es", ours / "site" / "es" / SECTION)):
            bare = stock / f"site-{language}" / SECTION
            yield Row(
                f"first load of section 02 ({language}), gzip",
                f"stock Material {first_load(bare) / 1000:.0f} kB",
                f"{first_load(page) / 1000:.0f} kB",
                "≤ 110 kB",
            )
        fonts = sum(file.stat().st_size for file in (ours / "site").rglob("*.woff2"))
        others = sorted({address for page in (ours / "site").rglob("*.html") for address in off_site(page)})
        yield Row("fonts", "–", f"{fonts / 1000:.0f} kB", "≤ 60 kB")
        yield Row("third-party requests, all pages", "–", str(len(others)), "0")


_LOADED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*?\bsrc=[\"']?([^\"'\s>]+)"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|icon|preload))[^>]*?\bhref=[\"']?([^\"'\s>]+)"
)


def loaded(page: Path) -> list[str]:
    """What a browser fetches for a page besides the page."""
    return [script or link for script, link in _LOADED.findall(page.read_text(encoding="utf-8"))]


def off_site(page: Path) -> list[str]:
    """What it would fetch from elsewhere."""
    return [address for address in loaded(page) if re.match(r"(?:[a-z]+:)?//", address)]


def first_load(page: Path) -> int:
    """Bytes of a page and all it fetches, gzipped."""
    files = [
        page,
        *((page.parent / address.split("?")[0]).resolve() for address in loaded(page) if "//" not in address),
    ]
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in dict.fromkeys(files) if file.is_file())


# Attention -----------------------------------------------------------------------


def peak(action: Callable[[], object]) -> int:
    """The most memory that ``action`` holds at once, in bytes."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def attending() -> Iterator[Row]:
    """Attention in blocks against the full square, one head of single precision: memory, its growth, and time."""

    def both(T: int) -> tuple[Callable[[], object], Callable[[], object]]:
        q, k, v = np.random.default_rng(0).normal(size=(3, T, 64)).astype(np.float32)
        in_blocks = partial(blockwise_attention, q, k, v, block_q=128, block_k=128)
        return in_blocks, lambda: scaled_dot_product_attention(q, k, v, causal_allowed(T))

    short, long = both(1_024), both(4_096)
    grown = [peak(after) / peak(before) for before, after in zip(short, long, strict=True)]
    in_blocks, square = peak(long[0]), peak(long[1])
    yield Row(
        "memory of attention in blocks, 4,096 tokens",
        f"the full square ({square / 1e6:.0f} MB)",
        f"{in_blocks / square:.3f} ({in_blocks / 1e6:.1f} MB)",
        "–",
    )
    yield Row("its growth, four times the tokens", f"the full square ({grown[1]:.1f})", f"{grown[0]:.1f}", "≤ 4")
    ours, theirs = in_turn(*long)
    yield Row(
        "time of attention in blocks, 4,096 tokens",
        f"the full square ({theirs * 1000:.0f} ms)",
        f"{ours / theirs:.2f} ({ours * 1000:.0f} ms)",
        "–",
    )


def main() -> None:
    """Measure every row and print the table."""
    rows = [
        *checking_everything(),
        *checking_after_an_edit(),
        checking_what_has_not_changed(),
        *building(),
        *attending(),
    ]
    print(f"Median of {ROUNDS} rounds.\n")
    print("| what | against | measured | goal |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.against} | {row.measured} | {row.goal} |")


if __name__ == "__main__":
    main()
