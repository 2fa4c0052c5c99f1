"""The exam, the cards and the progress: mouse, keyboard, touch, both languages, no script, no storage."""

import json
import re

import pytest

from tests.browser.conftest import PHONE, until

EXAM = "practice/exam.html"
CARDS = "practice/flashcards.html"
PROGRESS = "practice/progress.html"
SECTION = "handbook/02-causal-mask.html"
# What reading `localStorage` does where the reader has forbidden it.
FORBIDDEN = """
for (const name of ["localStorage", "sessionStorage"]) {
  const get = () => { throw new DOMException("The operation is insecure.", "SecurityError"); };
  Object.defineProperty(window, name, { configurable: true, get });
}
"""
# What moved in the text after it was first painted.
MOVED = """() => new Promise((resolve) => {
  const moved = [];
  const text = document.querySelector("article");
  new PerformanceObserver((list) => {
    const nodes = list.getEntries().flatMap((entry) => entry.sources.map((source) => source.node));
    moved.push(...nodes.filter((node) => text.contains(node)).map((node) => node.className || node.nodeName));
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(moved), 500);
})"""


@pytest.fixture
def exam(http, tab):
    with tab(http) as page:
        page.goto(http + EXAM)
        yield page
        assert page.wrong == []


@pytest.fixture
def cards(http, tab):
    with tab(http) as page:
        page.goto(http + CARDS)
        yield page
        assert page.wrong == []


def kept(page):
    return json.loads(page.evaluate("localStorage.getItem('lower-triangle')") or "{}")


def begin(page, **chosen):
    for name, value in chosen.items():
        page.locator(f".lt-practice form [name={name}]").select_option(value)
    page.locator(".lt-practice form button[type=submit]").click()


def questions(page):
    return page.locator(".lt-exam__question").all()


def asked(page):
    """Each question in its turn, while it is the one that is shown."""
    for number, question in enumerate(questions(page)):
        if number:
            page.locator(".lt-practice__buttons button").last.click()
        yield question


def key(page, question):
    """The options of a question, each with whether it is right, as the section's quiz has them."""
    name = question.locator("input").first.get_attribute("name")
    ticked = [item.get_attribute("data-ticked") == "true" for item in page.locator(f"#{name} ol > li").all()]
    return list(zip(question.locator("input").all(), ticked, strict=True))


def answer(page, question, right=True):
    options = key(page, question)
    if right:
        for option, ticked in options:
            if ticked:
                option.check()
    else:
        next(option for option, ticked in options if not ticked).check()


def finish(page):
    page.get_by_role("button", name="Finish").click()


# The exam -----------------------------------------------------------------------


def test_an_exam_is_scored_and_names_what_to_reread(exam):
    begin(exam, number="5")
    assert len(questions(exam)) == 5
    for number, question in enumerate(asked(exam)):
        answer(exam, question, right=number > 1)
    missed = [question.locator("input").first.get_attribute("name") for question in questions(exam)[:2]]
    finish(exam)
    result = exam.locator(".lt-exam__result")
    assert result.locator(".lt-exam__score").inner_text() == "3 of 5 right"
    assert result.evaluate("result => result === document.activeElement")
    titles = {exam.locator(f"section:has(#{name}) .lt-bank__section").text_content() for name in missed}
    assert {link.inner_text() for link in result.locator("a").all()} == titles
    answers = exam.locator(".lt-exam__question .lt-quiz__answer")
    assert [one.get_attribute("open") is not None for one in answers.all()] == [True, True, False, False, False]
    quizzes = kept(exam)["quizzes"]
    assert sorted(quizzes.values()) == [False, False, True, True, True]
    assert {name for name, right in quizzes.items() if not right} == set(missed)


def test_what_to_reread_leads_to_the_section_and_to_the_quiz(exam):
    begin(exam, section="02-causal-mask", number="")
    for question in asked(exam):
        answer(exam, question, right=False)
    finish(exam)
    assert exam.locator(".lt-exam__score").inner_text() == f"0 of {len(questions(exam))} right"
    reread = exam.locator(".lt-exam__reread a")
    assert reread.count() == 1
    name = questions(exam)[0].locator("input").first.get_attribute("name")
    questions(exam)[0].locator(".lt-exam__where a").click()
    assert exam.url.endswith(f"{SECTION}#{name}")
    exam.locator(f"#{name}.lt-quiz").wait_for()


