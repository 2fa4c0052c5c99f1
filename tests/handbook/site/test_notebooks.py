"""Notebooks: converted by mkdocs-jupyter with our template, no heavier than a section, and running from the wheel."""

import json
import logging
import re
from statistics import median

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup, Comment
from markdown import Markdown
from mkdocs_jupyter.convert import nb2html

from handbook.pages.notebook import read, shown, written
from handbook.pages.parse import parse
from handbook.pictures import curves, grid
from handbook.project import LANGUAGES
from handbook.site import notebooks
from handbook.site.build import build_sites
from handbook.site.edition import version
from handbook.site.exports import wheel as wheels
from handbook.site.exports.install import WHEEL, install
from handbook.site.exports.notebook import notebook
from handbook.site.markdown import render
from handbook.site.settings import settings
from tests.conftest import ROOT

FILES = sorted(ROOT.glob("docs/*/notebooks/*.ipynb"))
NAMES = [f"{file.parents[1].name}/{file.name}" for file in FILES]
each = pytest.mark.parametrize("file", FILES, ids=NAMES)


def cells(text: str) -> list[dict]:
    return [one for one in json.loads(text)["cells"] if one["cell_type"] == "code"]


def test_there_are_notebooks_in_both_languages():
    assert {file.parents[1].name for file in FILES} == set(LANGUAGES)


@each
def test_a_notebook_is_written_as_update_writes_it_and_begins_by_installing_what_it_needs(file):
    text = file.read_text("utf-8")
    assert text == written(json.loads(text))
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert "".join(cells(text)[0]["source"]) == install(ROOT)


def test_a_lab_s_download_begins_by_installing_too():
    made = notebook(ROOT, "docs/en/labs/L02-causal-mask.md", str, install(ROOT)).decode()
    assert cells(made)[0]["source"] == install(ROOT)


@each
def test_mkdocs_jupyter_makes_the_page_that_the_engine_reads(file):
    notebooks.use_our_template()
    made = notebooks.markdown(nb2html(str(file)))
    read_as = parse(ROOT, file.relative_to(ROOT).as_posix()).text
    drawn = BeautifulSoup(made, "html.parser").select("figure svg")
    assert [one["aria-label"] for one in drawn] == [
        one["metadata"]["alt"] for one in cells(file.read_text()) if shown(one)[1]
    ]
    lines = [line for line in made.split("\n") if line.strip()]
    assert [line for line in lines if not line.startswith("<")] == [
        line for line in read_as.split("\n") if line.strip() and not line.startswith("![")
    ]


@each
def test_a_notebook_weighs_no_more_than_a_section(file):
    language = file.parents[1].name
    notebooks.use_our_template()
    html = render.html(notebooks.markdown(nb2html(str(file))), language)
    sections = sorted((ROOT / f"docs/{language}/handbook").glob("1[0-5]-*.md"))
    weights = [len(render.html(parse(ROOT, one.relative_to(ROOT).as_posix()).body, language)) for one in sections]
    assert len(html) <= median(weights)
    for foreign in ("<style", "<script", " style=", "jp-"):
        assert foreign not in html


def test_code_comes_through_the_html_parser_of_nbconvert_as_it_is(tmp_path):
    code = 'a, b = 1, 2\nprint(a < b and b > a & 1, "<b>&amp;</b>")  # `x` ```y``` %20'
    made = {"cells": [{"cell_type": "code", "id": "a", "source": code, "outputs": []}], "metadata": {}}
    file = tmp_path / "a.ipynb"
    file.write_text(written(made), "utf-8")
    notebooks.use_our_template()
    html = render.html(notebooks.markdown(nb2html(str(file))), "en")
    assert BeautifulSoup(html, "html.parser").pre.text.strip() == code


