"""The reference of `minimodel`: made from docstrings, complete, and in the reader's language."""

import ast
import re

import pytest

from handbook.site.errors import SiteError
from handbook.site.gathered.api import items, signature, take_apart
from handbook.site.markdown.render import ROOT, html

MODULES = sorted(file.stem for file in (ROOT / "src/minimodel").glob("*.py") if file.stem != "__init__")

DOCSTRING = """Sum two numbers.

It is quick.

Args:
    a: the first one, explained
        on two lines.
    *rest: the others.

Returns:
    The sum.

Source: Euclid.

```python
print(1 + 1)
```

```text
2
```
"""


def test_a_docstring_comes_apart():
    doc = take_apart(DOCSTRING)
    assert doc.prose == ["Sum two numbers.", "It is quick."]
    assert items(doc.sections["Args"]) == [("a", "the first one, explained on two lines."), ("*rest", "the others.")]
    assert doc.sections["Source"] == "Euclid."
    assert doc.examples == [("python", "print(1 + 1)\n"), ("text", "2\n")]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("def f(x: int, *, y=2) -> bool: ...", "f(x: int, *, y=2) -> bool"),
        ("class P:\n    x: int  # [T]\n", "class P:\n    x: int  # [T]"),
        ("class Q:\n    def __init__(self, a: int) -> None: ...", "Q(a: int)"),
    ],
)
def test_a_signature_is_what_a_caller_writes(source, shown):
    assert signature(ast.parse(source).body[0], source) == shown


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_module_and_every_public_name_is_on_the_page(language):
    page = (ROOT / f"docs/{language}/reference/minimodel.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^/// api \| minimodel\.(\w+)$", page, re.MULTILINE)) == MODULES
    shown = html(page.split("---", 2)[2], language, root=ROOT)
    for module in MODULES:
        for node in ast.parse((ROOT / f"src/minimodel/{module}.py").read_text(encoding="utf-8")).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            assert not public or f'id="{module}.{node.name}"' in shown, f"{module}.{node.name} has no docstring"


def test_an_entry_says_where_the_function_is_taught():
    shown = html("/// api | minimodel.masks\n///\n", "es", root=ROOT)
    assert re.search(r'Se enseña en</dt>\s*<dd><a href="../handbook/02-causal-mask.md">02 Máscara causal</a>', shown)


def test_a_module_that_is_not_there_is_named():
    with pytest.raises(SiteError, match=r"there is no module minimodel\.nothing"):
        html("/// api | minimodel.nothing\n///\n", "en", root=ROOT)