def test_the_choice_narrows_what_is_asked(exam):
    def able():
        return int(exam.locator(".lt-practice form [role=status]").inner_text().split()[-1])

    everything = able()
    assert everything == exam.locator(".lt-quiz").count()
    exam.locator("[name=level]").select_option("hard")
    hard = able()
    assert 0 < hard < everything
    exam.locator("[name=topic]").select_option("softmax")
    assert 0 < able() < hard
    begin(exam, number="")
    assert len(questions(exam)) <= hard
    for question in questions(exam):
        name = question.locator("input").first.get_attribute("name")
        quiz = exam.locator(f"#{name}")
        assert quiz.get_attribute("data-level") == "hard"
        assert "softmax" in quiz.get_attribute("data-topic").split()


def test_a_choice_of_nothing_cannot_be_begun(exam):
    exam.locator("[name=section]").select_option("00-in-five-minutes")
    exam.locator("[name=level]").select_option("hard")
    assert exam.locator(".lt-practice form [role=status]").inner_text().endswith(": 0")
    assert exam.locator(".lt-practice form button[type=submit]").is_disabled()


def test_which_questions_are_open_is_said_once_and_they_count_as_missed(exam):
    begin(exam, number="5")
    answer(exam, questions(exam)[0])
    finish(exam)
    said = exam.locator(".lt-practice__work [role=status]")
    assert said.inner_text() == "Not answered: 2 3 4 5. Finish all the same?"
    assert exam.locator(".lt-exam__result").count() == 0
    said.get_by_role("button", name="Question 4").click()
    assert (
        questions(exam)[3]
        .locator("fieldset")
        .evaluate("one => one === document.activeElement && one.checkVisibility()")
    )
    assert exam.locator(".lt-practice__where").inner_text() == "Question 4 of 5"
    finish(exam)
    assert exam.locator(".lt-exam__score").inner_text() == "1 of 5 right"
    assert exam.locator(".lt-exam__verdict", has_text="Not answered").count() == 4
    exam.get_by_role("button", name="Choose again").click()
    assert exam.locator(".lt-practice form").is_visible()
    assert exam.locator(".lt-exam__question").count() == 0


def test_several_right_options_must_all_be_marked(exam):
    begin(exam, section="06-shapes-as-types", number="")
    for question in asked(exam):
        if question.locator("[type=radio]").count():
            answer(exam, question)
            continue
        assert question.locator(".lt-exam__hint").is_visible()
        ticked = [option for option, right in key(exam, question) if right]
        assert len(ticked) == 2
        ticked[0].check()
    finish(exam)
    assert exam.locator(".lt-exam__score").inner_text() == "2 of 3 right"


def test_a_phone_shows_one_question_and_what_to_do_with_it_and_nothing_else(base, tab):
    with tab(base, size=PHONE, has_touch=True) as page:
        page.goto(base + EXAM)
        begin(page, number="5")
        for question in asked(page):
            shown = [one for one in questions(page) if one.is_visible()]
            assert len(shown) == 1
            assert page.locator("header.md-header").is_hidden()
            assert page.locator("article h1").bounding_box()["height"] <= 1  # for those who listen alone
            box = question.bounding_box()
            assert box["y"] >= 0
            bar = page.locator(".lt-practice__bar").bounding_box()
            assert bar["y"] + bar["height"] == PHONE[1]
            assert all(one.bounding_box()["height"] >= 44 for one in page.locator(".lt-practice__buttons button").all())
        finish(page)
        finish(page)
        assert page.locator("header.md-header").is_visible()
        page.goto(base + CARDS)
        begin(page, number="10")
        page.get_by_role("button", name="Show the answer").tap()
        bar = page.locator(".lt-practice__bar").bounding_box()
        assert bar["y"] + bar["height"] == PHONE[1]
        assert page.get_by_role("button", name="Not yet").is_visible()
        assert page.wrong == []


