"""What is shown of an embedded function's docstring."""

import ast
from pathlib import Path

import pytest

from handbook.pages.embedded import documented, shortened
from tests.conftest import ROOT

LONG = '''\
def f(x):
    """Return x.

    ```python
    print(f(1))
    ```
    """
    return x


class A:
    r"""Hold \\n.

    More.
    """

    def g(self):
        """Say "so"."""
        return 1
'''
SHORT = '''\
def f(x):
    """Return x."""
    return x


class A:
    r"""Hold \\n."""

    def g(self):
        """Say "so"."""
        return 1
'''


def test_the_first_line_of_each_docstring_stays() -> None:
    assert shortened(LONG) == SHORT
    assert shortened(SHORT) == SHORT
    assert documented(LONG) == ["f", "A"]
    assert documented(SHORT) == []


@pytest.mark.parametrize(
    "code",
    [
        'x = """\nno docstring\n"""\n',
        'def f():\n    """\n    Begins on the next line.\n    """\n',
        'def f():\n    """Never\n    closed.\n',
        "def f(:\n",
    ],
)
def test_whatever_is_no_such_docstring_stays(code: str) -> None:
    assert shortened(code) == code


@pytest.mark.parametrize("module", sorted((ROOT / "src/minimodel").glob("*.py")), ids=lambda path: path.stem)
def test_what_runs_is_the_same(module: Path) -> None:
    code = module.read_text("utf-8")
    short = shortened(code)
    assert _without_docstrings(short) == _without_docstrings(code)
    assert documented(short) == []


def _without_docstrings(code: str) -> str:
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return ast.dump(tree)
