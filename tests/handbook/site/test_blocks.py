"""Question, trap, proof, quiz and figure, as they come out."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from handbook.site import figures
from handbook.site.errors import SiteError
from handbook.site.figures import FIGURES, causal_mask, draw

Page = Callable[..., BeautifulSoup]

QUESTION = """
    //// question | Why does `softmax` come last?
        attrs: {id: q-last, data-level: hard, data-topic: masks}

    Because.

    /// trap
    "It does not matter."
    ///

    /// proof
        attrs: {data-fails-if: 'x => y'}

    ```python
    assert True
    ```

    ///
    ////
    """

QUIZ = """
    /// quiz | Which is it?
        attrs: {id: z-which}

    - [ ] the `first` { data-true="1 == 2" }
    - [x] the second, $x < y$ { data-true="1 < 2" }
    - [ ] the third

    It is *so*.

    And more.
    ///
    """


def test_a_question_is_a_fold_whose_summary_is_the_question_and_its_level(page: Page) -> None:
    question = page(QUESTION).select_one("details.lt-question")
    assert question is not None
    assert question["id"] == "q-last"
    assert question["data-level"] == "hard"
    assert question["data-topic"] == "masks"
    assert not question.has_attr("open")
    assert question.summary.select_one(".lt-question__text code").text == "softmax"
    assert question.summary.select_one(".lt-level").text == "🔴 Hard"
    assert "data-fails-if" not in str(question), "the worlds of a proof are for the audit, not for readers"


@pytest.mark.parametrize(
    ("language", "trap", "proof", "level"),
    [
        ("en", "Common wrong answer", "Proof", "Hard"),
        ("es", "Respuesta equivocada frecuente", "Prueba", "Difícil"),
    ],
)
def test_titles_stand_in_the_language_of_the_page(page: Page, language: str, trap: str, proof: str, level: str) -> None:
    made = page(QUESTION, language)
    assert made.select_one(".lt-trap > .lt-trap__title").text == trap
    assert made.select_one("details.lt-proof > summary").text == proof
    assert level in made.select_one(".lt-level").text


def test_a_proof_is_folded_and_holds_its_code(page: Page) -> None:
    proof = page(QUESTION).select_one("details.lt-proof")
    assert not proof.has_attr("open")
    assert "assert True" in proof.select_one(".language-python").text


def test_an_unknown_level_is_an_error(page: Page) -> None:
    with pytest.raises(SiteError, match=r"Why .*no level brutal"):
        page(QUESTION.replace("hard", "brutal"))


def test_options_do_not_show_which_is_right(page: Page) -> None:
    options = page(QUIZ).select(".lt-quiz__options > li")
    assert [option.text for option in options[:1]] == ["the first"]
    assert not any("[x]" in option.text or "[ ]" in option.text or "==" in option.text for option in options)
    assert [option["data-ticked"] for option in options] == ["false", "true", "false"]
    assert options[1].find("math") is not None


def test_the_answer_is_folded_and_names_the_letter_the_reason_and_what_settles_each_option(
    page: Page,
) -> None:
    answer = page(QUIZ).select_one(".lt-quiz > details.lt-quiz__answer")
    assert not answer.has_attr("open")
    assert answer.summary.text == "Answer"
    assert answer.find("p").text == "B — It is so."
    verdicts = [" ".join(verdict.stripped_strings) for verdict in answer.select(".lt-verdict")]
    assert verdicts == ["A is wrong 1 == 2 → False", "B is right 1 < 2 → True", "C is wrong"]


def test_several_options_may_be_right(page: Page) -> None:
    made = page(QUIZ.replace("- [ ] the third", "- [x] the third"))
    assert made.select_one(".lt-quiz__answer p strong").text == "B, C"


def test_loose_lists_of_options_read_the_same(page: Page) -> None:
    loose = page(QUIZ.replace("}\n    -", "}\n\n    -"))
    assert [option["data-ticked"] for option in loose.select(".lt-quiz__options > li")] == [
        "false",
        "true",
        "false",
    ]
    assert loose.select_one(".lt-quiz__text").text == "the first"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (QUIZ.replace("[x]", "[ ]"), "no option is ticked"),
        (QUIZ.replace("- [ ] the third", "- the third"), "does not begin with"),
        ("/// quiz | Which is it?\n\nNo list.\n///", "no options"),
    ],
)
def test_a_quiz_without_an_answer_is_an_error_that_names_it(page: Page, wrong: str, said: str) -> None:
    with pytest.raises(SiteError, match=rf"Which is it\?.*{said}"):
        page(wrong)


def test_a_figure_is_drawn_and_its_content_is_the_caption(page: Page) -> None:
    figure = page("/// figure | causal-mask\nRows read *columns*.\n///").select_one("figure.lt-figure")
    assert figure.select_one("svg[role=img] > title") is not None
    assert figure.figcaption.em.text == "columns"


def test_one_figure_twice_on_a_page_has_no_id_twice(page: Page) -> None:
    ids = [tag["id"] for tag in page("/// figure | card\nA\n///\n\n/// figure | card\nB\n///").select("[id]")]
    assert len(ids) == len(set(ids)) == 6


def test_an_unknown_figure_is_an_error_that_names_those_there_are(page: Page) -> None:
    with pytest.raises(SiteError, match="no figure is named triangle") as caught:
        page("/// figure | triangle\nA\n///")
    assert all(name in str(caught.value) for name in FIGURES)


def test_the_same_page_renders_the_same_twice(page: Page) -> None:
    text = QUESTION + QUIZ + "\n    /// figure | card\n    A\n    ///\n"
    assert str(page(text)) == str(page(text))


def test_a_figure_that_cannot_be_drawn_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIGURES, "card", lambda words: causal_mask.drawing(None))
    with pytest.raises(
        SiteError, match=r"^the figure card cannot be drawn: AttributeError: .* \(causal_mask.py, line \d+\)$"
    ):
        draw("card", "en", "f")


def test_a_file_that_cannot_be_read_spoils_no_other_figure() -> None:
    with pytest.raises(ModuleNotFoundError, match="nothing_there"):
        figures._read("nothing_there")["drawing"](None)