def test_a_page_made_of_a_notebook(tmp_path):
    """Its links lead to pages, its pins to blocks, its picture has words, and the notebook lies beside it."""
    root = tmp_path
    (root / "src").symlink_to(ROOT / "src")
    for language, file in (("en", "mkdocs.yml"), ("es", "mkdocs.es.yml")):
        loaded = settings(ROOT, language)
        loaded["nav"] = [{"Page": "index.md"}, {"Notebook": "notebooks/a.ipynb"}]
        (root / file).write_text(yaml.safe_dump(loaded, allow_unicode=True), "utf-8")
        (root / f"docs/{language}/notebooks").mkdir(parents=True)
        (root / f"docs/{language}/index.md").write_text("# T\n\n[the notebook](notebooks/a.ipynb#one)\n", "utf-8")
        (root / f"docs/{language}/notebooks/a.ipynb").write_text(pair("# N\n\n[home](../index.md)", "6"), "utf-8")
    build_sites(root, root / "site")
    page = BeautifulSoup((root / "site/es/notebooks/a.html").read_text("utf-8"), "html.parser")
    article = page.article
    assert article.select_one('a[href="../index.html"]')
    assert article.select_one("a.lt-pin")["href"] == "#block-1"
    assert article.svg is not None
    assert article.select_one(".lt-figure svg")["aria-label"] == "Words."
    assert article.select_one("a[download]")["href"] == "a.ipynb"
    colab = article.select_one(".lt-meta .lt-online")["href"]
    repository = settings(ROOT, "es")["repo_url"].removeprefix("https://github.com/")
    assert colab == f"https://colab.research.google.com/github/{repository}/blob/main/docs/es/notebooks/a.ipynb"
    assert "A notebook." in page.find("meta", attrs={"name": "description"})["content"]
    taken = (root / "site/es/notebooks/a.ipynb").read_text("utf-8")
    assert "data-is" not in taken
    assert "/es/index.html)" in taken
    assert "notebooks/a.html#one" in (root / "site/es/index.html").read_text("utf-8")
    assert "(notebooks/a.md): A notebook." in (root / "site/es/llms.txt").read_text("utf-8")
    assert "notebooks/a.html" in (root / "site/es/offline.json").read_text("utf-8")
    assert "notebooks/a.html" in (root / "site/es/search/search_index.js").read_text("utf-8")


def pair(title: str, number: str, printed: str = "6\n") -> str:
    pin = '<!--{ data-is="sum_of" }-->'
    code = "from handbook.pictures import grid\n\nsum_of = 1 + 2 + 3\nprint(sum_of)\ngrid([[1]])"
    outputs = [
        {"name": "stdout", "output_type": "stream", "text": printed},
        {"output_type": "display_data", "data": {"image/svg+xml": grid([[1]]).svg}, "metadata": {}},
    ]
    made = [
        {"cell_type": "markdown", "id": "t", "source": title},
        {"cell_type": "code", "id": "c", "metadata": {"alt": "Words."}, "source": code, "outputs": outputs},
        {"cell_type": "markdown", "id": "s", "source": f"## One <!--{{#one}}-->\n\nIt is `{number}`{pin}."},
    ]
    meta = {"title": "N", "description": "A notebook."}
    return written({"cells": made, "metadata": {"handbook": meta}})


@pytest.fixture
def twins(handbook):
    (handbook.root / "src").symlink_to(ROOT / "src")

    def write(english: str, spanish: str):
        for language, text in (("en", english), ("es", spanish)):
            handbook.write(f"docs/{language}/notebooks/a.ipynb", text)
        handbook.stamp("docs/es/notebooks/a.ipynb")
        return handbook

    return write


def places(found):
    return {(one.path, one.line, one.problem.split(":")[0]) for one in found}


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def test_a_notebook_that_is_true_has_no_findings(twins):
    both = twins(pair("# N", "6"), pair("# N", "6"))
    assert both.findings("docs/en/notebooks/a.ipynb", "docs/es/notebooks/a.ipynb") == []


