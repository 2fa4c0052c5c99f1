"""What of a draft's guesses is accepted, and what the residual adds to it."""

from __future__ import annotations

import numpy as np

from handbook.locale import Words
from handbook.site.figures.data import DRAFT, TARGET
from handbook.site.figures.shown import Explorer, Shown, index, spelled
from handbook.site.figures.svg import FILL, FRAME, PAPER, QUIET, STRONG, Drawing, hatched, number, rect, spell, text
from minimodel.speculation import outcomes, residual, verify

_LEFT, _UNIT, _BAR, _PITCH, _TOP = 84, 330, 22, 76, 6


def drawing(words: Words) -> Drawing:
    """Two bars a token: what is guessed, cut into accepted and rejected, and what comes out."""
    accepted = np.minimum(TARGET, DRAFT)
    again = (1 - accepted.sum()) * residual(TARGET, DRAFT)
    body: list[str] = []
    sentences = [words.speculation_describe.format(accepted=spell(accepted.sum()))]
    for i, (guessed, kept, added) in enumerate(zip(DRAFT, accepted, again, strict=True)):
        y = _TOP + i * _PITCH
        body.append(text(4, y + 8, words.token.format(i=i), size=13, anchor="start", weight="bold"))
        bars = ((words.speculation_guessed, guessed), (words.speculation_out, kept + added))
        for n, (label, whole) in enumerate(bars):
            at = y + 20 + n * _BAR
            body.append(text(_LEFT - 8, at + _BAR / 2, label, cls=QUIET, size=11.5, anchor="end"))
            body.append(rect(_LEFT, at, _UNIT * kept, _BAR, f"{FILL} {FRAME}"))
            if whole > kept and n == 0:
                body.append(hatched(_LEFT + _UNIT * kept, at, _UNIT * (whole - kept), _BAR))
            if whole > kept and n == 1:
                body.append(rect(_LEFT + _UNIT * kept, at, _UNIT * (whole - kept), _BAR, f"{PAPER} {STRONG}"))
            body.append(number(_LEFT + _UNIT * whole + 26, at + _BAR / 2, whole, size=12))
        numbers = {"guessed": guessed, "kept": kept, "added": added, "out": kept + added}
        spelled_out = {name: spell(value) for name, value in numbers.items()}
        sentences.append(words.speculation_token.format(token=words.token.format(i=i), **spelled_out))
    low = _TOP + len(TARGET) * _PITCH + 6
    for n, (label, mark) in enumerate(
        (
            (words.speculation_accepted, rect(4, low, 14, 14, f"{FILL} {FRAME}")),
            (words.speculation_rejected, hatched(4, low + 22, 14, 14)),
            (words.speculation_again, rect(4, low + 44, 14, 14, f"{PAPER} {STRONG}")),
        )
    ):
        body += [mark, text(26, low + 7 + 22 * n, label, size=12, anchor="start")]
    width = _LEFT + _UNIT * max(*TARGET, *DRAFT) + 54
    return Drawing(width, low + 64, words.speculation_title, " ".join(sentences), tuple(body))


def shown() -> Shown:
    """Ask the rule itself: follow each of its paths."""
    rows = np.stack([TARGET, TARGET])
    found = outcomes(lambda draw: verify(np.array([draw(DRAFT)]), DRAFT[None], rows, draw))
    tokens = range(len(TARGET))
    kept = [sum(chance for text, chance in found.items() if len(text) == 2 and text[0] == one) for one in tokens]
    added = [found.get((one,), 0.0) for one in tokens]
    by_token = [
        (one, guess, stays, new, stays + new)
        for one, guess, stays, new in zip(tokens, DRAFT, np.round(kept, 9), np.round(added, 9), strict=True)
    ]
    says = " ".join(spelled(values) for values in by_token)
    writes = " ".join(spelled([guess, out]) for _, guess, _, _, out in by_token)
    return Shown(
        f"{spelled([round(sum(kept), 9)])} {says}",
        f"{writes} {index(len(TARGET))}",
        filled=2 * len(TARGET) + 1,
        hatched=sum(guess > stays for _, guess, stays, _, _ in by_token) + 1,
        values=tuple(stays for _, _, stays, _, _ in by_token for _ in range(2)),
    )


def explorer() -> Explorer:
    """The reader goes on from these three tokens, or with a fourth that both models give little."""
    weights = {"target": [*TARGET, 0.1], "draft": [*DRAFT, 0.1]}
    return Explorer("guess", {**weights, "V": len(TARGET), "gamma": 4, "cost": 0.1})
