"""The seam with pytest-markdown-docs, whose ``register_runner`` is private: the pin rests on these tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from pytest_markdown_docs import _runners

from handbook.pages.parse import parse
from handbook.project import Project
from handbook.pytest_plugin import FenceParser, PageRunner, UntrueError
from handbook.running.store import Store
from handbook.running.transcript import Transcript
from tests.conftest import Handbook

PAGES = """\
## A heading { #here }

```python
tries = globals().setdefault("tries", [])
tries.append(1)
```

```python
if len(tries) == 1:
    tries.append(2)
    raise TypeError("the plugin would try again")
```

```python { notest data-reason="shown only" }
1 / 0
```

/// tab | NumPy

```python
print(len(tries))
```

```text
2
```

///
"""


def pytest_in(handbook: Handbook, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--markdown-docs", "-p", "handbook.pytest_plugin", *arguments],
        cwd=handbook.root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_version_is_the_one_that_was_tried() -> None:
    assert version("pytest-markdown-docs") == "0.9.2"


def test_our_runner_is_the_default_one() -> None:
    assert isinstance(_runners.get_runner(None), PageRunner)


def test_what_a_failing_block_raises_is_no_type_error() -> None:
    assert not issubclass(UntrueError, TypeError)


def test_fences_are_those_that_run_at_their_lines_with_snippets_expanded(handbook: Handbook) -> None:
    handbook.write("snippets/x.py", "x = 1\ny = 2\n")
    text = 'One.\n\n```python\n--8<-- "snippets/x.py"\n```\n\n```python { notest data-reason="no" }\n0\n```\n'
    fences = FenceParser(handbook.root).parse(text)
    assert [(fence.map, fence.content.strip()) for fence in fences] == [([2, 3], "x = 1\ny = 2")]


def test_plain_pytest_names_blocks_by_heading_and_line_and_runs_each_once(handbook: Handbook) -> None:
    handbook.page("page", PAGES)
    said = pytest_in(handbook, "docs/en", "-v")
    names = re.findall(r"page\.md::(\S.*?) (PASSED|FAILED)", said)
    assert [name for name in names if ":" in name[0]] == [
        ("A heading:9", "PASSED"),
        ("A heading:14", "FAILED"),
        ("A heading:26", "PASSED"),
    ]
    assert "docs/en/page.md:17: this block fails: TypeError: the plugin would try again" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("selected", ["A heading:26"])
def test_a_block_alone_runs_after_those_above_it(handbook: Handbook, selected: str) -> None:
    handbook.page("page", PAGES)
    assert "1 passed" in pytest_in(handbook, f"docs/en/page.md::{selected}")


def test_each_check_is_a_test_of_its_own(handbook: Handbook) -> None:
    handbook.page("page", "There are 17.\n")
    said = pytest_in(handbook, "docs", "-v")
    assert re.search(r"docs/en/page\.md::numbers FAILED", said)
    assert re.search(r"docs/en/page\.md::output PASSED", said)
    assert "docs/en/page.md:7: number 17 is not computed on this page" in said


def test_a_file_that_cannot_be_read_is_a_finding_of_its_own_and_not_of_the_collector(
    handbook: Handbook,
) -> None:
    handbook.page("page", "Text.\n")
    handbook.write("docs/en/page.md", b"# P\n\n\xff\n")
    said = pytest_in(handbook, "docs")
    assert "docs/en/page.md:3: the file is not UTF-8" in said
    assert "Traceback" not in said


def test_the_command_and_pytest_give_the_same_findings(handbook: Handbook) -> None:
    """Two callers, one runner: for a clean page, and for one that is broken in every way at once."""
    handbook.page("clean", "```python\nprint(1)\n```\n\n```text\n1\n```\n")
    said = pytest_in(handbook, "docs")
    assert " passed" in said
    assert " failed" not in said
    assert findings_in(said) == findings_in(handbook.command("check").stdout) == []
    broken = '17 and `3`{ data-is="tries" }.\n\n/// nothing\n///\n\n' + PAGES
    handbook.page("broken", broken, broken.replace("17", "18"))
    by_command, by_pytest = findings_in(handbook.command("check").stdout), findings_in(pytest_in(handbook, "docs"))
    assert len(by_command) > 8
    # pytest also fails the block's own test, in words of its own.
    assert [one for one in by_pytest if "this block fails" not in one[0]] == by_command
    assert len(by_pytest) == len(by_command) + 2


def test_what_pytest_has_run_the_command_need_not_run_again(handbook: Handbook) -> None:
    """And a translation comes behind its page, whose run it shares."""
    handbook.page("b", "```python\nprint(1)\n```\n\n```text\n1\n```\n")
    handbook.page("a", "```python\n1 / 0\n```\n")
    said = pytest_in(handbook, "docs", "-v")
    places = [said.index(f"docs/{path}.md::") for path in ("en/a", "es/a", "en/b", "es/b")]
    assert places == sorted(places)
    (kept,) = (handbook.root / ".handbook/runs").iterdir()  # of the page that fails, nothing
    assert Transcript.from_json(json.loads(kept.read_text())).ran[0].stdout == "1\n"
    assert Store(Project(handbook.root)).transcript(parse(handbook.root, "docs/es/b.md")) is not None


def findings_in(said: str) -> list[tuple[str, str]]:
    """The findings in a report, sorted: the line that says where and what, and the one that says how to fix it."""
    found = re.findall(r"^(?:E +)?(docs/\S+:\d+: .*)\n(?:E +)? *(fix: .*)$", said, re.MULTILINE)
    return sorted(set(found))  # where it runs in CI, pytest says each again in its summary


def test_docstrings_are_run_and_compared(handbook: Handbook) -> None:
    handbook.page("page", "Text.\n")
    handbook.write(
        "src/package/module.py",
        'def double(x):\n    """Twice x.\n\n    ```python\n    print(1 + 1)\n    ```\n\n'
        '    ```text\n    3\n    ```\n    """\n',
    )
    said = pytest_in(handbook, "src")
    assert "src/package/module.py:9: the page shows “3”, the block prints “2”" in said
    assert "double" not in said.split("short test summary")[0] or "module.py::output" in said