def test_a_digit_changed_in_the_text_is_found_by_file_cell_and_line(twins):
    wrong = pair("# N", "7")
    found = twins(wrong, wrong).findings("docs/en/notebooks/a.ipynb")
    assert places(found) == {("docs/en/notebooks/a.ipynb", line_of(wrong, "data-is"), "cell 3, line 3")}


def test_a_digit_changed_in_an_output_is_found_by_file_cell_and_line(twins):
    wrong = pair("# N", "6", "7\n")
    found = twins(wrong, wrong).findings("docs/en/notebooks/a.ipynb")
    assert places(found) == {("docs/en/notebooks/a.ipynb", line_of(wrong, '"7\\n"'), "cell 2, line 1 of its output")}


def test_a_digit_changed_in_one_language_is_found_by_file_cell_and_line(twins):
    wrong = pair("# N\n\nThe number `window(7)` of `sum_of = 1 + 2 + 3`.", "6")
    right = wrong.replace("window(7)", "window(6)")
    found = twins(right, wrong).findings("docs/es/notebooks/a.ipynb", check="twins")
    assert ("docs/es/notebooks/a.ipynb", line_of(wrong, "window(7)"), "cell 1, line 3") in places(found)


def test_update_writes_outputs_and_pictures_and_nothing_of_the_run(twins):
    right = pair("# N", "6")
    stale = json.loads(pair("# N", "6", "5\n"))
    stale["cells"][1] |= {"execution_count": 9, "metadata": {"alt": "Words.", "execution": {"iopub.status.busy": "x"}}}
    stale["cells"][1]["outputs"][1]["data"]["image/svg+xml"] = "<svg></svg>"
    both = twins(json.dumps(stale), right)
    assert both.command("update", "docs/en/notebooks/a.ipynb").returncode == 0
    assert (both.root / "docs/en/notebooks/a.ipynb").read_text("utf-8") == right


def test_a_picture_that_update_writes_makes_no_translation_stale(twins):
    both = twins(pair("# N", "6"), pair("# N", "6"))
    both.command("translated", "docs/es/notebooks/a.ipynb")
    for language in LANGUAGES:
        file = both.root / f"docs/{language}/notebooks/a.ipynb"
        file.write_text(file.read_text("utf-8").replace("M44 44", "M45 44", 1), "utf-8")
    assert both.command("update", "docs/en/notebooks/a.ipynb").returncode == 0
    assert both.command("check", "docs/en/notebooks/a.ipynb").returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "the notebook is not JSON"),
        ("[]", "this is JSON, and no notebook of format 4.5"),
        ('{"cells": [], "metadata": {}}', "something of a run is left in it"),
    ],
)
def test_what_is_no_notebook_is_said(text, said):
    assert said in read("docs/en/notebooks/a.ipynb", text).problems[0].problem


# What is measured -------------------------------------------------------------

CLOCK = "from time import perf_counter\n\nfrom handbook.pictures import curves\n\nstart = perf_counter()\n"
MEASURE = (
    CLOCK + 'print(f"{perf_counter() - start:.9f} seconds")\ncurves([1, 2], of="n", s=[1, perf_counter() % 1 + 2])'
)


def measured(printed: str = "0.5 seconds\n", code: str = MEASURE, prose: str = "# N", **metadata: object) -> str:
    picture = grid([[1]]).svg if "grid" in code else curves([1, 2], of="n", s=[1, 3]).svg
    outputs = [{"name": "stdout", "output_type": "stream", "text": printed}]
    outputs += [{"output_type": "display_data", "data": {"image/svg+xml": picture}, "metadata": {}}]
    said = {"alt": "Words.", "measured": True, **metadata}
    made = [
        {"cell_type": "markdown", "id": "t", "source": prose},
        {"cell_type": "code", "id": "c", "metadata": said, "source": code, "outputs": outputs},
    ]
    return written({"cells": made, "metadata": {"handbook": {"title": "N", "description": "A notebook."}}})


