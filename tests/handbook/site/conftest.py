"""One rendering for every test: the one the site and the checks use."""

from collections.abc import Callable
from textwrap import dedent

import pytest
from bs4 import BeautifulSoup

from handbook.site.markdown import render
from tests.handbook.site.validity import invalid


@pytest.fixture
def page() -> Callable[..., BeautifulSoup]:
    def make(text: str, language: str = "en") -> BeautifulSoup:
        made = BeautifulSoup(render.html(dedent(text), language), "html.parser")
        assert invalid(made) == []
        return made

    return make