def test_a_reload_loses_nothing_of_an_exam_and_it_can_be_left_and_gone_on_with(base, tab):
    def state(page):
        return page.evaluate(
            "[...document.querySelectorAll('.lt-exam__question input')].map(one => [one.name, one.checked])"
        )

    with tab(base) as page:
        page.goto(base + EXAM)
        begin(page, number="5")
        for number, question in enumerate(asked(page)):
            if number < 3:
                answer(page, question)
            if number == 3:
                break
        before = state(page)
        assert sum(checked for _, checked in before) >= 3
        page.reload()
        assert state(page) == before
        assert page.locator(".lt-practice__where").inner_text() == "Question 4 of 5"
        page.get_by_role("button", name="Leave").click()
        page.reload()
        assert page.locator(".lt-practice form").is_visible()
        page.get_by_role("button", name="Go on where you were").click()
        assert state(page) == before
        finish(page)
        finish(page)
        assert page.locator(".lt-exam__score").inner_text() == "3 of 5 right"
        page.reload()
        assert page.locator(".lt-exam__score").inner_text() == "3 of 5 right"
        page.get_by_role("button", name="Choose again").click()
        assert page.get_by_role("button", name="Go on where you were").is_hidden()
        assert page.wrong == []


def test_what_was_missed_comes_again(exam):
    begin(exam, number="5")
    names = [question.locator("input").first.get_attribute("name") for question in questions(exam)]
    for number, question in enumerate(asked(exam)):
        answer(exam, question, right=number > 1)
    finish(exam)
    exam.get_by_role("button", name="Ask what you missed again").click()
    again = {question.locator("input").first.get_attribute("name") for question in questions(exam)}
    assert again == set(names[:2])
    exam.get_by_role("button", name="Leave").click()
    status = exam.locator(".lt-practice form [role=status]")
    assert status.inner_text().endswith("Missed before, and up to half of the exam: 2")
    begin(exam, number="5")
    drawn = {question.locator("input").first.get_attribute("name") for question in questions(exam)}
    assert set(names[:2]) < drawn


@pytest.mark.parametrize("rounds", ['"x"', "null", '{"exam": 3}', '{"exam": {"open": true, "asked": ["<b>", 4]}}'])
def test_a_round_that_cannot_be_understood_is_none(http, tab, rounds):
    with tab(http) as page:
        page.goto(http + EXAM)
        page.evaluate("text => localStorage.setItem('lower-triangle', text)", f'{{"rounds": {rounds}}}')
        page.reload()
        assert page.locator(".lt-practice form").is_visible()
        begin(page, number="5")
        assert len(questions(page)) == 5
        assert page.wrong == []


def test_the_mark_of_an_option_stands_on_its_first_line(http, tab):
    with tab(http, size=PHONE) as page:
        page.goto(http + EXAM)
        begin(page, number="")
        page.evaluate("for (const one of document.querySelectorAll('.lt-exam__question')) one.hidden = false")
        apart = page.evaluate("""() => [...document.querySelectorAll('.lt-exam__option')].map((option) => {
          const [input, , text] = option.children;
          const range = document.createRange();
          range.selectNodeContents(text);
          const [line] = range.getClientRects();
          const box = input.getBoundingClientRect();
          return Math.abs(box.top + box.height / 2 - line.top - line.height / 2);
        })""")
        assert max(apart) < 6


def test_an_exam_is_taken_by_keyboard_alone(exam):
    exam.locator("[name=section]").focus()
    for _ in range(4):
        exam.keyboard.press("Tab")
    exam.keyboard.press("Enter")
    assert exam.locator(".lt-exam__question fieldset").first.evaluate("one => one === document.activeElement")
    exam.keyboard.press("Tab")
    exam.keyboard.press("Space")
    assert questions(exam)[0].locator("input").first.is_checked()
    exam.keyboard.press("ArrowDown")
    if questions(exam)[0].locator("[type=radio]").count():
        assert questions(exam)[0].locator("input").nth(1).is_checked()