def test_a_measured_cell_may_show_other_numbers_and_update_leaves_them(twins):
    both = twins(measured(), measured())
    for check in ("output", "twins", "form"):
        assert both.findings("docs/en/notebooks/a.ipynb", check=check) == []
    assert both.command("update", "docs/en/notebooks/a.ipynb").returncode == 0
    assert (both.root / "docs/en/notebooks/a.ipynb").read_text("utf-8") == measured()


@pytest.mark.parametrize("printed", ["0.5 minutes\n", "0.5 seconds\n0.5 seconds\n", "0.5 0.5 seconds\n"])
def test_a_measured_cell_is_held_to_its_words_and_lines_and_update_writes_one_run_into_both(twins, printed):
    both = twins(measured(printed), measured(printed))
    (found,) = both.findings("docs/en/notebooks/a.ipynb", check="output")
    assert "of its output: the page shows" in found.problem
    assert both.command("update", "docs/en/notebooks/a.ipynb").returncode == 0
    one, other = (json.loads((both.root / f"docs/{one}/notebooks/a.ipynb").read_text("utf-8")) for one in LANGUAGES)
    assert one["cells"] == other["cells"]
    assert shown(one["cells"][1])[0] not in (printed, "0.5 seconds\n")


def test_what_a_page_shows_is_of_one_run(twins):
    """Where one measured cell is written anew, the others are, too."""
    whole = json.loads(measured())
    whole["cells"] += [{**whole["cells"][1], "id": "d", "outputs": []}]
    both = twins(written(whole), written(whole))
    assert both.command("update", "docs/en/notebooks/a.ipynb").returncode == 0
    cells = json.loads((both.root / "docs/en/notebooks/a.ipynb").read_text("utf-8"))["cells"]
    assert all(shown(one)[0] not in ("", "0.5 seconds\n") for one in cells[1:])


def test_a_measured_picture_of_another_form_is_a_finding(twins):
    other = measured().replace("stroke-dasharray", "stroke").replace("<path ", "<line ", 1)
    found = twins(other, other).findings("docs/en/notebooks/a.ipynb", check="output")
    assert ["as its picture" in one.problem for one in found] == [True]


def test_the_languages_show_the_same_measurement(twins):
    found = twins(measured(), measured("0.7 seconds\n")).findings("docs/es/notebooks/a.ipynb", check="twins")
    line = line_of(measured(), '"from time')
    assert places(found) == {("docs/es/notebooks/a.ipynb", line, "cell 2, line 1")}


def test_no_sentence_rests_on_a_measured_number(twins):
    claims = measured("17 seconds\n", prose="# N\n\nIt took 17 seconds.")
    (found,) = twins(claims, claims).findings("docs/en/notebooks/a.ipynb", check="numbers")
    assert found.problem.startswith("cell 1, line 3: number 17")


def test_what_reads_no_clock_measures_nothing(twins):
    code = "from handbook.pictures import grid\n\nprint(0.7)\ngrid([[1]])"
    still = measured("0.5\n", code)
    found = twins(still, still).findings("docs/en/notebooks/a.ipynb", check="form")
    assert [one.problem for one in found] == [
        "cell 2, line 1: this cell is said to measure, and no cell up to it reads a clock"
    ]


# What others see of it ---------------------------------------------------------


@each
def test_what_only_this_handbook_reads_is_seen_nowhere_else(file):
    """GitHub, Jupyter and Colab render a cell as Markdown, which leaves comments out."""
    for one in json.loads(file.read_text("utf-8"))["cells"]:
        if one["cell_type"] == "markdown":
            seen = BeautifulSoup(Markdown(extensions=["tables"]).convert("".join(one["source"])), "html.parser")
            for comment in seen.find_all(string=lambda text: isinstance(text, Comment)):
                comment.extract()
            assert not re.search(r"data-\w+=|\{ ?#|^/{3,}|<!--", seen.get_text(), re.MULTILINE)


