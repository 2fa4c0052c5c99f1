"""Bad input gets a line that says where, what and how to fix it; never a traceback, a hang, or a page lost.

All the bad pages stand in one handbook beside a good one, and one command checks them all.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.conftest import FIX, Handbook

GOOD = "```python\nprint(1 + 1)\n```\n\n```text\n2\n```\n"
QUESTION = """\
//// question | Why?
    attrs: {{id: {id}, data-level: easy, data-topic: masks}}

Because.

/// trap
No.
///

/// proof

```python
one = 1
assert one + one == 2
```

///
////
"""


def python(*lines: str) -> str:
    return "```python\n" + "\n".join(lines) + "\n```\n"


@dataclass(frozen=True)
class Bad:
    """A bad page: its body, its twin's (None: no twin), and the finding that it must get."""

    body: str
    finding: str
    spanish: str | None = ""
    on: str = "en"
    line: int = 7


BAD = {
    "missing-twin": Bad(GOOD, r"the page has no twin: docs/es/missing-twin\.md is missing", None, line=1),
    "twin-lacks-heading": Bad(
        GOOD + "\n## Why { #why }\n\nWell.\n",
        r"the heading ## #why of docs/en/.*:15 is missing here",
        GOOD,
        "es",
        1,
    ),
    "twin-lacks-block": Bad(
        GOOD + "\n" + python("three = 3"),
        r"the block of docs/en/twin-lacks-block\.md:15 is missing",
        GOOD,
        "es",
        10,
    ),
    "twin-lacks-question": Bad(
        QUESTION.format(id="q-lonely"),
        r"the block question q-lonely of docs/en/.*:7 is missing here",
        "Nada.\n",
        "es",
        1,
    ),
    "twin-has-another-explorer": Bad(
        "/// explorer | mask\nLook.\n///\n",
        r"the block explorer mask of docs/en/.*:7 is missing here",
        "/// explorer | cache\nMira.\n///\n",
        "es",
        1,
    ),
    "no-such-explorer": Bad("/// explorer | maze\nLook.\n///\n", "no explorer is named maze", line=7),
    "unclosed-fence": Bad("```python\nx = 1\n", "this code fence is never closed"),
    "unclosed-block": Bad("/// details | More\n\nText.\n", "this /// details is never closed"),
    "no-such-snippet": Bad(
        '--8<-- "snippets/nowhere.py"\n', "snippet at path 'snippets/nowhere.py' could not be found"
    ),
    "no-such-section": Bad('--8<-- "src/code.py:nowhere"\n', "snippet section 'nowhere' could not be located"),
    "hidden-fence": Bad("!!! note\n\n    ```python\n    1 / 0\n    ```\n", "this Python fence is indented", line=9),
    "no-reason": Bad("```python { notest }\n1 / 0\n```\n", "this block does not run and gives no reason"),
    "bare-flag": Bad('```python notest data-reason="x"\n1 / 0\n```\n', "the flags of this fence are not read"),
    "raises": Bad(python("x = 1", "x / 0"), "this block raises ZeroDivisionError: division by zero", line=9),
    "type-error-once": Bad(
        python(
            "tries = globals().setdefault('tries', [])",
            "tries.append(1)",
            "if len(tries) == 1: raise TypeError('once')",
        ),
        "this block raises TypeError: once",
        line=10,
    ),
    "exits": Bad(python("import sys", "sys.exit(0)"), r"this block calls sys\.exit", line=9),
    "exits-hard": Bad(python("import os", "os._exit(0)"), "this block ends the interpreter", line=8),
    "never-ends": Bad(python("while True: pass"), r"this block does not end \(stopped after ", line=8),
    "never-ends-and-catches-all": Bad(
        python("while True:", "    try:", "        while True: pass", "    except BaseException: pass"),
        r"this block does not end \(stopped after ",
        line=8,
    ),
    "floods": Bad(
        python("for _ in range(100_000): print('x' * 1_000)"), "this block prints more than 1,000,000", line=8
    ),
    "floods-and-catches-all": Bad(
        python("try:", "    print('x' * 100_000_000)", "except BaseException: pass"),
        "this block prints more than",
        line=8,
    ),
    "writes": Bad(python("open('left-behind.txt', 'w').close()"), "PermissionError: a block on a page may not", line=8),
    "writes-and-catches": Bad(
        python("try: open('left-behind.txt', 'w')", "except OSError: pass"),
        "this block writes the file left-behind.txt",
    ),
    "starts-a-program": Bad(python("import subprocess", "subprocess.run(['true'])"), "calls subprocess.Popen", line=9),
    "print-options": Bad(
        python("import numpy as np", "np.set_printoptions(precision=2)"),
        "this block changes NumPy's print options",
    ),
    "random-state": Bad(python("import numpy as np", "np.random.seed(0)"), "changes NumPy's global random state"),
    "replaces": Bad(python("import numpy as np", "np.exp = np.log"), r"this block replaces numpy\.exp"),
    "warns": Bad(
        python("import numpy as np", "zero = np.log(np.zeros(1))"),
        "this block warns: RuntimeWarning: divide by zero encountered in log",
    ),
    "writes-beside-its-output": Bad(
        python("import sys", "print('unseen', file=sys.stderr)"), "this block writes to stderr: unseen"
    ),
    "a-thread-fails": Bad(
        python("import threading", "one = threading.Thread(target=lambda: 1 / 0)", "one.start()", "one.join()"),
        "this block writes to stderr: Exception in thread",
    ),
    "second-title": Bad("# Another\n", "“Another” is a second title", line=7),
    "heading-too-low": Bad("### Deep { #deep }\n", "the heading “Deep” stands 2 levels below the one above it", line=7),
    "link-to-nothing": Bad("See [there](#).\n", "this link leads nowhere", line=7),
    "pin-raises": Bad('`4`{ data-is="nowhere[0]" }\n', "the pin nowhere.0. raises NameError"),
    "pin-proves-nothing": Bad('`4`{ data-is="4" }\n', "the pin 4 names no value of the page"),
    "one-id-twice": Bad(
        QUESTION.format(id="q-twice") + "\n" + QUESTION.format(id="q-twice"),
        r"the id q-twice is taken \(docs/en/",
    ),
    "unknown-block": Bad("/// questoin | Why?\n\nText.\n\n///\n", "there is no block called questoin"),
    "wrong-output": Bad(GOOD.replace("\n2\n", "\n3\n"), "the page shows “3”, the block prints “2”", line=12),
    "orphan": Bad("There are 17 of them.\n", "number 17 is not computed on this page"),
}