def test_the_quizzes_of_the_store_do_not_answer_by_themselves(exam):
    assert exam.locator(".lt-practice__pool .lt-quiz__pick").count() == 0
    assert exam.locator(".lt-practice__pool").is_hidden()


# The cards ----------------------------------------------------------------------


def turn(page, knew):
    page.get_by_role("button", name="Show the answer").click()
    page.get_by_role("button", name="I knew it" if knew else "Not yet").click()


def in_days(page, days):
    return page.evaluate(
        """days => {
          const then = new Date();
          then.setDate(then.getDate() + days);
          const parts = [then.getFullYear(), then.getMonth() + 1, then.getDate()];
          return parts.map((part) => `${part}`.padStart(2, "0")).join("-");
        }""",
        days,
    )


def test_a_card_shows_its_answer_when_it_is_turned(cards):
    begin(cards, section="02-causal-mask", number="10")
    first = cards.locator("section[data-section='02-causal-mask'] .lt-question").first
    assert cards.locator(".lt-card__question").inner_text() == first.locator(".lt-question__text").text_content()
    assert cards.locator(".lt-card__back").count() == 0
    cards.get_by_role("button", name="Show the answer").click()
    back = cards.locator(".lt-card__back")
    assert back.evaluate("back => back === document.activeElement")
    assert back.locator(".lt-trap").is_visible()
    link = back.locator("a").last
    assert link.get_attribute("href").endswith(f"{SECTION}#{first.get_attribute('id')}")


def test_known_cards_move_up_a_box_and_others_go_back_to_the_first(cards):
    begin(cards, section="01-next-token", number="")
    total = cards.locator("section[data-section='01-next-token'] .lt-question").count()
    turn(cards, knew=True)
    status = cards.locator(".lt-practice__work [role=status]")
    assert status.inner_text() == f"Comes back in 2 days. Cards left: {total - 1}"
    turn(cards, knew=False)
    assert status.inner_text() == f"Comes back tomorrow. Cards left: {total - 1}"
    for _ in range(total - 1):
        turn(cards, knew=True)
    assert cards.locator(".lt-exam__score").inner_text() == f"Done. Known at once: {total - 1} of {total}."
    boxes = [
        kept(cards)["cards"][one.get_attribute("id")]
        for one in cards.locator("section[data-section='01-next-token'] .lt-question").all()
    ]
    up, first = {"box": 2, "due": in_days(cards, 2)}, {"box": 1, "due": in_days(cards, 1)}
    assert boxes == [up, first, *[up] * (total - 2)]
    cards.get_by_role("button", name="Choose again").click()
    assert cards.locator(".lt-practice form [role=status]").inner_text() == "Due today: 0. New: 0."
    assert cards.locator(".lt-practice form button[type=submit]").is_disabled()


@pytest.mark.parametrize(("box", "knew", "after", "days"), [(3, True, 4, 8), (5, True, 5, 16), (4, False, 1, 1)])
def test_each_box_doubles_the_wait(http, tab, box, knew, after, days):
    with tab(http) as page:
        page.goto(http + CARDS)
        name = page.locator(".lt-question").first.get_attribute("id")
        stored = {"cards": {name: {"box": box, "due": in_days(page, 0)}}}
        page.evaluate("all => localStorage.setItem('lower-triangle', JSON.stringify(all))", stored)
        page.reload()
        assert page.locator(".lt-practice form [role=status]").inner_text().startswith("Due today: 1. ")
        begin(page, number="10")
        assert page.locator(".lt-card .lt-bank__about").inner_text().endswith(f"box {box}")
        turn(page, knew)
        assert kept(page)["cards"][name] == {"box": after, "due": in_days(page, days)}


def test_a_card_that_waits_is_not_dealt(http, tab):
    with tab(http) as page:
        page.goto(http + CARDS)
        name = page.locator(".lt-question").first.get_attribute("id")
        stored = {"cards": {name: {"box": 2, "due": in_days(page, 1)}}}
        page.evaluate("all => localStorage.setItem('lower-triangle', JSON.stringify(all))", stored)
        page.reload()
        total = page.locator(".lt-question").count()
        assert page.locator(".lt-practice form [role=status]").inner_text() == f"Due today: 0. New: {total - 1}."


