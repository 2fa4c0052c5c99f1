"""Listings get addresses; numbers lead to the listing that computed them."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from handbook.site.markdown.listings import bound_names, read_names

Page = Callable[..., BeautifulSoup]

TEXT = """
    ```python
    import numpy as np
    a = 1
    ```

    ```text
    not python
    ```

    /// tab | NumPy

    ```python
    b = a + 1
    ```

    ///

    `1`{ data-is="a" } and `2`{ data-is="b" } and `a < b`{ data-holds="a < b" } and `3`{ data-is="1 + 2" }

    ```python
    b = 3
    ```

    `3`{ data-is="b" }

    | b { data-row="[b, a]" } | 3 | 1 |
    |---|---|---|
    | **a** { data-row="[a, a]" } | 1 | 1 |
    """


def test_every_python_block_has_an_address_in_document_order(page: Page) -> None:
    made = page(TEXT)
    blocks = made.select(".lt-block")
    assert [block["id"] for block in blocks] == ["block-1", "block-2", "block-3"]
    assert all(block.select_one("div.language-python") for block in blocks)
    assert made.select_one(".language-text").find_parent(class_="lt-block") is None


def test_a_listing_says_where_it_needs_torch(page: Page) -> None:
    made = page("""
    ```python
    a = 1
    ```

    /// tab | NumPy

    ```python
    b = a
    ```

    ///

    /// tab | PyTorch

    Only the import of another block says `torch`.

    //// details | Deeper

    ```python
    b = torch.tensor(a)
    ```

    ////

    ///

    ```python
    import numpy as np
    from minimodel.jacobian import influence
    ```
    """)
    assert [block.get("data-needs") for block in made.select(".lt-block")] == [None, None, "torch", "torch"]


def test_a_pin_leads_to_the_nearest_block_above_that_computed_it(page: Page) -> None:
    pins = page(TEXT).select("a.lt-pin")
    assert [(pin.text, pin["href"]) for pin in pins] == [
        ("1", "#block-1"),
        ("2", "#block-2"),
        ("a < b", "#block-2"),
        ("3", "#block-2"),  # names nothing: the nearest block above
        ("3", "#block-3"),
        ("b", "#block-3"),
        ("a", "#block-1"),
    ]


def test_a_pin_carries_its_expression_and_says_where_it_was_computed(page: Page) -> None:
    pin = page(TEXT, "es").select_one("a.lt-pin")
    assert pin["data-is"] == "a"
    assert pin["data-from"] == "bloque 1"
    assert pin.code.text == "1"


def test_a_pin_inside_a_link_stays_as_it_is(page: Page) -> None:
    made = page("```python\na = 1\n```\n\n[the `1`{ data-is='a' }](#x)")
    assert made.select_one("a.lt-pin") is None


def test_what_words_rest_on_is_no_readers_business(page: Page) -> None:
    made = page("""
        ```python
        a = 1
        ```

        One of 1, *so* it is.
        { data-says="a == 1" }

        - Item 1
          { data-says="a == 1" }

        /// note | Note 1
            attrs: {data-says: 'a == 1'}

        Text.

        ///
        """)
    assert [element.get_text().strip() for element in made.select("p, li")] == [
        "One of 1, so it is.",
        "Item 1",
        "Note 1",
        "Text.",
    ]
    assert "data-says" not in str(made)


def test_a_pin_above_every_block_has_nowhere_to_lead(page: Page) -> None:
    assert page("`3`{ data-is='1 + 2' }").select_one("a") is None


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a, (b, *c) = 1, (2, 3)", "a b c"),
        ("a: int = 1\nb += 2", "a b"),
        ("def f(x):\n    y = x\nclass C:\n    z = 1", "f C"),
        ("for i in r:\n    with o() as p:\n        q = [k for k in i]", "i p q"),
        ("mask[0, 1] = 1\nmodel.W.x = 2", "mask model"),
        ("if (n := 3) > 2:\n    pass", "n"),
        ("import numpy as np\nfrom m import x", ""),
        ("print(a)\n# only reads", ""),
        ("not python at all", ""),
    ],
)
def test_bound_names_are_those_that_a_block_computes(source: str, names: str) -> None:
    assert bound_names(source) == set(names.split())


def test_read_names_are_those_of_the_expression() -> None:
    assert read_names("abs(a - b.max()) < 1e-15") == {"abs", "a", "b"}
    assert read_names("not an expression") == set()
