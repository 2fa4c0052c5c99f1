"""From bytes to lines: what is wrong with a file is said, and every line knows where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbook.pages import docstrings, source
from handbook.pages.parse import parse
from tests.conftest import ROOT

LF = "save the file with LF line ends"
CR = "a line ends in CR (Windows line ends)"


def read(folder: Path, raw: bytes) -> source.Source:
    (folder / "page.md").write_bytes(raw)
    return source.read(folder, "page.md")


@pytest.mark.parametrize(
    ("raw", "lines", "problems"),
    [
        (b"a\nb\n", ["a", "b", ""], []),
        (b"a\r\nb\rc\n", ["a", "b", "c", ""], [(1, CR, LF)]),
        (b"a\nb\r\n", ["a", "b", ""], [(2, CR, LF)]),
        (
            b"\xef\xbb\xbfa\n",
            ["a", ""],
            [(1, "the file begins with a byte order mark", "save it as UTF-8 without BOM")],
        ),
        (b"a\n\xe9\n", [], [(2, "the file is not UTF-8 (byte 0xe9)", "save it with the encoding UTF-8")]),
        (b" \n", [" ", ""], [(1, "the page is empty", "write it, or delete the file and its twin")]),
        (
            b"---\ntitle: x\n",
            ["---", "title: x", ""],
            [(1, "the front matter is never closed", "end it with a line that holds only ---")],
        ),
        (
            b"---\n- x\n---\na\n",
            ["", "", "", "a", ""],
            [(2, "the front matter is not a mapping", "write lines of the form `key: value`")],
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_the_rest_is_read(
    tmp_path: Path, raw: bytes, lines: list[str], problems: list[tuple[int, str, str]]
) -> None:
    found = read(tmp_path, raw)
    assert found.lines == lines
    assert [(one.line, one.problem, one.fix) for one in found.problems] == problems


def test_front_matter_that_is_no_yaml_is_told_at_its_line(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, b"---\na: 1\nb: [\n---\nText.\n").problems
    assert problem.line == 3
    assert problem.problem.startswith("the front matter is not valid YAML: ")
    assert problem.fix == "quote values that hold a colon; indent with spaces"


def test_front_matter_is_read_and_blanked_so_that_lines_keep_their_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, b"---\ntitle: T\nneeds:\n  - a\nlevel: easy\n---\n\nText.\n")
    assert found.meta == {"title": "T", "needs": ["a"], "level": "easy"}
    assert found.meta_lines == {"title": 2, "needs": 3, "level": 5}
    assert found.lines == [""] * 7 + ["Text.", ""]
    assert [found.line(index) for index in (0, 7, 99)] == [1, 8, 9]
    assert found.body == "\n".join(found.lines)


@given(st.lists(st.sampled_from(["", "x", "# h", "> q"]), min_size=1), st.integers(1, 50))
def test_without_a_snippet_each_line_is_its_own_origin(lines: list[str], first: int) -> None:
    found = source.from_text(ROOT, "page.md", "\n".join(lines), first=first)
    assert found.lines == lines
    assert [found.line(index) for index in range(len(lines))] == list(range(first, first + len(lines)))
    assert found.embeds == ()


MODULE = """\
# comment
\"\"\"Top.

More.
\"\"\"

class C:
    \"\"\"Of C.

    ```python
    print(1)
    ```
    \"\"\"

    async def f(self):
        \"\"\"Of f.\"\"\"
        x = "no docstring"

    def g(self):
        return 1
"""


def test_docstrings_stand_at_their_own_lines_and_all_else_is_blank() -> None:
    lines = docstrings.text_of(MODULE).split("\n")
    assert len(lines) == MODULE.count("\n") + 1
    there = {number: line for number, line in enumerate(lines, 1) if line}
    assert there == {2: "Top.", 4: "More.", 8: "Of C.", 10: "```python", 11: "print(1)", 12: "```", 16: "Of f."}


def test_a_module_is_read_as_the_page_of_its_docstrings(tmp_path: Path) -> None:
    for name, text in (("m.py", MODULE), ("plain.py", '"""No example."""\n'), ("bad.py", '"""T"""\nx = (\n')):
        (tmp_path / name).write_text(text, "utf-8")
    assert [(block.line, block.code) for block in parse(tmp_path, "m.py").blocks] == [(10, "print(1)\n")]
    plain = parse(tmp_path, "plain.py")
    assert (plain.text, plain.blocks, plain.problems) == ("No example.\n", (), ())
    (problem,) = parse(tmp_path, "bad.py").problems
    assert (problem.line, problem.fix) == (2, "correct the module first")
    assert problem.problem.startswith("not Python: ")