def test_the_deck_is_there_in_both_languages(site):
    for folder, language in (("", "en"), ("es/", "es")):
        page = (site / f"{folder}practice/flashcards.html").read_text("utf-8")
        assert f'href="../assets/lower-triangle-{language}.apkg"' in page
        assert (site / f"{folder}assets/lower-triangle-{language}.apkg").stat().st_size > 10_000


# The progress -------------------------------------------------------------------


def row(page, slug):
    return [cell.inner_text() for cell in page.locator(f"tr[data-page='handbook/{slug}'] td").all()]


def test_a_section_is_read_when_all_of_it_was_on_the_screen_and_the_navigation_says_so(base, tab):
    with tab(base) as page:
        page.goto(base + SECTION)
        own = page.locator(".md-nav--primary a.md-nav__link[href$='01-next-token.html']")
        assert "pages" not in kept(page) or kept(page)["pages"] == {}
        page.locator("article > :not(script)").last.evaluate("end => end.scrollIntoView()")
        page.wait_for_timeout(500)
        assert kept(page).get("pages", {}) == {}
        for part in [*page.locator("article > h2").all(), page.locator("article > :not(script)").last]:
            part.evaluate("part => part.scrollIntoView()")
            page.wait_for_timeout(50)
        until(page, "JSON.parse(localStorage.getItem('lower-triangle') ?? '{}').pages?.['handbook/02-causal-mask']")
        page.goto(f"{base}es/{SECTION.replace('02-causal-mask', '01-next-token')}")
        marked = page.locator(".md-nav--primary a.lt-read")
        assert [link.get_attribute("href") for link in marked.all()] == ["02-causal-mask.html"]
        assert marked.text_content().split()[-1] == "(leída)"
        assert own.count() > 0
        assert page.wrong == []


def test_a_quiz_of_a_section_counts_its_first_try(http, tab):
    with tab(http) as page:
        page.goto(http + SECTION)
        first, second = (page.locator(".lt-quiz").nth(number) for number in (0, 1))
        first.locator("li[data-ticked=false]").first.click()
        first.locator("li[data-ticked=true]").click()
        second.locator("li[data-ticked=true]").click()
        page.goto(http + PROGRESS)
        assert row(page, "02-causal-mask")[1] == "1 / 3"
        assert kept(page)["quizzes"] == {
            "z-02-blocked": False,
            next(name for name in kept(page)["quizzes"] if name != "z-02-blocked"): True,
        }


def test_progress_is_exported_erased_and_brought_back(base, tab, tmp_path):
    with tab(base) as page:
        page.goto(base + EXAM)
        begin(page, section="02-causal-mask", number="")
        for question in asked(page):
            answer(page, question)
        finish(page)
        page.goto(base + PROGRESS)
        assert row(page, "02-causal-mask")[1] == "3 / 3"
        with page.expect_download() as download:
            page.get_by_role("button", name="Export as JSON").click()
        file = tmp_path / "progress.json"
        download.value.save_as(file)
        assert json.loads(file.read_text("utf-8")) == kept(page)
        erase = page.locator("button[name=erase]")
        erase.click()
        assert row(page, "02-causal-mask")[1] == "3 / 3"
        assert erase.inner_text() == "Really erase?"
        erase.click()
        assert row(page, "02-causal-mask")[1] == "0 / 3"
        assert not any(kept(page).values())
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_text("Imported.").wait_for()
        assert row(page, "02-causal-mask")[1] == "3 / 3"
        file.write_text("[1, 2]", "utf-8")
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_text("This file holds no progress").wait_for()
        assert row(page, "02-causal-mask")[1] == "3 / 3"
        assert page.wrong == []


def bring(page, content):
    file = {"name": "progress.json", "mimeType": "application/json", "buffer": content.encode()}
    page.locator("input[type=file]").set_input_files(file)


