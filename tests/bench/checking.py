"""How long checking takes: everything, one page after an edit, and what has not changed."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from handbook.checks.session import Session
from handbook.project import LANGUAGES, Project
from handbook.running.console import copy_project
from handbook.running.console import split as console_commands
from handbook.translated import record
from tests.bench.measure import BRIEF, Row, check, docs, in_turn, python, scratch

MANY = 10 if BRIEF else 1_000
BRIEFLY = ("/handbook/00-in-five-minutes.md", "/handbook/02-causal-mask.md", "/labs/L02-causal-mask.md")
"""Pages of Python, of torch and of commands."""


def bare_script(session: Session, paths: list[str]) -> str:
    """A program that runs the blocks of every page: Python in a namespace a page, commands in a copy of the project."""
    lines = ["import contextlib, io, shlex, subprocess, sys"]
    for path in paths:
        lines.append('page = {"__name__": "__main__"}')  # as the worker's: a lab's file runs as a script
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
        all_pages = [path for path in docs(project) if not BRIEF or path.endswith(BRIEFLY)]
        of_python = [path for path in all_pages if session.page(path).has_code]
        for what, paths in (("the pages that hold Python", of_python), ("all pages, commands too", all_pages)):
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
        check(folder, *docs(project) if not BRIEF else [path for path in docs(project) if path.endswith(BRIEFLY)])
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


def checking_what_has_not_changed() -> Iterator[Row]:
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
    yield Row(f"a page unchanged since the last check, among {MANY:,}", "–", f"{each:.2f} ms", "≤ 1 ms")
