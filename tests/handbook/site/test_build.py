"""Both languages built for real: by MkDocs, and by the successor that will take over from it."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

from handbook.checks.coverage import differences
from handbook.locale import words
from handbook.pages.parse import parse
from handbook.project import Project
from handbook.site.build import build_sites
from handbook.site.edition import version
from handbook.site.errors import BuildError
from handbook.site.exports.offline import SOCIAL
from handbook.site.markdown.render import ROOT
from handbook.site.settings import FILES, settings
from handbook.site.sharing.image import HEIGHT, MARGIN
from tests.bench.building import FONTS, first_load
from tests.handbook.site.projects import one_page_project

SECTION = "handbook/02-causal-mask.html"
LANGUAGES = {"en": "", "es": "es/"}
ALLOWED_FIRST_LOAD = 110_000
ALLOWED_FONTS = 60_000


def parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf-8"), "lxml")  # twice as fast as Python's own parser


soup = cache(parsed)
"""A page of the site, parsed once for all of these tests. It is only to be read."""


@pytest.fixture(scope="module", autouse=True)
def forget() -> Iterator[None]:
    """All pages take a third of a gigabyte, which nothing needs after these tests."""
    yield
    soup.cache_clear()


def pages(site: Path) -> Iterator[Path]:
    for path in sorted(site.rglob("*.html")):
        if path.name != "404.html":
            yield path


def test_english_lies_at_the_root_and_spanish_in_es_with_the_same_pages(site: Path) -> None:
    english = {p.relative_to(site) for p in pages(site) if not p.is_relative_to(site / "es")}
    spanish = {p.relative_to(site / "es") for p in pages(site / "es")}
    assert Path(SECTION) in english
    assert english == spanish


def test_the_built_pages_show_exactly_the_python_blocks_that_run(site: Path) -> None:
    project = Project(ROOT)
    for language, folder in LANGUAGES.items():
        for path in (path for path in project.pages if path.startswith(f"docs/{language}/")):
            page = parse(ROOT, path)
            html = (site / folder / path.removeprefix(f"docs/{language}/")).with_suffix(".html").read_text("utf-8")
            assert list(differences(page, html)) == [], path


def test_building_english_again_keeps_spanish(tmp_path: Path) -> None:
    root = one_page_project(tmp_path, "# Title\n")
    build_sites(root, root / "site")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=root, check=True)
    assert (root / "site/es/index.html").is_file()
    assert not (root / "site/.es").exists()


def test_an_english_build_that_fails_keeps_spanish(tmp_path: Path) -> None:
    root = one_page_project(tmp_path, "# Title\n")
    build_sites(root, root / "site")
    (root / "docs/en/index.md").write_text("# Title\n\n$\\frac{1}$\n", "utf-8")
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert (root / "site/es/index.html").is_file()


def test_every_page_knows_itself_in_both_languages(site: Path) -> None:
    for path in pages(site):
        page = soup(path)
        links = {link["hreflang"]: link["href"] for link in page.select("head link[rel=alternate][hreflang]")}
        assert set(links) == {"en", "es", "x-default"}
        targets = {code: (path.parent / href).resolve() for code, href in links.items()}
        assert path in targets.values()
        assert targets["en"] == targets["x-default"]
        assert targets["es"].relative_to(site / "es") == targets["en"].relative_to(site)
        assert all(target.is_file() for target in targets.values())
        switch = page.select_one("a.lt-language")
        other = "en" if page.html["lang"] == "es" else "es"
        assert (path.parent / switch["href"]).resolve() == targets[other]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_a_description_of_its_own(site: Path, language: str) -> None:
    folder = site / LANGUAGES[language]
    seen = []
    for path in pages(folder):
        if language == "en" and path.is_relative_to(site / "es"):
            continue
        head = soup(path).head
        description = head.select_one('meta[property="og:description"]')["content"]
        assert description == head.select_one('meta[name="twitter:description"]')["content"]
        assert head.select_one('meta[property="og:title"]')["content"]
        assert head.select_one('meta[property="og:locale"]')["content"].startswith(language)
        seen.append(description)
    assert len(seen) == len(set(seen))


def test_sections_say_their_level_and_lead_to_what_comes_before(site: Path) -> None:
    line = soup(site / SECTION).select_one("h1 + .lt-meta")
    assert line.select_one(".lt-level") is not None
    needed = [link["href"] for link in line.find_all("a")]
    assert needed
    assert all((site / "handbook" / href).is_file() for href in needed)


def test_a_missing_address_is_answered_in_both_languages_from_any_depth(site: Path) -> None:
    for folder in LANGUAGES.values():
        page = soup(site / folder / "404.html")
        said = {block["lang"]: block.a["href"] for block in page.select("article [lang]")}
        assert set(said) == {"en", "es"}
        assert all(href.startswith("/") for href in said.values())


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for path in [*pages(site), site / "404.html"]:
        page = soup(path)
        fetched = [tag.get("src") for tag in page.select("script[src], img[src], iframe[src], source[src]")]
        fetched += [link["href"] for link in page.select("link[rel=stylesheet], link[rel=icon], link[rel=preload]")]
        assert [url for url in fetched if "//" in url] == []
        assert page.select_one("[data-md-component=source]") is None  # it would ask for stars


def test_every_page_names_its_inline_scripts_by_hash_and_has_no_inline_style(site: Path) -> None:
    for path in [*pages(site), site / "404.html", site / "es/404.html"]:
        page = soup(path)
        policy = page.select_one('head > meta:nth-of-type(2)[http-equiv="Content-Security-Policy"]')["content"]
        inline = [tag.string for tag in page.select("script:not([src]):not([type])")]
        assert inline
        hashes = {base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in inline}
        assert set(re.findall(r"'sha256-([^']*)'", policy)) == hashes
        assert "unsafe-inline" not in policy
        assert page.select("[style], style") == []
        assert not [name for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]


SHARED = re.compile(r"^https://[^/]+/handbook/")


def found(site: Path, address: str) -> Path:
    """The file that an address leads to."""
    return site / SHARED.sub("", address)


def test_every_page_is_shared_with_an_image_of_its_own(site: Path) -> None:
    seen: dict[bytes, Path] = {}
    for path in pages(site):
        head = soup(path).head
        told = {tag.get("property") or tag.get("name"): tag["content"] for tag in head.select("meta[content]")}
        image = found(site, told["og:image"])
        assert told["twitter:image"] == told["og:image"]
        assert told["twitter:card"] == "summary_large_image"
        assert told["og:image:alt"]
        assert told["og:url"] == head.select_one("link[rel=canonical]")["href"]
        assert found(site, told["og:url"]) == path
        with Image.open(image) as drawn:
            assert (drawn.format, *drawn.size) == ("PNG", int(told["og:image:width"]), int(told["og:image:height"]))
            # Nothing that is said reaches the figure's half, the edge or the foot.
            for empty in ((600, 0, 638, HEIGHT), (0, 0, MARGIN - 4, HEIGHT), (0, HEIGHT - 40, 638, HEIGHT)):
                assert len(drawn.convert("RGB").crop(empty).getcolors()) == 1, image
        assert image.read_bytes() not in seen, f"{path} and {seen.get(image.read_bytes())} look the same"
        seen[image.read_bytes()] = path
    assert len(seen) == len([file for folder in LANGUAGES.values() for file in (site / folder / SOCIAL).rglob("*.png")])


VOCABULARY = json.loads((ROOT / "tests/handbook/site/schemaorg.json").read_text("utf-8"))["types"]
# What Google's guides call required, and recommended for what is required of the whole; schema.org requires nothing.
NEEDED = {
    "LearningResource": {"name"},
    "Course": {"name", "description"},
    "CourseInstance": {"courseMode", "courseWorkload"},
    "Offer": {"category"},
    "Organization": {"name"},
    "FAQPage": {"mainEntity"},
    "Question": {"name", "acceptedAnswer"},
    "Answer": {"text"},
}


def properties(kind: str) -> set[str]:
    """What schema.org says of a type, its parents' properties among it."""
    known = VOCABULARY[kind]
    return {*known["properties"], *(name for parent in known["parents"] for name in properties(parent))}


