"""The command that writes the books, and the same books from the same sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from handbook import cli
from handbook.history import committed
from handbook.project import LANGUAGES
from tests.handbook.site.projects import one_page_project
from tests.handbook.site.test_book import content


def test_the_command_writes_the_books_into_the_site_which_offers_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(one_page_project(tmp_path, "# Title\n\nWords.\n"))
    assert cli.main(["book", "--epub"]) == cli.CLEAN
    for language, folder in (("en", "site"), ("es", "site/es")):
        page = BeautifulSoup(Path(folder, "index.html").read_text("utf-8"), "html.parser")
        (link,) = page.select(".lt-books a")
        assert link["href"] == f"assets/lower-triangle-{language}.epub"
        assert zipfile.is_zipfile(Path(folder, link["href"]))
    assert capsys.readouterr().out.count("bytes\n") == len(LANGUAGES)


FULL = """\
# Title

A number with a dot, $x^2$ and a table.

```python
x = 0.5 + 0.25
print(x)
```

```text
0.75
```

It is `0.75`{ data-is="x" }.

| a | b |
|---|---|
| 1 | 2 |

/// figure | causal-mask
///

/// tab | One
Words.
///

/// tab | Two
Words.
///

/// details | Folded
Words.
///

/// quiz | Which?
    attrs: {id: z-which}

- [x] This { data-true="x == 0.75" }
- [ ] That { data-true="x == 1" }

So.
///
"""
COMMITTED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)


def git(folder: Path, *arguments: str) -> None:
    named = ["-c", "user.name=a", "-c", "user.email=a@b"]
    day = COMMITTED.isoformat()
    environment = {**os.environ, "GIT_AUTHOR_DATE": day, "GIT_COMMITTER_DATE": day}
    subprocess.run(["git", *named, *arguments], cwd=folder, env=environment, check=True, capture_output=True)


def bound(folder: Path, into: Path, seed: int) -> list[bytes]:
    """The books of both languages, made by a process of its own: the order of a set is another in each."""
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    environment.pop("SOURCE_DATE_EPOCH", None)
    command = [sys.executable, "-m", "handbook", "book", "--epub", "--into", str(into)]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return [(into / f"lower-triangle-{language}.epub").read_bytes() for language in LANGUAGES]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_same_sources_give_the_same_bytes_in_any_folder_and_on_any_day(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "in a folder/two"
    one.mkdir()
    one_page_project(one, FULL)
    git(one, "init", "-q")
    git(one, "add", ".")
    git(one, "commit", "-qm", "x")
    git(tmp_path, "clone", "-q", str(one), str(two))
    books = bound(one, tmp_path / "shelf", 1)
    assert bound(two, tmp_path / "another shelf", 2) == books
    package = content(tmp_path / "shelf/lower-triangle-en.epub", "package.opf")
    assert f"{COMMITTED:%Y-%m-%dT%H:%M:%SZ}" in package


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_sources_are_of_the_day_they_were_committed_unless_they_changed(tmp_path: Path) -> None:
    assert committed(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert committed(tmp_path) is None
    page = tmp_path / "page.md"
    page.write_text("Words.")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    assert committed(tmp_path) == COMMITTED
    page.write_text("Others.")
    assert committed(tmp_path) is None


def test_the_command_writes_into_a_folder_and_leaves_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(one_page_project(tmp_path, "# Title\n\nWords.\n"))
    other = tmp_path / "shelf/other.txt"
    other.parent.mkdir()
    other.write_text("kept")
    assert cli.main(["book", "--epub", "--into", "shelf"]) == cli.CLEAN
    found = sorted(file.name for file in other.parent.iterdir())
    assert found == ["lower-triangle-en.epub", "lower-triangle-es.epub", "other.txt"]
    assert not Path("site").exists()


def test_a_picture_that_the_book_would_miss_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = one_page_project(tmp_path, "# Title\n\n![A mask](mask.png)\n")
    for language in LANGUAGES:
        (folder / f"docs/{language}/mask.png").write_bytes(b"")
    monkeypatch.chdir(folder)
    assert cli.main(["book", "--epub", "--into", "shelf"]) == cli.WRONG_CALL
    assert "index.html: mask.png is not in the book; draw it as a figure" in capsys.readouterr().err


def test_without_a_browser_the_pdf_is_refused_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pikepdf", reason="pikepdf is not installed")
    monkeypatch.chdir(one_page_project(tmp_path, "# Title\n"))
    monkeypatch.setenv("PATH", "")
    assert cli.main(["book"]) == cli.WRONG_CALL
    assert "none is installed" in capsys.readouterr().err
    assert not Path("site").exists()