HERE = {
    "pages": {"handbook/01-next-token": "2026-02-01"},
    "quizzes": {"z-02-blocked": True},
    "cards": {"q-01-label": {"box": 3, "due": "2026-02-05"}},
}


@pytest.fixture
def progress(http, tab):
    """The page of a reader who has done something."""
    with tab(http) as page:
        page.goto(http + PROGRESS)
        page.evaluate("all => localStorage.setItem('lower-triangle', JSON.stringify(all))", HERE)
        page.reload()
        yield page
        assert page.wrong == []


@pytest.mark.parametrize(
    "content",
    [
        '{"pages": null, "cards": {}}',
        '{"pages": null}',
        "{}",
        "null",
        '{"pages": ["x"], "cards": {"q": {"box": 9, "due": "2026-02-05"}}}',
        '{"quizzes": {"q": "yes"}, "cards": {"q": {"box": 2, "due": "<b>soon</b>"}}}',
    ],
)
def test_a_file_without_progress_changes_nothing(progress, content):
    bring(progress, content)
    progress.get_by_text("This file holds no progress; nothing was changed.").wait_for()
    assert {part: kept(progress)[part] for part in HERE} == HERE


FILE = {
    "pages": {"handbook/01-next-token": "2026-01-01", "handbook/02-causal-mask": "2026-01-01"},
    "quizzes": {"z-02-blocked": False},
    "cards": {"q-01-label": {"box": 2, "due": "2026-03-01"}, "q-02-why": {"box": 2, "due": "2026-03-01"}},
}
BOTH = {
    "pages": FILE["pages"],
    "quizzes": {"z-02-blocked": True},
    "cards": {**FILE["cards"], **HERE["cards"]},
}


@pytest.mark.parametrize(
    ("way", "after"),
    [("Add to what is here", BOTH), ("Replace what is here", FILE), ("Cancel", HERE)],
)
def test_a_file_replaces_nothing_before_the_reader_has_said_so(progress, way, after):
    bring(progress, json.dumps(FILE))
    progress.get_by_text("Entries in the file: 5; here: 3.").wait_for()
    assert {part: kept(progress)[part] for part in HERE} == HERE
    progress.get_by_role("button", name=way).click()
    assert {part: kept(progress)[part] for part in HERE} == after


@pytest.mark.parametrize("stored", ["no JSON", "[]", '{"cards": {"q-01-label": 3}, "pages": "x", "quizzes": null}'])
def test_what_cannot_be_understood_is_no_progress(http, tab, stored):
    with tab(http) as page:
        page.goto(http + PROGRESS)
        page.evaluate("stored => localStorage.setItem('lower-triangle', stored)", stored)
        page.reload()
        assert row(page, "01-next-token") == ["–", "0 / 3", "0 / 5"]
        page.goto(http + CARDS)
        begin(page, number="10")
        turn(page, knew=True)
        assert len(kept(page)["cards"]) >= 1
        assert page.wrong == []


def test_a_reload_loses_nothing_of_a_deal_of_cards(cards):
    begin(cards, section="01-next-token", number="")
    total = cards.locator("section[data-section='01-next-token'] .lt-question").count()
    turn(cards, knew=False)
    turn(cards, knew=True)
    question = cards.locator(".lt-card__question").inner_text()
    cards.reload()
    assert cards.locator(".lt-card__question").inner_text() == question
    assert cards.locator(".lt-practice__work [role=status]").inner_text() == f"Cards left: {total - 1}"
    for _ in range(total - 1):
        turn(cards, knew=True)
    assert cards.locator(".lt-exam__score").inner_text() == f"Done. Known at once: {total - 1} of {total}."
    cards.reload()
    assert cards.locator(".lt-practice form").is_visible()


# Everybody ----------------------------------------------------------------------