def things(said: object) -> Iterator[dict[str, object]]:
    """Everything of a type in structured data."""
    if isinstance(said, dict):
        if "@type" in said:
            yield said
        for value in said.values():
            yield from things(value)
    elif isinstance(said, list):
        for value in said:
            yield from things(value)


def structured(path: Path) -> dict[str, object] | None:
    blocks = soup(path).select('script[type="application/ld+json"]')
    assert len(blocks) <= 1
    return json.loads(blocks[0].string) if blocks else None


def test_what_search_engines_are_told_is_in_the_words_of_schema_org(site: Path) -> None:
    for path in pages(site):
        said = structured(path)
        if said is None:
            continue
        assert said.pop("@context") == "https://schema.org"
        for thing in things(said):
            kind = thing["@type"]
            assert set(thing) - {"@type"} <= properties(kind), f"{path}: {kind}"
            assert set(thing) >= NEEDED[kind], f"{path}: {kind}"
            assert all(value not in ("", [], None) for value in thing.values()), f"{path}: {kind}"
            if "url" in thing:
                assert found(site, thing["url"].partition("#")[0] or "index.html").exists(), thing["url"]
        assert said["inLanguage"] == soup(path).html["lang"]
        assert found(site, said["image"]).is_file()
        if "timeRequired" in said:
            assert re.fullmatch(r"PT\d+M", said["timeRequired"])


