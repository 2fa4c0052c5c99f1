"""What others see of a page: its social image, its structured data, and how it is cited."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

from handbook.site.build import build_site, build_sites, configuration
from handbook.site.edition import Edition, edition
from handbook.site.errors import BuildError, SiteError
from handbook.site.exports.offline import SOCIAL
from handbook.site.figures import draw
from handbook.site.sharing import raster
from handbook.site.sharing.citation import citation
from handbook.site.sharing.image import HEIGHT, WIDTH, Parts, alternative, figure, image
from handbook.site.sharing.page import Shared, Whole
from handbook.site.sharing.structured import answered, structured
from tests.handbook.site.projects import small_project

EDITION = Edition("2.1.0", date(2030, 5, 6), ("Ada Lovelace", "The others"), "MIT")
WHOLE = Whole("Name", "What it is.", "https://example.org/h/", "en", EDITION)
PAGE = Shared("handbook/00-a", "00 Title", "What it says.", "Part", "https://example.org/h/handbook/00-a.html")
CITATION = """\
cff-version: 1.2.0
message: Cite it.
title: Name
authors: [{name: The authors}]
date-released: "2030-05-06"
license: MIT
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = small_project(tmp_path / "project")
    (root / "CITATION.cff").write_text(CITATION, "utf-8")
    return root