@each
def test_a_link_leads_to_a_file_of_the_repository(file):
    """So GitHub follows it, too."""
    for one in json.loads(file.read_text("utf-8"))["cells"]:
        if one["cell_type"] == "markdown":
            targets = [part.split(")")[0].split("#")[0] for part in "".join(one["source"]).split("](")[1:]]
            assert all("://" in target or (file.parent / target).is_file() for target in targets), targets


@pytest.mark.parametrize("seen", ['It is `6`{ data-is="sum_of" }.', "## Two {#two}", "/// note | N\n\nText.\n///"])
def test_what_only_this_handbook_reads_and_others_would_see_is_a_finding(twins, seen):
    text = pair("# N", "6").replace('"source": [\n    "# N"', f'"source": [\n    {json.dumps(seen)}', 1)
    text = written(json.loads(text))
    found = twins(text, text).findings("docs/en/notebooks/a.ipynb", check="form")
    assert any("Jupyter, GitHub and Colab would show" in one.problem for one in found)


@pytest.mark.parametrize(
    ("edited", "leads"),
    [
        (
            "https://github.com/o/r/edit/main/docs/es/notebooks/a.ipynb",
            "https://colab.research.google.com/github/o/r/blob/main/docs/es/notebooks/a.ipynb",
        ),
        ("https://codeberg.org/o/r/edit/main/docs/es/notebooks/a.ipynb", ""),
        ("", ""),
    ],
)
def test_colab_opens_what_github_has(edited, leads):
    assert notebooks.colab(edited) == leads


# The wheel -------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return wheels.write(ROOT, tmp_path_factory.mktemp("site"))


def test_equal_sources_give_an_equal_wheel(wheel, tmp_path):
    sources = list(wheels._sources(ROOT))
    again = tmp_path / wheel.name
    wheels._keep(wheels._built(ROOT, sources, wheel.name), again)
    assert again.read_bytes() == wheel.read_bytes()


def test_a_folder_that_is_no_project_has_no_wheel(tmp_path):
    assert wheels.write(tmp_path, tmp_path) is None


def test_the_first_cell_installs_from_the_site_that_the_notebook_is_on():
    """A fork's site, or one on loopback, carries a wheel of its own; without an address it is that of mkdocs.yml."""
    wheel = WHEEL.format(version=version(ROOT))
    for language, address in (("en", "https://example.org/a/"), ("es", "https://example.org/a/es/")):
        code = install(ROOT, language, address)
        assert f'WHEEL = "{wheel}"' in code
        assert 'site = "https://example.org/a/"' in code
    assert f'site = "{settings(ROOT, "en")["site_url"]}"' in install(ROOT)


def test_no_logger_of_jupyter_speaks_during_a_build(caplog):
    notebooks.use_our_template()
    with caplog.at_level(logging.WARNING):
        nb2html(str(FILES[0]))
    assert caplog.records == []


# What a cell may show ---------------------------------------------------------


def changed(**cell: object) -> str:
    whole = json.loads(pair("# N", "6"))
    whole["cells"][1] |= cell
    return written(whole)


def test_a_last_line_that_nobody_would_compare_is_a_finding(twins):
    silent = changed(source="sum_of = 6\nsum_of", outputs=[])
    (found,) = twins(silent, silent).findings("docs/en/notebooks/a.ipynb", check="output")
    assert found.problem.startswith("cell 2, line 2: this block does not print the value of its last line")


def test_a_picture_that_is_another_is_a_finding(twins):
    other = pair("# N", "6").replace("M44 44", "M45 44", 1)
    found = twins(other, other).findings("docs/en/notebooks/a.ipynb", check="output")
    assert [one.problem for one in found] == [
        "cell 2, line 1: the page shows one as its picture, the cell draws another"
    ]


def test_a_picture_without_words_is_a_finding(twins):
    mute = changed(metadata={})
    found = twins(mute, mute).findings("docs/en/notebooks/a.ipynb", check="form")
    assert [one.problem for one in found] == ["cell 2, line 1: the picture of this cell has no words"]
