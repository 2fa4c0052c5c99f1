"""A lab's page: a notebook that jupytext opens, that runs, and that weighs no more than a section."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import jupytext
import nbformat
import pytest

from handbook.cli import main
from handbook.labs.grading import l04
from handbook.labs.lab import Lab, labs
from handbook.labs.starter import zipped
from handbook.pages.parse import parse
from handbook.project import LANGUAGES
from handbook.running.console import copy_project
from handbook.site.edition import version
from handbook.site.errors import SiteError
from handbook.site.exports.downloads import downloads
from handbook.site.exports.install import WHEEL, install
from handbook.site.exports.notebook import notebook
from handbook.site.markdown import render
from handbook.site.markdown.render import ROOT
from handbook.site.settings import settings

PAGES = [f"docs/{language}/labs/{one.page}.md" for language in LANGUAGES for one in labs()]


def as_it_is(target: str) -> str:
    return target


def code_cells(content: bytes) -> list[dict[str, object]]:
    return [cell for cell in json.loads(content)["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", PAGES)
def test_the_download_is_a_notebook_and_runs_as_the_page_does(path: str) -> None:
    content = notebook(ROOT, path, as_it_is, install(ROOT))
    nbformat.validate(nbformat.reads(content.decode("utf-8"), as_version=4))
    page = parse(ROOT, path)
    running = [block for block in page.python if block.runs]
    first, *own = code_cells(content)
    assert first["source"] == install(ROOT)
    assert [cell["source"] for cell in own] == [block.code.rstrip("\n") for block in running]
    for cell, block in zip(own, running, strict=True):
        shown = "".join(output["text"] for output in cell["outputs"])  # type: ignore[attr-defined]
        assert shown == (block.output.text if block.output else "")
    prose = "\n".join(cell["source"] for cell in json.loads(content)["cells"] if cell["cell_type"] == "markdown")
    for mark in ("data-", "///", "{#", "attrs:", "--8<--"):
        assert mark not in prose
    words = iter(re.findall(r"\w+", page.text))
    assert all(word in words for word in re.findall(r"\w+", prose)), "it says what the page does not, or elsewhere"


@pytest.mark.parametrize("path", PAGES)
def test_the_page_itself_is_a_jupytext_notebook(path: str) -> None:
    """jupytext sees a code cell for each of our Python fences; those that do not run here it cannot tell."""
    text = (ROOT / path).read_text(encoding="utf-8")
    opened = jupytext.reads(text, fmt="md")
    assert opened.metadata["kernelspec"]["language"] == "python"
    cells = [cell for cell in opened.cells if cell.cell_type == "code"]
    assert len(cells) == len([block for block in parse(ROOT, path).blocks if block.language == "python"])


@pytest.mark.parametrize("path", PAGES)
def test_a_lab_page_weighs_at_most_twice_a_section(path: str) -> None:
    language = path.split("/")[1]
    sections = sorted((ROOT / f"docs/{language}/handbook").glob("0[0-4]-*.md"))
    weights = [len(_html(section.relative_to(ROOT).as_posix())) for section in sections]
    html = _html(path)
    assert len(html) <= 2 * median(weights)
    assert "<style" not in html
    assert "<script" not in html


def _html(path: str) -> str:
    return render.html(parse(ROOT, path).body, path.split("/")[1])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copy_project(ROOT, tmp_path / "handbook")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("blocked = np.array", "raise ValueError('no')\nblocked = np.array", "this block raises ValueError: no"),
        ("(1.0, 100.0, 1000.0)", "(2.0, 100.0, 1000.0)", "prints something else than the page shows"),
        ("  kernelspec:", "  other:", "names no kernelspec"),
    ],
)
def test_a_page_that_fails_ends_the_build(old: str, new: str, said: str, copy: Path) -> None:
    file = copy / "docs/en/labs/L02-causal-mask.md"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SiteError, match=said):
        list(downloads(copy, "en", ["labs/L02-causal-mask.md"], "https://example.org/"))


def links(content: bytes) -> Iterator[str]:
    for cell in json.loads(content)["cells"]:
        if cell["cell_type"] == "markdown":
            yield from (part.split(")")[0] for part in cell["source"].split("](")[1:])


def test_the_links_of_a_notebook_lead_to_the_site() -> None:
    found = dict(downloads(ROOT, "es", ["labs/L02-causal-mask.md"], "https://example.org/es/"))
    assert found.keys() == {"labs/L02-causal-mask.ipynb", "labs/L02-causal-mask.zip"}
    followed = list(links(found["labs/L02-causal-mask.ipynb"]))
    assert "https://example.org/es/handbook/08-influence-matrix.html" in followed
    assert "https://example.org/es/labs/L02-causal-mask.zip" in followed
    assert all(link.startswith("https://example.org/es/") for link in followed)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", labs(), ids=lambda one: one.id)
def test_the_zip_is_a_folder_to_begin_in(
    one: Lab, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert zipped(one, language) == zipped(one, language)
    with zipfile.ZipFile(io.BytesIO(zipped(one, language))) as archive:
        archive.extractall(tmp_path)
    monkeypatch.chdir(tmp_path / one.id)
    starter = one.starter(language)
    assert starter == {file: (Path(one.folder) / file).read_bytes() for file in starter}
    assert main(["lab", "check", one.id]) == 1
    said = capsys.readouterr().out
    passed = r"\d+" if one.drawn else "0"  # of what is drawn, most is right from the start
    assert re.search(rf"^{passed} {'of' if language == 'en' else 'de'} {len(one.steps)} ", said, re.MULTILINE)
    assert [folder.name for folder in tmp_path.iterdir()] == [one.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_l04_says_what_its_grader_demands(language: str) -> None:
    page = (ROOT / f"docs/{language}/labs/L04-attention-in-blocks.md").read_text(encoding="utf-8")
    sizes = ", ".join(f"{large} // {small}" for small, large in (l04.LENGTHS, l04.KEYS, l04.WINDOWED))
    assert f"longer, more_keys, windowed = {sizes}\n" in page
    for name, limit in (
        ("memory_of_text", l04.MOST_LONGER),
        ("memory_of_keys", l04.MOST_KEYS),
        ("time_in_window", l04.MOST_WINDOWED),
    ):
        assert re.search(rf"^{name} = \[.*, {limit:g}\]$", page, re.MULTILINE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_lab_says_how_to_install_the_wheel_that_the_site_carries(language: str) -> None:
    page = (ROOT / f"docs/{language}/labs/L00-scores-and-softmax.md").read_text(encoding="utf-8")
    address = re.search(r"^pip install (\S+)$", page, re.MULTILINE)
    assert address
    assert address[1].endswith(f"/{WHEEL.format(version=version(ROOT))}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lab_has_its_page_with_its_title_in_the_navigation(language: str) -> None:
    group = {"en": "Labs", "es": "Laboratorios"}[language]
    entries = next(entry[group] for entry in settings(ROOT, language)["nav"] if group in entry)
    assert entries == [{f"{one.id} {one.title[language]}": f"labs/{one.page}.md"} for one in labs()]
    for one in labs():
        page = (ROOT / f"docs/{language}/labs/{one.page}.md").read_text(encoding="utf-8")
        assert f"\n# {one.id} {one.title[language]}\n" in page