def soup(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


def images(site: Path) -> dict[str, bytes]:
    return {
        file.relative_to(site).as_posix(): file.read_bytes()
        for file in sorted(site.rglob("*.png"))
        if SOCIAL in str(file)
    }


# ---- Images ----------------------------------------------------------------------------------------------------------


def test_an_image_is_drawn_once_and_again_when_its_page_looks_otherwise(project: Path, monkeypatch) -> None:
    drawn: list[str] = []
    real = raster.image
    monkeypatch.setattr(raster, "image", lambda parts: drawn.append(parts.title) or real(parts))
    build_sites(project, project / "site")
    first = images(project / "site")
    assert len(drawn) == len(first) > 4
    drawn.clear()
    build_sites(project, project / "site")
    assert drawn == []
    assert images(project / "site") == first
    page = project / "docs/en/handbook/00-first.md"
    page.write_text(
        page.read_text("utf-8").replace("Prose.", "Prose.\n\n/// figure | causal-mask\nMask.\n///\n"), "utf-8"
    )
    build_sites(project, project / "site")
    # The second section shows the first's figure, which it builds on.
    changed = {path for path, content in images(project / "site").items() if content != first[path]}
    assert changed == {f"{SOCIAL}/handbook/{name}.png" for name in ("00-first", "01-second")}


def test_an_image_is_drawn_where_nothing_can_be_remembered(project: Path) -> None:
    (project / ".handbook").mkdir()
    (project / ".handbook/social").write_text("no folder", "utf-8")
    build_sites(project, project / "site")
    with Image.open(project / "site" / SOCIAL / "index.png") as drawn:
        assert drawn.size == (WIDTH, HEIGHT)


def test_an_image_that_cannot_be_drawn_ends_the_build_with_one_line(project: Path, monkeypatch) -> None:
    monkeypatch.setattr(raster, "image", lambda parts: "<svg>")
    with pytest.raises(BuildError, match=r"^the social images cannot be drawn: [^\n]+$"):
        build_sites(project, project / "site")


def test_a_site_that_is_served_while_it_is_written_has_citations_alone(project: Path) -> None:
    build_site(
        configuration(project, "en", project / "site", address="http://127.0.0.1:8000/", strict=False), live=True
    )
    page = soup(project / "site/handbook/00-first.html")
    assert images(project / "site") == {}
    assert page.select("[type='application/ld+json'], [property='og:image']") == []
    assert page.select_one(".lt-cite") is not None


def test_a_site_without_an_address_says_what_it_knows(project: Path) -> None:
    config = configuration(project, "es", project / "site", address="")
    assert not config.site_url
    build_site(config)
    page = soup(project / "site/es/handbook/00-first.html")
    assert images(project / "site") == {}
    assert page.select_one("[property='og:image']") is None
    assert page.select_one("[name='twitter:card']")["content"] == "summary"
    assert "http" not in page.select_one(".lt-cite").get_text()
    said = json.loads(page.select_one("[type='application/ld+json']").string)
    assert said["@type"] == "LearningResource"
    assert "url" not in said


def test_a_page_shows_the_figure_that_fills_a_square_best() -> None:
    long, square = draw("tap-and-pull", "en", "a"), draw("causal-mask", "en", "b")
    assert figure(["<svg viewBox='0 0 24 24'></svg>", long, square]) == square
    assert figure(["<math></math>"]) == ""
    page = PAGE._replace(figure=square)
    assert alternative(page) == "00 Title. The causal mask of 4 tokens is a lower triangle"
    assert alternative(PAGE) == PAGE.title


@pytest.mark.parametrize(
    "title", ["Short", "One two three four five six", "Incomprensiblemente larga otorrinolaringología"]
)
def test_every_word_of_a_title_is_drawn(title: str) -> None:
    drawn = image(Parts("Name", "00", title, "Part", ""))
    said = BeautifulSoup(drawn, "xml").find_all("text")
    assert " ".join(one.get_text() for one in said if one.get("font-weight") == "700") == title


# ---- Structured data -------------------------------------------------------------------------------------------------


def test_no_text_ends_the_block_of_data() -> None:
    page = PAGE._replace(description='</script><script>alert("x")</script>')
    written = structured(page, WHOLE, [page], "")
    assert "<" not in written
    assert json.loads(written)["description"] == page.description


def test_a_page_that_teaches_nothing_says_nothing() -> None:
    assert structured(PAGE._replace(path="reference/glossary"), WHOLE, [PAGE], "") == ""


def test_the_bank_says_what_the_sections_answer() -> None:
    html = """
    <details class="lt-question" data-level="easy" id="q-1">
    <summary><span class="lt-question__text">Is <code>a</code> &lt; b?</span><span>Easy</span></summary>
    <p>Yes, for
    <em>each</em> of them.</p>
    <div class="lt-trap"><p>No.</p></div><details class="lt-proof"><summary>Proof</summary></details></details>
    """
    (found,) = answered(html, PAGE.address)
    assert found == ("Is a < b?", "Yes, for each of them.", f"{PAGE.address}#q-1")
    bank = Shared("practice/interview-bank", "Bank", "All.", "", "")
    said = json.loads(structured(bank, WHOLE, [PAGE._replace(answered=[found]), bank], ""))
    (asked,) = said["mainEntity"]
    assert asked["name"] == "Is a < b?"
    assert asked["acceptedAnswer"]["text"] == "Yes, for each of them."


# ---- Citations -------------------------------------------------------------------------------------------------------


def test_a_page_is_cited_with_version_year_and_address() -> None:
    made = citation(PAGE, WHOLE)
    assert made.plain == "Ada Lovelace, The others (2030). 00 Title. In Name, version 2.1.0."
    assert made.address == PAGE.address
    assert made.bibtex.splitlines() == [
        "@misc{lower-triangle-en-handbook-00-a,",
        "  author = {{Ada Lovelace} and {The others}},",
        "  title = {{00 Title}},",
        "  howpublished = {Name, version 2.1.0},",
        "  year = {2030},",
        f"  url = {{{PAGE.address}}},",
        "  langid = {english},",
        "}",
    ]


def test_the_home_page_cites_the_whole() -> None:
    made = citation(PAGE._replace(path="index", home=True), WHOLE._replace(language="es"))
    assert made.plain == "Ada Lovelace, The others (2030). Name, versión 2.1.0."
    assert "title = {{Name}}" in made.bibtex
    assert "howpublished = {Versión 2.1.0}" in made.bibtex


def test_tex_gets_what_it_takes_for_its_own_in_other_words() -> None:
    made = citation(PAGE._replace(title=r"T_k & 5 % of {x} \ y^2"), WHOLE)
    assert r"title = {{T\_k \& 5 \% of \{x\} \textbackslash{} y\textasciicircum{}2}}" in made.bibtex


def test_nobody_is_cited_where_nobody_is_named(tmp_path: Path) -> None:
    assert edition(tmp_path) is None
    assert citation(PAGE, WHOLE._replace(edition=None)) is None


def test_people_and_groups_are_named_as_they_say(tmp_path: Path) -> None:
    said = {
        **yaml.safe_load(CITATION),
        "authors": [{"given-names": "Ada", "family-names": "Lovelace"}, {"name": "All"}],
    }
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump(said), "utf-8")
    found = edition(tmp_path)
    assert found.authors == ("Ada Lovelace", "All")
    assert found.released == date(2030, 5, 6)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('date-released: "2030-05-06"\n', "", "it has no date-released"),
        ("2030-05-06", "May 2030", "Invalid isoformat"),
        ("{name: The authors}", "{alias: us}", "it has no given-names"),
        ("[{name: The authors}]", "[", "while parsing"),
    ],
)
def test_a_wrong_citation_file_is_named_with_what_is_wrong(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in CITATION
    (tmp_path / "CITATION.cff").write_text(CITATION.replace(old, new), "utf-8")
    with pytest.raises(SiteError, match=rf"^CITATION\.cff: {problem}[^\n]*; compare it with the format's guide$"):
        edition(tmp_path)


def test_a_wrong_citation_file_ends_the_build_in_words(project: Path) -> None:
    (project / "CITATION.cff").write_text("title: Name\n", "utf-8")
    with pytest.raises(BuildError, match=re.escape("CITATION.cff: it has no date-released")):
        build_sites(project, project / "site")