def test_where_storage_is_forbidden_everything_works_until_the_page_is_left(base, tab):
    with tab(base) as page:
        page.add_init_script(FORBIDDEN)
        page.goto(base + SECTION)
        page.locator(".lt-quiz li[data-ticked=true]").first.click()
        assert page.locator(".lt-quiz__answer").first.get_attribute("open") is not None
        assert page.locator("body").get_attribute("data-md-color-primary") == "custom"
        page.goto(base + EXAM)
        begin(page, number="5")
        for question in asked(page):
            answer(page, question)
        finish(page)
        assert page.locator(".lt-exam__score").inner_text() == "5 of 5 right"
        page.goto(base + CARDS)
        begin(page, section="01-next-token", number="10")
        turn(page, knew=True)
        assert page.locator(".lt-practice__work [role=status]").inner_text().startswith("Cards left: ")
        for path in (EXAM, CARDS, PROGRESS):
            page.goto(base + path)
            assert page.locator(".lt-practice__kept").inner_text().startswith("This browser keeps nothing here")
            assert re.search(r"\b(is|are) kept\b", page.locator("article").first.inner_text()) is None
        assert page.wrong == []


def test_where_storage_is_full_everything_works(http, tab):
    with tab(http) as page:
        page.add_init_script(
            "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }"
        )
        page.goto(http + CARDS)
        begin(page, section="01-next-token", number="10")
        turn(page, knew=True)
        page.goto(http + PROGRESS)
        assert page.locator(".lt-practice__kept").inner_text().startswith("This browser keeps nothing here")
        assert page.wrong == []


def test_without_script_the_quizzes_and_questions_stand_in_the_page(base, tab):
    with tab(base, java_script_enabled=False) as page:
        page.goto(base + EXAM)
        assert page.locator(".lt-practice form").is_hidden()
        quiz = page.locator(".lt-quiz").first
        quiz.locator(".lt-quiz__answer > summary").click()
        assert quiz.locator(".lt-verdict").first.is_visible()
        page.goto(base + CARDS)
        assert page.locator(".lt-practice form").is_hidden()
        question = page.locator(".lt-question").first
        question.locator("> summary").click()
        assert question.locator(".lt-trap").is_visible()
        page.goto(base + PROGRESS)
        assert page.locator("tbody a").first.is_visible()
        assert page.locator("button[name=erase]").is_hidden()
        assert page.wrong == []


def test_spanish_pages_speak_spanish_by_touch_on_a_phone(base, tab):
    with tab(base, size=PHONE, has_touch=True) as page:
        page.goto(f"{base}es/{EXAM}")
        page.locator(".lt-practice form button[type=submit]").tap()
        for number, question in enumerate(questions(page)):
            if number:
                page.get_by_role("button", name="Siguiente").tap()
            question.locator("label").first.tap()
        page.get_by_role("button", name="Terminar").tap()
        assert page.locator(".lt-exam__score").inner_text().endswith(" de 5 correctas")
        page.goto(f"{base}es/{CARDS}")
        page.locator(".lt-practice form button[type=submit]").tap()
        page.get_by_role("button", name="Mostrar la respuesta").tap()
        page.get_by_role("button", name="La sabía").tap()
        assert (
            page.locator(".lt-practice__work [role=status]").inner_text() == "Vuelve en 2 días. Tarjetas que quedan: 9"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert page.wrong == []


@pytest.mark.parametrize("path", [EXAM, CARDS, PROGRESS])
def test_nothing_moves_while_the_page_loads(http, tab, path):
    with tab(http) as page:
        page.goto(http + path)
        assert page.evaluate(MOVED) == []


def test_the_script_is_loaded_on_these_pages_alone(site, pages):
    loading = [path for path in pages if "javascripts/practice.js" in (site / path).read_text("utf-8")]
    assert loading == sorted(f"{folder}{path}" for folder in ("", "es/") for path in (EXAM, CARDS, PROGRESS))


@pytest.mark.parametrize("folder", ["", "es/"])
def test_a_search_leads_to_the_sections_and_not_to_their_copies(site, folder):
    index = json.loads((site / folder / "search/search_index.json").read_text("utf-8"))
    texts = {entry["location"]: entry["text"] for entry in index["docs"]}
    for path in (EXAM, CARDS, PROGRESS):
        assert 100 < len(texts[path]) < 2_000
