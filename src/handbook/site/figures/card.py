"""The running picture: a card slides down a page, and only what stands above its edge can be seen."""

from __future__ import annotations

from minimodel.masks import causal_allowed

from handbook.site.figures.data import AFTER_THE_LAST, TOKENS, T
from handbook.site.figures.svg import FILL, FRAME, INK, NUMBER, PAPER, QUIET, Drawing, hatched, rect, text
from handbook.site.figures.words import FigureWords

_PAGE, _GAP, _LINE, _TOP = 68, 18, 30, 28


def card(words: FigureWords) -> Drawing:
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
            words.card_step.format(
                step=step, seen=" ".join(seen), hidden=" ".join(hidden) if hidden else words.nothing
            )
        )
    return Drawing(width, height, words.card_title.format(count=T), " ".join(sentences), tuple(body))


def _page(words: FigureWords, step: int, seen: list[str], page_height: float) -> list[str]:
    left = step * (_PAGE + _GAP) + _GAP / 2 + 2
    middle = left + _PAGE / 2
    edge = _TOP + 8 + len(seen) * _LINE
    bottom = _TOP + page_height
    parts = [
        text(middle, 12, words.step.format(step=step), cls=QUIET, size=13),
        rect(left, _TOP, _PAGE, page_height, f"{PAPER} {FRAME}", radius=3),
    ]
    parts += [
        text(middle, _TOP + 8 + _LINE * (line + 0.5), token, cls=f"{INK} {NUMBER}", size=18)
        for line, token in enumerate(seen)
    ]
    parts += [
        rect(left - 7, edge, _PAGE + 14, bottom + 8 - edge, "lt-card", radius=2),
        hatched(left - 7, edge, _PAGE + 14, bottom + 8 - edge),
        rect(left - 7, edge - 1.5, _PAGE + 14, 3, FILL),
        text(middle, bottom + 24, words.sees.format(tokens="…" + seen[-1] if step > 1 else " ".join(seen)), size=12.5),
        text(
            middle,
            bottom + 42,
            words.guesses.format(token=str(TOKENS[step + 1]) if step + 1 < T else AFTER_THE_LAST),
            size=12.5,
            weight="bold",
        ),
    ]
    return parts