def test_sections_labs_and_notebooks_are_parts_of_the_course_that_the_home_page_is(site: Path) -> None:
    for folder in LANGUAGES.values():
        own = site / folder
        course = structured(own / "index.html")
        assert course["@type"] == "Course"
        parts = {found(site, part["url"]) for part in course["hasPart"]}
        lessons = {file for name in ("handbook", "labs", "notebooks") for file in (own / name).glob("*.html")}
        assert parts == lessons
        for path in lessons:
            said = structured(path)
            assert said["@type"] == "LearningResource"
            assert said["isPartOf"]["url"] == course["url"]


def test_the_interview_bank_is_a_list_of_questions_with_their_answers(site: Path) -> None:
    for folder in LANGUAGES.values():
        path = site / folder / "practice/interview-bank.html"
        said = structured(path)
        assert said["@type"] == "FAQPage"
        listed = [" ".join(link.get_text().split()) for link in soup(path).select(".lt-bank li > a")]
        assert [" ".join(one["name"].split()) for one in said["mainEntity"]] == listed
        for one in said["mainEntity"]:
            answer = one["acceptedAnswer"]
            assert len(answer["text"].split()) > 10, one["name"]
            page, _, anchor = answer["url"].partition("#")
            assert f'id="{anchor}"' in found(site, page).read_text("utf-8")


SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def test_the_sitemaps_list_every_page_in_both_languages(site: Path) -> None:
    alternates: dict[str, dict[str, str]] = {}
    for folder in LANGUAGES.values():
        tree = ElementTree.parse(site / folder / "sitemap.xml")
        assert (
            gzip.decompress((site / folder / "sitemap.xml.gz").read_bytes())
            == (site / folder / "sitemap.xml").read_bytes()
        )
        for entry in tree.iterfind("s:url", SITEMAP):
            links = {link.get("hreflang"): link.get("href") for link in entry.iterfind("x:link", SITEMAP)}
            alternates[entry.findtext("s:loc", namespaces=SITEMAP)] = links
    assert {found(site, address) for address in alternates} == set(pages(site))
    for address, links in alternates.items():
        assert set(links) == {*LANGUAGES, "x-default"}
        assert address in links.values()
        assert links["x-default"] == links["en"]
        # Each names the other as it is named.
        assert all(alternates[other] == links for other in links.values())
        canonical = soup(found(site, address)).select_one("link[rel=canonical]")["href"]
        assert canonical == address


def test_every_page_says_how_it_is_cited_and_which_version_it_is(site: Path) -> None:
    keys = []
    for path in pages(site):
        page = soup(path)
        fold = page.select_one("article > details.lt-cite")
        address = page.select_one("link[rel=canonical]")["href"]
        assert fold.a["href"] == fold.a.get_text() == address
        assert fold.summary.get_text() == words(page.html["lang"]).cite
        entry = fold.code.get_text()
        key, fields = re.fullmatch(r"@misc\{([\w-]+),\n(.*)\n\}", entry, re.DOTALL).groups()
        found_fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", fields, re.MULTILINE))
        assert len(found_fields) == len(fields.splitlines())
        assert set(found_fields) == {"author", "title", "howpublished", "year", "url", "langid"}
        assert found_fields["url"] == address
        assert entry.count("{") == entry.count("}")
        assert version(ROOT) in fold.p.get_text()
        assert version(ROOT) in page.select_one(".md-copyright:last-child").get_text()
        keys.append(key)
    assert len(keys) == len(set(keys))


