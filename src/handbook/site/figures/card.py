"""The running picture: a card slides down a page, and only what stands above its edge can be seen."""

from __future__ import annotations

from handbook.locale import Words
from handbook.site.figures.data import AFTER_THE_LAST, TOKENS, T
from handbook.site.figures.shown import Shown, index
from handbook.site.figures.svg import FILL, FRAME, INK, NUMBER, PAPER, QUIET, Drawing, hatched, rect, text
from minimodel.masks import causal_allowed

_PAGE, _GAP, _LINE, _TOP = 68, 18, 30, 28


def drawing(words: Words) -> Drawing:
    """One page for each step; the rows of the causal mask say what stands above the edge."""
    allowed = causal_allowed(T)
    width = T * (_PAGE + _GAP) + 4
    page_height = T * _LINE + 20
    height = _TOP + page_height + 56
    body: list[str] = []
    sentences = [words.card_describe]
    for step in range(T):
        seen = [str(token) for token, open_ in zip(TOKENS, allowed[step], strict=True) if open_]
        hidden = [str(token) for token in TOKENS[len(seen) :]]
        body += _page(words, step, seen, page_height)
        sentences.append(
            words.card_step.format(step=step, seen=" ".join(seen), hidden=" ".join(hidden) if hidden else words.nothing)
        )
    return Drawing(width, height, words.card_title.format(count=T), " ".join(sentences), tuple(body))


def _page(words: Words, step: int, seen: list[str], page_height: float) -> list[str]:
    left = step * (_PAGE + _GAP) + _GAP / 2 + 2
    middle = left + _PAGE / 2
    edge = _TOP + 8 + len(seen) * _LINE
    bottom = _TOP + page_height
    card_left, card_width, card_height = left - 7, _PAGE + 14, bottom + 8 - edge
    seen_said = words.sees.format(tokens=" ".join(seen) if len(seen) < 3 else f"{seen[0]}…{seen[-1]}")
    guess_said = words.guesses.format(token=TOKENS[step + 1] if step + 1 < T else AFTER_THE_LAST)
    lines = [
        text(middle, _TOP + 8 + _LINE * (line + 0.5), token, cls=f"{INK} {NUMBER}", size=18)
        for line, token in enumerate(seen)
    ]
    return [
        text(middle, 12, words.step.format(step=step), cls=QUIET, size=13),
        rect(left, _TOP, _PAGE, page_height, f"{PAPER} {FRAME}", radius=3),
        *lines,
        rect(card_left, edge, card_width, card_height, "lt-card", radius=2),
        hatched(card_left, edge, card_width, card_height),
        rect(card_left, edge - 1.5, card_width, 3, FILL),
        text(middle, bottom + 24, seen_said, size=12.5),
        text(middle, bottom + 42, guess_said, size=12.5, weight="bold"),
    ]


def shown() -> Shown:
    return Shown(index(T), index(T), titled=f"{T}", filled=T, hatched=T)
