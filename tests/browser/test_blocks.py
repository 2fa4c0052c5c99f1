"""Quizzes answer, numbers show their expression, folds open: mouse, keyboard, touch, and no script."""

from urllib.parse import parse_qs, urlsplit

import pytest

SECTION = "handbook/02-causal-mask.html"


@pytest.fixture
def section(base, tab):
    with tab(base) as page:
        page.goto(base + SECTION)
        yield page
        assert page.wrong == []


def test_a_wrong_option_says_so_and_shows_what_settles_it(section):
    quiz = section.locator(".lt-quiz").first
    wrong = quiz.locator("li[data-ticked=false]").first
    wrong.click()
    assert "is wrong" in wrong.locator("[role=status]").inner_text()
    assert "→ False" in wrong.locator("[role=status]").inner_text()
    assert quiz.locator(".lt-quiz__answer").get_attribute("open") is None


def test_a_right_option_opens_the_explanation_by_keyboard_too(section):
    quiz = section.locator(".lt-quiz").first
    right = quiz.locator("li[data-ticked=true]")
    right.locator("button").focus()
    section.keyboard.press("Enter")
    assert "is right" in right.locator("[role=status]").inner_text()
    assert right.locator("button").get_attribute("aria-pressed") == "true"
    assert quiz.locator(".lt-quiz__answer p").first.is_visible()


def test_every_option_has_a_letter_and_a_description(section):
    for option in section.locator(".lt-quiz__options > li").all():
        button = option.locator("button")
        described = button.get_attribute("aria-describedby")
        assert button.inner_text() in "ABCDEF"
        assert section.locator(f"#{described}").count() == 1


def test_a_number_shows_its_expression_on_focus_and_hides_it_on_escape(section):
    pin = section.locator("article p a.lt-pin").first
    pin.focus()
    tip = section.locator("#lt-tip")
    assert tip.is_visible()
    assert pin.get_attribute("data-is") in tip.inner_text()
    assert pin.get_attribute("aria-describedby") == "lt-tip"
    section.keyboard.press("Escape")
    assert tip.is_hidden()
    assert pin.get_attribute("aria-describedby") is None


def test_a_number_leads_to_the_block_that_computed_it(section):
    pin = section.locator("article p a.lt-pin").first
    pin.focus()
    section.keyboard.press("Enter")
    target = pin.get_attribute("href")
    assert section.url.endswith(target)
    assert section.locator(f"{target}:target").count() == 1


def test_a_number_shows_its_expression_under_the_mouse(section):
    section.locator("article p a.lt-pin").first.hover()
    assert section.locator("#lt-tip").is_visible()
    section.mouse.move(2, 400)
    section.wait_for_selector("#lt-tip", state="hidden")


def test_a_touch_shows_the_expression_and_a_second_one_follows_the_link(base, tab):
    with tab(base, size=(360, 740), has_touch=True) as page:
        page.goto(base + SECTION)
        pin = page.locator("article p a.lt-pin").first
        pin.tap()
        tip = page.locator("#lt-tip")
        assert tip.is_visible()
        box = tip.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert "#" not in page.url
        pin.tap()
        page.wait_for_url(f"**{pin.get_attribute('href')}")
        assert page.wrong == []


def fields(link):
    """What a link fills into the form that it opens."""
    return {name: value for name, (value,) in parse_qs(urlsplit(link.get_attribute("href")).query).items()}


def test_a_number_can_be_doubted_with_its_place_and_expression(section):
    pin = section.locator("article p a.lt-pin").first
    pin.focus()
    link = section.locator("#lt-tip .lt-doubt")
    filled = fields(link)
    assert filled["place"] == f"docs/en/handbook/02-causal-mask.md:{pin.get_attribute('data-line')}"
    assert filled["claim"] == f"{pin.text_content()} = {pin.get_attribute('data-is')}"
    assert filled["template"] == "wrong-fact.en.yml"
    assert filled["version"]
    section.evaluate("addEventListener('click', (event) => { event.preventDefault(); window.at = event.target.href })")
    link.click()  # the pin loses the focus to it, and the tip must not close under the pointer
    assert section.evaluate("window.at") == link.get_attribute("href")