def test_a_first_load_is_light(site: Path) -> None:
    for folder in LANGUAGES.values():
        for path in sorted((site / folder / "handbook").glob("*.html")):
            weights = first_load(path)
            assert weights.pop(FONTS) <= ALLOWED_FONTS
            assert sum(weights.values()) <= ALLOWED_FIRST_LOAD, f"{path.name}: {weights}"


def test_each_language_searches_its_own_pages(site: Path) -> None:
    indexes = {
        language: json.loads((site / folder / "search/search_index.json").read_text("utf-8"))
        for language, folder in LANGUAGES.items()
    }
    for language, index in indexes.items():
        assert index["config"]["lang"] == [language]
        words = " ".join(doc["text"] for doc in index["docs"]).split()
        assert ("porque" in words) == (language == "es")
        scripts = site / LANGUAGES[language] / "assets/javascripts"
        assert (scripts / "search/worker.js").is_file()
        assert not (scripts / "lunr").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# T\n\n$\\frac{1}$\n", r"invalid formula \$\\frac\{1\}\$"),
        ("# T\n\n/// figure | none\nA\n///\n", "no figure is named none"),
    ],
)
def test_a_wrong_page_stops_the_build_with_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BuildError, match=f"^docs/en: Error reading page 'index.md': {said}[^\n]*$"):
        build_sites(one_page_project(tmp_path, text), tmp_path / "site")


def test_an_unknown_need_stops_the_build(tmp_path: Path) -> None:
    root = one_page_project(tmp_path, "---\nlevel: easy\nneeds: [99-nothing]\n---\n# T\n", "handbook/00-a.md")
    with pytest.raises(BuildError, match=r"handbook/00-a.md.*no section 99-nothing"):
        build_sites(root, root / "site")


