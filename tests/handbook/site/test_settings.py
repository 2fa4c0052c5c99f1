"""mkdocs.yml is read as MkDocs reads it, and nothing in it leads off the site."""

import pytest
from mkdocs.config import load_config

from handbook.site.markdown.render import ROOT
from handbook.site.settings import FILES, settings


@pytest.mark.parametrize("language", FILES)
def test_settings_agree_with_mkdocs(language: str) -> None:
    ours, theirs = settings(ROOT, language), load_config(str(ROOT / FILES[language]))
    assert ours["site_name"] == theirs.site_name
    assert ours["theme"]["language"] == theirs.theme["language"] == language
    assert ours["site_dir"] == str(theirs.site_dir).removeprefix(f"{ROOT}/")
    assert list(ours["nav"]) == theirs.nav
    assert set(ours["markdown_extensions"]) <= set(theirs.markdown_extensions)
    for name, options in ours["markdown_extensions"].items():
        assert (options or {}) == theirs.mdx_configs.get(name, {})


def test_the_languages_differ_in_words_only() -> None:
    english, spanish = settings(ROOT, "en"), settings(ROOT, "es")
    assert [*_paths(english["nav"])] == [*_paths(spanish["nav"])]
    assert set(english) == set(spanish)
    assert len(english["theme"]["palette"]) == len(spanish["theme"]["palette"])


def _paths(nav: list[dict[str, object]]) -> list[object]:
    found: list[object] = []
    for entry in nav:
        for target in entry.values():
            found += _paths(target) if isinstance(target, list) else [target]
    return found


def test_a_renderer_needs_no_mkdocs() -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.modules['mkdocs'] = sys.modules['material'] = None\n"
        "from handbook.site.markdown import render\n"
        "print(render.html('/// proof\\n$x$\\n///', 'es'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "<summary>Prueba</summary>" in done.stdout
    assert "<math>" in done.stdout