def test_an_answer_can_be_doubted_once_it_is_open(section):
    question = section.locator(".lt-question").first
    assert question.locator(".lt-doubt").count() == 0
    question.locator("> summary").click()
    link = question.locator(".lt-doubt")
    link.wait_for()
    assert fields(link)["place"] == f"docs/en/handbook/02-causal-mask.md:#{question.get_attribute('id')}"
    question.locator("> summary").click()
    question.locator("> summary").click()
    assert question.locator(".lt-doubt").count() == 1


def test_a_link_into_a_fold_opens_it(base, tab):
    with tab(base) as page:
        page.goto(base + SECTION)
        inside = page.locator(".lt-proof .lt-block").first.get_attribute("id")
        page.goto("about:blank")
        page.wrong.clear()
        page.goto(f"{base}{SECTION}#{inside}")
        page.wait_for_selector(f"#{inside}", state="visible")


def test_a_link_behind_a_tab_opens_it(section):
    hidden = section.locator(".tabbed-block:nth-child(2) .lt-block").first
    assert hidden.is_hidden()
    section.evaluate("id => { location.hash = id }", hidden.get_attribute("id"))
    hidden.wait_for(state="visible")


def test_without_script_everything_can_be_read(base, tab):
    with tab(base, java_script_enabled=False) as page:
        page.goto(base + SECTION)
        question = page.locator(".lt-question").first
        question.locator("> summary").click()
        assert question.locator(".lt-trap").is_visible()
        question.locator(".lt-proof > summary").click()
        assert question.locator(".lt-proof .lt-block").is_visible()
        quiz = page.locator(".lt-quiz").first
        assert quiz.locator(".lt-quiz__options > li").first.is_visible()
        assert quiz.locator(".lt-verdict").first.is_hidden()
        quiz.locator(".lt-quiz__answer > summary").click()
        assert quiz.locator(".lt-verdict").first.is_visible()
        assert page.locator("math").first.is_visible()
        assert page.locator(".lt-svg").first.is_visible()
        pin = page.locator("article p a.lt-pin").first
        pin.focus()
        shown = pin.evaluate("pin => getComputedStyle(pin, '::after').content")
        assert pin.get_attribute("data-is") in shown
        pin.click()
        assert page.url.endswith(pin.get_attribute("href"))
        assert page.wrong == []


def test_the_bank_is_filtered_by_level_and_topic(base, tab):
    with tab(base) as page:
        page.goto(f"{base}practice/interview-bank.html")
        items = page.locator(".lt-bank li")
        everything = items.count()
        page.get_by_label("Any level").select_option("hard")
        shown = page.locator(".lt-bank li:visible")
        assert 0 < shown.count() < everything
        assert {item.get_attribute("data-level") for item in shown.all()} == {"hard"}
        page.get_by_label("Any topic").select_option(shown.first.get_attribute("data-topic"))
        assert len({item.get_attribute("data-topic") for item in shown.all()}) == 1
        page.get_by_label("Any level").select_option("")
        page.get_by_label("Any topic").select_option("")
        assert shown.count() == everything
        assert page.wrong == []


@pytest.mark.parametrize("again", ["back", "reload"])
def test_the_bank_is_found_as_it_was_left(base, tab, again):
    with tab(base) as page:
        page.goto(f"{base}practice/interview-bank.html")
        menus = page.locator(".lt-bank__filter")
        menus.nth(0).select_option("hard")
        shown = page.locator(".lt-bank li:visible")
        before = shown.all_text_contents()
        if again == "back":
            shown.first.locator("a").first.click()
            page.wait_for_url("**/handbook/**")
            page.go_back()
        else:
            page.reload()
        page.locator(".lt-bank__filters").wait_for()
        assert menus.nth(0).input_value() == "hard"
        assert shown.all_text_contents() == before
        assert page.wrong == []
