"""The words on the figures, and the sentences that describe them, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FigureWords:
    """The words of one language. Those with a gap are `str.format` templates."""

    card_title: str
    card_describe: str
    card_step: str
    sees: str
    guesses: str
    step: str
    query: str
    key: str
    may_read: str
    blocked: str
    mask_title: str
    mask_describe: str
    mask_row: str
    labels_title: str
    labels_describe: str
    labels_pair: str
    inputs: str
    targets: str
    nothing: str
    weights_title: str
    weights_describe: str
    row_weights: str
    scores: str
    softmax_rows: str
    weights: str
    steps_title: str
    masked: str
    shifted: str
    exponentiated: str
    divided: str
    sum: str
    ways_title: str
    ways_describe: str
    way_weights: str
    mask_before: str
    zero_after: str
    scaled_up: str
    multiply: str
    score_row: str


_EN = FigureWords(
    card_title="A card slides down a page of {count} tokens, one token at a time",
    card_step="Step {step}: {seen} above the edge, {hidden} under the card.",
    card_describe="The reader guesses the token just under the edge.",
    sees="sees {tokens}",
    guesses="guesses {token}",
    step="step {step}",
    query="query {i}",
    key="key {j}",
    may_read="may read",
    blocked="blocked",
    mask_title="The causal mask of {count} tokens is a lower triangle",
    mask_describe="Rows are queries, columns are keys.",
    mask_row="Query {i} may read {open}; blocked: {closed}.",
    labels_title="Labels are the tokens, moved by one",
    labels_describe="Each position predicts the token that follows it.",
    labels_pair="Position {i} reads {token} and predicts {target}.",
    inputs="inputs",
    targets="targets",
    nothing="nothing",
    weights_title="Masked scores become attention weights, row by row",
    weights_describe="The area of each square is its weight.",
    row_weights="Query {i}: scores {scores}; weights {weights}.",
    scores="scores",
    softmax_rows="softmax along each row",
    weights="weights",
    steps_title="One row of scores becomes weights, step by step",
    masked="blocked",
    shifted="largest taken away",
    exponentiated="exponentiated",
    divided="divided by the sum",
    sum="sum {value}",
    ways_title="The weights of a row: the mask before the softmax, and three wrong ways",
    ways_describe="Key {key} is blocked.",
    way_weights="{way}: {scores}; weights {values}; sum {sum}.",
    mask_before="-inf before the softmax",
    zero_after="zero after the softmax",
    scaled_up="zero after, scaled up (float16)",
    multiply="times zero before the softmax",
    score_row="scores {scores}",
)

_ES = FigureWords(
    card_title="Una tarjeta baja por una página de {count} tokens, un token cada vez",
    card_step="Paso {step}: {seen} por encima del borde, {hidden} bajo la tarjeta.",
    card_describe="Quien lee adivina el token que está justo bajo el borde.",
    sees="ve {tokens}",
    guesses="adivina {token}",
    step="paso {step}",
    query="consulta {i}",
    key="clave {j}",
    may_read="puede leer",
    blocked="bloqueada",
    mask_title="La máscara causal de {count} tokens es un triángulo inferior",
    mask_describe="Las filas son consultas y las columnas son claves.",
    mask_row="La consulta {i} puede leer {open}; bloqueadas: {closed}.",
    labels_title="Las etiquetas son los tokens, corridos un lugar",
    labels_describe="Cada posición predice el token que le sigue.",
    labels_pair="La posición {i} lee {token} y predice {target}.",
    inputs="entradas",
    targets="objetivos",
    nothing="nada",
    weights_title="Las puntuaciones enmascaradas se vuelven pesos de atención, fila por fila",
    weights_describe="El área de cada cuadrado es su peso.",
    row_weights="Consulta {i}: puntuaciones {scores}; pesos {weights}.",
    scores="puntuaciones",
    softmax_rows="softmax a lo largo de cada fila",
    weights="pesos",
    steps_title="Una fila de puntuaciones se vuelve pesos, paso a paso",
    masked="bloqueada",
    shifted="menos la mayor",
    exponentiated="exponencial",
    divided="dividida por la suma",
    sum="suma {value}",
    ways_title="Los pesos de una fila: la máscara antes de la softmax y tres maneras equivocadas",
    ways_describe="La clave {key} está bloqueada.",
    way_weights="{way}: {scores}; pesos {values}; suma {sum}.",
    mask_before="-inf antes de la softmax",
    zero_after="cero después de la softmax",
    scaled_up="cero después, reescalado (float16)",
    multiply="por cero antes de la softmax",
    score_row="puntuaciones {scores}",
)

FIGURE_WORDS = {"en": _EN, "es": _ES}


def figure_words(language: str) -> FigureWords:
    """The words of `language`."""
    return FIGURE_WORDS[language]
