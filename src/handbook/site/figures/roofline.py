"""The roofline: how many operations a second a pass can reach, by the number of tokens that share it."""

from __future__ import annotations

from math import log10

from handbook.locale import Words
from handbook.site.figures.shown import Shown
from handbook.site.figures.svg import FILL, NUMBER, PAPER, QUIET, STRONG, Drawing, line, rect, text
from minimodel.calculator import pass_seconds, weight_count

# Llama 3 8B in bfloat16 on an H100 SXM: the figures of section 18.
WEIGHTS = weight_count(
    V=128_256, d_model=4096, d_ff=14_336, n_layers=32, n_heads=32, n_kv_heads=8, gated=True, tied=False
)
FLOPS = 1979e12 / 2
READING, COMPUTING = pass_seconds(weights=WEIGHTS, tokens=1, itemsize=2, flops=FLOPS, bandwidth=3.35e12)
TOKENS = (1, 32, 1024)
_LEFT, _TOP, _WIDE, _HIGH = 44, 22, 262, 176
_MOST_TOKENS, _MOST = 8192, 3000e12
_LEAST = 1e12


def rate(tokens: float) -> float:
    """Operations a second, where reading and arithmetic overlap and the longer one is waited for."""
    operations = 2 * WEIGHTS * tokens
    return operations / max(READING, operations / FLOPS)


def ridge() -> float:
    """Tokens of a pass in which reading and arithmetic take the same time."""
    return READING / COMPUTING


def drawing(words: Words) -> Drawing:
    """A slope where memory limits, a flat roof where arithmetic does, and three passes under them."""
    at_ridge = (_x(ridge()), _y(rate(ridge())))
    floor = _TOP + _HIGH
    body = [
        line(_LEFT, _TOP, _LEFT, floor),
        line(_LEFT, floor, _LEFT + _WIDE, floor),
        line(_x(1), _y(rate(1)), *at_ridge, STRONG),
        line(*at_ridge, _x(_MOST_TOKENS), _y(rate(_MOST_TOKENS)), STRONG),
        line(*at_ridge, at_ridge[0], floor, dashed=True),
        text(at_ridge[0], floor + 16, f"{ridge():.0f}", cls=f"{QUIET} {NUMBER}", size=12),
        text(_LEFT, 10, words.roof_rate, cls=QUIET, size=11.5, anchor="start"),
        text(_LEFT + _WIDE, floor + 34, words.roof_tokens, cls=QUIET, size=11.5, anchor="end"),
        text(_x(5), _y(110e12), words.roof_memory, size=12),
        text(_x(1300), _y(1900e12), words.roof_compute, size=12),
    ]
    for tera in (1, 10, 100, 1000):
        body.append(text(_LEFT - 8, _y(tera * 1e12), str(tera), cls=f"{QUIET} {NUMBER}", size=12, anchor="end"))
    sentences = [words.roof_describe.format(ridge=f"{ridge():.0f}")]
    for tokens, label in zip(TOKENS, (words.roof_one, words.roof_many, words.roof_prompt), strict=True):
        x, y = _x(tokens), _y(rate(tokens))
        share = f"{rate(tokens) / FLOPS:.1%}".replace(".0%", "%")
        shift = -14 if tokens > ridge() else 9
        body += [
            rect(x + shift, y + 8, 7 * len(f"{label}: {share}"), 15, PAPER),
            text(x + shift, y + 15, f"{label}: {share}", size=11.5, anchor="start"),
            rect(x - 4, y - 4, 8, 8, FILL),
            text(x, floor + 16, str(tokens), cls=f"{QUIET} {NUMBER}", size=12),
        ]
        sentences.append(words.roof_point.format(label=label, tokens=tokens, share=share))
    return Drawing(_LEFT + _WIDE + 30, floor + 44, words.roof_title, " ".join(sentences), tuple(body))


def _x(tokens: float) -> float:
    return _LEFT + _WIDE * log10(tokens) / log10(_MOST_TOKENS)


def _y(operations: float) -> float:
    return _TOP + _HIGH * (1 - log10(operations / _LEAST) / log10(_MOST / _LEAST))


def shown() -> Shown:
    shares = [f"{100 * rate(tokens) / FLOPS:.1f}".removesuffix(".0") for tokens in TOKENS]
    points = " ".join(f"{tokens} {share}" for tokens, share in zip(TOKENS, shares, strict=True))
    says = f"{ridge():.0f} {points}"
    return Shown(says, f"{says} 1 10 100 1000", filled=len(TOKENS))
