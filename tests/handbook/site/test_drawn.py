"""A figure looks as it did when somebody last looked at it.

Not among the tests of what the figures say, which the audit asks: these notice every change, and do not know why.
"""

import pytest

from handbook.project import LANGUAGES
from handbook.site.figures import FIGURES, draw
from tests.handbook.site.drawn import digest, noted


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(name, language, tmp_path):
    drawing = draw(name, language, "f")
    if digest(drawing) != noted().get(f"{name}.{language}"):
        file = tmp_path / f"{name}.{language}.svg"
        file.write_text(drawing, "utf-8")
        pytest.fail(
            f"{name} is drawn otherwise: look at {file}, then note it with `python -m tests.handbook.site.drawn`"
        )


def test_what_is_noted_is_of_figures_that_there_are():
    assert sorted(noted()) == sorted(f"{name}.{language}" for name in FIGURES for language in LANGUAGES)
