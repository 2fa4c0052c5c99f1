"""The whole handbook on a device: asked for, kept, read with the server stopped, renewed, and gone again."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from handbook.site.assets.runtime.fetch import cached
from handbook.site.exports import bundle, offline
from handbook.site.markdown.render import ROOT
from tests.browser.conftest import until
from tests.browser.serving import BriefHandler, Server

FOLDERS = {"en": "", "es": "es/"}
OFFER = {"en": "Keep the handbook on this device", "es": "Guardar el manual en este dispositivo"}
KEEP = {"en": "Keep it", "es": "Guardarlo"}
REMOVE = {"en": "Remove it", "es": "Quitarlo"}
KEPT_BYTES = """(async () => {
  const cache = await caches.open("lower-triangle-1");
  const kept = (await cache.keys()).filter(({ url }) => !url.endsWith("offline.json"));
  const bodies = await Promise.all(kept.map(async (one) => (await cache.match(one)).arrayBuffer()));
  return bodies.reduce((sum, body) => sum + body.byteLength, 0);
})()"""
# How far the icon is from the mark it was drawn from, of 255, on the average; edges are drawn in more than one way.
APART = """(async () => {
  const pixels = await Promise.all(["mark.svg", "mark-512.png"].map(async (name) => {
    const image = Object.assign(new Image(512, 512), { src: `assets/images/${name}` });
    await image.decode();
    const canvas = new OffscreenCanvas(512, 512).getContext("2d");
    canvas.drawImage(image, 0, 0, 512, 512);
    return canvas.getImageData(0, 0, 512, 512).data;
  }));
  return pixels[0].reduce((sum, value, at) => sum + Math.abs(value - pixels[1][at]), 0) / pixels[0].length;
})()"""
KEPT_FILES = """(async () => (await (await caches.open("lower-triangle-1")).keys()).map(({ url }) => url))()"""


class Copy(Server):
    """A copy of the site, to be changed, and served until it is stopped."""

    def __init__(self, site, folder):
        self.root = folder / "site"
        shutil.copytree(site, self.root)
        super().__init__(self.root, BriefHandler)


@pytest.fixture
def server(site, tmp_path):
    made = Copy(site, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def reader(server, tab):
    with tab(server.address) as page:
        page.set_default_timeout(120_000)
        yield page


def listed(server, folder=""):
    return json.loads((server.root / folder / offline.LIST).read_text("utf-8"))


def press(page, name):
    page.locator(".lt-keep").get_by_role("button", name=name, exact=True).click()


def keep(page, language="en"):
    press(page, OFFER[language])
    press(page, KEEP[language])
    page.locator(".lt-keep").get_by_role("button", name=REMOVE[language]).wait_for()


def search(page, word):
    field = page.locator(".md-search__input")
    field.click()
    field.press_sequentially(word)
    page.wait_for_selector(".md-search-result__item a")


def run_the_first_block(page):
    """Where Python has been fetched for the browser."""
    if cached(ROOT):
        page.locator("#block-1 .lt-run__button--run").click()
        page.locator("#block-1 ~ .lt-run__result .lt-run__verdict--same").first.wait_for()


@pytest.mark.parametrize("language", FOLDERS)
def test_after_asking_and_keeping_the_handbook_needs_no_server(server, reader, language):
    folder = FOLDERS[language]
    page = reader
    page.goto(f"{server.address}{folder}index.html")
    press(page, OFFER[language])
    said = page.locator(".lt-keep__status")
    said.wait_for()
    size = listed(server, folder)["bytes"]
    assert f" {size / 1e6:.1f} MB" in said.inner_text()
    assert page.evaluate("caches.keys()") == []
    press(page, KEEP[language])
    page.locator(".lt-keep").get_by_role("button", name=REMOVE[language]).wait_for()
    assert page.evaluate(KEPT_BYTES) == size
    server.stop()
    for path in ("index.html", "handbook/17-kv-cache.html", "practice/exam.html", "reference/glossary.html", ""):
        page.goto(server.address + folder + path)
        assert page.locator("html").get_attribute("lang") == language
        search(page, "softmax")
    page.goto(f"{server.address}{folder}handbook/02-causal-mask.html?h=mask")
    for start in page.locator(".lt-explorer__start").all():
        start.click()
    page.locator(".lt-explorer__panel").first.wait_for()
    run_the_first_block(page)
    assert [one for one in page.wrong if "ERR_CONNECTION_REFUSED" not in one] == []


@pytest.mark.skipif(cached(ROOT) is None, reason="the runtime has not been fetched: make runtime")
def test_a_block_that_ran_keeps_its_page_and_not_the_handbook(server, reader):
    page = reader
    page.goto(f"{server.address}handbook/02-causal-mask.html?h=mask")
    press(page, OFFER["en"])
    page.locator(".lt-keep__status").wait_for()
    run_the_first_block(page)
    until(page, "caches.match(location.href.split('?')[0]).then(Boolean)")
    assert f"{server.address}{offline.LIST}" not in page.evaluate(KEPT_FILES)
    server.stop()
    page.reload()
    run_the_first_block(page)


def test_what_is_removed_leaves_nothing(server, reader):
    page = reader
    page.goto(f"{server.address}index.html")
    keep(page)
    press(page, REMOVE["en"])
    page.get_by_text("Removed.").wait_for()
    assert page.evaluate("caches.keys()") == []
    page.reload()
    page.get_by_role("button", name=OFFER["en"]).wait_for()


def test_two_languages_share_what_both_need(server, reader):
    page = reader
    page.goto(f"{server.address}index.html")
    keep(page)
    page.goto(f"{server.address}es/index.html")
    keep(page, "es")
    urls = page.evaluate(KEPT_FILES)
    english, spanish = listed(server)["files"], listed(server, "es")["files"]
    shared = [path for path in spanish if path.startswith("../")]
    assert len(urls) == len(set(urls)) == len(english) + len(spanish) - len(shared) + 2
    page.goto(f"{server.address}index.html")
    press(page, REMOVE["en"])
    page.get_by_text("Removed.").wait_for()
    left = set(page.evaluate(KEPT_FILES))
    assert {f"{server.address}es/{path}" for path in spanish if path not in shared} <= left
    assert {f"{server.address}{path.removeprefix('../')}" for path in shared} <= left
    assert not {f"{server.address}{path}" for path in english if path.endswith(".html")} & left


def test_with_both_languages_kept_the_switch_keeps_its_place_with_no_server(server, reader):
    page = reader
    page.goto(f"{server.address}index.html")
    keep(page)
    page.goto(f"{server.address}es/index.html")
    keep(page, "es")
    server.stop()
    page.goto(f"{server.address}handbook/17-kv-cache.html#used")
    page.wait_for_timeout(500)
    for language, folder in (("es", "es/"), ("en", "")):
        page.locator("a.lt-language").click()
        page.wait_for_url(f"{server.address}{folder}handbook/17-kv-cache.html#used")
        assert page.locator("html").get_attribute("lang") == language
        until(page, "Math.abs(document.getElementById('used').getBoundingClientRect().top - 72) < 30", 10)


@pytest.mark.parametrize("language", FOLDERS)
def test_with_no_server_an_address_that_leads_nowhere_says_so(server, reader, language):
    page = reader
    page.goto(f"{server.address}{FOLDERS[language]}index.html")
    keep(page, language)
    server.stop()
    answered = page.goto(f"{server.address}{FOLDERS[language]}handbook/no-such-page.html")
    assert answered.status == 404
    assert page.locator("h1").inner_text() == "404"
    page.locator(f"[lang={language}] a").first.click()
    page.wait_for_url(f"{server.address}{FOLDERS[language]}index.html")


def test_a_new_build_takes_the_place_of_the_old(server, reader):
    page = reader
    page.goto(f"{server.address}index.html")
    keep(page)
    glossary = server.root / "reference/glossary.html"
    glossary.write_text(glossary.read_text("utf-8").replace("</h1>", " renewed</h1>", 1), "utf-8")
    (server.root / "practice/exam.html").unlink()
    offline.write(server.root, FOLDERS)
    page.goto(f"{server.address}handbook/02-causal-mask.html")
    until(page, "caches.match(new URL('../practice/exam.html', location.href)).then((gone) => !gone)")
    until(
        page,
        "Promise.all([caches.match(new URL('../offline.json', location.href)).then((one) => one.text()),"
        " fetch('../offline.json').then((one) => one.text())]).then(([kept, now]) => kept === now)",
    )
    server.stop()
    page.goto(f"{server.address}reference/glossary.html")
    assert "renewed" in page.locator("h1").inner_text()


def test_a_file_that_is_not_what_the_list_says_is_not_kept(server, reader):
    page = reader
    glossary = server.root / "reference/glossary.html"
    whole = glossary.read_bytes()
    glossary.write_bytes(whole[:-100])
    page.goto(f"{server.address}index.html")
    press(page, OFFER["en"])
    press(page, KEEP["en"])
    page.get_by_text("Not everything came.").wait_for()
    kept = page.evaluate(KEPT_FILES)
    assert f"{server.address}reference/glossary.html" not in kept
    assert f"{server.address}{offline.LIST}" not in kept
    glossary.write_bytes(whole)
    press(page, KEEP["en"])
    page.locator(".lt-keep").get_by_role("button", name=REMOVE["en"]).wait_for()
    assert page.evaluate(KEPT_BYTES) == listed(server)["bytes"]


def test_the_icon_shows_the_mark(http, tab):
    with tab(http) as page:
        page.goto(f"{http}index.html")
        assert page.evaluate(APART) < 0.1


def test_the_zip_is_offered_where_there_is_one(server, reader):
    page = reader
    page.goto(f"{server.address}es/handbook/02-causal-mask.html")
    press(page, OFFER["es"])
    page.locator(".lt-keep__status").wait_for()
    assert page.locator(".lt-keep__zip").count() == 0
    written = bundle.write(server.root, FOLDERS)
    page.reload()
    press(page, OFFER["es"])
    link = page.locator(".lt-keep__zip")
    link.wait_for()
    assert f"({written.stat().st_size / 1e6:.1f} MB)" in link.inner_text()
    with page.expect_download() as begun:
        link.click()
    assert Path(begun.value.path()).read_bytes() == written.read_bytes()
    assert page.wrong == []


def test_the_zip_opens_from_a_folder(server, tab, tmp_path):
    with zipfile.ZipFile(bundle.write(server.root, FOLDERS)) as archive:
        archive.extractall(tmp_path / "unzipped")
    base = f"{(tmp_path / 'unzipped' / 'lower-triangle').as_uri()}/"
    with tab(base) as page:
        page.set_default_timeout(120_000)
        for folder in FOLDERS.values():
            page.goto(f"{base}{folder}index.html")
            search(page, "softmax")
            page.locator(".md-search-result__item a").first.click()
            page.wait_for_url(f"{base}{folder}**/*.html*")
            page.goto(f"{base}{folder}handbook/02-causal-mask.html")
            run_the_first_block(page)
        assert page.wrong == []


def test_nobody_is_offered_what_cannot_be(site, http, tab):
    without = "Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined })"
    for base, script in ((f"{site.as_uri()}/", ""), (http, without)):
        with tab(base) as page:
            page.add_init_script(script)
            page.goto(f"{base}index.html")
            assert page.get_by_role("button", name=OFFER["en"]).count() == 0
            assert page.wrong == []


@pytest.mark.parametrize("language", FOLDERS)
def test_a_browser_would_install_it(http, tab, language):
    with tab(http) as page:
        page.goto(f"{http}{FOLDERS[language]}handbook/02-causal-mask.html")
        session = page.context.new_cdp_session(page)
        told = session.send("Page.getAppManifest")
        assert told["errors"] == []
        assert told["url"] == f"{http}{FOLDERS[language]}{offline.MANIFEST}"
        errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert [one["errorId"] for one in errors if one["errorId"] != "in-incognito"] == []
        assert page.wrong == []
