"""The evening before an interview: from the top of the first page to lessons, practice and paper."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE, until

FOLDERS = pytest.mark.parametrize("folder", ["", "es/"], ids=["en", "es"])
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
EVENING = (60, 90)
"""Minutes."""
MINUTES = "[...document.querySelectorAll('.lt-evening li .lt-minutes')].map((one) => Number(one.textContent))"
ALL = "Number(/\\d+(?= min)/.exec(document.querySelector('.lt-evening__all').textContent)[0])"
SHIFT = """new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.value)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""


@FOLDERS
@SIZES
def test_two_taps_lead_from_the_first_page_to_the_first_lesson_of_tonight(base, tab, folder, size):
    with tab(base, size=size) as page:
        page.goto(f"{base}{folder}index.html")
        way = page.locator(".lt-opening a[href='#tomorrow']")
        assert way.is_visible()
        assert way.bounding_box()["y"] < size[1]
        way.click()
        lesson = page.locator(".lt-evening li a").first
        until(page, "document.querySelector('#tomorrow').getBoundingClientRect().top < 200", 5)
        lesson.click()
        page.wait_for_url(f"{base}{folder}handbook/00-in-five-minutes.html")
        assert page.wrong == []


@FOLDERS
def test_the_lessons_of_tonight_take_what_their_pages_say_and_an_evening_in_all(http, tab, folder):
    with tab(http) as page:
        page.goto(f"{http}{folder}index.html")
        minutes = page.evaluate(MINUTES)
        assert page.evaluate(ALL) == sum(minutes)
        assert EVENING[0] <= sum(minutes) <= EVENING[1]
        lessons = page.eval_on_selector_all(".lt-evening li a", "links => links.map((link) => link.href)")
        for lesson, taken in zip(lessons, minutes, strict=True):
            page.goto(lesson)
            assert f" {taken} min " in f" {page.locator('.lt-meta').inner_text().replace(chr(10), ' ')} "


@FOLDERS
def test_what_was_read_tonight_is_ticked_and_the_rest_counted(base, tab, folder):
    with tab(base, size=PHONE) as page:
        page.goto(f"{base}{folder}index.html")
        minutes = page.evaluate(MINUTES)
        page.locator(".lt-evening li a").first.click()
        page.wait_for_url("**/00-in-five-minutes.html")
        page.wait_for_load_state()
        page.evaluate("document.documentElement.classList.remove('lt-later')")
        for _ in range(60):
            page.mouse.wheel(0, 500)
            page.wait_for_timeout(60)
        until(page, "Object.keys(window.handbook.progress.get().pages).length === 1", 5)
        page.goto(f"{base}{folder}index.html")
        assert page.locator(".lt-evening .lt-read").count() == 1
        assert page.evaluate(ALL) == sum(minutes[1:])
        assert page.wrong == []


@FOLDERS
def test_the_exam_opens_with_ten_questions_chosen(base, tab, folder):
    with tab(base, size=PHONE) as page:
        page.goto(f"{base}{folder}index.html")
        page.locator("article a[href*='exam.html?']").click()
        page.wait_for_url("**/exam.html?number=10")
        assert page.locator("select[name=number]").input_value() == "10"
        assert page.locator("select[name=section]").input_value() == ""
        page.goto(f"{base}{folder}practice/exam.html?number=7&nothing=1")  # neither is a choice
        assert page.locator("select[name=number]").input_value() == "5"
        assert page.wrong == []


@FOLDERS
def test_everybody_for_whom_the_handbook_is_has_somewhere_to_go(base, tab, folder):
    with tab(base) as page:
        page.goto(f"{base}{folder}index.html")
        readers = page.locator("#readers + ul > li").all()
        assert len(readers) == 3
        assert all(reader.locator("a").count() for reader in readers)


@FOLDERS
@SIZES
def test_a_press_sets_the_mask_of_the_first_page_in_motion_and_nothing_moves_before(base, tab, folder, size):
    with tab(base, size=size) as page:
        page.goto(f"{base}{folder}index.html")
        assert page.evaluate(SHIFT) == 0
        explorer = page.locator(".lt-opening mask-explorer")
        assert explorer.locator("svg").is_visible()
        assert page.locator(".lt-opening pre").count() == 0
        explorer.locator(".lt-explorer__start").click()
        explorer.locator(".lt-explorer__panel select").first.wait_for()
        assert explorer.locator("td.lt-cell--blocked").count() > 0
        explorer.locator("select").nth(1).select_option("none")
        assert explorer.locator("td.lt-cell--blocked").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.wrong == []