BROKEN = {
    "anchor": ("[here](#nowhere)", "Doc file 'index.md' contains a link '#nowhere', but there is no such anchor"),
    "page": ("[there](nowhere.md)", "Doc file 'index.md' contains a link 'nowhere.md', but the target is not found"),
    "image": ("![A](a.png)", "Doc file 'index.md' contains a link 'a.png', but the target is not found"),
}
COMMANDS = {
    "make site": ["-m", "handbook.site"],
    "handbook book": ["-m", "handbook", "book", "--epub"],
    "mkdocs build": ["-m", "mkdocs", "build", "--strict", "--quiet"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("broken", ["anchor", "page"])
def test_every_way_to_build_ends_at_a_broken_link_and_names_it(tmp_path: Path, command: str, broken: str) -> None:
    link, said = BROKEN[broken]
    root = one_page_project(tmp_path, f"# T\n\n{link}\n")
    ended = subprocess.run([sys.executable, *COMMANDS[command]], cwd=root, capture_output=True, text=True)
    assert ended.returncode == 1
    assert said in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_link_is_named_with_its_language(tmp_path: Path, broken: str) -> None:
    link, said = BROKEN[broken]
    root = one_page_project(tmp_path, "# T\n")
    (root / "docs/es/index.md").write_text(f"# T\n\n{link}\n", "utf-8")
    with pytest.raises(BuildError, match=f"^docs/es: {re.escape(said)}"):
        build_sites(root, root / "site")


GENERATOR = re.compile(r'<meta name="generator" content="[^"]*">')


@pytest.mark.skipif(find_spec("properdocs") is None, reason="properdocs is not installed")
def test_properdocs_builds_both_languages_as_mkdocs_does_but_for_its_name(site: Path, tmp_path: Path) -> None:
    into = tmp_path / "site"
    for language, folder in LANGUAGES.items():
        command = ["build", "--strict", "--quiet", "-f", str(ROOT / FILES[language]), "-d", str(into / folder)]
        done = subprocess.run([sys.executable, "-m", "properdocs", *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert {path.relative_to(into) for path in pages(into)} == {path.relative_to(site) for path in pages(site)}
    for path in pages(site):
        ours, theirs = (one.read_text("utf-8") for one in (path, into / path.relative_to(site)))
        assert "ProperDocs" in GENERATOR.search(theirs)[0]
        assert GENERATOR.sub("", theirs) == GENERATOR.sub("", ours)


# What makes a page of the handbook: Zensical must render each as MkDocs does.
SAME = [
    ".lt-question",
    ".lt-trap",
    ".lt-proof",
    ".lt-quiz",
    ".lt-explorer__still",
    ".lt-figure",
    ".lt-block",
    ".lt-pin",
    ".lt-math",
    "table",
]

# What the page on the afterlife says would be lost: of a section, and of the site.
LOST = [
    ".lt-meta",
    ".lt-number-of",
    ".lt-explorer__start",
    "[http-equiv=Content-Security-Policy]",
    "[type='application/ld+json']",
    ".lt-cite",
]
LOST_FILES = [
    "assets/social/handbook/*.png",
    "notebooks/*.html",
    "labs/*.ipynb",
    "labs/*.zip",
    "assets/*.apkg",
    "handbook/*.md",
    "llms.txt",
    "*.whl",
]


@pytest.mark.skipif(find_spec("zensical") is None, reason="zensical is not installed")
def test_zensical_renders_both_languages_as_mkdocs_does(site: Path, tmp_path: Path) -> None:
    for part in ("docs", "snippets", "src/minimodel", "src/handbook/labs", "src/handbook/site"):
        if (ROOT / part).exists():
            shutil.copytree(ROOT / part, tmp_path / part)
    for language, folder in LANGUAGES.items():
        # Zensical joins the lists of an inherited file instead of replacing them, so it gets one file.
        config = tmp_path / f"{language}.yml"
        config.write_text(yaml.safe_dump(settings(ROOT, language), allow_unicode=True), "utf-8")
        command = [sys.executable, "-m", "zensical", "build", "--strict", "-f", str(config)]
        built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert built.returncode == 0, built.stdout + built.stderr
        for path in sorted((site / folder / "handbook").glob("*.html")):
            ours = soup(path).article
            theirs = parsed(tmp_path / "site" / folder / "handbook" / path.name).article
            for selector in SAME:
                assert _parts(theirs, selector) == _parts(ours, selector), f"{path.name}: {selector}"
        ours, theirs = soup(site / folder / SECTION), parsed(tmp_path / "site" / folder / SECTION)
        for selector in LOST:
            assert ours.select(selector), selector
            assert not theirs.select(selector), selector
        for pattern in LOST_FILES:
            assert any((site / folder).glob(pattern)) or (folder and pattern == "*.whl"), pattern
            assert not any((tmp_path / "site" / folder).glob(pattern)), pattern


def _parts(article: BeautifulSoup, selector: str) -> list[str]:
    # Zensical takes data-search-exclude out once it has built its index; a pin's line comes when a page is finished.
    return [re.sub(r' data-(?:search-exclude=""|line="\d+")', "", str(part)) for part in article.select(selector)]


def test_every_page_is_there_as_plain_markdown_with_its_snippets_expanded(site: Path) -> None:
    for folder in LANGUAGES.values():
        listed = (site / folder / "llms.txt").read_text("utf-8")
        for page in pages(site / folder):
            if folder or "es" not in page.relative_to(site).parts[:1]:
                text = page.with_suffix(".md")
                assert text.is_file()
                assert "--8<--" not in text.read_text("utf-8")
                assert f"({text.relative_to(site / folder).as_posix()}): " in listed
        assert "def causal_allowed(" in (site / folder / "handbook/02-causal-mask.md").read_text("utf-8")


def test_of_materials_palettes_ours_stays(site: Path) -> None:
    (palette,) = site.glob("assets/stylesheets/palette.*.css")
    styles = palette.read_text("utf-8")
    assert "[data-md-color-scheme=slate]{color-scheme:dark" in styles
    assert not re.search("switching|indigo|teal", styles)


def test_scripts_and_styles_are_minified_and_keep_their_licences(site: Path) -> None:
    assets = site / "assets"
    styles = (assets / "stylesheets/handbook.css").read_text("utf-8")
    assert "/*" not in styles
    assert "@import" not in styles
    assert ".lt-pin" in styles
    assert "MIT" in (assets / "javascripts/iframe-worker.js").read_text("utf-8")
    ours = ROOT / "src/handbook/site/theme/assets/javascripts/run.js"
    assert (assets / "javascripts/run.js").stat().st_size < 0.8 * ours.stat().st_size