BYTES = {
    "broken-front-matter": (b"---\ntitle: [\n---\n\n# P\n", 2, "the front matter is not valid YAML"),
    "open-front-matter": (b"---\ntitle: P\n\n# P\n", 1, "the front matter is never closed"),
    "crlf": (b"# P\r\n\r\nText.\r\n", 1, "a line ends in CR"),
    "bom": (b"\xef\xbb\xbf# P\n\nText.\n", 1, "the file begins with a byte order mark"),
    "not-utf-8": (b"# P\n\nS\xed.\n", 3, r"the file is not UTF-8 \(byte 0xed\)"),
    "empty": (b"", 1, "the page is empty"),
}


@pytest.fixture(scope="module")
def checked(make_handbook: Callable[[], Handbook]) -> subprocess.CompletedProcess[str]:
    handbook = make_handbook()
    handbook.write("src/code.py", "# --8<-- [start:here]\nx = 1\n# --8<-- [end:here]\n")
    handbook.page("good", GOOD)
    for name, bad in BAD.items():
        handbook.page(name, bad.body, bad.spanish)
    handbook.page("stale", "Old.\n", "Viejo.\n")
    handbook.write("docs/en/stale.md", "---\ntitle: Page\n---\n\n# Page\n\nNew.\n")
    for name, (content, _, _) in BYTES.items():
        handbook.write(f"docs/en/{name}.md", content)
        handbook.write(f"docs/es/{name}.md", b"---\ntitle: P\n---\n\n# P\n\nText.\n")
    return handbook.command("check", seconds=3)


@pytest.mark.parametrize("name", BAD)
def test_each_bad_page_gets_its_line(checked: subprocess.CompletedProcess[str], name: str) -> None:
    bad = BAD[name]
    of_this_page = [line for line in checked.stdout.splitlines() if f"/{name}.md:" in line]
    wanted = rf"docs/{bad.on}/{name}\.md:{bad.line}: .*{bad.finding}"
    assert any(re.match(wanted, line) for line in of_this_page), of_this_page


@pytest.mark.parametrize("name", BYTES)
def test_each_bad_file_gets_its_line(checked: subprocess.CompletedProcess[str], name: str) -> None:
    _, line, finding = BYTES[name]
    assert re.search(rf"^docs/en/{name}\.md:{line}: {finding}", checked.stdout, re.MULTILINE)


def test_a_stale_translation_gets_its_line(checked: subprocess.CompletedProcess[str]) -> None:
    assert re.search(r"^docs/es/stale\.md:\d+: the English of top .* changed after", checked.stdout, re.MULTILINE)


def test_every_finding_says_how_to_fix_it(checked: subprocess.CompletedProcess[str]) -> None:
    lines = checked.stdout.splitlines()
    places = [i for i, line in enumerate(lines) if re.match(r"docs/\S+:\d+: ", line)]
    assert len(places) > len(BAD)
    assert [lines[i + 1] for i in places if not re.fullmatch(f"    fix: {FIX}", lines[i + 1])] == []


def test_nobody_sees_a_traceback_and_the_status_is_one(checked: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in checked.stdout + checked.stderr
    assert checked.stderr == ""
    assert checked.returncode == 1


def test_the_good_page_among_them_is_not_lost(checked: subprocess.CompletedProcess[str]) -> None:
    assert "/good.md" not in checked.stdout


def test_a_path_that_is_no_page_is_a_wrong_call(handbook: Handbook) -> None:
    handbook.page("good", GOOD)
    wrong = handbook.command("check", "docs/en/nowhere.md")
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert wrong.stderr.startswith("handbook: docs/en/nowhere.md: no such page")
    assert wrong.stderr.count("\n") == 1


def test_a_folder_that_is_no_handbook_is_a_wrong_call(handbook: Handbook) -> None:
    (handbook.root / "mkdocs.yml").unlink()
    wrong = handbook.command("check")
    assert wrong.returncode == 2
    assert "is not inside a handbook" in wrong.stderr
