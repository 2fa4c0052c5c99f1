"""What a block uses that needs no torch is defined without torch."""

from __future__ import annotations

import pytest

from tests.handbook.checks.test_checks import said

TAB = "/// tab | PyTorch\n\n```python\nimport torch\n\nq = torch.ones(3).numpy()\n```\n\n///\n\n"
FIX = "compute it above without torch, begin the block with `import torch`, or put it into the PyTorch tab"


def after_the_tab(code: str, above: str = "") -> list[tuple[int, str, str]]:
    return said("torch", f"{above}{TAB}```python\n{code}\n```\n")


@pytest.mark.parametrize(
    "code",
    [
        "print(q.sum())",
        "k = 1\nprint([x + q for x in range(3)])",
        "def f():\n    return q\n\n\nf()",
        "q += 1",
        "q = q + 1",
        "print(f'{q}')",
        "for x in q:\n    print(x)",
    ],
)
def test_a_name_that_only_the_tab_defines_is_a_finding(code: str) -> None:
    ((line, problem, fix),) = after_the_tab(code)
    assert line >= 12
    assert problem == "this block is said to need no torch and uses q, which only blocks with torch define (line 3)"
    assert fix == FIX


@pytest.mark.parametrize(
    "code",
    [
        "import torch\n\nprint(q)",
        "q = 1\nprint(q)",
        "for q in range(3):\n    print(q)",
        "print([q for q in range(3)])",
        "try:\n    1 / 0\nexcept ZeroDivisionError as q:\n    print(q)",
        "with open('x') as q:\n    print(q)",
        "def f(q):\n    return q",
        "x.q = 1\nprint(x.q)",
        "'q'",
        "not Python",
    ],
)
def test_what_a_block_has_of_its_own_is_none(code: str) -> None:
    assert after_the_tab(code) == []


def test_what_stands_above_without_torch_is_none() -> None:
    assert after_the_tab("print(q)", "```python\nq = 1\n```\n\n") == []


def test_each_block_is_named_once_with_all_that_it_lacks() -> None:
    (found,) = after_the_tab("x = 1\nprint(torch.tensor(1), q)\nprint(q)")
    assert found[0] == 13
    assert "uses q, torch, which" in found[1]
